"""However a reply is cut into chunks, and wherever it is cut off, replay gives back what came."""

import asyncio
import tempfile
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from servers import STREAM, Say, chunked, head, to_the_end, with_length
from trips import record_all, recorded_in_order, replay_all, untimed

from llmxray.cassette import seal, verify
from llmxray.types import Chunk, EndCause
from llmxray.wire import is_complete

DRIPPED = 300


def pieces_at(body: bytes, cuts: list[int]) -> list[bytes]:
    """The body cut at these places, taken modulo its length."""
    edges = [0, *sorted({cut % (len(body) + 1) for cut in cuts} - {0, len(body)}), len(body)]
    return [body[a:b] for a, b in pairwise(edges)]


async def check(bodies: list[bytes], cut: list[list[bytes]], client: Any) -> None:
    """Recorded, replayed from the journal and replayed sealed: the same chunks; the same tokens as uncut."""
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder) / "c"
        first = await record_all(directory, client, [Say(chunked(pieces)) for pieces in cut])
        from_journal = await replay_all(directory, client, len(cut))
        before = recorded_in_order(directory)
        seal(directory)
        assert [] == verify(directory)
        sealed = await replay_all(directory, client, len(cut))
        assert before == recorded_in_order(directory)
    assert bodies == [got.body for got in first]
    assert [got.kept for got in first] == [got.kept for got in from_journal] == [got.kept for got in sealed]
    for body, got, interaction in zip(bodies, first, before, strict=True):
        assert [chunk.raw for chunk in interaction.chunks] == got.chunks
        assert untimed(replace(interaction, chunks=(Chunk(0.0, body),))) == untimed(interaction)


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.lists(st.integers(0, 2**17), max_size=40), min_size=32, max_size=32))
def test_any_cuts_of_every_stream(shared, client, cuts):
    """Every real stream at random cuts, inside events and inside characters, thirty at a time."""
    bodies = [path.read_bytes() for path in sorted((shared / "streams").glob("*.sse"))]
    cut = [pieces_at(body, places) for body, places in zip(bodies, cuts, strict=False)]
    asyncio.run(check(bodies, cut, client))


async def test_a_byte_a_chunk(shared, client):
    """The start of every real stream dripping in, the rest at once."""
    bodies = [path.read_bytes() for path in sorted((shared / "streams").glob("*.sse"))]
    await check(bodies, [pieces_at(body, list(range(min(len(body), DRIPPED)))) for body in bodies], client)


FINISHED = STREAM.index(b"data: [DONE]")


def said(framing: str, offset: int) -> list[bytes]:
    """The first bytes of the stream in a framing that promises more."""
    part = [STREAM[:offset]] if offset else []
    if framing == "chunked":
        return chunked(part, end=False)
    if framing == "length":
        return with_length(STREAM[:offset], opening=head(), stated=len(STREAM) + 1)
    return to_the_end(part)


@pytest.mark.parametrize("ending", ["fin", "rst"])
@pytest.mark.parametrize("framing", ["chunked", "length", "close"])
async def test_cut_off_at_every_byte(tmp_path, client, framing, ending):
    """At each offset of a stream: incomplete, kept, and broken off at the same byte when replayed.

    A body that ends with its connection has no framing that could break: there the text decides.
    """
    offsets = range(len(STREAM) + 1)
    says = [Say(said(framing, offset), pause_s=0.02, ending=ending) for offset in offsets]
    first = await record_all(tmp_path / "c", client, says)
    each = recorded_in_order(tmp_path / "c")
    seal(tmp_path / "c")
    again = await replay_all(tmp_path / "c", client, len(says))
    assert [got.kept for got in first] == [got.kept for got in again]
    assert [got.body for got in again] == [
        one.body if one.status else got.body for one, got in zip(each, again, strict=True)
    ]
    if ending == "fin":
        assert [STREAM[:offset] for offset in offsets] == [one.body for one in each]
    if framing == "close":
        assert [len(one.body) >= FINISHED for one in each] == [is_complete(one) for one in each]
        told = [(one, got) for one, got in zip(each, again, strict=True) if one.body]
        assert [not is_complete(one) for one, _ in told] == [got.broken for _, got in told]
    else:
        assert {False} == {is_complete(one) for one in each}
        assert {EndCause.RESET, EndCause.CONNECT} >= {one.end for one in each}
        assert {True} == {got.broken or got.status == 502 for got in again}
