"""One question is one unit, and only comparable answers are compared: in every pooled number of the pages."""

from dataclasses import replace

import hand_made
import numpy as np
import pytest

from llmxray.metrics.accuracy import averaged_share
from llmxray.metrics.discrimination import auroc
from llmxray.report.analysis import Analysis, accuracy_of, confidence, costs, median_of
from llmxray.report.pages import calibration, choose, results
from llmxray.report.pages.calibration import bands, calibrated, threshold
from llmxray.report.pages.choose import Scores
from llmxray.report.wording.predictions import verdicts
from llmxray.report.wording.speed import per_second

N = 30


def worded(folder, seed=0, **more):
    """Two conditions on 30 questions in two wordings, which are mostly answered alike."""
    rng = np.random.default_rng(seed)

    def marks():
        first = rng.random(N) < 0.5
        second = np.where(rng.random(N) < 0.8, first, rng.random(N) < 0.5)
        return "".join("+" if hit else "-" for hit in (*first, *second))

    marks = {"a": marks(), "b": marks()}
    sure = {name: rng.random(2 * N).round(3).tolist() for name in marks}
    data = hand_made.data(
        folder, marks, confidence=sure, latency_s={"a": 1.0, "b": 2.0}, reworded=True, **more
    )
    return Analysis(data)


def test_a_question_in_two_wordings_is_counted_once(tmp_path):
    """In accuracies, tests, draws, medians, rates, costs and confidences; its accuracy is over both wordings."""
    analysis = worded(tmp_path)
    view, other = analysis.views
    assert N == analysis.n_scored()
    hits = [float(row.outcome.value == "correct") for row in view.rows]
    found = analysis.accuracies["a"]
    assert averaged_share(hits, list(range(N)) * 2) == found
    assert found.high - found.low > 1.15 * (accuracy_of(view.rows).high - accuracy_of(view.rows).low), (
        "as if wordings were questions it would be narrower"
    )
    (pair,) = analysis.pairs
    assert N == pair.difference.n
    assert pair.difference.value == pytest.approx(
        abs(analysis.accuracies["a"].value - analysis.accuracies["b"].value)
    )
    assert "Student’s t" == analysis.test[0]
    assert {N} == {
        each.n
        for each in (
            analysis.latency_ratio(view, other),
            confidence.ece_difference(analysis, view, other),
            median_of(view, lambda row: row.latency_s),
            per_second(analysis, view),
            costs.cost_of(analysis, view).tokens_out,
        )
    }
    data = confidence.columns(view)
    assert (N, ("60", "answers to 30 questions")) == (data.n_questions, data.counted)
    assert threshold.confidences(view).clusters is not None


def test_cascades_and_costs_are_over_questions(tmp_path):
    """Each answered alike in both wordings: as many as there are questions, and intervals of so many."""
    marks, sure = {"a": "+-" * 15, "b": "++-" * 10}, {"a": [0.9, 0.2] * 15, "b": [0.5] * 30}
    prices = {name: {"input_per_million": 1, "output_per_million": 2} for name in marks}
    more = {"latency_s": {"a": 1.0, "b": 2.0}, "prompt_tokens": {"a": 96, "b": 96}, "prices": prices}
    once = Analysis(hand_made.data(tmp_path / "once", marks, confidence=sure, **more))
    twice = Analysis(
        hand_made.data(
            tmp_path / "twice",
            {name: of * 2 for name, of in marks.items()},
            confidence={name: of * 2 for name, of in sure.items()},
            reworded=True,
            **more,
        )
    )
    one, two = (threshold.asked_first(each, *each.views) for each in (once, twice))
    for of in (one, two):
        assert {N} == {point.accuracy.n for point in (*of.points, of.small, of.large)}
    for once_asked, twice_asked in zip(one.points, two.points, strict=True):
        assert once_asked.accuracy.value == twice_asked.accuracy.value
        assert once_asked.accuracy.low == pytest.approx(twice_asked.accuracy.low, abs=0.03)
    one, two = (costs.cost_of(each, each.views[0]).right for each in (once, twice))
    assert (N, N) == (one.n, two.n)
    assert one.value == pytest.approx(two.value)
    # Counted by wording it would be narrower by a factor of 1.4.
    assert two.high - two.low > 0.85 * (one.high - one.low)


