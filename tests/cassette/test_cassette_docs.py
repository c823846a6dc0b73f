"""docs/cassette.md suffices to write a reader: one that was written from it rebuilds what ships, to the byte."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from reader_from_docs import CassetteOfDocs
from recordings import interaction, stream

from llmxray.cassette import Cassette
from llmxray.types import EndCause


def agree(folder: Path) -> int:
    """Bodies, chunk boundaries, times to the microsecond, heads, keys, requests; how many recordings."""
    ours, theirs = Cassette(folder), CassetteOfDocs(folder)
    found = {(each["key"], each["sample"], each["attempt"]): each for each in theirs.interactions()}
    requests = dict(zip(theirs.keys(), theirs.requests(), strict=True))
    entries = list(ours.all_entries())
    assert len(found) == len(entries)
    for entry in entries:
        one = ours.get(entry.address)
        other = found[one.key, one.sample, one.attempt]
        assert one.body == other["body"]
        assert [len(chunk.raw) for chunk in one.chunks] == other["len"]
        times = [sum(other["t_us"][: place + 1]) for place in range(len(other["t_us"]))]
        assert [round(chunk.t_s * 1e6) for chunk in one.chunks] == times
        assert (one.endpoint, one.status, one.end.value) == (other["endpoint"], other["status"], other["end"])
        assert (one.started_at, one.concurrency) == (other["at"], other["in_flight"])
        assert dict(one.headers) == dict(other["headers"])
        assert one.request == requests[one.key]
    return len(entries)


@pytest.mark.parametrize("name", ["system-prompt-pair", "few-shot-cot"])
def test_a_reader_written_from_the_page_rebuilds_what_ships(root: Path, name: str) -> None:
    """Columns, to the byte and the microsecond."""
    assert agree(root / "cassettes" / name) > 50


def test_it_reads_lines_too(sealed: Callable[..., Path]) -> None:
    """A small cassette is JSON lines: columns, text, bytes that are none, no response."""
    each = [
        *(interaction(f"q{n}", body=stream(f"né{n}")) for n in range(4)),
        interaction("ascii", body=stream("é").replace("é".encode(), rb"\u00e9")),
        interaction("text", body=b"<html>"),
        interaction("bytes", body=b"\xff\x00", status=500),
        interaction("refused", status=None, headers=(), chunks=(), end=EndCause.CONNECT, error="refused"),
    ]
    folder = sealed(*each)
    lines = [path.read_text("utf-8") for path in (folder / "recordings").glob("*.jsonl")]
    assert '"columns"' in "".join(lines)
    assert len(each) == agree(folder)
