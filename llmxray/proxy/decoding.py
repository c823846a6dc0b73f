"""Content decoding of a body that arrives in pieces. Pure.

A recorder asks for ``identity``, but some servers encode all the same, and some announce an encoding and send
plain text (a stale ``Content-Encoding``, left behind by something on the way that decoded the body). The first
eight bytes tell: gzip and zstd have marks of their own, and no compressed body starts like an event or like JSON.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

import zstandard

_PEEKED_BYTES = 8
# A little more than a recorder keeps of a reply. Nobody asked for an encoding, and a kilobyte of one can be gigabytes.
MOST_BYTES = 80 << 20
# One after the other; no server has reason for more.
_MOST_STAGES = 2
# So much is decoded at once, so that the limit is noticed in time: either makes 8 MiB to 32 MiB.
_STEP_BYTES, _BROTLI_STEP_BYTES = 256, 16
_BOM = b"\xef\xbb\xbf"
_PRINTABLE = re.compile(rb"[\s -~]*")
# Fields and comments of an event stream (`error:` is no standard one), JSON, and pages of proxies that failed.
_OPENINGS = (b"data", b"event", b"id", b"retry", b"error", b":", b"{", b"[", b"<")


class _Codec(Protocol):
    def decompress(self, data: bytes, /) -> bytes: ...
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...


class Decoder:
    """Decodes one body.

    Args:
        encoding: value of Content-Encoding, "" for none.
        most: bytes that the body may decode to.

    Raises:
        ValueError: an encoding that is not known, or more than two.
    """

    def __init__(self, encoding: str, most: int = MOST_BYTES) -> None:
        names = [name.strip().lower() for name in encoding.split(",")]
        self._names = [name for name in names if name not in ("", "identity")]
        if any(name not in _MAKERS for name in self._names):
            # Its name is the server's text, and no place to look for a key in: the letters are small by now.
            raise ValueError("upstream sent a content-encoding that cannot be decoded")
        if len(self._names) > _MOST_STAGES:
            raise ValueError(f"upstream sent {len(self._names)} content-encodings, one inside of the other")
        self._left = most
        self._peeked = b""
        self._stages: list[_Members] | None = None if self._names else []

    def feed(self, data: bytes) -> bytes:
        """The decoded bytes that ``data`` completes; b"" when it completes none.

        Raises:
            ValueError: these bytes are not in the announced encoding.
        """
        if self._stages is None:
            self._peeked += data
            if len(self._peeked) < _PEEKED_BYTES:
                return b""
            data = self._begin()
        return self._through(data)

    def finish(self) -> bytes:
        """What is left at the end of the body.

        Raises:
            ValueError: the body ends inside its encoding.
        """
        # A body shorter than what is peeked at is decided here.
        left = b"" if self._stages is not None else self._through(self._begin())
        if any(stage.open for stage in self._stages or ()):
            raise ValueError(f"the body ends inside its {', '.join(self._names)} encoding")
        return left

    def _begin(self) -> bytes:
        stale = _is_text(self._peeked[:_PEEKED_BYTES])
        # Encodings are listed in the order in which they were applied.
        self._stages = [] if stale else [_Members(_MAKERS[name]) for name in reversed(self._names)]
        data, self._peeked = self._peeked, b""
        return data

    def _through(self, data: bytes) -> bytes:
        pieces: Iterator[bytes] = iter((data,))
        for stage in self._stages or ():
            pieces = stage.through(pieces)
        decoded = []
        for piece in pieces:
            self._left -= len(piece)
            if self._left < 0:
                raise ValueError("the body decodes to more than any reply has")
            decoded.append(piece)
        return b"".join(decoded)


def _is_text(start: bytes) -> bool:
    """Whether a body that starts like this is an event stream, JSON or a page."""
    start = start.removeprefix(_BOM)
    if not _PRINTABLE.fullmatch(start):
        return False
    opening = start.lstrip()
    # Either way round: a few white-space bytes leave less than a whole opening among the first eight.
    return any(opening.startswith(each) or each.startswith(opening) for each in _OPENINGS)


class _Members:
    """One encoding; gzip and zstd bodies may consist of several members, one after the other."""

    def __init__(self, make: Callable[[bytes], _Codec]) -> None:
        self._make = make
        self._step = _BROTLI_STEP_BYTES if make is _Brotli else _STEP_BYTES
        self._codec: _Codec | None = None
        self._members = 0
        self._first = b""

    @property
    def open(self) -> bool:
        """Whether a member has begun and not ended."""
        return self._codec is not None or bool(self._first)

    def through(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """What the pieces decode to, a little at a time."""
        for piece in pieces:
            for at in range(0, len(piece), self._step):
                try:
                    yield self._feed(piece[at : at + self._step])
                except Exception as error:  # each codec has errors of its own
                    raise ValueError(f"the body cannot be decoded: {error}") from error

    def _feed(self, data: bytes) -> bytes:
        out = []
        while data:
            if self._codec is None:
                data, self._first = self._first + data, b""
                data = data.lstrip(b"\0") if self._members else data  # padding between members
                # Two bytes tell one form from the other; brotli alone has bodies of one byte.
                if len(data) < 2 and self._make is not _Brotli:
                    self._first = data
                    break
                self._codec = self._make(data)
            out.append(self._codec.decompress(data))
            if not self._codec.eof:
                break
            data, self._codec = self._codec.unused_data, None
            self._members += 1
        return b"".join(out)


def _gzip(_: bytes) -> _Codec:
    # 32 + 15: zlib sees by the header whether it is gzip or its own format.
    return zlib.decompressobj(wbits=47)


def _deflate(start: bytes) -> _Codec:
    # The standard means zlib's format; some servers send the bare one.
    wrapped = len(start) > 1 and start[0] & 15 == 8 and int.from_bytes(start[:2]) % 31 == 0
    return zlib.decompressobj(wbits=15 if wrapped else -15)


def _zstd(_: bytes) -> _Codec:
    # Not across frames, which would hide where a body ends: `_Members` goes from frame to frame.
    codec: _Codec = zstandard.ZstdDecompressor().decompressobj()
    return codec


class _Brotli:
    """brotli's decompressor with the names that the others use."""

    unused_data = b""

    def __init__(self, _: bytes) -> None:
        import brotli  # type: ignore[import-untyped]  # noqa: PLC0415  mitmproxy brings it

        self._decompressor = brotli.Decompressor()

    @property
    def eof(self) -> bool:
        return bool(self._decompressor.is_finished())

    def decompress(self, data: bytes, /) -> bytes:
        plain: bytes = self._decompressor.process(data)
        return plain


_MAKERS: dict[str, Callable[[bytes], _Codec]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "zstd": _zstd,
    "br": _Brotli,
}
