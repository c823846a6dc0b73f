"""The process that opens strangers' files: what comes back of it, and what ends it."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest

from llmxray import sandbox
from llmxray.errors import InputError, SuiteError
from llmxray.regular_files import read_regular_file
from llmxray.suites.data_files import parse_json


def test_a_value_comes_back():
    """Of any class of ours, and with options."""
    assert [3, 2, 1] == sandbox.call("a", 0, sorted, [2, 3, 1], reverse=True)


@pytest.mark.skipif(sys.platform != "linux", reason="no other system holds a process to its memory")
def test_memory_has_a_limit():
    """What is over it is refused."""
    with pytest.raises(InputError, match=r"^a: damaged, or too large \(MemoryError\)$"):
        sandbox.call("a", 0, bytes, 2 << 30)


def test_who_takes_too_much_is_ended_where_the_system_has_no_limit():
    """Its starter looks at it, and lets it go on below."""
    process = subprocess.Popen(
        [sys.executable, "-c", "held = b'a' * (50 << 20); input()"], stdin=subprocess.PIPE
    )
    with process:
        sandbox._watch(process, 20 << 20)
        assert process.poll() == -signal.SIGKILL
    with subprocess.Popen(["sleep", "0.6"]) as process:
        sandbox._watch(process, 20 << 20)
        assert process.poll() == 0


def test_who_trusts_a_file_has_no_limit(monkeypatch):
    """Neither of memory nor of time."""
    monkeypatch.setattr(sandbox.limits, "SANDBOX_BYTES", 10 << 20)
    monkeypatch.setattr(sandbox.limits, "SANDBOX_S", 0)
    monkeypatch.setattr(sandbox, "trusted", True)
    assert len(sandbox.call("a", 0, bytes, 100 << 20)) == 100 << 20


def test_time_has_a_limit(monkeypatch):
    """It is not taken for damage."""
    monkeypatch.setattr(sandbox.limits, "SANDBOX_S", 1)
    began = time.monotonic()
    with pytest.raises(InputError, match="^a: takes longer than 1 s"):
        sandbox.call("a", 0, time.sleep, 60)
    assert time.monotonic() - began < 30


def test_an_end_is_one_line():
    """Of the process, whatever ended it."""
    with pytest.raises(InputError, match="^a: damaged, or it grows to more than"):
        sandbox.call("a", 0, os.abort)


def test_what_goes_wrong_is_said(tmp_path):
    """Errors of ours as they are, any other one as one line; what is printed there is no answer."""
    with pytest.raises(InputError, match=re.escape(f"{tmp_path}: cannot be read")):
        sandbox.call("a", 0, read_regular_file, tmp_path)
    with pytest.raises(SuiteError, match="^b:1:1: not JSON"):
        sandbox.call("a", 0, parse_json, "b", "x")
    with pytest.raises(InputError, match="^a: .*invalid literal for int") as caught:
        sandbox.call("a", 0, int, "a\n" * 99)
    assert "\n" not in str(caught.value)
    assert sandbox.call("a", 0, print, "a" * 99) is None
