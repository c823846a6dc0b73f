"""A live key is found in every common disguise before it is written."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmxray.cassette import Journal, journal
from llmxray.cassette.scrub import SecretGuard, allowed_headers, spoken
from llmxray.errors import SecretLeakError
from llmxray.types import Chunk, Interaction

SECRET = "s3cr3t/with+odd=signs&\"and'more"


@given(before=st.binary(max_size=9), after=st.binary(max_size=9))
def test_base64_at_any_place(before: bytes, after: bytes) -> None:
    """Whatever stands around the key inside the encoded text."""
    guard = SecretGuard([SECRET])
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        with pytest.raises(SecretLeakError):
            guard.check(encode(before + SECRET.encode() + after), where="it")


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET, safe=""),
        quote(SECRET, safe="").lower(),
        json.dumps(SECRET),
        SECRET.replace("/", "\\/"),
        f"user:{SECRET}@host",
    ],
)
def test_forms(form: str) -> None:
    """Plain, URL-encoded in both cases, JSON-escaped; the message never shows it."""
    with pytest.raises(SecretLeakError) as caught:
        SecretGuard([SECRET]).check(form.encode(), where="the journal")
    assert SECRET not in str(caught.value)


def test_placeholders_are_no_secrets() -> None:
    """Five characters or fewer are not looked for."""
    SecretGuard(["EMPTY", ""]).check(b"EMPTY", where="it")


def token_by_token(secret: str) -> bytes:
    """A stream that tells the secret three characters an event."""
    parts = [secret[at : at + 3] for at in range(0, len(secret), 3)]
    events = [{"choices": [{"delta": {"content": part}}]} for part in parts]
    return (
        b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events) + b"data: [DONE]\n\n"
    )


@pytest.mark.parametrize("where", ["body", "halves", "tokens", "binary", "header", "request", "error"])
def test_journal_refuses(tmp_path: Path, make: Callable[..., Interaction], where: str) -> None:
    """In the body, across chunks, across events, in a body that is not text, a header, the request, an error."""
    secret = "correct-horse-battery"
    raw = secret.encode()
    changes = {
        "body": {"body": b'{"error": "' + raw + b'"}'},
        "halves": {"chunks": (Chunk(0.1, raw[:9]), Chunk(0.2, raw[9:]))},
        "tokens": {"body": token_by_token(secret)},
        "binary": {"body": b"\xff" + raw},
        "header": {"headers": (("x-request-id", secret),)},
        "request": {"request": {"model": secret}},
        "error": {"error": f"cannot reach {secret}"},
    }[where]
    with Journal(tmp_path, SecretGuard([secret])) as journalled, pytest.raises(SecretLeakError):
        journalled.append(make(**changes))
    assert b"" == (tmp_path / journal.NAME).read_bytes()


def test_allowed_headers() -> None:
    """Only listed names, in lower case, whose values can be sent again."""
    given_headers = [
        ("Content-Type", "a"),
        ("Set-Cookie", "x"),
        ("Authorization", "y"),
        ("X-Request-Id", "a\x00b"),
        ("Retry-After", "1"),
    ]
    assert (("content-type", "a"), ("retry-after", "1")) == allowed_headers(given_headers)


def test_at_the_bottom_of_a_deep_reply() -> None:
    """Deeper than Python's own recursion goes, in lists and in objects, one text in many pieces."""
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        event = b"data: " + (opening * 3_000 + '"sk-0123%s"' + closing * 3_000).encode() + b"\n\n"
        parts = [event.replace(b"%s", each) for each in (b"", b"x")]
        assert any("sk-0123" in text for text in spoken(parts[0]))
        assert "sk-0123sk-0123x" in list(spoken(b"".join(parts)))
