"""What a reader meets in words: no banned phrase, short sentences, headings in one style, labels that name inputs."""

from __future__ import annotations

import html
import os
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from watching import kinds

from tests.wording import banned, long_sentences

# Recorded text, tables and code are no sentences of the page; svg and option texts are labels.
SKIPPED = {
    "script", "style", "template", "table", "code", "pre", "svg", "math", "select", "kbd", "nav", "blockquote",
}  # fmt: skip
MODEL_TEXT = {
    "menu",
    "quote",
    "words",
    "written",
    "likely",
    "quoted",
    "asked",
    "reply",
    "question",
    "prompt-text",
    "answer-text",
    "said-by",
}
BLOCKS = {
    "p", "li", "h1", "h2", "h3", "h4", "dd", "dt", "figcaption", "summary", "div", "section", "td", "th", "ul", "ol",
    "label", "button", "legend", "nav", "header", "footer", "main", "article", "details", "form", "fieldset", "br",
    "option", "blockquote", "aside", "dl", "figure", "body", "head", "title",
}  # fmt: skip
VOID = {"br", "img", "input", "hr", "meta", "link", "wbr", "col", "source"}


class Words(HTMLParser):
    """The text of a page in blocks, each with its tag."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[tuple[str, str]] = []
        self._open: list[tuple[str, bool]] = []
        self._tag = "body"
        self._parts: list[str] = []

    def _flush(self, tag: str) -> None:
        text = " ".join("".join(self._parts).split())
        if text:
            self.blocks.append((self._tag, text))
        self._parts, self._tag = [], tag

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS:
            self._flush(tag)
        if tag not in VOID:
            names = set(str(dict(attrs).get("class") or "").split())
            self._open.append((tag, tag in SKIPPED or bool(names & MODEL_TEXT)))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass
        if tag in BLOCKS:
            inner = next((name for name, _ in reversed(self._open) if name in BLOCKS), "body")
            self._flush(inner)

    def handle_data(self, data: str) -> None:
        if not any(skipped for _, skipped in self._open):
            self._parts.append(data)


def blocks(path: Path) -> list[tuple[str, str]]:
    """(tag, text) of every block of a page, outside tables, code and model text."""
    reader = Words()
    reader.feed(path.read_text("utf-8"))
    return reader.blocks


def labels_of(site: Path) -> list[str]:
    """Labels of all conditions, longest first, as Results has them in its heads."""
    text = "".join(path.read_text("utf-8") for path in site.glob("*/results.html"))
    heads = re.findall(r'<th scope="col" class="num c\d+">(.*?)</th>', text)
    names = {" ".join(html.unescape(re.sub(r"<[^>]+>", "", each)).split()) for each in heads}
    return sorted(names - {""}, key=len, reverse=True)


def pages(site: Path) -> list[Path]:
    """Every page but those of single pairs, which repeat one template, and of recorded text."""
    return [
        path for path in sorted(site.glob("**/*.html")) if "~" not in path.name and path.stem != "all-answers"
    ]


def test_sentences_are_short_and_have_no_banned_phrase(site: Path) -> None:
    """At most 25 words outside Methods, tables and model text."""
    labels = labels_of(site)
    assert labels
    wrong = set()
    for path in pages(site):
        for _, text in blocks(path):
            wrong |= {(path.relative_to(site).as_posix(), phrase) for phrase in banned(text)}
            # A list of links is no sentence.
            if path.name != "methods.html" and " · " not in text:
                wrong |= {(path.name, sentence) for sentence in long_sentences(text, labels)}
    assert wrong == set()


def test_pages_are_valid_html(root: Path, site: Path) -> None:
    """One page of each kind, by html-validate: a label names its input, and ids are unique."""
    binary = root / ".ci/js/node_modules/.bin/html-validate"
    if not binary.exists():
        if os.environ.get("CI"):
            pytest.fail("html-validate is not installed: npm ci in .ci/js")
        pytest.skip("html-validate is not installed")
    chosen = [str(path) for path in kinds(site).values()]
    command = [
        str(binary),
        "--config",
        str(root / ".ci/js/htmlvalidate.json"),
        "--formatter",
        "text",
        *chosen,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
