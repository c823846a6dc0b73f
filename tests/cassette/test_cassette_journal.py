"""A recording killed at any byte keeps every whole line and goes on."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from recordings import stream

from llmxray.cassette import Cassette, Journal, journal
from llmxray.errors import CassetteCorruptError, CassetteError, CassetteLockedError
from llmxray.types import Chunk, EndCause, Interaction

Make = Callable[..., Interaction]


def realistic(make: Make) -> list[Interaction]:
    """Exchanges of every kind that a journal holds: logprobs in columns, text, bytes that are none, failures."""
    return [
        make("columns", body=stream("hé")),
        make("text", body=b": ping\r\n\r\ndata: [DONE]\r\n\r\n"),
        make("bytes", body=b"\xff\x00\n", status=500),
        make("refused", status=None, headers=(), chunks=(), end=EndCause.CONNECT, error="refused"),
        make("last", attempt=1, end=EndCause.RESET, body=b"data: {"),
    ]


def test_cut_at_every_byte(tmp_path, root, make):
    """Cut at each of its bytes, thousands: whole lines stay, and the next recorder goes on after them."""
    each, more = realistic(make), make("more", body=b"")
    with Journal(tmp_path / "full") as full:
        spans = [full.append(one) for one in each]
    data = (tmp_path / "full" / journal.NAME).read_bytes()
    ends = [span.start + span.size for span in spans]
    for end in range(len(data), -1, -1):
        os.truncate(tmp_path / "full" / journal.NAME, end)
        whole = [one for one, stop in zip(each, ends, strict=True) if stop <= end]
        assert whole == [one for _, one in journal.read_journal(tmp_path / "full")]
        if end % 16 == 0 or any(abs(end - stop) < 3 for stop in ends):
            resume(tmp_path / "cut", data[:end], whole, more)
    assert f"{len(data) + 1:,} cut points" in (root / "docs/maintainers/failures.md").read_text("utf-8")


def resume(directory: Path, data: bytes, whole: list[Interaction], more: Interaction) -> None:
    """Record one more into a journal that is cut."""
    directory.mkdir(exist_ok=True)
    (directory / journal.NAME).write_bytes(data)
    assert len(whole) == len(Cassette(directory))
    with Journal(directory) as again:
        span = again.append(more)
    assert [*whole, more] == [one for _, one in journal.read_journal(directory)]
    assert more == journal.read_at(directory, span)
    assert len(whole) + 1 == span.number


def nested(levels: int) -> dict[str, object]:
    """A request so many levels deep."""
    request: dict[str, object] = {}
    for _ in range(levels):
        request = {"a": [request]}
    return request


@pytest.mark.parametrize(
    "change",
    [
        {"status": 199},
        {"headers": (("retry-after", "1\n2"),)},
        {"chunks": (Chunk(9e12, b"x"), Chunk(0.0, b"y"))},
        {"request": nested(150)},
    ],
    ids=lambda change: ", ".join(change),
)
def test_what_no_reader_takes_is_not_written(tmp_path, make, change):
    """One such line would take all others with it: it is refused in one line, and nothing is lost."""
    strange = replace(make("strange"), **change)  # type: ignore[arg-type]
    with Journal(tmp_path) as journalled:
        journalled.append(make("before"))
        with pytest.raises(CassetteError, match="cannot be recorded"):
            journalled.append_all([make("beside"), strange])
        journalled.append(make("after"))
    assert [make("before"), make("after")] == [one for _, one in journal.read_journal(tmp_path)]


@pytest.mark.parametrize("line", [1, 2, 3])
def test_corrupt_line_is_named(tmp_path, make, line):
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


def test_two_recorders(tmp_path, make):
    """A second recorder is refused until the first is done."""
    with Journal(tmp_path) as first:
        with pytest.raises(CassetteLockedError, match="being recorded"):
            Journal(tmp_path)
        first.append(make())
    Journal(tmp_path).close()
