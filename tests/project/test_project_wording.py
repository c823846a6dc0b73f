"""Sentences of Methods and of the docs are short; no banned phrase stands in docs, help or messages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

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


def test_docs_are_in_plain_words():
    """In every paragraph and cell sentences are short, and no banned phrase stands anywhere."""
    for name in DOCS:
        text = (ROOT / name).read_text("utf-8")
        found = [sentence for block in blocks(text) for sentence in long_sentences(plain(block))]
        assert (name, found, banned(text)) == (name, [], [])


def test_messages_say_no_banned_phrase():
    """Nor do other texts in the code."""
    texts = [text for path in MODULES for text in literals(ast.parse(path.read_text("utf-8")))]
    assert len(texts) > 10_000
    assert [(text, banned(text)) for text in texts if banned(text)] == []
