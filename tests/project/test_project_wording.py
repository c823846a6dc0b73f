"""Sentences of Methods and of the docs are short; no banned phrase stands in docs, help or messages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmxray.report.wording import DEFINITIONS
from tests.wording import banned, long_sentences

ROOT = Path(__file__).parents[2]
# Help is in docs/cli.md, which is made from it.
DOCS = sorted(path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")))
MODULES = sorted((ROOT / "llmxray").rglob("*.py"))


def plain(markdown: str) -> str:
    """The words that a reader sees; code counts as one."""
    text = re.sub(r"<!--.*?-->", "", re.sub(r"`[^`]*`", "X", markdown), flags=re.DOTALL)
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).replace("**", "")


def blocks(markdown: str) -> Iterator[str]:
    """Paragraphs, items of lists and cells of tables, without code."""
    for block in re.split(r"\n\s*\n|\n(?=[-*|#\d])", re.sub(r"```.*?```", "", markdown, flags=re.DOTALL)):
        yield from block.split("|") if block.lstrip().startswith("|") else [block]


def literals(module: ast.AST) -> Iterator[str]:
    """Texts of a module that its users may read: all but docstrings, which explain it to those who change it."""
    docs = {
        id(node.body[0].value)
        for node in ast.walk(module)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        if node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


@pytest.mark.parametrize("name", DOCS)
def test_docs_are_in_plain_words(name: str) -> None:
    """In every paragraph and cell sentences are short, and no banned phrase stands anywhere."""
    text = (ROOT / name).read_text("utf-8")
    assert [found for block in blocks(text) for found in long_sentences(plain(block))] == []
    assert banned(text) == []


def test_messages_say_no_banned_phrase() -> None:
    """Nor do other texts in the code."""
    texts = [text for path in MODULES for text in literals(ast.parse(path.read_text("utf-8")))]
    assert len(texts) > 10_000
    assert [(text, banned(text)) for text in texts if banned(text)] == []


def test_sentences_of_methods_are_short() -> None:
    """Formulas are none."""
    assert [found for each in DEFINITIONS for found in long_sentences(plain(each.text))] == []


def test_a_long_sentence_is_found() -> None:
    """Twenty-six words, one of them code; a colon ends a sentence."""
    words = " ".join(["word"] * 25)
    assert list(long_sentences(plain(f"{words} `a b`."))) == [f"{words} X."]
    assert list(long_sentences(plain(f"**{words}:** (in brackets more) word.<!-- a note -->"))) == []


def test_a_banned_phrase_is_found() -> None:
    """Over the end of a line, and in a text that is put together; a docstring is for others."""
    module = ast.parse('"""Two that are told apart."""\nsay(f"{two} are told\\n apart")')
    assert [banned(text) for text in literals(module)] == [["told apart"]]
