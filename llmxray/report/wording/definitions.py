"""What every number on the site means: one record a number, with its formula, its interval and the code behind it.

The tables of the site link to the anchors; docs/methods.md is made from the same records. Formulas are written with N
rows, confidence cᵢ, correctness yᵢ (0 or 1), bins b of n_b rows, and z = 1.96.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One number.

    Attributes:
        text: what it is; source: where it comes from, "" for ours.
        formula: in plain text, "" where the text says it all; interval: how its doubt is found, "" where it has none.
        code: the function, below ``llmxray.metrics`` unless it names a room.
    """

    anchor: str
    term: str
    text: str
    source: str = ""
    formula: str = ""
    interval: str = ""
    code: str = ""


_BOOTSTRAP = "basic bootstrap over questions, 2,000 resamples (smooth ECE 200)"

DEFINITIONS = (
    Definition(
        anchor="accuracy",
        term="Accuracy",
        text=(
            "Correct answers divided by trials with a whole reply that was read: correct / (N − error − unread). "
            "Replies that no rule could read, and replies cut off before an answer, count as not right. The interval "
            "is Wilson's, 95%. Where questions were repeated, repeats are averaged within a question first, and the "
            "interval is Wilson's at the effective number of answers, which is smaller, as the answers to one "
            "question resemble each other; so it is in a bin or band of such answers. Student's interval over the "
            "questions would be too narrow where nearly all answers are right, or wrong."
        ),
        source="Wilson 1927; Korn and Graubard 1998",
        formula="correct / (N − error − unread)",
        interval=(
            "Wilson: (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n); with repeats n is p(1−p)/s², s the standard "
            "error of the mean over C questions, at most the number of answers, times (z/t)² with C − 1 degrees of "
            "freedom; C where all are right or none"
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
        anchor="option-confidence",
        term="Option confidence",
        text=(
            "The probability of the chosen option divided by the probability of all options. For letters it is read "
            "at the position of the answer, over every token that spells the letter; for likelihood answers each "
            "option is forced whole, its log-probabilities are summed, and the sums are turned into shares. It is "
            "empty where the server's alternatives do not reach the options."
        ),
        formula=(
            "p_i / Σ_j p_j of the chosen option i; p_i = Σ exp(logprob) over tokens that spell option i, or exp(Σ "
            "logprob) of option i when forced whole"
        ),
        code="llmxray.scoring.confidence",
    ),
    Definition(
        anchor="coverage",
        term="Coverage",
        text=(
            "How much of the model's probability lay on the options at all. Low coverage means that the model wanted "
            "to say something else, and that option confidence speaks of the rest."
        ),
        formula="Σ_j p_j over the options",
        code="llmxray.scoring.confidence",
    ),
    Definition(
        anchor="ece-15",
        term="ECE-15",
        text=(
            "Expected calibration error: answers are put into 15 bins of equal width by confidence, (a, b]; in each "
            "bin mean confidence minus accuracy is taken without its sign; the mean over bins is weighted by the "
            "number of answers."
        ),
        source="Guo et al. 2017, arXiv:1706.04599",
        formula="Σ_b (n_b/N)·|mean confidence_b − accuracy_b|, 15 bins ((b−1)/15, b/15]",
        interval=_BOOTSTRAP,
        code="calibration.ece",
    ),
    Definition(
        anchor="ece-mass",
        term="Equal-mass ECE",
        text=(
            "As ECE, with 10 bins that hold nearly equally many answers, so that no bin rests on a handful. Equal "
            "confidences share a bin."
        ),
        source="Kumar et al. 2019, arXiv:1909.10155; HELM's headline",
        formula="as ECE; edges at midpoints between neighbours of the sorted confidences, tied edges merged",
        interval=_BOOTSTRAP,
        code="calibration.ece",
    ),
    Definition(
        anchor="module-bins",
        term="Module five-bin average",
        text=(
            "The course module's recipe: five bins of equal width, the absolute difference of mean confidence and "
            "accuracy in each, and the plain mean over bins that hold answers. A bin of three answers counts as much "
            "as one of three hundred, so this number and ECE-15 differ."
        ),
        source="the course module, exercise 3",
        formula="mean over non-empty bins of |mean confidence_b − accuracy_b|, five bins of equal width",
        interval=_BOOTSTRAP,
        code="calibration.module_bin_average",
    ),
    Definition(
        anchor="gap",
        term="Gap",
        text=(
            "Mean confidence minus accuracy over all answers, signed: positive is overconfident. A model can have no "
            "gap and yet be far off in every bin; the bins' errors then cancel."
        ),
        formula="mean(c) − mean(y)",
        interval=_BOOTSTRAP,
        code="calibration.gap",
    ),
    Definition(
        anchor="brier",
        term="Brier score",
        text=(
            "Mean squared difference between confidence and the outcome (1 right, 0 wrong), 0 to 1. It rewards being "
            "sure and right as well as being calibrated."
        ),
        source="Brier 1950",
        formula="mean (c − y)²",
        interval=_BOOTSTRAP,
        code="calibration.brier",
    ),
    Definition(
        anchor="brier-multiclass",
        term="Brier score over all options",
        text=(
            "The squared differences of every option's probability from 1 if it is right and 0 if not, summed over "
            "the options, 0 to 2: Brier's own score. It needs the probability of every option, so an answer with an "
            "option beyond the alternatives that the server sent is left out, as is one with several right options."
        ),
        source="Brier 1950",
        formula="mean Σ_j (p_j − [option j is right])²",
        interval=_BOOTSTRAP,
        code="calibration.brier_multiclass",
    ),
    Definition(
        anchor="mce",
        term="MCE",
        text=(
            "Maximum calibration error: the largest difference of mean confidence and accuracy in any of 15 "
            "equal-width bins. It rests on the least filled bin as often as not."
        ),
        formula="max_b |mean confidence_b − accuracy_b|",
        interval=_BOOTSTRAP,
        code="calibration.mce",
    ),
    Definition(
        anchor="smooth-ece",
        term="Smooth ECE",
        text=(
            "Calibration error without bins: differences are smoothed along confidence with a kernel whose width "
            "equals the error itself."
        ),
        source="Błasiok and Nakkiran 2023, arXiv:2309.12236",
        formula="∫|Σ (c_i − y_i)·K_σ(t, c_i)| dt / ∫Σ K_σ(t, c_i) dt, at the σ where it equals σ",
        interval=_BOOTSTRAP,
        code="calibration.smooth_ece",
    ),
    Definition(
        anchor="auroc",
        term="AUROC",
        text=(
            "The chance that a right answer has a higher confidence than a wrong one. 0.5 means that confidence says "
            "nothing; 1 that it sorts perfectly. A clueless model can look calibrated, which is why this stands "
            "beside it. Only answers to questions of one suite and one number of options are compared: with more "
            "options an answer is less sure and less often right at once, so over all questions together even guesses "
            "would seem to be sorted. Newcombe's score interval, which is right also where few answers are right, or "
            "few wrong; where a question was asked several times, or in several wordings, at the effective number of "
            "answers. No interval from fewer than six questions."
        ),
        source="Newcombe 2006; Obuchowski 1997",
        formula=(
            "P(c of a right answer > c of a wrong one) + ½·P(equal), over pairs within suite × number of options"
        ),
        interval=(
            "the θ with (A − θ)² = z²·D·Σ_s (m_s·n_s/Σ m·n)²·θ(1 − θ)·(1 + N_s·((1 − θ)/(2 − θ) + θ/(1 + "
            "θ)))/(m_s·n_s), m_s right and n_s wrong answers of suite and size s, N_s = (m_s + n_s)/2 − 1, D the "
            "design effect of several answers to a question"
        ),
        code="discrimination.auroc",
    ),
    Definition(
        anchor="risk-coverage",
        term="Risk–coverage area",
        text=(
            "Answers are accepted from the most confident down; at each step risk is the share of the accepted that "
            "is wrong. The area is the mean risk over all steps, lower is better: a model whose confidence says "
            "nothing has its plain error rate as area. Coverage is a share of all questions with a whole reply: a "
            "reply without a confidence is refused at every threshold, and takes no part in risk or area. Only "
            "questions with equally many options are pooled, for the reason that AUROC has."
        ),
        source="Geifman and El-Yaniv 2017",
        formula=(
            "risk among the k most confident, k = 1 … N; its mean is the area (AURC); questions with equally many "
            "options"
        ),
        code="selective.risk_coverage, selective.aurc, selective.accuracy_at_coverage",
    ),
    Definition(
        anchor="weighted-choice",
        term="Weighted choice",
        text=(
            "Each score between 0 and 1 times its weight, summed. Accuracy counts above guessing: 0 for blind "
            "guessing, 1 for all right. Calibration is (1 − ECE-15) times how well confidence sorts right from wrong "
            "(2·AUROC − 1, at least 0), so that a model which knows nothing, and says so, earns nothing by it. Speed "
            "is the fastest condition's mean latency divided by the condition's own. A condition takes part when it "
            "meets the requirements of the use, and when the whole interval of its accuracy lies above guessing. How "
            "firm a first place is: the share of 400 question sets, drawn again from these for all conditions at "
            "once, in which the same condition comes first."
        ),
        formula=(
            "Σ w·s / Σ w; accuracy max(0, (a − g)/(1 − g)), g blind guessing; calibration (1 − ECE-15)·max(0, 2·AUROC "
            "− 1)"
        ),
        interval="share of resamples of the questions in which the option comes first",
        code="choice.above_chance, choice.trust, choice.win_shares",
    ),
    Definition(
        anchor="bootstrap",
        term="Bootstrap interval",
        text=(
            "Questions are drawn again with replacement, 2000 times (smooth ECE 200; two conditions on more than 3000 "
            "questions 1000), and the number computed for each draw; basic (reverse percentile) 95% interval. A "
            "question that was asked several times is drawn with all its answers, and with all its wordings. Draws "
            "are seeded, so that every build gives the same ends. An interval is that of one comparison: of the best "
            "picked among many it says too little of the doubt; where a page states such a pick, it adjusts the "
            "interval for all pairs."
        ),
        formula=(
            "[2v − q₉₇.₅, 2v − q₂.₅] of the resampled values; for ratios the percentile interval [q₂.₅, q₉₇.₅]"
        ),
        code="resampling.basic_interval, resampling.percentile_interval",
    ),
    Definition(
        anchor="mcnemar",
        term="Exact McNemar test",
        text=(
            "Two conditions on the same questions: only questions that one got right and the other wrong "
            "count. p is the chance of a split at least this uneven if both were equally likely to be the one "
            "that is right. Fewer than six such questions cannot reach 5%, however they fall."
        ),
        source="McNemar 1947",
        formula="p = min(1, 2·P(X ≤ min(b, c))), X ~ Binomial(b + c, ½), b and c the discordant counts",
        interval="Bonett–Price for the difference in accuracy",
        code="signflip.sign_flip",
    ),
    Definition(
        anchor="sign-flip",
        term="Paired sign-flip test",
        text=(
            "Two conditions on the same questions, each asked several times (samples, rotations of the options, or "
            "other words). Answers are averaged within an item, and the items that word one question are added up, so "
            "that each question gives one difference. If the conditions did not differ, each difference could as well "
            "have the opposite sign: p is the share of all choices of signs whose sum is at least as far from 0 as "
            "the observed one. All choices are counted where the averages lie on a grid, as those of equally many "
            "answers do, else 99,999 are drawn. With one answer a question it is the exact McNemar test. It asks "
            "whether these two conditions differ on questions like these, not whether more samples of the same "
            "questions would differ. An interval is Student's and of one comparison, so it can leave out 0 where the "
            "adjusted p does not fall below 5%; the test then decides."
        ),
        source="Fisher 1935; Pagano and Tritchler 1983; Dror et al. 2018; Phipson and Smyth 2010",
        formula=(
            "p = share of signs with |Σ ±d_i| ≥ |Σ d_i|, d_i the difference of question i's two shares of right "
            "answers; drawn: (1 + hits) / (1 + draws)"
        ),
        interval="Student's t over the d_i; Bonett–Price where every question is all right or all wrong",
        code="signflip.sign_flip",
    ),
    Definition(
        anchor="holm",
        term="Holm adjustment",
        text=(
            "Some of many comparisons look striking by chance. Holm's step-down rule raises each p so that the "
            "chance of any false “differ” in the whole family stays below 5%."
        ),
        source="Holm 1979",
        formula="p₍ᵢ₎' = max over j ≤ i of min(1, (m − j + 1)·p₍ⱼ₎)",
        code="paired.holm",
    ),
    Definition(
        anchor="detectable",
        term="Minimum detectable effect",
        text=(
            "The smallest true difference in accuracy that McNemar's test would find with these questions in four of "
            "five tries, at the share of questions on which the two disagree. It is that of one comparison: where p "
            "is adjusted for several, it takes more. With repeats the sign-flip test takes the place of McNemar's, "
            "and the mean square of the questions' differences that of the share."
        ),
        source="Miettinen 1968",
        formula=(
            "the d that solves √n·d = z₀.₉₇₅·√ψ + z₀.₈·√(ψ − d²), ψ the share of discordant questions, or the mean of "
            "d_i²"
        ),
        code="signflip.sign_flip",
    ),
    Definition(
        anchor="ttft",
        term="First token",
        text=(
            "Seconds from sending the request to the arrival of the first token of any kind. Where a model thinks, "
            "the first token of its answer has a column beside it; a reply cut off before its answer has none. "
            "Medians with order-statistic intervals, as times are skewed; they cover the draw of questions only."
        ),
        formula="median",
        interval="order statistics, at least 95%",
        code="latency.summary",
    ),
    Definition(
        anchor="tpot",
        term="Time per token",
        text=(
            "Seconds for each token of a reply after its first: how fast it goes on. Tokens are those that the server "
            "counts, as several may share a piece of the stream. Not for likelihood answers, which are forced."
        ),
        formula="median of (latency − first token) / (tokens − 1)",
        interval="order statistics, at least 95%",
        code="latency.tpot",
    ),
    Definition(
        anchor="latency",
        term="Latency",
        text=(
            "Seconds from sending the request to the last byte, as recorded; replay changes none of it. For "
            "likelihood answers the sum over one request per option. An interval covers the draw of questions only: "
            "recorded again, on another machine or beside other work, the same questions take other times."
        ),
        formula="median",
        interval="order statistics, at least 95%; Woodruff's where questions have several wordings",
        code="latency.summary",
    ),
    Definition(
        anchor="per-second",
        term="Correct answers per second",
        text="Number of right answers divided by all seconds of waiting: accuracy over mean latency.",
        formula="Σ y / Σ seconds",
        interval="percentile bootstrap over questions",
        code="latency.accuracy_per_second",
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
            "a test, the p are Holm-adjusted over the conditions. Wordings of a question count as one answer, their average."
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
            "The share of the runs in the ledger, or of the conditions of an experiment, that one of them beats, ties "
            "counting half. It ranks nobody else: no scale of reference models is made up."
        ),
        source="Roscoe 1975",
        formula="100·(runs below + ½·runs equal, itself included) / runs; none under four",
        code="ranking.ranks, ranking.alike",
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
        anchor="twins",
        term="Paraphrases",
        text=(
            "Two suites that hold the same questions in other words, with the same options and ids. Each question is "
            "compared with its paraphrase: right in both wordings, in one, in none. Only what is right in one wording "
            "counts in the test, as in McNemar's test of two models."
        ),
        source="McNemar 1947",
        formula=(
            "accuracy on the first wording − accuracy on the second; exact McNemar on the twins, sign flips with "
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
        formula="twins with the same option chosen in both wordings / twins with an answer in both",
        interval="Wilson",
        code="accuracy.proportion",
    ),
    Definition(
        anchor="cost",
        term="Cost per question",
        text=(
            "Tokens as the server reported them at the prices in the experiment file. A model whose tokens have no "
            "price costs the time of the machine, if the file states the price of an hour: an assumption, named "
            "beside the amounts; a request counts with its whole latency, also where several ran at once. Questions "
            "without usage, or times, are left out and counted."
        ),
        formula=(
            "(prompt tokens·input price + completion tokens·output price) / 10⁶; for a machine paid by the hour "
            "latency / 3600·price of an hour"
        ),
        interval="Student's t over questions",
        code="accuracy.clustered, cost.cost, cost.machine_cost",
    ),
    Definition(
        anchor="cost-right",
        term="Cost of a right answer",
        text=(
            "All that the questions cost, divided by how many were answered right: what is paid for each answer that "
            "one can use. Nothing right has no such cost."
        ),
        formula="Σ cost / Σ right",
        interval="percentile bootstrap over questions",
        code="cost.per_right_answer",
    ),
    Definition(
        anchor="tokens-per-second",
        term="Tokens per second",
        text=(
            "Completion tokens of a reply divided by its latency, the wait for the first token included: what one "
            "user sees of a whole reply. Repeats are averaged within a question; shown is the median over questions. "
            "Short replies, which mostly wait, have a low rate."
        ),
        formula="median over questions of completion tokens / latency",
        interval="order statistics, at least 95%",
        code="latency.tokens_per_second, latency.summary",
    ),
    Definition(
        anchor="cascade",
        term="Cascade",
        text=(
            "Every question goes to the small model; where it is less sure than a threshold the large one is asked as "
            "well, and the time of both is spent. In-sample."
        ),
        formula="accuracy and mean seconds when the large model answers what the small one is unsure of",
        interval="Wilson for the accuracy",
        code="decision.cascade",
    ),
    Definition(
        anchor="threshold",
        term="Threshold for a target",
        text=(
            "The confidence from which answers are right as often as asked for, and the share of all whole replies "
            "that reach it. A reply without a confidence reaches none."
        ),
        formula=(
            "the lowest t with accuracy ≥ target among answers of confidence ≥ t; questions with equally many options"
        ),
        interval="Wilson for coverage and accuracy, in-sample",
        code="selective.threshold_for",
    ),
    Definition(
        anchor="verdict",
        term="Prediction and verdict",
        text=(
            "A prediction in the experiment file states a metric of a condition, what it will be above or below, and "
            "by which margin. It held when the interval of the difference lies wholly beyond the margin on the "
            "predicted side, did not hold when it lies wholly on the other, and is inconclusive otherwise; without "
            "data (no log-probabilities, fewer than six independent questions) it is undecided. Holm's rule covers "
            "all predictions that were frozen when recording began, so that if every true value lay exactly at its "
            "margin, a wrong “held” would come in at most 2.5% of studies. A prediction added later is marked, and "
            "judged among all. Accuracy, ECE-15, Brier score and AUROC are those of this page; latency, tokens and "
            "tokens per second are medians over questions; truncation is the share of replies that the token budget "
            "cut off before an answer. Questions that are paraphrases of one another count as one. A binned "
            "calibration error is too high in small samples, so its interval reaches further down than up."
        ),
        source=(
            "Holm 1979; Bonett and Price 2012; Efron and Tibshirani 1993; DeLong et al. 1988; Newcombe 2006"
        ),
        formula=(
            "held: the interval of the metric, or of the difference, lies wholly beyond the margin on the predicted "
            "side; did not hold: wholly on the other side; else inconclusive. Level 1 − 0.05/(K − j + 1) for the j-th "
            "smallest of K p-values, up to the first that is not significant, whose level the others share"
        ),
        interval=(
            "one accuracy or truncation: Clopper–Pearson; their paired difference: Bonett–Price, [Δ̃ ± z·√((p̃₁ + p̃₂ "
            "− Δ̃²)/(n + 2))] with p̃₁ = (b + 1)/(n + 2), p̃₂ = (c + 1)/(n + 2), Δ̃ = p̃₁ − p̃₂, widened to 0 where "
            "exact McNemar (or the sign-flip test) does not exclude it; with repeats or paraphrases the same with t "
            "over independent questions. Brier score, answers per second: studentised bootstrap. Medians: order "
            "statistics, their difference by percentile bootstrap. ECE: t over questions, with plain ECE on the side "
            "away from 0 and Σ s_b·(c_i − y_i)/N on the other, the signs s_b of the bins' gaps told by a third of the "
            "questions. AUROC: as above within suite × number of options; its difference: DeLong with t. Similarity: "
            "t over prompts, below six the jackknife over samples"
        ),
        code=(
            "verdict.judge, contrasts.shares, contrasts.means, contrasts.rates, contrasts.medians, "
            "contrasts.calibration_errors, contrasts.discriminations"
        ),
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

LAYOUTS = {
    "zero-shot": "One user message: an instruction, the question, its options, and “Answer:”.",
    "few-shot": "A chat: each worked example is a question and its reply, then the question.",
    "few-shot-raw": (
        "Plain text in one message: worked examples, then the question. For base models, "
        "behind a chat template that only joins messages."
    ),
    "few-shot-think-raw": (
        "As few-shot-raw, each worked example with its steps inside <think>…</think> "
        "before the answer; the prompt itself opens <think>."
    ),
    "verbatim": "The prompt as it stands.",
}

RULES = {
    "boxed": "\\boxed{C}",
    "answer-is": "“the answer is C”",
    "answer-colon": "“Answer: C”",
    "verdict": "“so C”, “C is right” at the end of a line",
    "right-letter": "“C is correct”",
    "shows": "“this shows C”",
    "leading": "the reply begins with the letter",
    "leading-small": "the reply is the letter alone, in small print",
    "option-text": "the reply is the option's text",
    "option-text-inside": "the reply contains one option's text",
    "last-letter": "the last letter standing alone",
    "answer-number": "the number after “answer”",
    "last-number": "the last number",
    "expected-text": "the expected words are in the reply",
    "first-line": "the first line (nothing expected found)",
    "answer-is-small": "“the answer is c”",
    "boxed-number": "\\boxed{7}",
    "hash-number": "“#### 7”",
    "mmlu-pro-1": "“answer is (C)”, the first one",
    "mmlu-pro-2": "“Answer: C”, the last of its line",
    "mmlu-pro-3": "the last capital letter A to J that stands alone",
    "official-guess": "nothing found: an option drawn blindly, as MMLU-Pro's authors do",
    "first-letter": "the first capital letter that stands alone",
    "gsm8k-hashes": "the number after “####”",
    "last-number-any": "the last number",
    "likelihood-total": "the option with the highest log-probability",
    "likelihood-per-character": "the option with the highest log-probability per character",
    "likelihood-per-byte": "the option with the highest log-probability per byte",
    "tool-call": "the function that the reply calls, with its arguments",
    "tool-call-text": "the call that the reply writes out between <tool_call> tags",
}


def methods_document() -> Iterator[str]:
    """docs/methods.md, line by line."""
    yield "# Methods\n"
    yield "Every number that a report shows: what it is, its formula, how its interval is found, the function that"
    yield "computes it, and where it comes from. The same texts stand on each experiment's methods page, which the"
    yield "numbers on the site link to; both are made from `llmxray/report/wording/definitions.py`.\n"
    yield "Throughout: cᵢ is the confidence of row i and yᵢ whether it is right, N the rows, b a bin of n_b rows;"
    yield "intervals are 95%. Missing values are left out and counted, never replaced. Repeats of a question are"
    yield "averaged within it first. A question that is put in several wordings, rotations or samples is one unit in"
    yield "every interval and test. Questions of two conditions are joined by id; what cannot be joined is listed."
    yield "Random draws are seeded by the names of what they are about, so every build gives the same numbers.\n"
    yield "Functions are below `llmxray.metrics` unless a room is named. Their values are tested against published"
    yield "reference values and, on random input, against scipy, statsmodels, scikit-learn and relplot to 1e-9.\n"
    for each in DEFINITIONS:
        yield f'## <a id="{each.anchor}"></a>{each.term}\n'
        yield f"{each.text}\n"
        if each.formula:
            yield f"- Formula: {each.formula}"
            yield f"- Interval: {each.interval}" if each.interval else "- Interval: none"
            yield f"- Code: `{each.code}`"
        if each.source:
            yield f"- Source: {each.source}"
        yield ""
