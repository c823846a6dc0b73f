"""Content decoding of a body that arrives in pieces. Pure.

A recorder asks for ``identity``, but some servers encode all the same, and some announce an encoding and send plain
text (a stale ``Content-Encoding``, left behind by something on the way that decoded the body).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

import zstandard

# First byte of a body and decoder of one member, by encoding.
_ENCODINGS: dict[str, tuple[bytes, Callable[[], Any]]] = {
    "gzip": (b"\x1f", lambda: zlib.decompressobj(wbits=31)),
    "zstd": (b"\x28", lambda: zstandard.ZstdDecompressor().decompressobj()),
}


class Decoder:
    """Decodes one body, of one member or several.

    Args:
        encoding: value of Content-Encoding, "" for none.

    Raises:
        ValueError: another encoding than gzip and zstd.
    """

    def __init__(self, encoding: str) -> None:
        self._name = encoding.strip().lower()
        self._has_begun = False
        self._codec: Any = None
        if self._name == "identity":
            self._name = ""
        if self._name and self._name not in _ENCODINGS:
            # Its name is the server's text, and no place to look for a key in: the letters are small by now.
            raise ValueError(
                "the server sent a content-encoding other than gzip and zstd, though none was asked for"
            )

    def feed(self, data: bytes) -> bytes:
        """The decoded bytes that ``data`` completes; b"" when it completes none.

        Raises:
            ValueError: these bytes are not in the announced encoding.
        """
        if data and not self._has_begun:
            self._has_begun = True
            # A stale header: no text begins like an encoded body.
            if self._name and not data.startswith(_ENCODINGS[self._name][0]):
                self._name = ""
        if not self._name:
            return data
        decoded = b""
        while data:
            self._codec = self._codec or _ENCODINGS[self._name][1]()
            try:
                decoded += self._codec.decompress(data)
            except (zlib.error, zstandard.ZstdError) as error:
                raise ValueError(f"the body cannot be decoded: {error}") from error
            if not self._codec.eof:
                break
            # Members may follow one another.
            data, self._codec = self._codec.unused_data, None
        return decoded

    def finish(self) -> None:
        """Make sure that the body has its end.

        Raises:
            ValueError: it ends inside its encoding.
        """
        if self._codec is not None:
            raise ValueError(f"the body ends inside its {self._name} encoding")
