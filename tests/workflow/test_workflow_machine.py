"""The load that is recorded beside latencies."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from llmxray.workflow import machine


async def test_a_busy_process_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that computes keeps a core busy, most of one at least."""
    monkeypatch.setattr(machine, "_WINDOW_S", 1.0)
    # For half a minute at most: tests that are killed would leave it behind.
    spin = "import time\nwhile time.process_time() < 30: pass"
    spinning = subprocess.Popen([sys.executable, "-c", spin])  # noqa: ASYNC220
    try:
        busy = await machine.busy_cores()
    finally:
        spinning.kill()
        spinning.wait()
    assert busy is not None
    # Beside other tests it may get only half of a core.
    assert 0.3 < busy <= (os.cpu_count() or 1)


async def test_without_counters(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The load average stands in."""
    monkeypatch.setattr(machine, "_STAT", tmp_path / "none")
    monkeypatch.setattr(os, "getloadavg", lambda: (1.234, 0.0, 0.0), raising=False)
    assert 1.23 == await machine.busy_cores()
