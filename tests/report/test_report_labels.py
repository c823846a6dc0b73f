"""Labels that were changed after recording, by what the cassette keeps."""

from __future__ import annotations

from dataclasses import replace

import pytest
import reading_data
from reading_data import letter

from llmxray import plan as plans
from llmxray.cassette import Cassette, freeze, seal
from llmxray.errors import CassetteError
from llmxray.plan import recorded_labels
from llmxray.report.wording.labels import changed_labels


def recorded(folder, then, now, source=""):
    """Conditions ``small`` and ``large``, frozen with the labels ``then``, with the labels ``now`` today."""
    data = reading_data.benchmark(folder, lambda trial, sample: letter("A", {"A": 0.5, "B": 0.5}))

    def plan(labels):
        found = data.results.plan
        conditions = tuple(replace(each, label=labels.get(each.id, "")) for each in found.conditions)
        return replace(found, conditions=conditions)

    freeze(folder, "tiny", plans.freeze(plan(then), source), software={})
    seal(folder)
    return replace(data, cassette=Cassette(folder), results=replace(data.results, plan=plan(now)))


@pytest.mark.parametrize(
    ("then", "now", "said"),
    [
        ({}, {}, ()),
        ({"small": "A"}, {"small": "A"}, ()),
        ({}, {"small": "small"}, ()),
        ({}, {"small": "A"}, ("condition small is labelled “A”, recorded as “small”",)),
        ({"small": "A"}, {}, ("condition small is labelled “small”, recorded as “A”",)),
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


def test_the_frozen_file_decides_where_it_can_be_read(tmp_path):
    """Earlier versions put a condition's label together without its model's."""
    source = """\
experiment: tiny
kind: benchmark
endpoints: {tiny: {preset: local}}
models: [{id: small, label: Small, endpoint: tiny, model: small}, {id: large, endpoint: tiny, model: large}]
suites: [{suite: starter/arc}]
"""
    assert changed_labels(recorded(tmp_path, {"small": "other"}, {"small": "Small"}, source)) == ()


def test_a_recording_without_a_plan_says_nothing(tmp_path):
    """There is nothing to compare with."""
    data = reading_data.benchmark(tmp_path, lambda trial, sample: letter("A", {"A": 0.5, "B": 0.5}))
    assert changed_labels(data) == ()


@pytest.mark.parametrize("header", [{}, {"conditions": [7]}, {"conditions": 7}, {"conditions": [{}]}])
def test_conditions_of_a_stranger(header):
    """One line, no traceback."""
    with pytest.raises(CassetteError, match="frozen conditions cannot be read"):
        recorded_labels(header)
