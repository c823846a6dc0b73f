"""Secrets: what may be written, and a search for what must not be.

Headers are kept by an allow-list, never a deny-list. A live key is looked for in everything about to be
written: as it is, in base64 (at each of the three alignments) and URL-encoded. In a reply it is found also where a
stream tells it a few characters an event, in whatever field, whoever says it there, and in whatever the reader makes
of it: with white space within, with each letter encoded or escaped, and in UTF-16 or UTF-32.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from llmxray.cassette.spoken_fields import SpokenFields
from llmxray.errors import SecretLeakError
from llmxray.wire.loose import NO_JSON, parse
from llmxray.wire.spoken import read_texts
from llmxray.wire.sse import MOST_LINES, count_lines

KEPT_HEADERS = frozenset(
    {"content-type", "retry-after", "openai-version", "x-request-id", "openai-processing-ms"}
)

# Shapes of keys that well-known services hand out; used by `scan` on files whose key is not at hand.
KEY_SHAPES = re.compile(
    rb"(?:(?<![A-Za-z0-9_-])|(?<=\\[nrt]))(?:sk-[A-Za-z0-9_-]{20,}|gsk_[A-Za-z0-9]{20,}"
    rb"|hf_[A-Za-z0-9]{30,}|AIza[A-Za-z0-9_-]{35}|xai-[A-Za-z0-9]{20,}|Bearer\s+[A-Za-z0-9._-]{20,}"
    # NVIDIA, Perplexity, Cerebras, Replicate, Fireworks, Together; AWS; GitHub's in both forms.
    rb"|nvapi-[A-Za-z0-9_-]{40,}|pplx-[A-Za-z0-9]{40,}|csk-[a-z0-9]{40,}|r8_[A-Za-z0-9]{30,}|fw_[A-Za-z0-9]{20,}"
    rb"|tgp_v1_[A-Za-z0-9_-]{30,}|AKIA[0-9A-Z]{16}(?![0-9A-Za-z])|gh[oprsu]_[A-Za-z0-9]{36}"
    rb"|github_pat_[A-Za-z0-9_]{50,})"
)
_SHORTEST_SECRET = 6
# Words of everyday language follow each other in texts, so that only what is longer is looked for across white space.
_SHORTEST_PARTED = 16
# The NULs are those of UTF-16 and UTF-32, whose letters are otherwise those of the key.
_BLANKS = b" \t\r\n\v\f\0"
_BLANK_ESCAPES = (b"\\n", b"\\r", b"\\t")
_ENCODED = re.compile(rb"%[0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2})*+")
# Runs of encoded letters in a text: each takes a microsecond, and a reply may be of nothing else.
_MOST_DECODED = 1 << 20
# Text of UTF-16 and UTF-32 has a NUL in so many bytes, or in more.
_NULS_OF_TEXT = 1 / 4
# A key has letters and digits, and more than a few of them: not a placeholder of words, nor "0000000000000000".
_FEWEST_SIGNS = 6


def allowed_headers(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The allow-listed headers, names in lower case, in received order."""
    kept = ((name.lower(), value) for name, value in headers if is_kept(name))
    # A value that is not text could not be sent again.
    return tuple((name, value) for name, value in kept if value.isprintable())


def is_kept(name: str) -> bool:
    """Whether a response header of that name is recorded, read from a recording, and sent again."""
    return name.lower() in KEPT_HEADERS


def spoken(body: bytes) -> Iterator[str]:
    """What a reply says, put together: as the reader does, and each of its fields over the events or lines of a stream.

    A stream gives a text token by token, so that it never stands in the bytes in one piece; JSON may write any
    letter as an escape. A body with more lines than a stream may have, or a JSON that is too large, is never read,
    and nothing of it put together. One in UTF-16 or UTF-32 is also read as the ASCII that it holds.
    """
    yield from _spoken(body)
    if body.count(0) > len(body) * _NULS_OF_TEXT:
        yield from _spoken(body.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").replace(b"\0", b""))


def _spoken(body: bytes) -> Iterator[str]:
    yield from read_texts(body)
    fields = SpokenFields()
    whole = _json(body)
    if whole is not NO_JSON:
        fields.add(whole, with_names=b"\\" in body)
    elif count_lines(body) <= MOST_LINES:
        fields.add_lines(body)
    yield from fields.texts()


def _json(body: bytes) -> object:
    # As the reader does; as Python does where that is something else (UTF-16).
    coding = json.detect_encoding(body)
    return parse(body.decode(coding if coding.startswith("utf-16") else "utf-8-sig", "replace"), deeper=True)


class SecretGuard:
    """Refuses bytes in which one of the secrets occurs, in any of its common disguises."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._needles: set[bytes] = set()
        self._parted: tuple[bytes, ...] = ()
        for secret in secrets:
            self.add(secret)

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self._needles)

    def add(self, secret: str) -> None:
        """Look for one more secret from now on; fewer than six characters are a placeholder, not a key."""
        if len(secret) >= _SHORTEST_SECRET:
            forms = _disguises(secret)
            self._needles.update(forms)
            signs = {*secret}
            if len(signs) >= _FEWEST_SIGNS and any(map(str.isdigit, signs)) and any(map(str.isalpha, signs)):
                self._parted += tuple(each for each in forms if len(each) >= _SHORTEST_PARTED)

    def check(self, data: bytes, *, where: str) -> None:
        """Raise SecretLeakError when a secret occurs in ``data``; the message never shows it."""
        if any(needle in data for needle in self._needles):
            raise _leak(where)

    def check_text(self, data: bytes, *, where: str) -> None:
        """Like `check`, also without white space, and with what is encoded or escaped letter by letter decoded."""
        self.check(data, where=where)
        # Most fields of a reply are shorter.
        if len(data) < _SHORTEST_PARTED:
            return
        decoded = _decoded(data)
        if decoded != data:
            self.check(decoded, where=where)
        if self._parted:
            plain = _without_blanks(decoded)
            if len(plain) < len(decoded) and any(needle in plain for needle in self._parted):
                raise _leak(where)

    def check_body(self, body: bytes, *, where: str) -> None:
        """Like `check_text`, for a received body and for what it says, put together."""
        self.check_text(body, where=where)
        # To read every event is worth it only where there is something to look for.
        for text in spoken(body) if self.is_needed else ():
            self.check_text(text.encode("utf-8", "replace"), where=where)


def _leak(where: str) -> SecretLeakError:
    return SecretLeakError(
        f"an API key was about to be written to {where}: recording stopped, nothing written"
    )


def _decoded(data: bytes) -> bytes:
    """The data with the letters decoded that are written as in a URL, or as JSON within JSON escapes them."""
    escaped = data.replace(b"\\u00", b"%")
    return _ENCODED.sub(
        lambda run: bytes.fromhex(run[0].replace(b"%", b"").decode()), escaped, count=_MOST_DECODED
    )


def _without_blanks(data: bytes) -> bytes:
    if b"\\" in data:
        for escape in _BLANK_ESCAPES:
            data = data.replace(escape, b"")
    return data.translate(None, _BLANKS)


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
