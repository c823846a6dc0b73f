"""Times in files that are none: next to nothing, by which rates would not be finite."""

from __future__ import annotations

import json
from pathlib import Path

import made_files as made
import pytest

from llmxray import report, workflow
from llmxray.interop import read as interop
from llmxray.interop.read import app, values


@pytest.mark.parametrize("model", ["one", "two"])
def test_a_time_of_next_to_nothing_is_none(model: str, tmp_path: Path) -> None:
    """A page could not be written for a time below any number that has a reciprocal."""
    logs = []
    for n, name in enumerate(("one", model)):
        samples = [made.inspect_sample(place, "A") for place in range(2)]
        for each in samples:
            each["output"]["time"] = (1e-320, 5e-324)[n]
        logs.append((f"{n}.json", made.dump(made.inspect_log(samples, model=name))))
    (found,) = interop.read(logs)
    assert {row.latency_s for row in found.results.rows} == {None}
    report.build([workflow.foreign_data(found)], tmp_path)


@pytest.mark.parametrize(("stated", "seconds"), [(1e-7, None), (1e-6, 1e-6), (0.5, 0.5), (0, None)])
def test_a_microsecond_is_the_shortest_time(stated: float, seconds: float | None) -> None:
    """In seconds, in milliseconds, and in files of the app."""
    assert values.seconds(stated) == values.seconds(stated * 1000, 1000) == seconds
    question = {
        "questionId": "q",
        "questionText": "?",
        "expectedAnswer": "x",
        "modelAnswer": "x",
        "correct": True,
        "latencyMs": stated * 1000,
    }
    data = json.dumps({"modelName": "m", "benchmarkIds": ["a"], "questionResults": [question]})
    assert [row.latency_s for row in app.read([("b.json", data.encode())]).results.rows] == [seconds]
