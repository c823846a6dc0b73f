"""Secrets: keep them out of files, and search for them.

Headers are kept by an allow-list, never a deny-list. A live key is looked for in everything about to be written: as it
is, in base64 (at each of the three alignments), URL-encoded and escaped in JSON. A server that wants to spell a key out
in pieces has it already.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from urllib.parse import quote

from llmxray.errors import SecretLeakError

KEPT_HEADERS = frozenset(
    {"content-type", "retry-after", "openai-version", "x-request-id", "openai-processing-ms"}
)

# Shapes of keys that well-known services hand out; used by `find_keys`, which does not have the keys.
KEY_SHAPES = re.compile(
    rb"(?:(?<![A-Za-z0-9_-])|(?<=\\[nrt]))(?:sk-[A-Za-z0-9_-]{20,}|gsk_[A-Za-z0-9]{20,}"
    rb"|hf_[A-Za-z0-9]{30,}|AIza[A-Za-z0-9_-]{35}|xai-[A-Za-z0-9]{20,}|Bearer\s+[A-Za-z0-9._-]{20,}"
    # NVIDIA, Perplexity, Cerebras, Replicate, Fireworks, Together; AWS; GitHub's in both forms.
    rb"|nvapi-[A-Za-z0-9_-]{40,}|pplx-[A-Za-z0-9]{40,}|csk-[a-z0-9]{40,}|r8_[A-Za-z0-9]{30,}|fw_[A-Za-z0-9]{20,}"
    rb"|tgp_v1_[A-Za-z0-9_-]{30,}|AKIA[0-9A-Z]{16}(?![0-9A-Za-z])|gh[oprsu]_[A-Za-z0-9]{36}"
    rb"|github_pat_[A-Za-z0-9_]{50,})"
)
_SHORTEST_SECRET = 6
# Placeholder keys of servers' guides, whose names occur in replies.
_PLACEHOLDERS = frozenset(
    {
        *("ollama", "lm-studio", "lm_studio", "lmstudio", "anything", "unused", "not-needed", "not_needed"),
        *("no-key-needed", "no-key-required", "sk-no-key-required"),
    }
)


def allowed_headers(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The allow-listed headers, names in lower case, in received order."""
    kept = ((name.lower(), value) for name, value in headers if is_recorded_header(name))
    # A value that is not text could not be sent again.
    return tuple((name, value) for name, value in kept if value.isprintable())


def is_recorded_header(name: str) -> bool:
    """Whether a response header of that name is recorded, read from a recording, and sent again."""
    return name.lower() in KEPT_HEADERS


class SecretGuard:
    """Refuses bytes in which one of the secrets occurs, in any of its common disguises."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets: set[str] = set()
        self._needles: set[bytes] = set()
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Look for one more secret from now on; fewer than six characters are a placeholder, not a key."""
        if len(secret) < _SHORTEST_SECRET or secret in self._secrets or secret.lower() in _PLACEHOLDERS:
            return
        self._secrets.add(secret)
        self._needles.update(_disguises(secret))

    def check(self, data: bytes, *, where: str) -> None:
        """Raise SecretLeakError when a secret occurs in ``data``; the message never shows it."""
        if any(needle in data for needle in self._needles):
            raise SecretLeakError(
                f"an API key was about to be written to {where}: recording stopped, nothing written"
            )


def _disguises(secret: str) -> tuple[bytes, ...]:
    # Headers that are not UTF-8 are read so.
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
