"""Comparing what was said with what was offered: texts folded so that only their words count."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_WORD = re.compile(r"[^\W_]+(?:[.'’-][^\W_]+)*")
_ARTICLE = re.compile(r"(?:an?|the) (?=.)")


def one_to_one(text: str) -> str:
    """The text with full-width and similar characters made plain, each offset unchanged."""
    if text.isascii():
        return text
    plain = (unicodedata.normalize("NFKC", character) for character in text)
    # A ligature becomes two letters: every offset after it would move, and offsets find the token.
    return "".join(new if len(new) == 1 else old for new, old in zip(plain, text, strict=True))


def folded(text: str) -> str:
    """The words of a text in small letters, one space between them, without an article in front."""
    words = " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))
    return _ARTICLE.sub("", words, count=1) if _ARTICLE.match(words) else words


def contains_words(text: str, words: str) -> bool:
    """Whether folded ``words`` stand in folded ``text`` as whole words."""
    return bool(words) and f" {words} " in f" {text} "


def named_option(text: str, choices: Sequence[str]) -> tuple[int, bool] | None:
    """(index, whether it is the whole text) of the one option that a text names; None for none or several.

    Options are compared as written first: "AA" and "Aa", or "-5" and "5", fold to the same words.
    """
    tidy = " ".join(text.split()).removesuffix(".")
    said = folded(text)
    if not tidy:
        return None
    options = [folded(choice) for choice in choices]
    exact = [i for i, choice in enumerate(choices) if " ".join(choice.split()).removesuffix(".") == tidy]
    whole = exact or [i for i, option in enumerate(options) if said and option == said]
    if whole:
        return (whole[0], True) if len(whole) == 1 else None
    inside = [i for i, option in enumerate(options) if contains_words(said, option)]
    # "carbon dioxide" names that option and not "carbon": the longer of two that nest is meant.
    inside = [i for i in inside if not any(i != j and contains_words(options[j], options[i]) for j in inside)]
    return (inside[0], False) if len(inside) == 1 else None
