"""Scripts name only pages that every experiment has, templates none; addresses of the others come from the registry."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmxray.report.pages import PAGES, always

REPORT = Path(__file__).parents[2] / "llmxray/report"
NAMES = {page.name for page in PAGES} | {name for page in PAGES for name in page.beside}
EVERYWHERE = {page.name for page in PAGES if page.applies is always and len(page.kinds) == 2} | {
    name for page in PAGES for name, applies in page.beside.items() if applies is always
}


def literal_pages(source: str) -> Iterator[str]:
    """Names of an experiment's pages that a template or script spells out as an address."""
    for name in re.findall(r"[\"'`]([a-z-]+)\.html(?=[\"'`?#$])", source):
        if name in NAMES:
            yield name


def test_what_every_experiment_has() -> None:
    """Those that links may name."""
    assert {"index", "answers", "answer", "results", "methods"} == EVERYWHERE


@pytest.mark.parametrize("path", sorted(REPORT.rglob("*.js")), ids=lambda path: path.name)
def test_scripts_name_pages_of_every_experiment_only(path: Path) -> None:
    """And a page's own script may name the page."""
    assert set(literal_pages(path.read_text("utf-8"))) <= EVERYWHERE | {path.stem, path.parent.name}


@pytest.mark.parametrize(
    "path", sorted(REPORT.rglob("*.html")), ids=lambda path: path.relative_to(REPORT).as_posix()
)
def test_templates_ask_for_addresses(path: Path) -> None:
    """They differ where all pages stand in one file; only the site's first page is no page of an experiment."""
    assert set(literal_pages(path.read_text("utf-8"))) <= {"index"}


def test_a_literal_page_is_found() -> None:
    """With a part, with a query, in a script and in a selector; templates and other names are none."""
    source = """<a href="pairs.html#square"> pageOf("xray.html", q) `compare.html#${part}` 'a[href^="choose.html"]'
    {% extends "widgets/base.html" %} {% include "pages/robustness/position.html" %} <a href="made.html">"""
    assert [*literal_pages(source)] == ["pairs", "xray", "compare", "choose"]
