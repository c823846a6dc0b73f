"""Tests of differences, times, costs, choices and predictions."""

from __future__ import annotations

from llmxray.report.wording.definitions.record import Definition

TESTS_AND_TIMES = (
    Definition(
        anchor="weighted-choice",
        term="Weighted choice",
        text=(
            "Each score between 0 and 1 times its weight, summed. Accuracy counts above guessing: 0 for blind "
            "guessing, 1 for all right. Calibration is (1 − ECE-15) times how well confidence sorts right from wrong "
            "(2·AUROC − 1, at least 0), so that a model which knows nothing, and says so, earns nothing by it. Speed "
            "is the fastest condition's mean latency divided by the condition's own. A condition takes part when it "
            "meets the requirements of the use, and when the test of a prediction shows it above guessing. How "
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
            "The smallest true difference in accuracy that McNemar's test would find in four of five tries. Questions "
            "and the share of them on which the two disagree are those here. It is that of one comparison: where p "
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
        anchor="verdict",
        term="Prediction and verdict",
        text=(
            "A prediction in the experiment file states a metric of a condition, what it will be above or below, and "
            "by which margin. It held when the interval of the difference lies wholly beyond the margin on the "
            "predicted side. It did not hold when the interval lies wholly on the other side; otherwise it is "
            "inconclusive. Without data (no log-probabilities, fewer than six independent questions) it is undecided. "
            "Holm's rule covers all predictions that were frozen when recording began. If every true value lay exactly "
            "at its margin, a wrong “held” would come in at most 2.5% of studies. A prediction added later is marked, "
            "and judged among all. Accuracy, ECE-15, Brier score and AUROC are those of this page; latency, tokens and "
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
            "verdict.judge, contrasts.shares, contrasts.means, contrasts.rates, medians.medians, "
            "contrasts.calibration_errors, contrasts.discriminations"
        ),
    ),
)
