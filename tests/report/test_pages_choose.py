"""The choose page: what is weighed, and what its script makes of that."""

import hand_made
import in_node
import pytest

from llmxray.report.analysis import Analysis, confidence
from llmxray.report.pages import choose
from llmxray.report.pages.choose import Scores
from llmxray.report.sentences import Finding


def ranked(made, weights=(1, 0, 0, 0), **limits):
    """What the browser makes of the page's data: who is fit, best first, who has no score, and who is out and why."""
    data = choose._data(made)
    found = in_node.called("choose", "ranked", data["options"], weights[: len(made.criteria)], limits)
    names = {part: [each["option"]["id"] for each in found[part]] for part in ("scored", "unscored")}
    out = {each["option"]["id"]: each["out"] for each in found["out"]}
    return found, names["scored"], names["unscored"], out


def fit(made, weights=(1, 0, 0, 0), **limits):
    """Who is fit for a use, best first."""
    return ranked(made, weights, **limits)[1]


def verdict(made, weights=(1, 0, 0, 0), **limits):
    """What the headline says, as the page's script fills it in."""
    found, *_ = ranked(made, weights, **limits)
    return in_node.called("choose", "verdict", found, choose.FIRM, "either")


KNOWING = [0.9, 0.8, 0.85, 0.3]


def scores(tmp_path, **more):
    """Three conditions that beat guessing: slow and right, quick and often wrong, and one without a confidence."""
    made = hand_made.data(
        tmp_path,
        {"slow": "+++-" * 10, "quick": "++--" * 10, "mute": "++--" * 10},
        confidence={"slow": KNOWING * 10, "quick": [0.6, 0.5, 0.55, 0.4] * 10},
        latency_s={"slow": 4.0, "quick": 1.0, "mute": 2.0},
        **more,
    )
    return Scores(Analysis(made))


def test_scores_are_between_nought_and_one_and_missing_ones_stay_missing(tmp_path):
    """Accuracy above guessing: 75% with four options is two thirds of the way."""
    slow, quick, mute = scores(tmp_path).options
    assert [2 / 3, 0.25] == [pytest.approx(each.value) for each in (slow.scores[0], slow.scores[2])]
    assert 0.75 == slow.accuracy.value
    assert (1.0, 0.5) == (quick.scores[2].value, mute.scores[2].value)
    assert slow.scores[1].value == pytest.approx(
        (1 - slow.error.value) * (2 * confidence.auroc(slow.view).value - 1)
    )
    assert mute.scores[1].value is None
    assert (4.0, 1.0) == (slow.seconds, quick.seconds)


def test_one_without_a_weighted_score_is_ranked_last_and_said(tmp_path):
    """It had no confidence, so calibration cannot be weighed."""
    made = scores(tmp_path)
    assert ["mute"] == ranked(made, (1, 1, 0, 0))[2]
    assert "incomplete" == verdict(made, (1, 1, 0, 0), seconds="3")["kind"]
    assert Finding("choose.no-calibration", names=["mute"]) in choose.page_values(made.analysis, made).notes


def outcomes(folder, marks, **more):
    """What comes out for the use cases, for conditions that answer within a second unless it says otherwise."""
    data = hand_made.data(folder, marks, **{"latency_s": dict.fromkeys(marks, 1.0), **more})
    made = Scores(Analysis(data))
    uses = choose._data(made)["uses"]
    return {
        name: verdict(made, [use[of] for of in ("accuracy", "calibration", "speed", "price")], **use)["kind"]
        for name, use in uses.items()
    }


def test_a_use_that_nobody_can_serve_is_said(tmp_path):
    """Four seconds are too slow for support, quick enough for a tutor; a medical assistant must be more accurate."""
    found = outcomes(
        tmp_path,
        {"a": "++++-" * 20, "b": "+---" * 25},
        confidence={"a": [0.9, 0.8, 0.85, 0.95, 0.4] * 20, "b": [0.8] * 100},
        latency_s={"a": 4.0, "b": 4.5},
    )
    assert {"medical": "none", "support": "none", "tutor": "alone"} == found


