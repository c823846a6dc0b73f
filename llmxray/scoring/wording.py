"""Text comparison of replies and options: texts are folded so that only their words count."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_WORD = re.compile(r"[^\W_]+(?:[.'’-][^\W_]+)*")
_ARTICLE = re.compile(r"(?:an?|the) (?=.)")
# Folded, so without punctuation; "I'm sorry, but I can't assist with that request."
_REFUSAL = re.compile(
    r"(?:(?:i'm|i am) sorry )?(?:but )?(?:i can't|i cannot|i can not|i won't|i'm unable to|i am unable to)"
    r" (?:assist|help|comply|answer|do)(?: you)?(?: with)?(?: that| this)?(?: request| question)?"
)
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ONES = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TEENS = [
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_NUMERALS = {
    word: str(value)
    for value, word in enumerate(
        ["zero", *_ONES, *_TEENS]
        + [f"{tens}{'-' if one else ''}{one}" for tens in _TENS for one in ("", *_ONES)]
    )
}


def to_plain_characters(text: str) -> str:
    """Return the text with full-width and similar characters made plain, all offsets unchanged."""
    if text.isascii():
        return text
    plain: dict[int, str] = {}
    # A long reply has few different characters.
    for character in set(text):
        form = unicodedata.normalize("NFKC", character)
        # Ligatures stay: as two letters they would move the offsets after them, by which tokens are found.
        if form != character and len(form) == 1:
            plain[ord(character)] = form
    return text.translate(plain) if plain else text


def fold(text: str) -> str:
    """Return the words of a text in small letters, one space between them, without a leading article."""
    words = " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))
    return _ARTICLE.sub("", words, count=1) if _ARTICLE.match(words) else words


def in_digits(folded: str) -> str:
    """Return folded words with the whole numbers below 100 that are written as words in digits."""
    return " ".join(_NUMERALS.get(word, word) for word in folded.split(" "))


def is_refusal(text: str) -> bool:
    """Return whether the whole text is one of a few sentences that refuse; nothing else is read from words."""
    # No such sentence is longer, and a reply may be megabytes.
    return len(text) < 120 and _REFUSAL.fullmatch(fold(text.replace("’", "'"))) is not None


def find_named_option(text: str, choices: Sequence[str]) -> int | None:
    """Return the index of the one option that is the whole text; None for none or several.

    Options are compared as written first: "AA" and "Aa", or "-5" and "5", fold to the same words.
    """
    tidy = " ".join(text.split()).removesuffix(".")
    words = fold(text)
    exact = [i for i, choice in enumerate(choices) if " ".join(choice.split()).removesuffix(".") == tidy]
    matches = exact or [i for i, choice in enumerate(choices) if words and fold(choice) == words]
    return matches[0] if tidy and len(matches) == 1 else None
