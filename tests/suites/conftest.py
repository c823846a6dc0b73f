"""Suite entries as an experiment file has them, and the real rows in the folder that LLMXRAY_SHARED names."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmxray import sandbox, suites
from llmxray.experiment import SuiteRef
from llmxray.suites import Suite

_SHARED = os.environ.get("LLMXRAY_SHARED")

type LoadRows = Callable[..., Suite]


@pytest.fixture(autouse=True)
def in_this_process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read here: a process for each takes a quarter of a second. Where it is what is tried, it is kept."""
    if request.module.__name__.rpartition("test_suites_")[2] not in ("arrow_tables", "hostile"):
        monkeypatch.setattr(sandbox, "call", lambda name, size, read, *arguments: read(*arguments))


@pytest.fixture
def data() -> Path:
    """Folder of the real rows."""
    if not _SHARED:
        pytest.skip("LLMXRAY_SHARED is unset")
    return Path(_SHARED) / "data"


@pytest.fixture
def load_rows(tmp_path: Path) -> LoadRows:
    """Load a suite from rows written to a JSONL file."""

    def load(suite: str, rows: list[dict[str, Any]], **entry: Any) -> Suite:
        text = "\n".join(json.dumps(row) for row in rows)
        (tmp_path / "rows.jsonl").write_text(text, encoding="utf-8")
        ref = SuiteRef.model_validate({"suite": suite, "source": {"file": "rows.jsonl"}, **entry})
        return suites.load(ref, tmp_path)

    return load
