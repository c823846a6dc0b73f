"""The key of a request: in which header it travels, and what looks like a key. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

CLEAR_TEXT = (
    "its address is http, so anybody on the way could read it; use https, or a tunnel from this machine"
)
# Anthropic's and Azure's; everybody else takes a bearer token.
_KEY_HEADERS = ("x-api-key", "api-key")
# Clients of servers that want no key send placeholders such as "ollama", which replies may well contain; a key is
# long, or has digits in it, or the usual beginning.
_KEY_LIKE = re.compile(r".{16,}|(?=.*\d).{8,}|sk-.{5,}", re.DOTALL)
# What clients of servers without keys are told to send, and is long enough for a key.
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
    def key(self) -> str:
        """The key itself, without the name of its scheme."""
        return self.value.rpartition(" ")[2]


def credentials_of(headers: Mapping[str, str], ours: str) -> Credentials:
    """What goes upstream with a request.

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
    """Whether a text is looked for in recordings, so that no key is written."""
    return _KEY_LIKE.fullmatch(text) is not None


def is_placeholder(text: str) -> bool:
    """Whether it only looks like a key."""
    return text in _PLACEHOLDERS
