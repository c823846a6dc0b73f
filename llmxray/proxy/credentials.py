"""The key of a request: its header, and texts that look like keys. Pure."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

CLEAR_TEXT = (
    "its address is http, so anybody on the way could read it; use https, or a tunnel from this machine"
)
# Anthropic's and Azure's; everybody else takes a bearer token.
_KEY_HEADERS = ("x-api-key", "api-key")
# Clients of servers that want no key send placeholders such as "ollama", which replies may well contain; a key is
# long, or has digits in it, or the usual beginning.
_KEY_LIKE = re.compile(r".{16,}|(?=.*\d).{8,}|sk-.{5,}", re.DOTALL)
# Where a value may be parted: `Token token="KEY", x=y`, `Key ID:SECRET`.
_BREAKS = re.compile(r"[\s,;:=\"']+")
_BASIC = re.compile(r"\bbasic\s+([A-Za-z0-9+/_-]+)", re.IGNORECASE)
# Names of schemes that are long enough for a key; every other name is too short, or a key without a scheme.
_SCHEMES = frozenset({"aws4-hmac-sha256", "scram-sha-1", "scram-sha-256"})
# Placeholder keys that are long enough to look like a key.
_PLACEHOLDERS = frozenset({"sk-no-key-required"})


@dataclass(frozen=True, slots=True)
class Credentials:
    """The key that goes upstream; never recorded.

    Attributes:
        header: the header it goes in.
        value: of that header, "" for none.
    """

    header: str
    value: str

    @property
    def keys(self) -> frozenset[str]:
        """Every part of the value that looks like a key."""
        schemes = {word for word in self.value.split()[:1] if word.lower() in _SCHEMES}
        return frozenset(part for part in _parts(self.value) if is_key_like(part)) - schemes


def credentials_of(headers: Mapping[str, str], ours: str) -> Credentials:
    """Credentials to send upstream with a request.

    Args:
        headers: of the client; the lookup must not depend on case.
        ours: the key that the endpoint was given, "" for none. It comes first, for clients of the OpenAI library must
            send something, and send a placeholder.
    """
    header = next((name for name in _KEY_HEADERS if name in headers), "")
    if header:
        return Credentials(header, ours or headers[header])
    return Credentials("Authorization", f"Bearer {ours}" if ours else headers.get("Authorization", ""))


def is_key_like(text: str) -> bool:
    """Whether recordings are searched for this text."""
    return _KEY_LIKE.fullmatch(text) is not None


def is_placeholder(text: str) -> bool:
    """Whether it only looks like a key."""
    return text in _PLACEHOLDERS


def _parts(value: str) -> Iterator[str]:
    """The words of a value and their parts; for Basic also user name and password."""
    yield from value.split()
    yield from _BREAKS.split(value)
    for encoded in _BASIC.findall(value):
        decoded = _decoded(encoded)
        name, _, password = decoded.partition(":")
        yield from (decoded, name, password, *_BREAKS.split(decoded))


def _decoded(encoded: str) -> str:
    try:
        raw = base64.b64decode(
            encoded + "=" * (-len(encoded) % 4), altchars=b"-_" if {*"-_"} & {*encoded} else None
        )
    except binascii.Error:
        return ""
    # As aiohttp reads a header: the bytes can be had again, whatever their alphabet.
    return raw.decode("utf-8", "surrogateescape")
