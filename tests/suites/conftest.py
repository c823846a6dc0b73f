"""Suite entries as an experiment file has them, and the real rows in the folder that LLMXRAY_SHARED names."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmxray import suites
from llmxray.experiment import SuiteRef
from llmxray.suites import Suite

_SHARED = os.environ.get("LLMXRAY_SHARED")

type LoadRows = Callable[..., Suite]


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
