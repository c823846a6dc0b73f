"""Sentences of Methods and of the docs that a reader comes to first are short."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmxray.report.wording.definitions import DEFINITIONS

MOST_WORDS = 25
EXTEND = ("chart", "index", "metric", "page", "quirk", "suite")
DOCS = ("cassette", "failures", "packs", "trust", *(f"extend/{name}" for name in EXTEND))


def long_sentences(text: str) -> Iterator[str]:
    """Those with more than 25 words; code counts as one word, brackets are left out."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", re.sub(r"`[^`]*`", "X", text))
    text = re.sub(r"\([^()]*\)|“[^”]*”", "", text)
    for sentence in re.split(r"(?<=[.?!:;])\s+", " ".join(text.split())):
        if len(re.findall(r"\w[\w.,'’%-]*", sentence)) > MOST_WORDS:
            yield sentence


def blocks(markdown: str) -> Iterator[str]:
    """Paragraphs, items of lists and cells of tables, without code."""
    for block in re.split(r"\n\s*\n|\n(?=[-*|#\d])", re.sub(r"```.*?```", "", markdown, flags=re.DOTALL)):
        yield from block.split("|") if block.lstrip().startswith("|") else [block]


@pytest.mark.parametrize("name", DOCS)
def test_sentences_of_the_docs_are_short(root: Path, name: str) -> None:
    """In every paragraph and cell."""
    text = (root / f"docs/{name}.md").read_text("utf-8")
    assert [found for block in blocks(text) for found in long_sentences(block)] == []


def test_sentences_of_methods_are_short() -> None:
    """Formulas are none."""
    assert [found for each in DEFINITIONS for found in long_sentences(each.text)] == []


def test_a_long_sentence_is_found() -> None:
    """Twenty-six words, one of them code; a colon ends a sentence."""
    words = " ".join(["word"] * 25)
    assert list(long_sentences(f"{words} `a b`.")) == [f"{words} X."]
    assert list(long_sentences(f"{words}: (in brackets more) word.")) == []
