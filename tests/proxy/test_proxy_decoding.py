"""Content decoding in pieces: gzip and zstd, several members, stale headers, damage."""

import gzip
from collections.abc import Callable
from itertools import pairwise

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from servers import events

from llmxray.proxy.decoding import Decoder

ENCODE: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}
BODY = b"".join(events("a", "b", "c"))


def decode(encoding: str, pieces: list[bytes]) -> bytes:
    """All of a body."""
    decoder = Decoder(encoding)
    decoded = b"".join(map(decoder.feed, pieces))
    decoder.finish()
    return decoded


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """Pieces cut at those places."""
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


@pytest.mark.parametrize("name", ENCODE)
@given(body=st.binary(max_size=60), places=st.lists(st.integers(0, 200), max_size=9))
def test_any_body_in_any_pieces(name, body, places):
    """Whatever is encoded comes out, however it is cut."""
    assert body == decode(name, cut(ENCODE[name](body), places))


@pytest.mark.parametrize("name", ENCODE)
def test_several_members(name):
    """Members one after the other are one body, cut at every byte."""
    data = ENCODE[name](BODY[:20]) + ENCODE[name](BODY[20:])
    for place in range(len(data) + 1):
        assert BODY == decode(name, [data[:place], data[place:]])


@pytest.mark.parametrize("name", ENCODE)
@pytest.mark.parametrize("body", [BODY, b'{"error": 1}', b"<html>", b""])
def test_stale_header(name, body):
    """A body that is plain text under a header that says otherwise is taken as it is, a byte at a time too."""
    assert body == decode(name, [body]) == decode(name, [bytes([byte]) for byte in body])


@pytest.mark.parametrize("name", ENCODE)
def test_damage(name):
    """A body that ends inside its encoding, or is in none, is said to be broken; its start is kept."""
    data = ENCODE[name](BODY)
    decoder = Decoder(name)
    decoder.feed(data[:-3])
    with pytest.raises(ValueError, match="ends inside its"):
        decoder.finish()
    with pytest.raises(ValueError, match="cannot be decoded|ends inside"):
        decode(name, [data[:4] + b"\xff not encoded at all" * 9])


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "sk-Snappy-0123456789"])
def test_other_encodings_are_refused(encoding):
    """Not named in the error, which is recorded: in small letters a key would not be found there."""
    with pytest.raises(ValueError, match="other than gzip and zstd, though none was asked for") as caught:
        Decoder(encoding)
    assert "nappy" not in str(caught.value)
    assert BODY == decode("Identity", [BODY]) == decode("", [BODY])
