"""The finding of a gate, in Markdown and as JSON."""

from dataclasses import replace
from pathlib import Path

import pytest
from hand_made import data

from llmxray.errors import InputError
from llmxray.report import gate_of

# 60 questions: the first 40 right under both, then as the names say.
BASE = "+" * 40 + "-" * 20
MADE = {
    "base": BASE,
    "up": "+" * 60,
    "same": BASE,
    "down": "-" * 20 + "+" * 20 + "-" * 20,
    "gaps": "+" * 30 + "!" * 30,
}

ODD = "@me | `<b>`\n# x"


def found(tmp_path: Path, candidate: str, margin: float = 0.1, metric: str = "accuracy", **more):
    """The gate of a condition against `base`."""
    return gate_of(data(tmp_path, MADE, **more), metric, "base", candidate, margin)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("candidate", "verdict"),
    [("up", "better"), ("same", "equivalent"), ("down", "worse"), ("gaps", "inconclusive")],
)
def test_verdicts(tmp_path, candidate, verdict):
    """The table says it, and the JSON."""
    gate = found(tmp_path, candidate)
    assert verdict == gate.verdict == gate.json["verdict"]
    assert f"**{verdict}** |" in gate.markdown.splitlines()[2]


def test_questions_without_a_reply_are_counted(tmp_path):
    """A server that fails on what is hard must not look better for it."""
    gate = found(tmp_path, "gaps")
    assert (30, 30) == (gate.json["n"], gate.json["left_out"])
    assert "30 questions left out" in gate.markdown
    assert "Too many questions have no value for both" in gate.markdown


def asked(tmp_path: Path, base: int, candidate: int):
    """The gate where the baseline was asked the first questions, and the candidate the last ones."""
    made = data(tmp_path, MADE)
    numbers = {item.id: n for n, item in enumerate(made.results.plan.suites["made/up"].items)}
    rows = tuple(
        row
        for row in made.results.rows
        if row.condition not in ("base", "same")
        or (
            numbers[row.item_id] < base if row.condition == "base" else numbers[row.item_id] >= 60 - candidate
        )
    )
    cut = replace(made, results=replace(made.results, rows=rows))
    return gate_of(cut, "accuracy", "base", "same", 0.1)


@pytest.mark.parametrize(
    ("base", "candidate", "n", "only", "verdict"),
    [
        (60, 60, 60, (0, 0), "equivalent"),
        (60, 57, 57, (3, 0), "equivalent"),
        (60, 56, 56, (4, 0), "inconclusive"),
        # A longer run of the candidate says nothing against it.
        (30, 60, 30, (0, 30), "equivalent"),
    ],
)
def test_a_candidate_that_broke_off_does_not_pass(tmp_path, base, candidate, n, only, verdict):
    """It was asked the first questions, or the easy ones: more than 5% that are missing decide against it."""
    gate = asked(tmp_path, base, candidate)
    assert (verdict, n, 0) == (gate.verdict, gate.json["n"], gate.json["left_out"])
    assert only == (gate.json["baseline_only"], gate.json["candidate_only"])
    for count, side in zip(only, ("baseline", "candidate"), strict=True):
        assert (f"{count} questions asked of the {side} only." in gate.markdown) is bool(count)
    assert ("Too many questions were asked of the baseline only, so" in gate.markdown) is (
        verdict == "inconclusive"
    )


def test_latency_is_compared_in_percent(tmp_path):
    """All answers alike: twice the time is 100% more."""
    gate = found(tmp_path, "same", metric="latency", latency_s={"base": 1.0, "same": 2.0})
    assert ("worse", 1.0) == (gate.verdict, gate.json["difference"])
    assert "+100.0%" in gate.markdown
    assert "±10% |" in gate.markdown


@pytest.mark.parametrize(
    ("interval", "shown"),
    [
        ((0.0, 0.544649), "+0.0 to +54.5"),
        ((-0.1, 0.2), "−10.0 to +20.0"),
        # An end that is not 0 or the margin is not printed as if it were.
        ((0.0004, 0.0996), "+0.04 to +9.96"),
    ],
)
def test_both_ends_are_points_with_a_sign(tmp_path, interval, shown):
    """With one decimal, also where an end is exactly 0."""
    made = found(tmp_path, "up")
    gate = replace(made, comparison=replace(made.comparison, interval=interval))
    assert f"| {shown} |" in gate.markdown


def test_without_confidence_nothing_is_decided(tmp_path):
    """The reason stands in both."""
    gate = found(tmp_path, "up", metric="ece")
    assert "inconclusive" == gate.verdict
    assert "no option confidence was recorded" in str(gate.json["why"])
    assert "Nothing is decided: no option confidence was recorded" in gate.markdown


def test_names_are_no_markup(tmp_path):
    """A label is shown as code, whatever stands in it, and keeps to its cell."""
    made = data(tmp_path, MADE)
    plan = made.results.plan
    conditions = tuple(replace(each, label=ODD) if each.id == "up" else each for each in plan.conditions)
    named = replace(made, results=replace(made.results, plan=replace(plan, conditions=conditions)))
    gate = gate_of(named, "accuracy", "base", "up", 0.1)
    assert "`@me \\| '<b>' # x`" in gate.markdown
    assert 5 == len(gate.markdown.splitlines())
    # A label is a name as well.
    assert "better" == gate_of(named, "accuracy", "base", ODD, 0.1).verdict


@pytest.mark.parametrize(
    ("candidate", "says"),
    [("upp", "no condition named 'upp'; did you mean 'up'?"), ("base", "are the same condition, base")],
)
def test_wrong_names(tmp_path, candidate, says):
    """One line."""
    with pytest.raises(InputError, match=says.replace("?", r"\?")):
        found(tmp_path, candidate)
