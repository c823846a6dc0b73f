"""Secrets: what may be written, and a search for what must not be.

Headers are kept by an allow-list, never a deny-list. A live key is looked for in everything about to be
written: as it is, in base64 (at each of the three alignments) and URL-encoded; also where a stream tells it
a few characters an event, in whatever field, for any of its choices, and in whatever the reader makes of a reply.
"""

from __future__ import annotations

import base64
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import repeat
from urllib.parse import quote

from llmxray.errors import SecretLeakError
from llmxray.wire import decode_events
from llmxray.wire.loose import NO_JSON, parse
from llmxray.wire.spoken import read_texts
from llmxray.wire.sse import MOST_LINES, count_lines

KEPT_HEADERS = frozenset(
    {"content-type", "retry-after", "openai-version", "x-request-id", "openai-processing-ms"}
)

# Shapes of keys that well-known services hand out; used by `scan` on files whose key is not at hand.
KEY_SHAPES = re.compile(
    rb"(?:(?<![A-Za-z0-9_-])|(?<=\\[nrt]))(?:sk-[A-Za-z0-9_-]{20,}|gsk_[A-Za-z0-9]{20,}"
    rb"|hf_[A-Za-z0-9]{30,}|AIza[A-Za-z0-9_-]{35}|xai-[A-Za-z0-9]{20,}|ghp_[A-Za-z0-9]{36}|Bearer\s+[A-Za-z0-9._-]{20,})"
)
_SHORTEST_SECRET = 6
# Of the fields that are put together one by one; a reply has some dozens. The rest counts as one.
_MOST_FIELDS = 1 << 16
_NAMES, _OTHERS = -1, -2


def allowed_headers(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The allow-listed headers, names in lower case, in received order."""
    kept = ((name.lower(), value) for name, value in headers if is_kept(name))
    # A value that is not text could not be sent again.
    return tuple((name, value) for name, value in kept if value.isprintable())


def is_kept(name: str) -> bool:
    """Whether a response header of that name is recorded, read from a recording, and sent again."""
    return name.lower() in KEPT_HEADERS


def spoken(body: bytes) -> Iterator[str]:
    """What a reply says, put together: as the reader does, and each field of its JSON over the events of a stream.

    A stream gives a text token by token, so that it never stands in the bytes in one piece; JSON may write any
    letter as an escape. A body with more lines than a stream may have, or a JSON that is too large, is never read,
    and nothing of it put together.
    """
    yield from read_texts(body)
    fields = _Fields()
    whole = _json(body)
    if whole is not NO_JSON:
        fields.add(whole, with_names=b"\\" in body)
    elif count_lines(body) <= MOST_LINES:
        for event in decode_events(body):
            # llama.cpp's field for errors beside the data.
            for text in (event.data, *(value for name, value in event.fields if name == "error")):
                fields.add(parse(text, deeper=True), with_names="\\" in text)
    yield from fields.texts()


class _Fields:
    """The texts of each field of one JSON after the other, joined."""

    def __init__(self) -> None:
        # As bytes: millions of short texts would take many times as much.
        self._texts: defaultdict[int, bytearray] = defaultdict(bytearray)
        # Fields by the number of the field that they are in, and their key there.
        self._places: dict[tuple[int, object], int] = {}

    def texts(self) -> Iterator[str]:
        """One text a field, and one of all names of fields that were looked at."""
        for text in self._texts.values():
            yield text.decode("utf-8", "replace")

    def add(self, value: object, *, with_names: bool) -> None:
        """Add the texts of a value to those of the same field.

        Args:
            with_names: also the names of its fields, where they may be written otherwise than they read.
        """
        # Not by recursion: a server may nest deeper than Python goes, with the key at the bottom.
        left: list[Iterator[tuple[object, int]]] = [iter([(value, 0)])]
        while left:
            for each, place in left[-1]:
                if isinstance(each, str):
                    self._texts[place] += each.encode("utf-8", "replace")
                elif isinstance(each, dict):
                    if with_names:
                        self._texts[_NAMES] += "\n".join(each).encode("utf-8", "replace") + b"\n"
                    left.append(self._members(each, place))
                    break
                elif isinstance(each, list):
                    left.append(zip(each, repeat(place), strict=False))
                    break
            else:
                left.pop()

    def _members(self, value: dict[str, object], place: int) -> Iterator[tuple[object, int]]:
        # An event names the choice it belongs to; where it stands in its list says nothing.
        index = value.get("index")
        named = self._numbered((place, index)) if isinstance(index, int) else place
        return ((each, self._numbered((named, key))) for key, each in value.items())

    def _numbered(self, place: tuple[int, object]) -> int:
        if place not in self._places and len(self._places) >= _MOST_FIELDS:
            return _OTHERS
        return self._places.setdefault(place, len(self._places) + 1)


def _json(body: bytes) -> object:
    # As the reader does; as Python does where that is something else (UTF-16).
    coding = json.detect_encoding(body)
    return parse(body.decode(coding if coding.startswith("utf-16") else "utf-8-sig", "replace"), deeper=True)


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
    # A header that is no UTF-8 is read so.
    raw = secret.encode("utf-8", "surrogateescape")
    quoted = quote(raw, safe="").encode()
    forms = {raw, quoted, quoted.lower() if b"%" in quoted else quoted, raw.replace(b"/", b"\\/")}
    forms.add(json.dumps(secret)[1:-1].encode())
    for shift in range(3):
        # Base64 works on groups of three bytes: drop the characters that depend on the neighbours.
        encoded = base64.b64encode(b"\0" * shift + raw)
        first, last = -(-shift * 4 // 3), (shift + len(raw)) * 4 // 3
        body = encoded[first:last]
        forms |= {body, body.replace(b"+", b"-").replace(b"/", b"_"), body.replace(b"/", b"\\/")}
    return tuple(form for form in forms if len(form) >= _SHORTEST_SECRET)
