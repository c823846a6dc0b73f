"""The part on thresholds: its sentences, tables and the word on a cascade."""

import hand_made

from llmxray.report.analysis import Analysis
from llmxray.report.pages.calibration import threshold
from llmxray.report.sentences import Finding

SURE_MARKS = "+++++-----" * 4
SURE = [0.95, 0.9, 0.85, 0.8, 0.75, 0.4, 0.35, 0.3, 0.25, 0.2]


def two(tmp_path):
    """A quick condition whose confidence tells, and a slow one that is right more often."""
    return hand_made.data(
        tmp_path,
        {"quick": "+++++-----" * 4, "slow": "++++++++--" * 4},
        confidence={"quick": SURE * 4, "slow": [0.5] * 40},
        latency_s={"quick": 1.0, "slow": 4.0},
    )


def test_the_headline_says_what_silence_buys(tmp_path):
    """The quick one is right in all it is sure of, the slow one reaches 80% answering everything."""
    page = threshold.threshold_values(Analysis(two(tmp_path)))
    assert ("calibration.not-silent", "slow") == (page.headline.kind, page.headline.values["view"].id)
    only = hand_made.data(tmp_path, {"a": "-" * 12}, confidence={"a": [0.9] * 12})
    assert "calibration.never-80" == threshold.threshold_values(Analysis(only)).headline.kind


def test_the_threshold_that_is_named_has_that_many_answers(tmp_path):
    """79.6% is below 80%: what is said of a threshold is what the picture has at it."""
    sure = [0.9, 0.9, 0.9, 0.796, 0.796, 0.796, 0.3, 0.3, 0.3, 0.3]
    data = hand_made.data(tmp_path, {"a": "+++++-----"}, confidence={"a": sure})
    page, found = threshold.threshold_values(Analysis(data)), threshold.confidences(Analysis(data).views[0])
    assert (6, 79) == (page.why.values["right"].n, page.why.values["percent"])
    assert 6 == threshold.points_of(found)[79].accuracy.n
    assert 79 == page.first


def test_replies_without_a_confidence_are_refused_and_it_is_said(tmp_path):
    """Eight right of ten answers with a confidence; ten replies were cut off, so the other half stays silent."""
    sure = [0.9] * 8 + [0.3] * 2 + [None] * 10
    data = hand_made.data(tmp_path, {"a": "+" * 8 + "--" + "…" * 10}, confidence={"a": sure})
    page = threshold.threshold_values(Analysis(data))
    assert ("calibration.silent", 0.5) == (page.headline.kind, page.headline.values["silent"])
    assert Finding("calibration.unsaid", unsaid="10 of 20 of a") in page.notes
    ((_, point, href),) = page.steps[0].lines
    assert (0.5, 10, "") == (point.coverage.value, point.refused, href)


def test_ten_thresholds_lead_to_what_is_refused(tmp_path):
    """50% refuses the unsure half; ends of a range are included where questions are filtered."""
    page = threshold.threshold_values(Analysis(two(tmp_path)))
    assert [*range(0, 100, 10)] == [step.percent for step in page.steps]
    point, href = next((point, href) for view, point, href in page.steps[5].lines if view.id == "quick")
    assert (0.5, 1.0, 20) == (point.coverage.value, point.accuracy.value, point.refused)
    assert "answers.html#condition=quick&conf=0-0.4995" == href


def test_it_is_said_whom_refusing_helps(tmp_path):
    """Every condition where all confidences tell right from wrong, else those that do, or none."""
    knows, guesses = SURE * 4, [0.5, 0.6] * 20
    for confidence, helped in (
        ({"a": knows, "b": knows}, "helps every condition, taken over all thresholds"),
        ({"a": knows, "b": guesses}, "helps a"),
        ({"a": guesses, "b": knows}, "helps b"),
        ({"a": guesses, "b": guesses}, "is not shown to help any condition"),
        ({"a": knows}, "helps a"),
    ):
        data = hand_made.data(tmp_path, dict.fromkeys(confidence, SURE_MARKS), confidence=confidence)
        assert f"Refusing when unsure {helped}." == str(threshold.threshold_values(Analysis(data)).helps)


def test_a_cascade_says_both_accuracies_and_claims_no_difference(tmp_path):
    """With their intervals, how many questions go on, and that the threshold was chosen on the same answers."""
    said = str(threshold.threshold_values(Analysis(two(tmp_path))).cascade)
    assert said.startswith(
        "Ask quick first, and slow where the first answer has less than 75% confidence. Then 80% (95%"
    )
    assert "50% of them go on to the second. slow alone is right in 80% (95% " in said
    assert "chosen on these same answers" in said
    assert "reached" not in said
