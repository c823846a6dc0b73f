"""The x-ray page."""

from __future__ import annotations

from pathlib import Path

from reading_data import benchmark, letter

from llmxray.report import build


def test_the_page_says_what_it_cannot_know(tmp_path: Path):
    """Five alternatives were asked for; of others nothing is known."""
    data = benchmark(tmp_path / "c", lambda *_: letter("A", {"A": 0.9}))
    build([data], tmp_path / "site")
    html = (tmp_path / "site/tiny/xray.html").read_text()
    assert "There are 5 alternatives for each token." in html
    assert 'data-first="tiny/things/' in html
