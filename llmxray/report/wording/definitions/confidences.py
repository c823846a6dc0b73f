"""What confidence is worth: calibration, discrimination, thresholds."""

from __future__ import annotations

from llmxray.report.wording.definitions.record import BOOTSTRAP, Definition

CONFIDENCES = (
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
        interval=BOOTSTRAP,
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
        interval=BOOTSTRAP,
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
        interval=BOOTSTRAP,
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
        interval=BOOTSTRAP,
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
        interval=BOOTSTRAP,
        code="calibration.brier",
    ),
    Definition(
        anchor="brier-multiclass",
        term="Brier score over all options",
        text=(
            "The squared differences of every option's probability from 1 if it is right and 0 if not, summed over "
            "the options, 0 to 2: Brier's own score. It needs the probability of every option. An answer with an "
            "option beyond the alternatives that the server sent is left out, as is one with several right options."
        ),
        source="Brier 1950",
        formula="mean Σ_j (p_j − [option j is right])²",
        interval=BOOTSTRAP,
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
        interval=BOOTSTRAP,
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
        interval=BOOTSTRAP,
        code="calibration.smooth_ece",
    ),
    Definition(
        anchor="auroc",
        term="AUROC",
        text=(
            "The chance that a right answer has a higher confidence than a wrong one. 0.5 means that confidence says "
            "nothing; 1 that it sorts perfectly. A clueless model can look calibrated, which is why this stands "
            "beside it. Only answers to questions of one suite and one number of options are compared. With more "
            "options an answer is less sure and less often right at once. Over all questions together, even guesses "
            "would seem to be sorted. The interval is Newcombe's score interval, which is right also where few answers "
            "are right, or few wrong. Where a question was asked several times, or in several wordings, it is at the "
            "effective number of answers. No interval from fewer than six questions."
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
)
