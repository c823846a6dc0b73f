"""A recording killed at any byte keeps every whole line and goes on."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from llmxray.cassette import Cassette, Journal, journal, seal
from llmxray.errors import CassetteCorruptError, CassetteError, CassetteLockedError
from llmxray.types import Interaction

Make = Callable[..., Interaction]


def test_cut_at_every_byte(tmp_path: Path, make: Make) -> None:
    """Cut at each of its bytes: whole lines stay, the next recorder goes on after them."""
    each = [make(f"q{n}", body=b"data: [DONE]\n\n") for n in range(3)]
    with Journal(tmp_path / "full") as full:
        spans = [full.append(one) for one in each]
    data = (tmp_path / "full" / journal.NAME).read_bytes()
    more = make("more", body=b"")
    directory = tmp_path / "cut"
    directory.mkdir()
    for end in range(len(data) + 1):
        (directory / journal.NAME).write_bytes(data[:end])
        whole = [one for one, span in zip(each, spans, strict=True) if span.start + span.size <= end]
        assert whole == [one for _, one in journal.read(directory)]
        assert len(whole) == len(Cassette(directory))
        with Journal(directory) as again:
            span = again.append(more)
        assert [*whole, more] == [one for _, one in journal.read(directory)]
        assert more == journal.read_at(directory, span)
        assert len(whole) + 1 == span.number


@pytest.mark.parametrize("line", [1, 2, 3])
def test_corrupt_line_is_named(tmp_path: Path, make: Make, line: int) -> None:
    """A changed byte in any line, the last one too, is corruption: named, not dropped, not overwritten."""
    with Journal(tmp_path) as journalled:
        spans = [journalled.append(make(f"q{n}")) for n in range(3)]
    path = tmp_path / journal.NAME
    data = bytearray(path.read_bytes())
    data[spans[line - 1].start + 40] ^= 1
    path.write_bytes(data)
    with pytest.raises(CassetteCorruptError, match=rf"journal.jsonl:{line}: this line fails its checksum"):
        Cassette(tmp_path)
    Journal(tmp_path).close()
    assert bytes(data) == path.read_bytes()


def test_two_recorders(tmp_path: Path, make: Make) -> None:
    """A second recorder is refused, in this process and in another, until the first is done."""
    code = f"from pathlib import Path\nfrom llmxray.cassette import Journal\nJournal(Path({str(tmp_path)!r}))"
    with Journal(tmp_path) as first:
        with pytest.raises(CassetteLockedError, match="being recorded"):
            Journal(tmp_path)
        other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert "CassetteLockedError" in other.stderr
        first.append(make())
    Journal(tmp_path).close()


def test_read_only_directory(tmp_path: Path) -> None:
    """A directory that cannot be made or written gives one line."""
    (tmp_path / "file").write_text("")
    with pytest.raises(CassetteError, match="cannot record into"):
        Journal(tmp_path / "file" / "c")
    (tmp_path / "d" / journal.NAME).mkdir(parents=True)
    with pytest.raises(CassetteError, match="cannot record into"):
        Journal(tmp_path / "d")
    (tmp_path / "d" / journal.NAME).rmdir()
    Journal(tmp_path / "d").close()


def test_disk_full(tmp_path: Path, make: Make) -> None:
    """When the disk is full the line is taken back: what was written before is whole, and recording can go on."""
    code = f"""
import resource, signal
from pathlib import Path
from recordings import interaction
from llmxray.cassette import Journal
from llmxray.errors import CassetteError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))
journal = Journal(Path({str(tmp_path)!r}))
for n in range(50):
    try:
        journal.append(interaction(f"q{{n}}"))
    except CassetteError as error:
        print(n, error)
        break
"""
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), os.getcwd()])}
    child = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment
    )
    count, _, said = child.stdout.partition(" ")
    assert "cannot write to" in said, child.stderr
    assert 0 < int(count) == len(Cassette(tmp_path))
    with Journal(tmp_path) as again:
        again.append(make("later"))
    assert int(count) + 1 == len(Cassette(tmp_path))
    assert int(count) + 1 == seal(tmp_path).counts["recordings"]


def test_journal_is_not_held_in_memory(tmp_path: Path, make: Make) -> None:
    """A cassette that grows keeps places, not bodies."""
    cassette = Cassette(tmp_path)
    each = make()
    with Journal(tmp_path) as journalled:
        cassette.add(each, journalled.append(each))
    (entry,) = cassette.all_entries()
    first, second = cassette.get(entry.address), cassette.get(entry.address)
    assert each == first == second
    assert first is not second
