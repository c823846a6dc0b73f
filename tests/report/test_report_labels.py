"""Labels that were changed after recording, by what the cassette keeps."""

from dataclasses import replace

import pytest
import reading_data
from reading_data import letter

from llmxray.cassette import Cassette
from llmxray.plan import labels_to_keep
from llmxray.report.analysis.condition_colours import short_names
from llmxray.report.wording.asking import changed_labels


def labelled(data, labels):
    """The plan, with these labels."""
    plan = data.results.plan
    return replace(
        plan, conditions=tuple(replace(each, label=labels.get(each.id, "")) for each in plan.conditions)
    )


def recorded(folder, then, now):
    """Conditions ``small`` and ``large``, frozen with the labels ``then``, with the labels ``now`` today."""
    data = reading_data.benchmark(folder, lambda trial, sample: letter("A", {"A": 0.5, "B": 0.5}))
    today = replace(data, results=replace(data.results, plan=labelled(data, now)))
    return reading_data.frozen(folder, today, labelled(data, then))


@pytest.mark.parametrize(
    ("then", "now", "said"),
    [
        ({}, {}, ()),
        ({}, {"small": "small"}, ()),
        ({}, {"small": "A"}, ("condition small is labelled “A”, recorded as “small”",)),
        (
            {"small": "A", "large": "B"},
            {"small": "B", "large": "A"},
            (
                "condition small is labelled “B”, recorded as “A”",
                "condition large is labelled “A”, recorded as “B”",
            ),
        ),
    ],
)
def test_a_changed_label_is_told_with_the_one_that_was_recorded(tmp_path, then, now, said):
    """A condition without a label goes by its id."""
    assert changed_labels(recorded(tmp_path, then, now)) == said


def again(folder, data, labels):
    """The cassette frozen once more with other labels, as recording again does it."""
    plan = labelled(data, labels)
    data = replace(data, results=replace(data.results, plan=plan))
    return reading_data.frozen(folder, data, plan, labels=labels_to_keep(Cassette(folder), plan))


def test_a_change_is_not_forgotten_when_the_plan_is_frozen_again(tmp_path):
    """However often; a label that is put back is no change."""
    data = recorded(tmp_path, {"small": "A"}, {})
    for label in ("B", "C", "B"):
        data = again(tmp_path, data, {"small": label})
        assert changed_labels(data) == (f"condition small is labelled “{label}”, recorded as “A”",)
    assert changed_labels(again(tmp_path, data, {"small": "A"})) == ()


def test_a_condition_is_recorded_under_the_label_of_its_first_answer(tmp_path):
    """Frozen without answers, it had none that anybody could have read."""
    flat = {"A": 0.5, "B": 0.5}
    data = reading_data.benchmark(
        tmp_path, lambda trial, sample: letter("A", flat) if trial.condition == "large" else None
    )
    data = again(tmp_path, data, {"small": "A", "large": "B"})
    data = again(tmp_path, data, {"small": "C", "large": "D"})
    assert changed_labels(data) == ("condition large is labelled “D”, recorded as “B”",)


@pytest.mark.parametrize(
    ("labels", "short"),
    [
        (["Qwen2.5-Coder 1.5B", "Qwen2.5-Coder 0.5B", "SmolLM2 135M"], ["1.5B", "0.5B", "SmolLM2 135M"]),
        # One model of a family keeps its name, however it was asked.
        (
            ["A 1B, by letter", "A 1B, at once", "B 2B, at once"],
            ["A 1B, by letter", "A 1B, at once", "B 2B, at once"],
        ),
        (["A 1B, by letter", "A 1B, at once"], ["by letter", "at once"]),
        # Two models of two families are of one size.
        (["A 1B", "A 2B", "B 1B", "B 2B"], ["A 1B", "A 2B", "B 1B", "B 2B"]),
        (["A", "A B"], ["A", "A B"]),
        (["one"], ["one"]),
        (["", "a"], ["", "a"]),
        ([], []),
    ],
)
def test_short_names_stay_apart(labels, short):
    """Words that say nothing here are dropped, unless two would be alike."""
    assert list(short_names(labels).values()) == short
