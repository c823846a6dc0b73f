"""JSON of which nothing is certain: values of the expected type, or an empty one of that type."""

from __future__ import annotations

import json
from collections.abc import Iterable

from llmxray.limits import JSON_CHARACTERS, JSON_DEPTH
from llmxray.types import Json

# None is taken: it is what the JSON text null reads as.
NO_JSON = object()
# Beyond it a double skips whole numbers, and nothing that a server counts comes near.
_MOST = 2**53
# Made once: `json.loads` makes a decoder for each text that it reads otherwise than usual.
_DECODE = json.JSONDecoder(strict=False).decode


def parse(text: str) -> object:
    """The value of a JSON text; `NO_JSON` where it is none, too large, or nested more than 200 levels deep.

    Tabs, line ends and other controls within its texts are taken as they stand: what they mean is certain.
    """
    if len(text) > JSON_CHARACTERS:
        return NO_JSON
    try:
        value = _DECODE(text)
    # Bottomless nesting is an answer that a hostile server can give.
    except (ValueError, RecursionError):
        return NO_JSON
    # Counting brackets costs next to nothing, and nearly no text has so many.
    if text.count("[") + text.count("{") <= JSON_DEPTH:
        return value
    return NO_JSON if is_nested_deeper(value) else value


def is_nested_deeper(value: object) -> bool:
    """Whether a value is nested more than `JSON_DEPTH` levels deep."""
    level = [value]
    for _ in range(JSON_DEPTH):
        level = [each for outer in level for each in inside(outer)]
        if not level:
            return False
    return True


def inside(value: object) -> Iterable[object]:
    """The values of an object or a list; what is neither has none."""
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def text_of(value: Json) -> str:
    """The value where it is a text, else ""."""
    return value if isinstance(value, str) else ""


def dicts_of(value: Json) -> list[dict[str, Json]]:
    """The objects of a list; what is no list has none."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def count_of(value: Json) -> int | None:
    """The value where it is a whole number from 0 to 2^53, else None."""
    # Not isinstance: JSON's true is an int in Python, and no count.
    return value if type(value) is int and 0 <= value <= _MOST else None


def well_formed(text: str) -> str:
    """The text with halves of a surrogate pair joined where they meet; a half alone becomes U+FFFD."""
    if text.isascii():
        return text
    # Nearly every text is whole: only the others go the long way.
    try:
        text.encode()
    except UnicodeEncodeError:
        # In UTF-16 two halves side by side are one character: decoding joins them, and replaces a half alone.
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
