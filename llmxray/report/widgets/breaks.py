"""Places to break a line inside of words that no line holds: a label or an option may have 150 letters and no space."""

from __future__ import annotations

import re

# No word that people write; hashes have 64 letters and digits, and code and addresses break by rules of their own.
_LONG = r"[^\W\d]{40,}|\w{70,}"
# A break is nothing in an attribute or a script, and in a drawing it hides what follows.
_ELSEWHERE = r"(?s:<!--.*?-->|<(script|style|title|textarea|option|template|svg)\b.*?</\1\s*>|<[^>]*>)"
_HOLDS_LONG = re.compile(_LONG)
_EITHER = re.compile(f"{_ELSEWHERE}|{_LONG}")
# As long as a column of a table may become narrow.
_PIECE = 5


def breakable(html: str) -> str:
    """A page whose longest words may break anywhere; any other page as it is.

    Breaks by style (``overflow-wrap: anywhere``) would let tables break their usual words, too.
    """
    return _EITHER.sub(_broken, html) if _HOLDS_LONG.search(html) else html


def _broken(found: re.Match[str]) -> str:
    text = found[0]
    if text.startswith("<"):
        return text
    return "<wbr>".join(text[at : at + _PIECE] for at in range(0, len(text), _PIECE))
