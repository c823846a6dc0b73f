"""What the benches are built on still fits the code that they measure."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from llmxray.types import Outcome


@pytest.fixture
def made(root: Path) -> ModuleType:
    """The module that makes the answers of large runs."""
    spec = importlib.util.spec_from_file_location("bench_made", root / "bench/made.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_made_runs_are_scored(made: ModuleType, shared: Path) -> None:
    """Their answers are read as recorded ones are: each is right or wrong, with a confidence."""
    suite = made.mmlu_pro(shared / "data/mmlu_pro/test_full.parquet", 12)
    rows = made.data("made", suite, 2).results.rows
    assert 24 == len(rows)
    assert {row.outcome for row in rows} == {Outcome.CORRECT, Outcome.WRONG}
    assert all(row.option_confidence is not None for row in rows)
