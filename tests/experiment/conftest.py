"""The two whole examples of the design, and a small experiment to spoil."""

from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent / "examples"
BENCHMARK = """\
experiment: x
kind: benchmark
endpoints: {e: {preset: local}}
models: [{id: small, endpoint: e, model: m}, {id: large, endpoint: e, model: n}]
suites: [{suite: starter/arc}]
"""


@pytest.fixture
def showdown_text() -> str:
    """The benchmark example."""
    return (EXAMPLES / "model-showdown.yaml").read_text(encoding="utf-8")


@pytest.fixture
def sweep_text() -> str:
    """The compare example."""
    return (EXAMPLES / "temperature-sweep.yaml").read_text(encoding="utf-8")


@pytest.fixture
def small_text() -> str:
    """A benchmark of ten lines."""
    return (
        "experiment: small\n"
        "kind: benchmark\n"
        "endpoints:\n"
        "  tiny: {preset: local}\n"
        "models:\n"
        "  - {id: one, endpoint: tiny, model: smollm2-135m-instruct}\n"
        "  - {id: two, endpoint: tiny, model: gemma-3-270m}\n"
        "suites:\n"
        "  - {suite: starter/arc}\n"
        "sampling: {temperature: 0}\n"
    )
