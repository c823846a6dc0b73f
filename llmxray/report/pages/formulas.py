"""The formula and the code behind each definition; with `definitions` the one source of docs/methods.md.

Written with N rows, confidence cᵢ, correctness yᵢ (0 or 1), bins b of n_b rows, and z = 1.96.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from llmxray.report.pages.definitions import DEFINITIONS, Definition


@dataclass(frozen=True, slots=True)
class Formula:
    """How a number is computed.

    Attributes:
        formula: in plain text; interval: how its doubt is found, "" where it has none.
        code: the function, below ``llmxray.metrics`` unless it names a room.
    """

    formula: str
    interval: str
    code: str


_BOOTSTRAP = "basic bootstrap over questions, 2,000 resamples (smooth ECE 200)"
FORMULAS: dict[str, Formula] = {
    "accuracy": Formula(
        "correct / (N − error − unread)",
        "Wilson: (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n); with repeats n is p(1−p)/s², s the standard error "
        "of the mean over C questions, at most the number of answers, times (z/t)² with C − 1 degrees of freedom; C "
        "where all are right or none",
        "accuracy.proportion, accuracy.averaged_share, accuracy.clustered_share",
    ),
    "option-confidence": Formula(
        "p_i / Σ_j p_j of the chosen option i; p_i = Σ exp(logprob) over tokens that spell option i, or exp(Σ logprob) "
        "of option i when forced whole",
        "",
        "llmxray.scoring.confidence",
    ),
    "coverage": Formula("Σ_j p_j over the options", "", "llmxray.scoring.confidence"),
    "ece-15": Formula(
        "Σ_b (n_b/N)·|mean confidence_b − accuracy_b|, 15 bins ((b−1)/15, b/15]",
        _BOOTSTRAP,
        "calibration.ece",
    ),
    "ece-mass": Formula(
        "as ECE; edges at midpoints between neighbours of the sorted confidences, tied edges merged",
        _BOOTSTRAP,
        "calibration.ece",
    ),
    "module-bins": Formula(
        "mean over non-empty bins of |mean confidence_b − accuracy_b|, five bins of equal width",
        _BOOTSTRAP,
        "calibration.module_bin_average",
    ),
    "gap": Formula("mean(c) − mean(y)", _BOOTSTRAP, "calibration.gap"),
    "brier": Formula("mean (c − y)²", _BOOTSTRAP, "calibration.brier"),
    "brier-multiclass": Formula(
        "mean Σ_j (p_j − [option j is right])²", _BOOTSTRAP, "calibration.brier_multiclass"
    ),
    "mce": Formula("max_b |mean confidence_b − accuracy_b|", _BOOTSTRAP, "calibration.mce"),
    "smooth-ece": Formula(
        "∫|Σ (c_i − y_i)·K_σ(t, c_i)| dt / ∫Σ K_σ(t, c_i) dt, at the σ where it equals σ",
        _BOOTSTRAP,
        "calibration.smooth_ece",
    ),
    "auroc": Formula(
        "P(c of a right answer > c of a wrong one) + ½·P(equal), over pairs within suite × number of options",
        "the θ with (A − θ)² = z²·D·Σ_s (m_s·n_s/Σ m·n)²·θ(1 − θ)·(1 + N_s·((1 − θ)/(2 − θ) + θ/(1 + θ)))/(m_s·n_s), "
        "m_s right and n_s wrong answers of suite and size s, N_s = (m_s + n_s)/2 − 1, D the design effect of several "
        "answers to a question",
        "discrimination.auroc",
    ),
    "right-mass": Formula(
        "mean over questions of Σ p_i over the right options, p_i = exp(Σ logprob) renormalised over all options",
        "Student's t over questions",
        "accuracy.clustered",
    ),
    "recall-deviation": Formula(
        "100·√(Σ (acc_k − mean)²/K) over the K places of the right option", "", "position.recall_deviation"
    ),
    "cochran-q": Formula(
        "(k − 1)(k·ΣG² − (ΣG)²) / (k·Σx² − ΣL²), chi-squared with k − 1 degrees of freedom; Σx² = ΣL without repeats",
        "",
        "position.cochran_q",
    ),
    "all-rotations": Formula(
        "questions right in every rotation / questions", "Wilson", "position.all_rotations"
    ),
    "bootstrap": Formula(
        "[2v − q₉₇.₅, 2v − q₂.₅] of the resampled values; for ratios the percentile interval [q₂.₅, q₉₇.₅]",
        "",
        "resampling.basic_interval, resampling.percentile_interval",
    ),
    "mcnemar": Formula(
        "p = min(1, 2·P(X ≤ min(b, c))), X ~ Binomial(b + c, ½), b and c the discordant counts",
        "Bonett–Price for the difference in accuracy",
        "signflip.sign_flip",
    ),
    "sign-flip": Formula(
        "p = share of signs with |Σ ±d_i| ≥ |Σ d_i|, d_i the difference of question i's two shares of right answers; "
        "drawn: (1 + hits) / (1 + draws)",
        "Student's t over the d_i; Bonett–Price where every question is all right or all wrong",
        "signflip.sign_flip",
    ),
    "holm": Formula("p₍ᵢ₎' = max over j ≤ i of min(1, (m − j + 1)·p₍ⱼ₎)", "", "paired.holm"),
    "detectable": Formula(
        "the d that solves √n·d = z₀.₉₇₅·√ψ + z₀.₈·√(ψ − d²), ψ the share of discordant questions, or the mean of d_i²",
        "",
        "signflip.sign_flip",
    ),
    "ttft": Formula("median", "order statistics, at least 95%", "latency.summary"),
    "tpot": Formula(
        "median of (latency − first token) / (tokens − 1)", "order statistics, at least 95%", "latency.tpot"
    ),
    "latency": Formula(
        "median",
        "order statistics, at least 95%; Woodruff's where questions have several wordings",
        "latency.summary",
    ),
    "per-second": Formula(
        "Σ y / Σ seconds", "percentile bootstrap over questions", "latency.accuracy_per_second"
    ),
    "newcombe": Formula(
        "p_a − p_b",
        "−√((p_a − l_a)² + (u_b − p_b)²) and +√((u_a − p_a)² + (p_b − l_b)²); with −2r times the product of each two "
        "terms where both hold answers to the same questions",
        "accuracy.newcombe, bands.difference",
    ),
    "places": Formula(
        "share of redraws from Beta(s + ½, n − s + ½) in which it is among the k", "", "groups.places"
    ),
    "groups": Formula(
        "(1 + deals with Σ n_g·(m_g − m)² at least the observed) / (1 + deals)",
        "Newcombe's for each two groups, Fisher's exact test (Welch's for averages), Holm",
        "groups.differ, groups.uneven, groups.extremes_differ",
    ),
    "spread": Formula(
        "√max(0, variance of the axes' accuracies − their mean sampling variance)",
        "basic bootstrap within axes",
        "groups.spread",
    ),
    "correlation": Formula(
        "Pearson's r", "tanh(artanh r ± z/√(n − 3)); p by permutation", "correlation.correlation"
    ),
    "percentile-rank": Formula(
        "100·(runs below + ½·runs equal, itself included) / runs; none under four",
        "",
        "ranking.ranks, ranking.alike",
    ),
    "pressure": Formula(
        "accuracy under a − accuracy under b, in each category",
        "that of the test: exact McNemar or sign flips, Holm over categories",
        "signflip.sign_flip",
    ),
    "cost": Formula(
        "(prompt tokens·input price + completion tokens·output price) / 10⁶; for a machine paid by the hour "
        "latency / 3600·price of an hour",
        "Student's t over questions",
        "accuracy.clustered, cost.cost, cost.machine_cost",
    ),
    "cost-right": Formula("Σ cost / Σ right", "percentile bootstrap over questions", "cost.per_right_answer"),
    "same-reply": Formula(
        "questions with the same reply under both settings / questions asked under both",
        "Wilson, over questions where they were asked several times",
        "accuracy.proportion, accuracy.clustered_share",
    ),
    "twins": Formula(
        "accuracy on the first wording − accuracy on the second; exact McNemar on the twins, sign flips with repeats",
        "that of the test; Holm over conditions",
        "signflip.sign_flip",
    ),
    "same-answer": Formula(
        "twins with the same option chosen in both wordings / twins with an answer in both",
        "Wilson",
        "accuracy.proportion",
    ),
    "tokens-per-second": Formula(
        "median over questions of completion tokens / latency",
        "order statistics, at least 95%",
        "latency.tokens_per_second, latency.summary",
    ),
    "cascade": Formula(
        "accuracy and mean seconds when the large model answers what the small one is unsure of",
        "Wilson for the accuracy",
        "decision.cascade",
    ),
    "threshold": Formula(
        "the lowest t with accuracy ≥ target among answers of confidence ≥ t; questions with equally many options",
        "Wilson for coverage and accuracy, in-sample",
        "selective.threshold_for",
    ),
    "risk-coverage": Formula(
        "risk among the k most confident, k = 1 … N; its mean is the area (AURC); questions with equally many options",
        "",
        "selective.risk_coverage, selective.aurc, selective.accuracy_at_coverage",
    ),
    "verdict": Formula(
        "held: the interval of the metric, or of the difference, lies wholly beyond the margin on the predicted side; "
        "did not hold: wholly on the other side; else inconclusive. Level 1 − 0.05/(K − j + 1) for the j-th smallest "
        "of K p-values, up to the first that is not significant, whose level the others share",
        "one accuracy or truncation: Clopper–Pearson; their paired difference: Bonett–Price, [Δ̃ ± z·√((p̃₁ + p̃₂ − "
        "Δ̃²)/(n + 2))] with p̃₁ = (b + 1)/(n + 2), p̃₂ = (c + 1)/(n + 2), Δ̃ = p̃₁ − p̃₂, widened to 0 where exact McNemar "
        "(or the sign-flip test) does not exclude it; with repeats or paraphrases the same with t over independent "
        "questions. Brier score, answers per second: studentised bootstrap. Medians: order statistics, their "
        "difference by percentile bootstrap. ECE: t over questions, with plain ECE on the side away from 0 and "
        "Σ s_b·(c_i − y_i)/N on the other, the signs s_b of the bins' gaps told by a third of the questions. "
        "AUROC: as above within suite × number of options; its difference: DeLong with t. Similarity: t over "
        "prompts, below six the jackknife over samples",
        "verdict.judge, contrasts.shares, contrasts.means, contrasts.rates, contrasts.medians, "
        "contrasts.calibration_errors, contrasts.discriminations",
    ),
    "similarity": Formula(
        "mean over prompts of the mean over pairs of samples of |A ∩ B| / |A ∪ B|, A and B the sets of their words",
        "Student's t over prompts; below six prompts the jackknife over samples",
        "contrasts.similarities",
    ),
    "weighted-choice": Formula(
        "Σ w·s / Σ w; accuracy max(0, (a − g)/(1 − g)), g blind guessing; calibration (1 − ECE-15)·max(0, 2·AUROC − 1)",
        "share of resamples of the questions in which the option comes first",
        "choice.above_chance, choice.trust, choice.win_shares",
    ),
}

MORE = (
    Definition(
        "newcombe",
        "Difference of two groups of questions",
        "Two proportions on different questions, such as recall and reasoning, are compared by joining their "
        "Wilson intervals.",
        "Newcombe 1998",
    ),
    Definition(
        "places",
        "How sure a best or worst place is",
        "The accuracy of every category is redrawn many times as its few questions allow; the share of redraws in "
        "which a category is among the best (or worst) three says how sure its place is.",
        "Jeffreys 1946",
    ),
    Definition(
        "groups",
        "Whether groups differ",
        "Answers are dealt to the groups at random; p is the share of deals that look as uneven as the data. Best and "
        "worst categories, which the data picks, are told apart by the same deals: by how far apart best and worst (or "
        "third best and third worst) lie in them. Where each condition has such a test, the p are Holm-adjusted over "
        "the conditions. Wordings of a question count as one answer, their average.",
        "Phipson and Smyth 2010",
    ),
    Definition(
        "spread",
        "Specialist or balanced",
        "The standard deviation of a model's accuracies over subjects, without the part that few questions make by "
        "chance: near 0 is balanced.",
    ),
    Definition(
        "correlation",
        "Correlation",
        "Whether two accuracies go together over conditions or categories. Four points would need a correlation "
        "beyond .95 to tell it from chance, so four points show none.",
        "Fisher 1915",
    ),
    Definition(
        "percentile-rank",
        "Percentile rank",
        "The share of the runs in the ledger, or of the conditions of an experiment, that one of them beats, ties "
        "counting half. It ranks nobody else: no scale of reference models is made up.",
        "Roscoe 1975",
    ),
    Definition(
        "pressure",
        "Context pressure",
        "One model at two settings, category by category. A difference of more than five points is what the original "
        "app flags; the test says whether the questions can tell it from luck. Where every reply is the same, the "
        "server is said to ignore the setting.",
    ),
    Definition(
        "same-reply",
        "Same reply",
        "How often a model gives the same reply, word for word, under two settings; for likelihood answers the same "
        "probability of every option. All replies the same: the setting does nothing here, or the server ignores it.",
    ),
    Definition(
        "twins",
        "Twins",
        "Two suites that hold the same questions in other words, with the same options and ids. Each question is "
        "compared with its twin: right in both wordings, in one, in none. Only what is right in one can tell the "
        "wordings apart, as in McNemar's test of two models.",
        "McNemar 1947",
    ),
    Definition(
        "same-answer",
        "Same answer",
        "How often a model chooses the same option in both wordings, right or wrong. Right answers that are kept and "
        "wrong ones that are kept count alike: it is about steadiness, not knowledge.",
    ),
    Definition(
        "cost",
        "Cost per question",
        "Tokens as the server reported them at the prices in the experiment file. A model whose tokens have no price "
        "costs the time of the machine, if the file states the price of an hour: an assumption, named beside the "
        "amounts; a request counts with its whole latency, also where several ran at once. Questions without usage, or "
        "times, are left out and counted.",
    ),
    Definition(
        "cost-right",
        "Cost of a right answer",
        "All that the questions cost, divided by how many were answered right: what is paid for each answer that one "
        "can use. Nothing right has no such cost.",
    ),
    Definition(
        "tokens-per-second",
        "Tokens per second",
        "Completion tokens of a reply divided by its latency, the wait for the first token included: what one user "
        "sees of a whole reply. Repeats are averaged within a question; shown is the median over questions. Short "
        "replies, which mostly wait, have a low rate.",
    ),
    Definition(
        "cascade",
        "Cascade",
        "Every question goes to the small model; where it is less sure than a threshold the large one is asked as "
        "well, and the time of both is spent. In-sample.",
    ),
    Definition(
        "threshold",
        "Threshold for a target",
        "The confidence from which answers are right as often as asked for, and the share of all whole replies that "
        "reach it. A reply without a confidence reaches none.",
    ),
    Definition(
        "verdict",
        "Prediction and verdict",
        "A prediction in the experiment file states a metric of a condition, what it will be above or below, and by "
        "which margin. It held when the interval of the difference lies wholly beyond the margin on the "
        "predicted side, did not hold when it lies wholly on the other, and is inconclusive otherwise; without "
        "data (no "
        "log-probabilities, fewer than six independent questions) it is undecided. Holm's rule covers all predictions "
        "that were frozen when recording began, so that if every true value lay exactly at its margin, a wrong "
        "“held” would come in at most 2.5% of studies. A prediction added later is marked, and judged among all. "
        "Accuracy, ECE-15, Brier score and AUROC are those of this page; latency, tokens and tokens per second are "
        "medians over questions; truncation is the share of replies that the token budget cut off before an answer. "
        "Questions that are paraphrases of one another count as one. A binned calibration error is too high in small "
        "samples, so its interval reaches further down than up.",
        "Holm 1979; Bonett and Price 2012; Efron and Tibshirani 1993; DeLong et al. 1988; Newcombe 2006",
    ),
    Definition(
        "similarity",
        "Similarity of samples",
        "How much two samples of a prompt share: the words that both have divided by the words that either has "
        "(Jaccard index), averaged over the pairs of samples of a prompt, then over prompts.",
        "Jaccard 1901",
    ),
)


def defined() -> tuple[Definition, ...]:
    """Every definition, those of the site's tables first; each anchor once."""
    known = {each.anchor for each in DEFINITIONS}
    return (*DEFINITIONS, *(each for each in MORE if each.anchor not in known))


