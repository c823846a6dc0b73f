"""The x-ray page."""

from __future__ import annotations

from pathlib import Path

from reading_data import benchmark, comparison, letter, words

from llmxray.report.pages.answers.answer import question_page, write_answer
from llmxray.report.widgets.render import Renderer


def test_the_page_says_what_it_cannot_know(tmp_path: Path):
    """Five alternatives were asked for, at temperature 0; the slider knows no others."""
    data = benchmark(tmp_path / "c", lambda *_: letter("A", {"A": 0.9}))
    write_answer(Renderer(tmp_path / "site"), data, "data/places.x.js", "tiny/things/one")
    html = (tmp_path / "site/tiny/xray.html").read_text()
    assert "only 5 alternatives per token" in html
    assert "sampled at (here: 0)" in html
    assert 'data-index="data/places.x.js" data-first="tiny/things/one"' in html


def test_temperatures_of_the_variants_are_listed(tmp_path: Path):
    """Both of them, in order."""
    page = question_page(comparison(tmp_path, lambda *_: words("snow")), "X-ray", "x", "")
    assert "0.2, 1.2" == page.sampled
    assert (5, 5) == (page.published, page.asked)
