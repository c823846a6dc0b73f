"""Processes of others, known by their number alone."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest


def wait_until_ended(pid: int, within_s: float = 30.0) -> None:
    """Until the process has ended; one that does not is killed, and the test fails."""
    until = time.monotonic() + within_s
    while _runs(pid):
        if time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
            pytest.fail("it still runs")
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # One that nobody has waited for has ended all the same.
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"
