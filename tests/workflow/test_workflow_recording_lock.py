"""A cassette held for a recording: what is left of one that came to nothing."""

from pathlib import Path

import pytest
from recordings import interaction, recorded

from llmxray.cassette import Cassette, Journal
from llmxray.errors import InputError
from llmxray.workflow.recording_lock import lock_recording


def files(folder: Path) -> dict[str, bytes]:
    """Everything below a folder, by name; folders have no bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else b""
        for path in folder.rglob("*")
    }


def failing(directory: Path, *texts: str) -> None:
    """A recording of these that fails at its end, its journal closed."""
    with pytest.raises(InputError, match="cannot"), lock_recording(directory), Journal(directory) as journal:
        for text in texts:
            journal.append(interaction(text))
        raise InputError("cannot go on")


def test_nothing_recorded_leaves_nothing(tmp_path):
    """Neither lock nor journal, nor the folders that were made for them."""
    failing(tmp_path / "cassettes" / "new")
    assert {} == files(tmp_path)


def test_what_was_sealed_before_is_as_it_was(tmp_path):
    """A cassette from somewhere else, which has no lock: afterwards it has none either."""
    recorded(tmp_path / "old", interaction("a"))
    (tmp_path / "old" / "journal.lock").unlink()
    before = files(tmp_path)
    failing(tmp_path / "old")
    assert before == files(tmp_path)


def test_what_was_recorded_stays(tmp_path):
    """One answer is enough: it was paid for."""
    failing(tmp_path / "new", "a")
    assert 1 == len(Cassette(tmp_path / "new"))
