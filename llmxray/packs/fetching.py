"""Fetching a pack from a URL that a stranger may have given: into a file that is not opened here.

The server may be anybody's. It gets a request for one file and nothing else. It cannot send more than
`limits.DOWNLOAD_BYTES`, keep llmxray waiting without end, or lead it elsewhere.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import BinaryIO

import aiohttp
from yarl import URL

from llmxray import limits
from llmxray.errors import InputError, PackError
from llmxray.keys import can_be_looked_up, is_loopback

_PIECE_BYTES, _SHOWN = 1 << 16, 300
_TIMES = aiohttp.ClientTimeout(total=900, connect=20, sock_read=30)


@dataclass(frozen=True, slots=True)
class Fetched:
    """Size and SHA-256 (hex) of what arrived."""

    size_bytes: int
    sha256: str


def is_address(name: str) -> bool:
    """Whether a name is an address on the web."""
    return name.lower().startswith(("https://", "http://"))


async def fetch(
    address: str,
    out: BinaryIO,
    *,
    proxy: str | None = None,
    most_bytes: int = limits.DOWNLOAD_BYTES,
    times: aiohttp.ClientTimeout = _TIMES,
) -> Fetched:
    """Write the file at an address into an open file.

    Args:
        address: https, or http on this machine; without user name and password.
        out: open file, written from its current position.
        proxy: URL of the proxy to go through.
        most_bytes: size above which a file is refused.
        times: timeouts.

    Raises:
        InputError: the address is of another kind, or leads to another one.
        PackError: the server gives no file, a file that is too large, or only part of it.
    """
    url = _checked_url(address)
    # The environment is not trusted: aiohttp would read passwords out of ~/.netrc, and follow a redirect to anywhere.
    headers = {"Accept-Encoding": "identity"}
    try:
        async with (
            aiohttp.ClientSession(timeout=times, auto_decompress=False, headers=headers) as session,
            session.get(url, allow_redirects=False, proxy=proxy) as reply,
        ):
            return await _write_reply(reply, address, out, most_bytes)
    except TimeoutError:
        raise PackError(f"{address}: the server takes too long: download the file by other means") from None
    except aiohttp.ClientError as error:
        raise PackError(f"{address}: cannot be fetched ({str(error) or type(error).__name__})") from error


def _checked_url(address: str) -> URL:
    try:
        url = URL(address)
        host = url.host or ""
    except ValueError:
        raise InputError(f"{address}: no address of a file") from None
    if not host or not can_be_looked_up(host) or url.scheme not in ("http", "https"):
        raise InputError(f"{address}: no address of a file")
    if url.scheme == "http" and not is_loopback(host):
        raise InputError(f"{address}: packs are fetched over https only; over http from this machine alone")
    if url.user is not None or url.password is not None:
        raise InputError(f"{url.with_user(None)}: leave name and password out of the address")
    return url


async def _write_reply(
    reply: aiohttp.ClientResponse, original: str, out: BinaryIO, most_bytes: int
) -> Fetched:
    if "Location" in reply.headers:
        target = ascii(reply.headers["Location"][:_SHOWN])
        raise InputError(f"{original}: leads to {target}: if you trust that address, give it")
    if reply.status != 200:
        raise PackError(f"{original}: the server answers {reply.status} instead of a file")
    if (reply.content_length or 0) > most_bytes:
        raise _too_large(original, most_bytes)
    digest, size = hashlib.sha256(), 0
    async for piece in reply.content.iter_chunked(_PIECE_BYTES):
        size += len(piece)
        if size > most_bytes:
            raise _too_large(original, most_bytes)
        digest.update(piece)
        out.write(piece)
    return Fetched(size, digest.hexdigest())


def _too_large(original: str, most_bytes: int) -> PackError:
    return PackError(
        f"{original}: more than {most_bytes:,} bytes: download it by other means, if it is what it should be"
    )
