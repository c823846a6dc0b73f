"""A machine that cannot reach itself is told at once: in a network namespace of its own, which has no loopback."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.packs.conftest import record

ALONE = ("unshare", "--map-root-user", "--net")


@pytest.fixture
def alone() -> tuple[str, ...]:
    """What runs a command with no network at all, loopback included."""
    if shutil.which(ALONE[0]) is None or subprocess.run([*ALONE, "true"], capture_output=True).returncode:
        pytest.skip("this system lets nobody make a network namespace")
    return ALONE


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "tiny"),
        ("proxy", "--cassette", "new", "--mode", "record", "--upstream", "http://127.0.0.1:9/v1"),
    ],
    ids=["replay", "proxy-record"],
)
def test_without_loopback(alone: tuple[str, ...], tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """One line, exit code 2, within seconds: not six minutes of trying again, and no word about a server."""
    record(tmp_path)
    began = time.monotonic()
    done = subprocess.run(
        [*alone, sys.executable, "-m", "llmxray", *arguments],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1
    assert "this machine cannot reach itself on 127.0.0.1" in done.stderr
    assert time.monotonic() - began < 30
    assert not (tmp_path / "new").exists()
