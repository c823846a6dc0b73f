"""Token entries (``logprobs.content``) in the text of a stream: taken out of it, and put back.

An entry is kept as *symbols* and numbers. A symbol is the text of a token's object without its number, such as
``{"id":504,"token":"The","bytes":[84,104,101],"logprob":⟨number⟩}``; tokens repeat, so symbols do. In a symbol,
``NUMBER`` stands for the logprob and ``UTF8`` for the list of the UTF-8 bytes of its token. In the text that is
left, one mark stands for each entry: ``ENTRY``, or ``SPACED`` where a space follows commas and colons.

Nothing is trusted: who stores what `take_entries` found must check that `entry_text` gives the text back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import NamedTuple

from llmxray.wire.short_texts import cached_if_short

# Control characters, which JSON does not allow unescaped: no stream of JSON holds them.
NUMBER, ENTRY, SPACED, UTF8 = "\x00", "\x01", "\x02", "\x06"

# Possessive throughout: a text that only begins like an entry is given up at once, however long it is,
# where backtracking would try every way to part it.
_STRING = r'"(?:[^"\\]++|\\.)*+"'
# No backslash outside of strings: a quote behind one would be taken for the start of a string.
_HEAD = rf'\{{(?:[^{{}}"\\]++|(?!"logprob":){_STRING})*+"logprob":'
_NUMERAL = r"-?\d++(?:\.\d++)?+(?:[eE][-+]?\d++)?+"
# What may follow the number within its object: ends before the closing brace or before the alternatives.
_TAIL = rf'(?:,(?! ?"top_logprobs")(?:[^{{}}",\[\]\\]++|\[[\d, ]*+\]|{_STRING})*+)*+'
_BARE = rf"{_HEAD} ?{_NUMERAL}{_TAIL}\}}"
_ALTERNATIVE = re.compile(rf"({_HEAD} ?)({_NUMERAL})({_TAIL})\}}")
# Exactly what `entry_text` writes: the space behind the colon, or none, stands behind every comma and colon.
_ENTRY = (
    rf"({_HEAD}( ?))({_NUMERAL})({_TAIL})"
    rf'(?:,\2"top_logprobs":\2\[((?:{_BARE}(?:,\2{_BARE})*+)?+)\])?\}}'
)
# Strings are found too, whole or without their end, and passed over: a brace inside of one begins no entry.
_ENTRY_OR_STRING = re.compile(rf'{_ENTRY}|"(?:[^"\\]++|\\.)*+"?')
_TOKEN = re.compile(rf'"token": ?({_STRING})')
_BYTES = re.compile(r'"bytes": ?(\[[\d, ]*\])')


class TextEntry(NamedTuple):
    """One token entry: symbol and number of the token, and of each alternative; None without a list of them."""

    symbol: str
    number: str
    top: tuple[tuple[str, str], ...] | None


def take_entries(text: str) -> tuple[str, list[TextEntry]]:
    """The text with a mark for each token entry, and the entries."""
    entries: list[TextEntry] = []
    style = ""

    def take(match: re.Match[str]) -> str:
        nonlocal style
        head, space, number, tail, listed = match.groups()
        # A reader writes all entries of an event in one style: those in another stay in the text.
        if head is None or (entries and space != style):
            return match[0]
        style = space
        top = None
        if listed is not None:
            top = tuple((_symbol(a, c), b) for a, b, c in _ALTERNATIVE.findall(listed))
        entries.append(TextEntry(_symbol(head, tail), number, top))
        return SPACED if space else ENTRY

    return _ENTRY_OR_STRING.sub(take, text), entries


def entry_text(head: str, number: str, tail: str, alternatives: Sequence[str] | None, *, spaced: bool) -> str:
    """The text of one entry; ``alternatives`` are whole objects."""
    if alternatives is None:
        return f"{head}{number}{tail}}}"
    if spaced:
        return f'{head}{number}{tail}, "top_logprobs": [{", ".join(alternatives)}]}}'
    return f'{head}{number}{tail},"top_logprobs":[{",".join(alternatives)}]}}'


def open_symbol(symbol: str) -> tuple[str, str]:
    """What a symbol writes before its number and after it (the closing brace left to the entry).

    Raises:
        ValueError: this is no symbol.
    """
    if UTF8 in symbol:
        token = _TOKEN.search(symbol)
        if token is None:
            raise ValueError("a symbol without a token")
        listed = _utf8_list(token[1], ", " if '"bytes": ' in symbol else ",")
        # Once: a symbol that somebody else wrote may have the mark a million times.
        symbol = symbol.replace(UTF8, listed, 1)
    head, mark, tail = symbol.partition(NUMBER)
    if not mark:
        raise ValueError("a symbol without a place for its number")
    return head, tail


def token_text(head: str, tail: str) -> str:
    """The JSON text of the token of a symbol, without its quotes; "" when it has none."""
    token = _TOKEN.search(head) or _TOKEN.search(tail)
    return token[1][1:-1] if token else ""


@cached_if_short(1 << 16, longest=500)
def _symbol(head: str, tail: str) -> str:
    text = f"{head}{NUMBER}{tail}"
    token, listed = _TOKEN.search(text), _BYTES.search(text)
    if token is None or listed is None:
        return text
    symbol = text[: listed.start(1)] + UTF8 + text[listed.end(1) :]
    # A list that its token does not tell stays: servers split characters over tokens.
    try:
        return symbol if "".join(open_symbol(symbol)) == text.replace(NUMBER, "") else text
    except ValueError:
        return text


def _utf8_list(quoted: str, comma: str) -> str:
    token: str = json.loads(quoted)
    # A token may be half of a surrogate pair, written as an escape.
    return f"[{comma.join(map(str, token.encode('utf-8', 'surrogatepass')))}]"
