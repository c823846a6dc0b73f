"""Content decoding in pieces: every encoding, several members, stale headers, damage."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from servers import events

from llmxray.proxy.decoding import Decoder

ENCODE: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    # The highest quality, which is its own choice, takes thirty times as long on a long body.
    "br": partial(brotli.compress, quality=5),
    "zstd": zstandard.ZstdCompressor().compress,
}
BODY = b"".join(events("a", "b", "c"))


def bare_deflate(body: bytes) -> bytes:
    """Deflate without zlib's wrapper, as some servers send it."""
    coder = zlib.compressobj(wbits=-15)
    return coder.compress(body) + coder.flush()


def decode(encoding: str, pieces: list[bytes]) -> bytes:
    """All of a body."""
    decoder = Decoder(encoding)
    return b"".join([*map(decoder.feed, pieces), decoder.finish()])


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """Pieces cut at those places."""
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


@pytest.mark.parametrize("name", ENCODE)
@given(body=st.binary(max_size=60), places=st.lists(st.integers(0, 200), max_size=9))
def test_any_body_in_any_pieces(name: str, body: bytes, places: list[int]) -> None:
    """Whatever is encoded comes out, however it is cut."""
    assert body == decode(name, cut(ENCODE[name](body), places))


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_several_members(name: str) -> None:
    """Members one after the other are one body, with padding between them too, cut at every byte."""
    data = ENCODE[name](BODY[:20]) + (b"\0" * 7 if name == "gzip" else b"") + ENCODE[name](BODY[20:])
    for place in range(len(data) + 1):
        assert BODY == decode(name, [data[:place], data[place:]])


def test_bare_deflate_and_lists_of_encodings() -> None:
    """The two forms of deflate; two encodings one over the other, in the order of the header."""
    assert BODY == decode("Deflate", [bare_deflate(BODY)])
    assert BODY == decode("gzip, br", [brotli.compress(gzip.compress(BODY))])
    assert BODY == decode("identity", [BODY]) == decode("", [BODY])


@pytest.mark.parametrize("name", ENCODE)
@pytest.mark.parametrize(
    "body", [BODY, b'{"error": 1}', b"{}", b"<html>", b": ping\n\n", b"", b"\n\ndata: {}\n\n"]
)
def test_stale_header(name: str, body: bytes) -> None:
    """A body that is plain text under a header that says otherwise is taken as it is, a byte at a time too."""
    assert body == decode(name, [body]) == decode(name, [bytes([byte]) for byte in body])


@pytest.mark.parametrize("name", ENCODE)
def test_damage(name: str) -> None:
    """A body that ends inside its encoding, or is in none, is said to be broken; its start is kept."""
    data = ENCODE[name](BODY)
    decoder = Decoder(name)
    decoder.feed(data[:-3])
    with pytest.raises(ValueError, match="ends inside its"):
        decoder.finish()
    with pytest.raises(ValueError, match="cannot be decoded|ends inside"):
        decode(name, [b"\x1f\x8b\xff not encoded at all" * 9])


def test_unknown_encoding() -> None:
    """Not named in the error, which is recorded: in small letters a key would not be found there."""
    with pytest.raises(ValueError, match="a content-encoding that cannot be decoded") as caught:
        Decoder("gzip, sk-Snappy-0123456789")
    assert "nappy" not in str(caught.value)


@pytest.mark.parametrize("name", ["gzip", "br", "zstd", "gzip, gzip"])
def test_what_decodes_without_end_is_given_up(name: str) -> None:
    """By a limit on what comes out, noticed long before all of it is there."""
    data = bytes(128 << 20)
    for each in name.split(", "):
        data = ENCODE[each](data)
    assert len(data) < 200_000
    decoder, most = Decoder(name, most=8 << 20), 0
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="decodes to more than any reply has"):
            decoder.feed(data)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 100 << 20


def test_encodings_inside_of_encodings_are_refused() -> None:
    """Each multiplies what the one inside of it makes."""
    with pytest.raises(ValueError, match="5 content-encodings"):
        Decoder(", ".join(["gzip"] * 5))
