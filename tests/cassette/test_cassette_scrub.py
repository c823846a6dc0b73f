"""A live key is found in every common disguise before it is written."""

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmxray.cassette import Journal, journal
from llmxray.cassette.key_scan import find_keys
from llmxray.cassette.scrub import SecretGuard, allowed_headers
from llmxray.errors import SecretLeakError
from llmxray.types import Chunk

SECRET = "s3cr3t/with+odd=signs&\"and'more"


@given(before=st.binary(max_size=9), after=st.binary(max_size=9))
def test_base64_at_any_place(before, after):
    """Whatever stands around the key inside the encoded text."""
    guard = SecretGuard([SECRET])
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        with pytest.raises(SecretLeakError):
            guard.check(encode(before + SECRET.encode() + after), where="it")


@pytest.mark.parametrize(
    "form", [SECRET, quote(SECRET, safe=""), json.dumps(SECRET), SECRET.replace("/", "\\/")]
)
def test_forms(form):
    """Plain, URL-encoded in both cases, JSON-escaped; the message never shows it."""
    with pytest.raises(SecretLeakError) as caught:
        SecretGuard([SECRET]).check(form.encode(), where="the journal")
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("word", ["ollama", "lm-studio", "not-needed"])
def test_words_of_servers_guides_are_no_keys(word):
    """Ollama's replies name it, and its guide gives that word as the key."""
    SecretGuard([word]).check(f'{{"system_fingerprint": "fp_{word}"}}'.encode(), where="it")


@pytest.mark.parametrize("where", ["halves", "binary", "header", "request", "error"])
def test_journal_refuses(tmp_path, make, where):
    """In the body, across chunks, in a body that is not text, encoded, a header, the request, an error."""
    secret = "correct/horse+battery"
    raw = secret.encode()
    changes = {
        "halves": {"chunks": (Chunk(0.1, raw[:9]), Chunk(0.2, raw[9:]))},
        "binary": {"body": b"\xff" + raw},
        "header": {"headers": (("x-request-id", secret),)},
        "request": {"request": {"model": secret}},
        "error": {"error": f"cannot reach {secret}"},
    }[where]
    with Journal(tmp_path, SecretGuard([secret])) as journalled, pytest.raises(SecretLeakError):
        journalled.append(make(**changes))
    assert b"" == (tmp_path / journal.NAME).read_bytes()


def test_allowed_headers():
    """Only listed names, in lower case, whose values can be sent again."""
    given_headers = [
        ("Content-Type", "a"),
        ("Set-Cookie", "x"),
        ("Authorization", "y"),
        ("X-Request-Id", "a\x00b"),
        ("Retry-After", "1"),
    ]
    assert (("content-type", "a"), ("retry-after", "1")) == allowed_headers(given_headers)


def test_a_scan_reads_nothing_outside(tmp_path):
    """A link is named, and not followed."""
    directory = tmp_path / "c"
    directory.mkdir()
    outside = tmp_path / "notes.txt"
    outside.write_text("sk-" + "a" * 48)
    (directory / "link.txt").symlink_to(outside)
    assert find_keys(directory) == [f"{directory / 'link.txt'}: a link, which is not looked through"]
