"""The x-ray page."""

from __future__ import annotations

from pathlib import Path

from reading_data import benchmark, letter

from llmxray.report.pages.answers import write_answer
from llmxray.report.widgets.render import Renderer


def test_the_page_says_what_it_cannot_know(tmp_path: Path):
    """Five alternatives were asked for; of others nothing is known."""
    data = benchmark(tmp_path / "c", lambda *_: letter("A", {"A": 0.9}))
    write_answer(Renderer(tmp_path / "site"), data, "data/places.x.js", "tiny/things/one")
    html = (tmp_path / "site/tiny/xray.html").read_text()
    assert "carries 5 alternatives per token" in html
    assert 'data-index="data/places.x.js" data-first="tiny/things/one"' in html
