"""Secrets: what may be written, and a search for what must not be.

Headers are kept by an allow-list, never a deny-list. A live key is looked for in everything about to be
written: as it is, in base64 (at each of the three alignments) and URL-encoded; also where a stream tells it
a few characters an event, in whatever field, for any of its choices.
"""

from __future__ import annotations

import base64
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from llmxray.errors import SecretLeakError
from llmxray.wire import decode_events

KEPT_HEADERS = frozenset(
    {"content-type", "retry-after", "openai-version", "x-request-id", "openai-processing-ms"}
)

# Shapes of keys that well-known services hand out; used by `scan` on files whose key is not at hand.
KEY_SHAPES = re.compile(
    rb"(?:(?<![A-Za-z0-9_-])|(?<=\\[nrt]))(?:sk-[A-Za-z0-9_-]{20,}|gsk_[A-Za-z0-9]{20,}"
    rb"|hf_[A-Za-z0-9]{30,}|AIza[A-Za-z0-9_-]{35}|xai-[A-Za-z0-9]{20,}|ghp_[A-Za-z0-9]{36}|Bearer\s+[A-Za-z0-9._-]{20,})"
)
_SHORTEST_SECRET = 6


def allowed_headers(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The allow-listed headers, names in lower case, in received order."""
    kept = ((name.lower(), value) for name, value in headers if name.lower() in KEPT_HEADERS)
    # A value that is not text could not be sent again.
    return tuple((name, value) for name, value in kept if value.isprintable())


def spoken(body: bytes) -> Iterator[str]:
    """What a reply says, put together: the text of each field of its JSON, joined over the events of a stream.

    A stream gives a text token by token, so that it never stands in the bytes in one piece; JSON may write any
    letter as an escape.
    """
    texts: defaultdict[int, list[str]] = defaultdict(list)
    places: dict[tuple[int, object], int] = {}
    whole = _json(body)
    payloads = (_json(event.data) for event in decode_events(body))
    for payload in payloads if whole is None else [whole]:
        _gather(payload, places, texts)
    for parts in texts.values():
        yield "".join(parts)


def _gather(value: object, places: dict[tuple[int, object], int], texts: defaultdict[int, list[str]]) -> None:
    """Add the texts of a value to those of the same field.

    Args:
        places: fields by the number of the field that they are in, and their key there.
    """
    # Not by recursion: a server may nest deeper than Python goes, with the key at the bottom.
    left = [(value, 0)]
    while left:
        value, place = left.pop()
        if isinstance(value, str):
            texts[place].append(value)
        elif isinstance(value, dict):
            # An event names the choice it belongs to; where it stands in its list says nothing.
            index = value.get("index")
            named = _numbered(places, (place, index)) if isinstance(index, int) else place
            left += [(each, _numbered(places, (named, key))) for key, each in reversed(value.items())]
        elif isinstance(value, list):
            left += [(each, place) for each in reversed(value)]


def _numbered(places: dict[tuple[int, object], int], place: tuple[int, object]) -> int:
    return places.setdefault(place, len(places) + 1)


def _json(text: str | bytes) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


class SecretGuard:
    """Refuses bytes in which one of the secrets occurs, in any of its common disguises."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._needles: set[bytes] = set()
        for secret in secrets:
            self.add(secret)

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self._needles)

    def add(self, secret: str) -> None:
        """Look for one more secret from now on; fewer than six characters are a placeholder, not a key."""
        if len(secret) >= _SHORTEST_SECRET:
            self._needles.update(_disguises(secret))

    def check(self, data: bytes, *, where: str) -> None:
        """Raise SecretLeakError when a secret occurs in ``data``; the message never shows it."""
        if any(needle in data for needle in self._needles):
            raise SecretLeakError(
                f"an API key was about to be written to {where}: recording stopped, nothing written"
            )

    def check_body(self, body: bytes, *, where: str) -> None:
        """Like `check`, for a received body and for what it says, put together."""
        self.check(body, where=where)
        # To read every event is worth it only where there is something to look for.
        for text in spoken(body) if self.is_needed else ():
            self.check(text.encode("utf-8", "replace"), where=where)


def _disguises(secret: str) -> tuple[bytes, ...]:
    raw = secret.encode()
    quoted = quote(secret, safe="").encode()
    forms = {raw, quoted, quoted.lower() if b"%" in quoted else quoted, raw.replace(b"/", b"\\/")}
    forms.add(json.dumps(secret)[1:-1].encode())
    for shift in range(3):
        # Base64 works on groups of three bytes: drop the characters that depend on the neighbours.
        encoded = base64.b64encode(b"\0" * shift + raw)
        first, last = -(-shift * 4 // 3), (shift + len(raw)) * 4 // 3
        body = encoded[first:last]
        forms |= {body, body.replace(b"+", b"-").replace(b"/", b"_"), body.replace(b"/", b"\\/")}
    return tuple(form for form in forms if len(form) >= _SHORTEST_SECRET)
