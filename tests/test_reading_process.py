"""The process that reads tables of strangers: what comes back of it, and what ends it."""

from __future__ import annotations

import os
import pickle
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal

import pytest
from processes import wait_until_ended

from llmxray import reading_process
from llmxray.errors import InputError
from llmxray.plain import plain_bytes
from llmxray.reading_process import ReadingError, ReadingProcess

pytest.importorskip("pyarrow")
MOST = {"most_bytes": 64 << 20, "size": 0}


@pytest.fixture
def process() -> Iterator[ReadingProcess]:
    """One that has been asked nothing."""
    with ReadingProcess() as made:
        yield made


def test_values_come_as_they_are_made(process: ReadingProcess) -> None:
    """In order, also where several are asked for at once."""
    process.ask(range, 3, **MOST)
    process.ask(str.split, "a b", **MOST)
    assert [[0, 1, 2], ["a", "b"]] == [list(process.values()), list(process.values())]


def test_what_is_no_plain_value_comes_as_text(process: ReadingProcess) -> None:
    """Its class is not looked for."""
    values = [None, True, 1, 0.5, "ä", b"a", [1], {"k": (1,)}]
    assert [*values, "1.50"] == list(process.read(list, [*values, Decimal("1.50")], **MOST))


def test_nothing_runs_that_comes_back() -> None:
    """Of a process that somebody took over."""
    said = reading_process._Plain(reading_process.io.BytesIO(pickle.dumps(os.getcwd)))
    with pytest.raises(pickle.UnpicklingError, match="is no plain value"):
        said.load()


def test_a_text_is_not_decoded() -> None:
    """Some codecs take time that grows with the square of the text."""
    said = b"cbuiltins\nstr\n(C\x01aX\x08\x00\x00\x00punycodetR."
    assert pickle.loads(said) == "\x80"
    with pytest.raises(pickle.UnpicklingError, match="made of one text"):
        reading_process._Plain(reading_process.io.BytesIO(said)).load()


@pytest.mark.skipif(sys.platform != "linux", reason="no other system holds a process to its memory")
def test_memory_has_a_limit(process: ReadingProcess) -> None:
    """For each file its own, and the next one is read."""
    for _ in range(2):
        assert [0] == list(process.read(range, 1, **MOST))
        with pytest.raises(ReadingError, match=r"grows to more than 67,108,864 bytes of memory"):
            list(process.read(bytes, 200 << 20, **MOST))
    more = next(process.read(bytes.splitlines, b"a" * (100 << 20), most_bytes=400 << 20, size=0))
    assert 100 << 20 == len(more)


@pytest.mark.skipif(sys.platform != "linux", reason="no other system holds a process to its memory")
def test_no_file_makes_room_for_the_next_one(process: ReadingProcess) -> None:
    """What one left behind would be counted as what the process has, file by file."""
    for _ in range(3):
        assert [20 << 20] == [len(each) for each in process.read(map, bytes, [20 << 20], **MOST)]
        with pytest.raises(ReadingError, match=r"grows to more than 67,108,864 bytes of memory"):
            list(process.read(map, bytes, [38 << 20], **MOST))


def test_it_ends_with_its_starter() -> None:
    """The starter is killed in the middle of a file."""
    code = (
        "import time\nfrom llmxray.reading_process import ReadingProcess\n"
        "with ReadingProcess() as process:\n"
        "    print(*process.read(range, 1, most_bytes=1 << 26, size=0))\n"
        "    process.ask(time.sleep, 600, most_bytes=1 << 26, size=0)\n"
        "    print(process._process.pid, flush=True)\n"
        "    time.sleep(600)\n"
    )
    starter = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert starter.stdout is not None
    assert starter.stdout.readline() == b"0\n"
    pid = int(starter.stdout.readline())
    starter.kill()
    starter.communicate()
    wait_until_ended(pid)


@pytest.mark.skipif(sys.platform == "win32", reason="has no such timer")
def test_one_that_lets_no_other_thread_run(process: ReadingProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends although nobody watches it."""
    monkeypatch.setattr(reading_process, "_FLOOR_S", 1)
    process.ask(pow, 3, 10**9, **MOST)
    assert process._process is not None
    assert -signal.SIGPROF == process._process.wait(120)


def test_time_has_a_limit(process: ReadingProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not taken for damage."""
    list(process.read(range, 1, **MOST))
    monkeypatch.setattr(reading_process, "_FLOOR_S", 1)
    began = time.monotonic()
    with pytest.raises(ReadingError, match="it takes longer than 1 s"):
        list(process.read(time.sleep, 60, **MOST))
    assert time.monotonic() - began < 30


def test_an_end_is_one_line(process: ReadingProcess) -> None:
    """Of the process; the next question starts another one."""
    with pytest.raises(ReadingError, match="the process that read it ended"):
        list(process.read(os.abort, **MOST))
    assert [0] == list(process.read(range, 1, **MOST))


def test_what_goes_wrong_is_said(process: ReadingProcess, tmp_path) -> None:
    """Errors of ours as they are, any other one as one line; what is printed there is no answer."""
    with pytest.raises(InputError, match=re.escape(f"{tmp_path}: cannot be read")):
        list(process.read(plain_bytes, tmp_path, **MOST))
    with pytest.raises(ReadingError, match="^invalid literal for int") as caught:
        list(process.read(int, "a\n" * 99, **MOST))
    assert "\n" not in str(caught.value)
    with pytest.raises(ReadingError, match="not iterable"):
        list(process.read(print, "a" * 99, **MOST))
    assert [0] == list(process.read(range, 1, **MOST))


def test_one_that_is_left_in_the_middle(process: ReadingProcess) -> None:
    """The rest is no answer to the next question."""
    assert 0 == next(process.read(range, 10**9, **MOST))
    assert ["a"] == list(process.read(list, "a", **MOST))
