"""All recordings of a cassette are rebuilt to no more than its size allows for; each counts once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from recordings import everything, interaction, planned, stream

from llmxray.cassette import Cassette, Journal, bounds, verify
from llmxray.cassette.bounds import Limit
from llmxray.errors import CassetteCorruptError
from llmxray.types import Chunk

WHY = "the most that (all recordings of )?so small a(?: cassette| file) may hold"


def made(directory: Path, words: int) -> Path:
    """Six replies: of ten words lines of text suffice for them, of a hundred they are columns."""
    return planned(directory, [interaction(f"q{n}", body=stream("no " * words)) for n in range(6)])


def sizes(directory: Path) -> tuple[int, int]:
    """Bytes of all replies, and of the files that hold them."""
    cassette = Cassette(directory)
    assert cassette.manifest is not None
    grown = sum(bounds.weight(cassette.body(entry.address)) for entry in cassette.all_entries())
    return grown, sum(record.bytes for record in cassette.manifest.role("recordings"))


def limit(patch: pytest.MonkeyPatch, most: int) -> None:
    """So many bytes may be rebuilt, whatever the size of the files."""
    patch.setattr(bounds, "TOGETHER", Limit(most, 0))


@pytest.mark.parametrize("words", [10, 100])
def test_too_much_together_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: int) -> None:
    """Each alone is far below what it may grow to; whoever reads them all, or verifies them, is stopped."""
    directory = made(tmp_path / "c", words)
    suffix = ".columns" if words == 100 else ".jsonl"
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


@pytest.mark.parametrize("words", [10, 100])
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


def test_events_of_a_journal_count_beside_their_characters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As those of sealed recordings do."""
    with Journal(tmp_path) as journal:
        journal.append(interaction(body=b"\n\n" * 1_000))
    limit(monkeypatch, 50_000)
    with pytest.raises(CassetteCorruptError, match=WHY):
        Cassette(tmp_path)


@pytest.mark.parametrize("times", [3, 1_000])
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


def test_what_replies_say_is_padded_for_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Equal long replies in one piece take next to nothing, and each is a row of results with its text."""
    monkeypatch.setattr(bounds, "TEXTS", Limit(0, 16))
    text = "no and no " * 2_000
    body = json.dumps({"choices": [{"message": {"content": text}, "finish_reason": "stop"}]}).encode()
    json_type = (("content-type", "application/json"),)
    each = [interaction("q", sample, body=body, headers=json_type) for sample in range(300)]
    directory = planned(tmp_path / "c", each)
    assert Cassette(directory).completion(next(Cassette(directory).all_entries()).address).text == text
    # As its answer, too.
    assert 300 * 2 * len(text) <= 16 * sizes(directory)[1]


@pytest.mark.parametrize("split", [7, 1_000])
def test_replies_cut_within_an_event_are_read_as_completions_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, split: int
) -> None:
    """As TCP cuts them; reading one in another way first makes no difference to what it counts."""
    monkeypatch.setattr(bounds, "TOGETHER", Limit(0, 4))
    body = b'data: {"choices":[{"index":0,"delta":{"content":"no "}}]}\n\n' * 1_000 + b"data: [DONE]\n\n"
    chunks = (Chunk(0.1, body[:split]), Chunk(0.2, body[split:]))
    directory = planned(tmp_path / "c", [interaction(f"q{n}", chunks=chunks) for n in range(9)])
    for read in ("completion", "get", "body"):
        cassette = Cassette(directory)
        for entry in cassette.all_entries():
            getattr(cassette, read)(entry.address)
            cassette.completion(entry.address)
    assert [] == verify(directory)


def test_what_is_parsed_counts_after_a_reader_that_found_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reply that only its bytes tell is asked for as columns first, which is no reading of it."""
    body = b'{"choices": [{"message": {"content": "' + b"no " * 4_000 + b'"}}]}'
    directory = planned(tmp_path / "c", [interaction(f"q{n}", body=body) for n in range(9)])
    limit(monkeypatch, 4 * len(body))
    cassette = Cassette(directory)
    with pytest.raises(CassetteCorruptError, match=WHY):
        for entry in cassette.all_entries():
            cassette.completion(entry.address)


@pytest.mark.parametrize("gap", [b"\n\n", b"\r\r", b"\r\n\r\n"])
def test_events_count_beside_their_characters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gap: bytes
) -> None:
    """Empty ones take as long as others, by whatever they are parted."""
    directory = planned(tmp_path / "c", [interaction(f"q{n}", body=gap * 6_000) for n in range(9)])
    assert bounds.weight(gap * 6_000) >= 100 * 6_000
    limit(monkeypatch, 2 * 9 * len(gap) * 6_000)
    assert any("all recordings of so small a cassette" in fault for fault in verify(directory))


@pytest.mark.parametrize(
    ("list_", "each"), [("refusal", b"{},"), ("tokens", b'"",'), ("content", b'{"token":""},')]
)
def test_values_count_where_they_take_longer_than_their_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, list_: str, each: bytes
) -> None:
    """Entries of a few characters, which are read as tokens; in columns and as their bytes."""
    entries = b'data: {"choices":[{"delta":{"content":"A"},"logprobs":{"%b":[%b]}}]}\n\n'
    body = entries % (list_.encode(), (each * 3_000)[:-1]) + b"data: [DONE]\n\n"
    # In two chunks that part an event, as connections do.
    chunks = (Chunk(0.1, body[:40]), Chunk(0.2, body[40:]))
    directory = planned(tmp_path / "c", [interaction(f"q{n}", chunks=chunks) for n in range(9)])
    limit(monkeypatch, 9 * 2 * len(body))
    for read in ("completion", "get"):
        cassette = Cassette(directory)
        with pytest.raises(CassetteCorruptError, match=WHY):
            for entry in cassette.all_entries():
                getattr(cassette, read)(entry.address)