def test_a_lead_that_other_questions_could_turn_is_too_close_to_call(tmp_path):
    """31 of 40 against 30."""
    data = hand_made.data(tmp_path, {"a": "+++-" * 9 + "++++", "b": "-+++" * 10})
    made = Scores(Analysis(data))
    found = verdict(made)
    assert ("close", "a", "70", "67") == tuple(found[of] for of in ("kind", "first", "points", "other"))
    assert choose.page_values(made.analysis, made).headline.kind == "choose.open"
    assert 1.0 > found["wins"] > 0.5


def test_a_model_that_guesses_is_never_recommended(tmp_path):
    """However quick, and however well it states that it knows nothing, and whatever the use requires."""
    marks = {"slow": "++++-" * 20, "guesser": "+---" * 25}
    sure = {"slow": [0.9, 0.8, 0.85, 0.95, 0.4] * 20, "guesser": [0.25] * 100}
    made = Scores(
        Analysis(hand_made.data(tmp_path, marks, confidence=sure, latency_s={"slow": 1.9, "guesser": 0.1}))
    )
    _, scored, _, out = ranked(made, (0, 0, 1, 0))
    assert (["slow"], {"guesser": ["not shown to be above guessing"]}) == (scored, out)
    guesser = made.options[1]
    assert (0.0, 0.0, 1.0) == pytest.approx(tuple(each.value for each in guesser.scores[:3]))


def test_draws_are_of_the_scores_own_definition(tmp_path):
    """Their means lie near the scores; those of one that guesses, as sure of each, near 0 for all its 25% and ECE."""
    marks = {"half": "+++-+-+--+" * 20, "guesser": "+---" * 50}
    # Of the wrong answers of half, some are as sure as right ones: AUROC is neither 0.5 nor 1.
    sure = {"half": [0.9, 0.8, 0.7, 0.6, 0.5, 0.7, 0.8, 0.4, 0.5, 0.6] * 20, "guesser": [0.25] * 200}
    data = hand_made.data(tmp_path, marks, confidence=sure, latency_s={"half": 4.0, "guesser": 1.0})
    made = Scores(Analysis(data))
    means = made.draws[:, :3].mean(axis=2) / 1000
    for option, drawn in zip(made.options, means, strict=True):
        assert [pytest.approx(each.value, abs=0.05) for each in option.scores[:3]] == drawn.tolist()
    half, guesser = made.options
    assert (0.467, 0.531) == tuple(pytest.approx(each.value, abs=0.03) for each in half.scores[:2])
    assert half.accuracy.value - half.scores[0].value > 0.1
    assert 1 - half.error.value - half.scores[1].value > 0.1
    assert max(means[1, :2]) < 0.05
    assert (0.0, 0.0) == tuple(each.value for each in guesser.scores[:2])


def test_requirements_have_to_be_shown(tmp_path):
    """The whole interval must meet them: 90% of 20 is not shown to be 80%; without a confidence no error is shown."""
    marks = {"few": "+" * 18 + "--", "other": "+" * 17 + "---"}
    made = Scores(Analysis(hand_made.data(tmp_path, marks, confidence={"few": [0.9] * 18 + [0.2] * 2})))
    assert not fit(made, least="80")
    assert ["few", "other"] == fit(made, least="50")
    *_, out = ranked(made, least="80", error="10")
    assert out["other"] == ["not right often enough", "its calibration was not recorded"]


def test_those_asked_in_one_way_are_compared_with_one_another(tmp_path):
    """Two by letter and two by likelihood: each way can be chosen, first the one with more above guessing."""
    marks = dict.fromkeys(("a", "b", "c"), "+++-" * 20) | {"d": "+---" * 20}
    ways = dict.fromkeys("ab", "likelihood")
    data = hand_made.data(tmp_path, marks, answers=ways, latency_s=dict.fromkeys(marks, 1.0))
    made = Scores(Analysis(data))
    assert ({"likelihood", "letter"}, "likelihood") == ({*made.ways}, made.way)
    page = choose.page_values(made.analysis, made)
    assert ["likelihood", "letter", "either"] == [way for way, _ in page.figures]
    alike = Scores(Analysis(hand_made.data(tmp_path, marks)))
    assert ((), "either") == (alike.ways, alike.way)
