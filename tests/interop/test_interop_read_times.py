"""Times in files that are none: next to nothing, by which rates would not be finite."""

from __future__ import annotations

import json

import pytest

from llmxray.interop.read import app, values


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
