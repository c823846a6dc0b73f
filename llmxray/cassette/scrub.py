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
from string import hexdigits
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

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
_BLANKS = b" \t\r\n\v\f\x1c\x1d\x1e\x1f\0"
_WIDE_BLANKS = tuple(chr(code).encode() for code in range(0x80, 0x3001) if chr(code).isspace())
_BLANK_ESCAPES = (b"\\n", b"\\r", b"\\t", b"\\f")
# The value of each hexadecimal digit by its code, and what stands for others.
_NO_DIGIT = 16
_DIGITS = np.array([int(chr(n), 16) if chr(n) in hexdigits else _NO_DIGIT for n in range(256)], np.uint8)
_PIECE_BYTES = 1 << 20
# What servers' own guides give in the place of a key. Their names stand in their replies.
_PLACEHOLDERS = frozenset(
    {
        *("ollama", "lm-studio", "lm_studio", "lmstudio", "anything", "unused", "not-needed", "not_needed"),
        *("no-key-needed", "no-key-required", "sk-no-key-required"),
    }
)
# A key has more than a few signs: not "0000000000000000".
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
    and nothing of it put together. One with NULs is also read as UTF-16 or UTF-32, and as the ASCII that it holds.
    """
    yield from _spoken(body)
    if b"\0" in body:
        found = json.detect_encoding(body)
        for coding in ("utf-16-le", "utf-16-be") if found.startswith("utf-8") else (found,):
            yield from _spoken(body.decode(coding, "replace").encode("utf-8", "replace"))
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
        self._secrets: set[str] = set()
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
        if len(secret) < _SHORTEST_SECRET or secret in self._secrets or secret.lower() in _PLACEHOLDERS:
            return
        self._secrets.add(secret)
        forms = _disguises(secret)
        self._needles.update(forms)
        if _is_no_word(secret):
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


def _is_no_word(secret: str) -> bool:
    """Whether words or numbers that follow each other in a text do not make it up once the blanks are gone."""
    if KEY_SHAPES.match(secret.encode("utf-8", "surrogateescape")):
        return True
    is_plain = secret.isdigit() or (secret.isalpha() and (secret.islower() or secret.isupper()))
    return len({*secret}) >= _FEWEST_SIGNS and not is_plain


def _decoded(data: bytes) -> bytes:
    """The data with the letters decoded that are written as in a URL, or as JSON within JSON escapes them."""
    escaped = data.replace(b"\\u00", b"%")
    if b"%" not in escaped:
        return escaped
    pieces, start = [], 0
    while start < len(escaped):
        end = min(start + _PIECE_BYTES, len(escaped))
        # No letter may be cut.
        cut = escaped.rfind(b"%", end - 2, end) if end < len(escaped) else -1
        end = end if cut < 0 else cut
        pieces.append(_decoded_piece(np.frombuffer(escaped, np.uint8, end - start, start)))
        start = end
    return b"".join(pieces)


def _decoded_piece(codes: NDArray[np.uint8]) -> bytes:
    digits = _DIGITS[codes]
    first, second = digits[1:-1], digits[2:]
    encoded = (codes[:-2] == ord("%")) & (first < _NO_DIGIT) & (second < _NO_DIGIT)
    decoded, kept = codes.copy(), np.ones(len(codes), bool)
    decoded[:-2][encoded] = first[encoded] * 16 + second[encoded]
    kept[1:-1] &= ~encoded
    kept[2:] &= ~encoded
    return decoded[kept].tobytes()


def _without_blanks(data: bytes) -> bytes:
    if b"\\" in data:
        for escape in _BLANK_ESCAPES:
            data = data.replace(escape, b"")
    if not data.isascii():
        for blank in _WIDE_BLANKS:
            data = data.replace(blank, b"")
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