def methods_document() -> Iterator[str]:
    """docs/methods.md, line by line."""
    yield "# Methods\n"
    yield "Every number that a report shows: what it is, its formula, how its interval is found, the function that"
    yield "computes it, and where it comes from. The same texts stand on each experiment's methods page, which the"
    yield "numbers on the site link to; both are made from `llmxray/report/pages/definitions.py` and `formulas.py`.\n"
    yield "Throughout: cᵢ is the confidence of row i and yᵢ whether it is right, N the rows, b a bin of n_b rows;"
    yield "intervals are 95%. Missing values are left out and counted, never replaced. Repeats of a question are"
    yield "averaged within it first. A question that is put in several wordings, rotations or samples is one unit in"
    yield "every interval and test. Questions of two conditions are joined by id; what cannot be joined is listed."
    yield "Random draws are seeded by the names of what they are about, so every build gives the same numbers.\n"
    yield "Functions are below `llmxray.metrics` unless a room is named. Their values are tested against published"
    yield "reference values and, on random input, against scipy, statsmodels, scikit-learn and relplot to 1e-9.\n"
    for each in defined():
        found = FORMULAS.get(each.anchor)
        yield f'## <a id="{each.anchor}"></a>{each.term}\n'
        yield f"{each.text}\n"
        if found:
            yield f"- Formula: {found.formula}"
            yield f"- Interval: {found.interval}" if found.interval else "- Interval: none"
            yield f"- Code: `{found.code}`"
        if each.source:
            yield f"- Source: {each.source}"
        yield ""
