"""What is right: accuracy, guessing, positions, paraphrases, settings."""

from __future__ import annotations

from llmxray.report.wording.definitions.record import Definition

SCORES = (
    Definition(
        anchor="accuracy",
        term="Accuracy",
        text=(
            "Correct answers divided by trials with a whole reply that was read: correct / (N − error − unread). "
            "Unread here is a reply of a form that llmxray does not read. Replies that no rule could read, and replies "
            "cut off before an answer, count as not right. The interval "
            "is Wilson's, 95%. Repeats of a question are averaged first. The interval is then Student's over "
            "the questions, after two right and two wrong ones are added: without them it would be too narrow where "
            "nearly all answers are right, or wrong. So it is in a bin or band of such answers. The test against a "
            "number, such as guessing, takes the same interval."
        ),
        source="Wilson 1927; Agresti and Coull 1998",
        formula="correct / (N − error − unread)",
        interval=(
            "Wilson: (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n); with repeats m ± t·s, m and s the "
            "mean and standard error of C questions and the four added ones, t with C − 1 degrees of freedom. Wilson "
            "at n = C where all answers are right, or wrong"
        ),
        code="accuracy.proportion, accuracy.averaged_share, accuracy.clustered_share",
    ),
    Definition(
        anchor="right-mass",
        term="Mass on right options",
        text=(
            "For likelihood answers: the share of the probability, over all options, that lies on right ones; the "
            "mean is over questions with a t interval. Where a suite marks several options as right, as TruthfulQA's "
            "second task does, this is its MC2."
        ),
        source="Lin, Hilton and Evans 2022, arXiv:2109.07958",
        formula=(
            "mean over questions of Σ p_i over the right options, p_i = exp(Σ logprob) renormalised over all options"
        ),
        interval="Student's t over questions",
        code="accuracy.clustered",
    ),
    Definition(
        anchor="recall-deviation",
        term="Spread over the places",
        text=(
            "The standard deviation, in points, of the accuracies with the right option at each place. Zero means "
            "that the place does not matter."
        ),
        source="RStd of Zheng et al. 2024, arXiv:2309.03882",
        formula="100·√(Σ (acc_k − mean)²/K) over the K places of the right option",
        code="position.recall_deviation",
    ),
    Definition(
        anchor="cochran-q",
        term="Cochran's Q",
        text=(
            "Tests whether all places of the right option have the same accuracy, each question being its own "
            "control: (k − 1)(k ΣG² − (ΣG)²) / (k Σx² − ΣL²) with the sums G by place and L by question, chi-squared "
            "with k − 1 degrees of freedom. Samples of a rotation are averaged first. No p where the place decides in "
            "so few questions that questions times places is below 24."
        ),
        source="Cochran 1950; Tate and Brown 1970",
        formula=(
            "(k − 1)(k·ΣG² − (ΣG)²) / (k·Σx² − ΣL²), chi-squared with k − 1 degrees of freedom; Σx² = ΣL without "
            "repeats"
        ),
        code="position.cochran_q",
    ),
    Definition(
        anchor="all-rotations",
        term="Right in every rotation",
        text=(
            "The share of questions answered rightly wherever the right option stands. One letter said throughout "
            "gives 0%, and so does almost all guessing."
        ),
        formula="questions right in every rotation / questions",
        interval="Wilson",
        code="position.all_rotations",
    ),
    Definition(
        anchor="newcombe",
        term="Difference of two groups of questions",
        text=(
            "Two proportions on different questions, such as recall and reasoning, are compared by joining their "
            "Wilson intervals."
        ),
        source="Newcombe 1998",
        formula="p_a − p_b",
        interval=(
            "−√((p_a − l_a)² + (u_b − p_b)²) and +√((u_a − p_a)² + (p_b − l_b)²); with −2r times the product of each "
            "two terms where both hold answers to the same questions"
        ),
        code="accuracy.newcombe, bands.difference",
    ),
    Definition(
        anchor="places",
        term="How sure a best or worst place is",
        text=(
            "The accuracy of every category is redrawn many times as its few questions allow; the share of redraws in "
            "which a category is among the best (or worst) three says how sure its place is."
        ),
        source="Jeffreys 1946",
        formula="share of redraws from Beta(s + ½, n − s + ½) in which it is among the k",
        code="groups.places",
    ),
    Definition(
        anchor="groups",
        term="Whether groups differ",
        text=(
            "A permutation test: answers are shuffled over the groups, and p is the share of shuffles that look as "
            "uneven as the data. Best and worst categories, which the data picks, are tested by the same shuffles: by "
            "how far apart best and worst (or third best and third worst) lie in them. Where each condition has such "
            "a test, the p are Holm-adjusted over the conditions. Wordings of a question count as one answer, "
            "their average."
        ),
        source="Phipson and Smyth 2010",
        formula="(1 + deals with Σ n_g·(m_g − m)² at least the observed) / (1 + deals)",
        interval="Newcombe's for each two groups, Fisher's exact test (Welch's for averages), Holm",
        code="groups.differ, groups.uneven, groups.extremes_differ",
    ),
    Definition(
        anchor="spread",
        term="Specialist or balanced",
        text=(
            "The standard deviation of a model's accuracies over subjects, without the part that few questions make "
            "by chance: near 0 is balanced."
        ),
        formula="√max(0, variance of the axes' accuracies − their mean sampling variance)",
        interval="basic bootstrap within axes",
        code="groups.spread",
    ),
    Definition(
        anchor="correlation",
        term="Correlation",
        text=(
            "Whether two accuracies go together over conditions or categories. Four points would need a correlation "
            "beyond .95 to tell it from chance, so four points show none."
        ),
        source="Fisher 1915",
        formula="Pearson's r",
        interval="tanh(artanh r ± z/√(n − 3)); p by permutation",
        code="correlation.correlation",
    ),
    Definition(
        anchor="percentile-rank",
        term="Percentile rank",
        text=(
            "The share of the runs in the ledger, or of the conditions of an experiment, that one of them beats. Ties "
            "count half, its own score among them. It ranks nobody else: no scale of reference models is made up."
        ),
        source="Roscoe 1975",
        formula="100·(runs below + ½·runs equal, itself included) / runs; none under four",
        code="ranking.ranks, ranking.alike",
    ),
    Definition(
        anchor="item-discrimination",
        term="Item discrimination",
        text=(
            "Whether the models that are right elsewhere are right on this item. A ledger over many experiments shows "
            "it, from ten models on. Below 0 the key may be wrong."
        ),
        source="Henrysson 1963",
        formula="correlation of the score on the item with the mean score on all others",
        interval="tanh(artanh r ± z/√(m − 3)), m models",
        code="items.statistics",
    ),
    Definition(
        anchor="suspicious-item",
        term="Suspicious item",
        text=(
            "More than half of the models give the same answer, and it is not the key. The key may be wrong, or the "
            "error is a popular one."
        ),
        formula="2·P(X ≥ w), X ~ Bin(m, ½), w of m models; Holm over all items",
        code="items.rivals",
    ),
    Definition(
        anchor="pressure",
        term="Context pressure",
        text=(
            "One model at two settings, category by category. A difference of more than five points is what the "
            "original app flags; the test says whether it is significant. Where every reply is the "
            "same, the server is said to ignore the setting."
        ),
        formula="accuracy under a − accuracy under b, in each category",
        interval="that of the test: exact McNemar or sign flips, Holm over categories",
        code="signflip.sign_flip",
    ),
    Definition(
        anchor="same-reply",
        term="Same reply",
        text=(
            "How often a model gives the same reply, word for word, under two settings; for likelihood answers the "
            "same probability of every option. All replies the same: the setting does nothing here, or the server "
            "ignores it."
        ),
        formula="questions with the same reply under both settings / questions asked under both",
        interval="Wilson, over questions where they were asked several times",
        code="accuracy.proportion, accuracy.clustered_share",
    ),
    Definition(
        anchor="paraphrases",
        term="Paraphrases",
        text=(
            "Two suites that hold the same questions in other words, with the same options and ids. Each question is "
            "compared with its paraphrase: right in both wordings, in one, in none. Only what is right in one wording "
            "counts in the test, as in McNemar's test of two models."
        ),
        source="McNemar 1947",
        formula=(
            "accuracy on the first wording − accuracy on the second; exact McNemar on the paraphrases, sign flips with "
            "repeats"
        ),
        interval="that of the test; Holm over conditions",
        code="signflip.sign_flip",
    ),
    Definition(
        anchor="same-answer",
        term="Same answer",
        text=(
            "How often a model chooses the same option in both wordings, right or wrong. Right answers that are kept "
            "and wrong ones that are kept count alike: it is about steadiness, not knowledge."
        ),
        formula="paraphrases with the same option chosen in both wordings / paraphrases with an answer in both",
        interval="Wilson",
        code="accuracy.proportion",
    ),
    Definition(
        anchor="similarity",
        term="Similarity of samples",
        text=(
            "How much two samples of a prompt share: the words that both have divided by the words that either has "
            "(Jaccard index), averaged over the pairs of samples of a prompt, then over prompts."
        ),
        source="Jaccard 1901",
        formula=(
            "mean over prompts of the mean over pairs of samples of |A ∩ B| / |A ∪ B|, A and B the sets of their "
            "words"
        ),
        interval="Student's t over prompts; below six prompts the jackknife over samples",
        code="contrasts.similarities",
    ),
)
