"""Findings: phrases filled with values, as HTML, as text, and without statistics."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llmxray.report import sentences
from llmxray.report.links import Link
from llmxray.report.sentences import Finding, Joined, terms
from llmxray.types import Estimate
from tests.wording import banned, long_sentences

PHRASES = {
    "t.plain": "{name} gets {share:percent} of {n:plural question} right.",
    "t.doubted": "It leads[ (95% {gap:points_interval}; *adjusted p* = {p:decimal 2})].",
    "t.where": "<In {suite}, >{name} leads<, by {by}>.",
    "t.link": "See {link}.",
    "t.term": "By *AUROC*, and by *AUROC*.",
}


@pytest.fixture(autouse=True)
def phrases(monkeypatch):
    """Phrases of these tests instead of the pages'."""
    trees = {kind: sentences._tree(iter(sentences._MARKS.split(text))) for kind, text in PHRASES.items()}
    monkeypatch.setattr(sentences, "_phrases", lambda: trees)
    with terms.on_page(terms.Page(name="p", explains=True)):
        yield


def test_values_are_written_as_numbers_writes_them():
    """And are never read as marks."""
    found = Finding("t.plain", name="a [b] {c} <d> *e*", share=0.5, n=2)
    assert "a [b] {c} <d> *e* gets 50% of 2 questions right." == str(found) == found.plain
    assert "a [b] {c} &lt;d&gt; *e* gets" in found.__html__()


def test_statistics_are_for_those_who_ask():
    """On a page they are marked, and their terms are explained."""
    found = Finding("t.doubted", gap=Estimate(0.1, low=0.05, high=0.2), p=0.03)
    assert "It leads (95% 5 to 20; adjusted p = 0.03)." == str(found)
    assert "It leads." == found.plain
    html = found.__html__()
    assert html.startswith('It leads<span class="stat"> (95% 5 to 20; ')
    assert 'popovertarget="about-p-' in html


def test_what_is_missing_is_left_out_with_its_words():
    """A value in the words decides."""
    assert "In S, a leads, by 4." == str(Finding("t.where", suite="S", name="a", by=4))
    assert "a leads." == str(Finding("t.where", suite="", name="a", by=None))


def test_findings_stand_in_one_another_and_in_a_row():
    """With links."""
    inner = Finding("t.link", link=Link(text="this", href="a.html?x=<"))
    assert 'See <a href="a.html?x=&lt;">this</a>.' == inner.__html__()
    assert "See this. a leads." == str(Joined(inner, None, Finding("t.where", suite="", name="a", by="")))


def test_a_term_is_explained_where_it_first_stands():
    """Its brackets and stops stay on its line."""
    html = Finding("t.term").__html__()
    assert 1 == html.count("<button")
    assert "AUROC</button>,</span>" in html
    assert ["AUROC"] == [term.name for _, term in terms.explanations()]


def test_every_phrase_of_the_pages_can_be_read(monkeypatch):
    """Marks are closed, and terms are those of the glossary."""
    monkeypatch.undo()
    for tree in sentences._phrases().values():
        for mark, inner in tree:
            if mark == "*":
                assert inner[0][1] in terms.WORDS


def test_phrases_are_short_and_have_no_banned_phrase():
    """At most 25 words, values and statistics aside; templates have no banned phrase either."""
    folder = Path(sentences.__file__).parent
    for path in folder.parent.rglob("*.html"):
        assert banned(path.read_text("utf-8")) == [], path
    for path in folder.glob("*.toml"):
        for phrase in every_text(tomllib.loads(path.read_text("utf-8"))):
            words = re.sub(r"\[[^\[\]]*\]|[<>*]", "", re.sub(r"\{[^{}]*\}", "x", phrase))
            assert [*banned(words), *long_sentences(words)] == [], path


def every_text(value: Any) -> Iterator[str]:
    """All texts of a file, however deep."""
    if isinstance(value, str):
        yield value
    else:
        for each in value.values() if isinstance(value, dict) else value:
            yield from every_text(each)
