"""A plugin of pytest: which tests run the lines of planted faults, in this process; used by `bench_faults`.

Every line that a test runs is looked at once (`sys.monitoring`), so the whole suite takes little longer than without.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Generator
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

_TOOL = sys.monitoring.PROFILER_ID
# (file, line) → numbers of the faults there.
_FAULTS: dict[tuple[str, int], list[int]] = {}
_HITS: dict[int, dict[str, None]] = {}
_TEST = ""


def pytest_configure() -> None:
    """Begin to look."""
    for file, line, number in json.loads(Path(os.environ["FAULT_LINES"]).read_text("utf-8")):
        _FAULTS.setdefault((file, line), []).append(number)
    sys.monitoring.use_tool_id(_TOOL, "faults")
    sys.monitoring.register_callback(_TOOL, sys.monitoring.events.LINE, _run_line)
    sys.monitoring.set_events(_TOOL, sys.monitoring.events.LINE)


def _run_line(code: CodeType, line: int) -> Any:
    for number in _FAULTS.get((code.co_filename, line), ()) if _TEST else ():
        _HITS.setdefault(number, {})[_TEST] = None
    return sys.monitoring.DISABLE


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Look again at all lines."""
    global _TEST
    _TEST = item.nodeid
    sys.monitoring.restart_events()
    try:
        return (yield)
    finally:
        _TEST = ""


def pytest_sessionfinish() -> None:
    """Write what this process saw."""
    sys.monitoring.set_events(_TOOL, sys.monitoring.events.NO_EVENTS)
    folder = Path(os.environ["FAULT_LINES"]).parent
    name = os.environ.get("PYTEST_XDIST_WORKER", "main")
    (folder / f"hits-{name}.json").write_text(
        json.dumps({n: [*tests] for n, tests in _HITS.items()}), "utf-8"
    )
