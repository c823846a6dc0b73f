"""How much memory the value of a JSON text takes, counted in the text before it is parsed."""

from __future__ import annotations

# What CPython takes at most for each mark of a JSON text; `tests/cassette/test_cassette_bounds.py` measures it. A text
# takes 56 bytes beside its characters; a place in a list grows by an eighth too much; a member of an object stands in
# its table and in the parser's table of keys, and each of these is copied when it grows.
_QUOTE_BYTES, _PLACE_BYTES, _LIST_BYTES, _OBJECT_BYTES, _MEMBER_BYTES, _NUMBER_BYTES = 28, 12, 96, 96, 100, 32
# UTF-8 of characters that take four bytes each, and all others of their text with them; escaped, they are ASCII.
_WIDEST = (b"\xf0", b"\xf1", b"\xf2", b"\xf3", b"\xf4", b"\\u")
# What is counted, with digits and what else stands in a number as one of each; the rest is left out. Whole numbers up
# to 99 are there already. Every other one is negative, or has three digits or points in a row, or an exponent.
_COUNTED = b'",[{:\n-0123456789.+eE'
_AS_ONE = bytes.maketrans(b"123456789.+E", b"00000000000e")
_REST = bytes(set(range(256)) - set(_COUNTED))
_NUMBERS = (b"-", b"000", b"0e")
# No value takes more for each character of its text: lists within lists take half of it.
MOST_PER_CHARACTER = 100


def json_bytes(text: bytes | str) -> int:
    """Bytes of memory that the value of a JSON text takes, or the values of many lines together; never less."""
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    width = character_bytes(raw)
    # A third of the time that it takes to count in the text itself.
    count = raw.translate(_AS_ONE, _REST).count
    # Characters stand in the decoded text too, while it is read. Marks inside of texts are counted too: no weight is
    # negative, so that they only make it more.
    return (
        2 * width * len(text)
        + _QUOTE_BYTES * count(b'"')
        + _PLACE_BYTES * (count(b",") + count(b"\n"))
        + _LIST_BYTES * count(b"[")
        + _OBJECT_BYTES * count(b"{")
        + _MEMBER_BYTES * count(b":")
        + _NUMBER_BYTES * sum(map(count, _NUMBERS))
    )


def character_bytes(raw: bytes) -> int:
    """Bytes that a character of a text takes once its UTF-8 is decoded, with its escapes in JSON; never less."""
    if raw.isascii() and b"\\u" not in raw:
        return 1
    return 4 if any(map(raw.__contains__, _WIDEST)) else 2
