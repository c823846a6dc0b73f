"""Text comparison of replies and options: texts are folded so that only their words count."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_WORD = re.compile(r"[^\W_]+(?:[.'’-][^\W_]+)*")
_ARTICLE = re.compile(r"(?:an?|the) (?=.)")


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


def contains_words(text: str, words: str) -> bool:
    """Return whether folded ``words`` occur in folded ``text`` as whole words."""
    return bool(words) and f" {words} " in f" {text} "


def find_named_option(text: str, choices: Sequence[str]) -> tuple[int, bool] | None:
    """Return (index, whether it is the whole text) of the one option that a text names; None for none or several.

    Options are compared as written first: "AA" and "Aa", or "-5" and "5", fold to the same words.
    """
    tidy = " ".join(text.split()).removesuffix(".")
    text_words = fold(text)
    if not tidy:
        return None
    options = [fold(choice) for choice in choices]
    exact = [i for i, choice in enumerate(choices) if " ".join(choice.split()).removesuffix(".") == tidy]
    matches = exact or [i for i, option in enumerate(options) if text_words and option == text_words]
    if matches:
        return (matches[0], True) if len(matches) == 1 else None
    inside = [i for i, option in enumerate(options) if contains_words(text_words, option)]
    # Of nested options the longer is meant: "carbon dioxide" does not name "carbon".
    inside = [i for i in inside if not any(i != j and contains_words(options[j], options[i]) for j in inside)]
    return (inside[0], False) if len(inside) == 1 else None
