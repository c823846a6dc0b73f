"""A cassette is held by what is open, not by the name of a file."""

import os
from pathlib import Path

import pytest
from recordings import interaction, recorded

from llmxray.cassette import Journal, harmless_leftovers, lock_cassette, remove_recordings, seal, verify
from llmxray.errors import CassetteError, CassetteLockedError
from tests.commands import python

ANOTHER = """
import sys
from pathlib import Path
from llmxray.cassette import Journal
Journal(Path(sys.argv[1])).close()
print("got in")
"""


def another(directory: Path) -> str:
    """What a second process says that wants to record there."""
    done = python("-c", ANOTHER, str(directory), check=False)
    return done.stdout + done.stderr


def test_one_process_shares_it_by_whatever_name(tmp_path):
    """A link to the folder is the folder, whoever removes a file; the last one to let go lets the next recorder in."""
    directory = tmp_path / "c"
    directory.mkdir()
    os.symlink(directory, tmp_path / "link")
    with lock_cassette(directory):
        with lock_cassette(tmp_path / "link"), Journal(tmp_path / "link"):
            with pytest.raises(CassetteLockedError, match="being recorded already"):
                Journal(directory)
        assert "CassetteLockedError" in another(directory)
        (directory / "journal.lock").unlink()
        assert "CassetteLockedError" in another(tmp_path / "link")
    assert "got in" in another(tmp_path / "link")


def test_what_a_killed_sealing_left_is_no_fault(tmp_path):
    """It is told, and the next sealing removes it."""
    directory = tmp_path / "c"
    recorded(directory, interaction())
    (directory / "sealing").mkdir()
    (directory / "sealing" / "7-abc.part").write_bytes(b"half")
    (directory / "manifest.json.part").write_bytes(b"{")
    assert [] == verify(directory)
    (note,) = harmless_leftovers(directory)
    assert f"{directory / 'sealing'}: left by a sealing that was interrupted" in note
    seal(directory)
    assert [] == harmless_leftovers(directory)
    assert not (directory / "sealing").exists()


@pytest.mark.parametrize("name", ["recordings", "sealing", "journal.jsonl", "journal.lock", "manifest.json"])
@pytest.mark.parametrize(
    "act",
    [seal, Journal, lambda directory: remove_recordings(directory, [])],
    ids=["seal", "journal", "drop"],
)
def test_nothing_is_written_through_a_link(tmp_path, name, act):
    """A stranger's cassette may have links in it: what they lead to is neither emptied, written nor swept away."""
    directory, outside = tmp_path / "c", tmp_path / "outside"
    recorded(directory, interaction())
    mine = directory / name
    if name in ("recordings", "manifest.json"):
        mine.rename(outside)
    elif name == "sealing":
        outside.mkdir()
        (outside / "letter.txt").write_text("mine")
    elif name == "journal.lock":
        mine.unlink(missing_ok=True)
        outside.write_text("mine")
    if outside.is_dir():
        (outside / "letter.jsonl").write_text("mine")
    before = _contents(outside)
    mine.symlink_to(outside)
    with pytest.raises(CassetteError, match=f"{name} is a link, and nothing is recorded through one"):
        act(directory)
    assert before == _contents(outside)


def _contents(path: Path) -> dict[str, bytes]:
    """What there is; nothing where a link would lead to nowhere."""
    files = path.rglob("*") if path.is_dir() else [path] if path.exists() else []
    return {str(each): each.read_bytes() for each in files}


def test_sealing_sweeps_away_only_what_it_wrote(tmp_path):
    """Notes and pages of somebody's own stay, whatever they are called."""
    directory = tmp_path / "c"
    recorded(directory, interaction())
    own = ["index.html", "plan.md", "items.csv", "recordings/letter.txt", "index.final.jsonl"]
    for name in own:
        (directory / name).write_text("mine")
    (directory / "plan.01234567.jsonl.zst").write_text("old")
    (directory / "recordings" / "m.01234567.jsonl.zst").write_text("old")
    seal(directory)
    assert all((directory / name).read_text() == "mine" for name in own)
    assert not [*directory.rglob("*.01234567.*")]
