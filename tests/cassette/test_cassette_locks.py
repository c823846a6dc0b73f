"""A cassette is held by what is open, not by the name of a file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from recordings import interaction

from llmxray.cassette import Journal, journal, locked, not_covered, seal, verify
from llmxray.errors import CassetteLockedError

ANOTHER = """
import sys
from pathlib import Path
from llmxray.cassette import Journal
Journal(Path(sys.argv[1])).close()
print("got in")
"""


def another(directory: Path) -> str:
    """What a second process says that wants to record there."""
    done = subprocess.run(
        [sys.executable, "-c", ANOTHER, str(directory)], capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def test_a_deleted_lock_file_lets_nobody_in(tmp_path: Path) -> None:
    """Once and again, while the recording goes on; when it is done the next one may."""
    directory = tmp_path / "c"
    with Journal(directory) as writer:
        for _ in range(3):
            (directory / journal.LOCK_NAME).unlink(missing_ok=True)
            assert "CassetteLockedError" in another(directory)
            writer.append(interaction())
    assert "got in" in another(directory)


def test_a_lock_file_in_the_place_of_another_lets_nobody_in(tmp_path: Path) -> None:
    """As a sync program leaves it: the same name, another file."""
    directory = tmp_path / "c"
    with locked(directory):
        (directory / "new").write_bytes(b"")
        (directory / "new").replace(directory / journal.LOCK_NAME)
        assert "CassetteLockedError" in another(directory)


def test_the_lock_alone_is_honoured(tmp_path: Path) -> None:
    """By which recorders of llmxray 0.1 hold a cassette."""
    code = """
import sys, time
from filelock import FileLock
with FileLock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""
    lock = tmp_path / journal.LOCK_NAME
    with subprocess.Popen(
        [sys.executable, "-c", code, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as old:
        assert old.stdout is not None
        assert "held\n" == old.stdout.readline()
        with pytest.raises(CassetteLockedError, match="being recorded by another process"):
            Journal(tmp_path)
        old.communicate("")
    Journal(tmp_path).close()


def test_one_process_shares_it_by_whatever_name(tmp_path: Path) -> None:
    """A link to the folder is the folder; the last one to let go lets the next recorder in."""
    directory = tmp_path / "c"
    directory.mkdir()
    os.symlink(directory, tmp_path / "link")
    with locked(directory):
        with locked(tmp_path / "link"), Journal(tmp_path / "link"):
            with pytest.raises(CassetteLockedError, match="being recorded already"):
                Journal(directory)
        assert "CassetteLockedError" in another(directory)
        assert "CassetteLockedError" in another(tmp_path / "link")
    assert "got in" in another(tmp_path / "link")


def test_nothing_stays_held_after_a_refusal(tmp_path: Path) -> None:
    """Refused, and free again: no half of a lock is left."""
    directory = tmp_path / "c"
    with locked(directory):
        assert "CassetteLockedError" in another(directory)
    for _ in range(2):
        assert "got in" in another(directory)
        with locked(directory):
            pass


def test_what_a_killed_sealing_left_is_no_fault(tmp_path: Path) -> None:
    """It is told, and the next sealing removes it."""
    directory = tmp_path / "c"
    with Journal(directory) as writer:
        writer.append(interaction())
    seal(directory)
    (directory / "sealing").mkdir()
    (directory / "sealing" / "7-abc.part").write_bytes(b"half")
    (directory / "manifest.json.part").write_bytes(b"{")
    assert [] == verify(directory)
    (note,) = not_covered(directory)
    assert f"{directory / 'sealing'}: left by a sealing that was interrupted" in note
    seal(directory)
    assert [] == not_covered(directory)
    assert not (directory / "sealing").exists()