def mixed(folder, seed, n=200, **more):
    """A model at chance over questions of 2 and 10 options, less sure of the latter."""
    rng = np.random.default_rng(seed)
    sizes = np.tile([2, 10], n // 2)
    marks = "".join("+" if hit else "-" for hit in rng.random(n) < 1 / sizes)
    sure = np.clip(1 / sizes + rng.gamma(2, 0.05, n), 0, 1).tolist()
    data = hand_made.data(folder, {"guess": marks}, confidence={"guess": sure}, sizes=(2, 10), **more)
    return Analysis(data)


def test_a_model_at_chance_is_not_said_to_know(tmp_path):
    """Of 60 draws, at most 5% a page: AUROC's interval, the title of the curve, and the two bands."""
    above = helped = told = 0
    for seed in range(60):
        analysis = mixed(tmp_path, seed)
        view = analysis.views[0]
        above += confidence.auroc(view).low > 0.5
        (informative,) = confidence.informative([confidence.columns(view)])
        helped += informative
        told += any("calibration.band-yes" == said.kind for said in bands(analysis, [view]).answers)
    assert max(above, helped, told) <= 5


def test_a_prediction_of_auroc_compares_questions_of_one_size(tmp_path):
    """A model at chance over 2 and 10 options: over both, its confidence would be shown to tell right from wrong."""
    claim = {"claim": "It knows.", "metric": "auroc", "of": "guess", "above": 0.55}
    analysis = mixed(tmp_path, 0, 400, predictions=[claim])
    view = analysis.views[0]
    data = confidence.columns(view)
    assert auroc(data.confidence, data.correct).low > 0.6
    (found,) = verdicts(analysis)
    assert confidence.auroc(view).value == pytest.approx(found.of_value)
    assert found.of_value < 0.55
    assert "held" != found.outcome


def test_a_curve_pools_questions_with_equally_many_options_and_says_so(tmp_path):
    """Most questions have 4 options here: 60 of 80; the note says why the others are left out."""
    marks, sizes = "+" * 40 + "-" * 40, (4, 4, 4, 10)
    sure = {"a": [0.9] * 40 + [0.2] * 40}
    analysis = Analysis(hand_made.data(tmp_path, {"a": marks}, confidence=sure, sizes=sizes))
    view = analysis.views[0]
    data = threshold.confidences(view)
    assert (4, 60, 80) == (data.pool.options, data.pool.n, data.pool.of)
    assert (60, 80) == (len(data.comparable.confidence), len(data.confidence))
    assert "On the 60 questions with 4 options, of 80" == str(bands(analysis, [view]).note)
    assert not any(
        href for step in threshold.threshold_values(analysis).steps for _, _, href in step.lines
    ), "no list of questions of one size"
    even = Analysis(hand_made.data(tmp_path, {"a": marks}, confidence=sure))
    assert bands(even, even.views).note is None


def test_confidences_of_two_kinds_are_not_compared(tmp_path):
    """Letter against likelihood: no lede compares them; calibration and choice say that they differ in kind."""
    marks, sure = {"a": "+" * 30 + "-" * 10, "b": "+-" * 20}, {"a": [0.6] * 40, "b": [0.5, 0.4] * 20}
    data = hand_made.data(tmp_path, marks, confidence=sure, answers={"b": "likelihood"})
    analysis = Analysis(data)
    assert not calibrated(analysis)
    alike = Analysis(hand_made.data(tmp_path, marks, confidence=sure))
    for each, differ in ((analysis, True), (alike, False)):
        assert differ is any("differ in kind" in str(said) for said in calibration.page_values(each).warnings)


def test_conditions_that_were_asked_other_questions_are_said_to_be(tmp_path):
    """b was asked half of them: the tables over everything say so; where all were asked the same, nothing does."""
    data = hand_made.data(tmp_path, {"a": "+-" * 10, "b": "++" * 10}, latency_s={"a": 1.0, "b": 1.0})
    assert Analysis(data).unlike is None
    rows = tuple(row for row in data.results.rows if row.condition == "a" or row.item_id < "q010")
    analysis = Analysis(replace(data, results=replace(data.results, rows=rows)))
    page = results.page_values(analysis)
    assert "ranked on the 10 questions that all answered" in str(page.unlike)
    # Who was asked easier ones is no better for it.
    assert "findings.close" == page.headline.kind
    assert not any(cell.mark == "ahead" for row in page.accuracy for cell in row.cells)
    asked = choose.page_values(analysis, Scores(analysis.common)).kicker.values["questions"]
    assert "10 questions that all answered" == str(asked)
