"""All recordings of a cassette are rebuilt to no more than its size allows for; each counts once."""

from __future__ import annotations

from pathlib import Path

import pytest
from recordings import everything, interaction, planned, stream

from llmxray.cassette import Cassette, Journal, bounds, verify
from llmxray.cassette.bounds import Limit
from llmxray.errors import CassetteCorruptError

WHY = "the most that (all recordings of )?so small a(?: cassette| file) may hold"


def made(directory: Path, words: int) -> Path:
    """Six replies: of forty words lines of text suffice for them, of four hundred they are columns."""
    return planned(directory, [interaction(f"q{n}", body=stream("no " * words)) for n in range(6)])


def sizes(directory: Path) -> tuple[int, int]:
    """Bytes of all replies, and of the files that hold them."""
    cassette = Cassette(directory)
    assert cassette.manifest is not None
    grown = sum(len(cassette.body(entry.address)) for entry in cassette.all_entries())
    return grown, sum(record.bytes for record in cassette.manifest.role("recordings"))


def limit(patch: pytest.MonkeyPatch, most: int) -> None:
    """So many bytes may be rebuilt, whatever the size of the files."""
    patch.setattr(bounds, "TOGETHER", Limit(most, 0))


@pytest.mark.parametrize("words", [10, 400])
def test_too_much_together_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: int) -> None:
    """Each alone is far below what it may grow to; whoever reads them all, or verifies them, is stopped."""
    directory = made(tmp_path / "c", words)
    suffix = ".columns" if words > 100 else ".jsonl"
    assert [path.suffix for path in (directory / "recordings").iterdir()] == [suffix]
    grown, _ = sizes(directory)
    limit(monkeypatch, grown // 2)
    for read in ("get", "body", "completion"):
        cassette = Cassette(directory)
        addresses = [entry.address for entry in cassette.all_entries()]
        with pytest.raises(CassetteCorruptError, match=WHY):
            for address in addresses:
                getattr(cassette, read)(address)
        # From then on nothing more is rebuilt.
        with pytest.raises(CassetteCorruptError, match=WHY):
            cassette.get(addresses[-1])
    assert any("all recordings of so small a cassette" in fault for fault in verify(directory))


@pytest.mark.parametrize("words", [10, 400])
def test_a_recording_counts_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: int) -> None:
    """However often, and in whatever way, one process reads it."""
    directory = made(tmp_path / "c", words)
    limit(monkeypatch, sizes(directory)[0])
    cassette = Cassette(directory)
    for _ in range(3):
        for entry in cassette.all_entries():
            cassette.get(entry.address)
            cassette.body(entry.address)
            cassette.completion(entry.address)
    assert everything(directory)
    assert [] == verify(directory)


def test_a_journal_is_limited_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read whole when a cassette is opened."""
    with Journal(tmp_path) as journal:
        for number in range(6):
            journal.append(interaction(f"q{number}"))
    assert len(Cassette(tmp_path)) == 6
    limit(monkeypatch, 2 * len(interaction().body))
    with pytest.raises(CassetteCorruptError, match=WHY):
        Cassette(tmp_path)


@pytest.mark.parametrize("times", [3, 3_000])
def test_replies_that_repeat_themselves_are_padded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    """What is sealed can be opened: by its size alone, without what any cassette may grow to."""
    monkeypatch.setattr(bounds, "TOGETHER", Limit(0, 4))
    body = b'data: {"text": "no no no no no no no no no no no no no no no no"}\n\n' * times
    directory = planned(tmp_path / "c", [interaction(f"q{n}", body=body) for n in range(9)])
    grown, size = sizes(directory)
    assert grown <= 4 * size
    assert [] == verify(directory)
    assert everything(directory)


def test_a_tenth_of_the_limit_would_do_for_what_ships(root: Path) -> None:
    """Even without what any cassette may grow to."""
    for directory in sorted((root / "cassettes").iterdir()):
        grown, size = sizes(directory)
        assert 10 * grown < bounds.TOGETHER.ratio * size, directory.name
