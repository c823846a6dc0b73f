"""A page with its styles and scripts in itself, and an experiment in one file."""

import base64
import hashlib
import re
from pathlib import Path

import pytest
import reading_data
from markupsafe import Markup

from llmxray.errors import InputError
from llmxray.report.analysis import data as data_module
from llmxray.report.links import Contents
from llmxray.report.site.single_file import script, single
from llmxray.report.site.single_file import whole as in_one_file
from llmxray.report.widgets import render
from llmxray.report.widgets.frame import Nav, TemplateValues
from llmxray.report.widgets.render import Sheet, static_text


def hashed(text: str) -> str:
    """As a policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def whole(name: str, **asked: object) -> str:
    """A page around one sheet that asks for these styles and scripts."""
    html = Markup("<p>Text</p>\n")
    plain: dict[str, object] = {"styles": (), "early": (), "scripts": (), "head": ""}
    model = TemplateValues(title="Title", nav=Nav(contents=Contents(entries=(), is_alone=True)), footer=())
    after = {"shards.js": [script("data/a.js", "void 'a';")]}
    return in_one_file(model, [Sheet(name=name, html=html, **{**plain, **asked})], after)  # type: ignore[arg-type]


def test_a_page_needs_nothing_beside_it_and_allows_nothing_else():
    """Styles and scripts that it asks for, and what follows a script, are named by their hashes."""
    html = whole("a", styles=["xray"], early=["overview"], scripts=["shards", "data/a.js", "sort"])
    assert re.findall(r'(?:src|href)="(?!#|data:image/svg)[^"]*"', html) == []
    head, body = html.split("</head>")
    assert (
        f"<style>{static_text('xray.css')}</style>\n<script>{static_text('overview.js')}</script>\n" in head
    )
    assert f"<script>void 'a';</script>\n<script>{static_text('sort.js')}</script>\n</body>" in body
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy
    scripts, styles = policy[1].split("style-src")
    for text in re.findall(r"<script>(.*?)</script>", html, re.DOTALL):
        assert hashed(text) in scripts
    assert hashed("void 'a';") in scripts
    assert hashed(static_text("xray.css")) in styles
    assert "self" not in policy[1]


def test_a_script_that_would_end_its_own_element_is_refused():
    """The rest of it would be text of the page."""
    for text in ("'</script>'", "'<!--'"):
        with pytest.raises(ValueError, match="end its own element"):
            script("a.js", text)


def test_a_checkout_with_windows_line_ends_has_the_same_scripts(tmp_path, monkeypatch):
    """A browser hashes a script with line feeds, and would run none whose hash was taken with both."""
    (tmp_path / "a.js").write_bytes(b"one\r\ntwo\r\n")
    monkeypatch.setattr(render.resources, "files", lambda _: tmp_path)
    render._static_files.cache_clear()
    try:
        assert b"\none\ntwo\n" in render._static_files()["a.js"][1]
    finally:
        render._static_files.cache_clear()


def made(folder: Path) -> Path:
    """The file of an experiment of two questions."""
    return single([reading_data.benchmark(folder / "c", lambda *_: reading_data.words("A"))], folder / "out")


def test_the_table_of_results_is_in_the_file_once(tmp_path):
    """Under Methods, where every other mention of it leads; larger ones stay on the site."""
    html = made(tmp_path).read_text("utf-8")
    (saved,) = re.findall(
        r'<a download="results.csv" href="data:text/csv;base64,([^"]+)">results.csv</a>', html
    )
    assert base64.b64decode(saved).startswith(b"experiment,")
    assert html.index('id="downloads"') < html.index(saved)
    assert html.count('<a href="#downloads">') > 2
    assert "results.parquet (on the whole site)" in html


def test_a_large_experiment_is_refused(tmp_path, monkeypatch):
    """With what to do instead."""
    monkeypatch.setattr(data_module, "LARGE_QUESTIONS", 1)
    with pytest.raises(InputError, match="publish the site instead"):
        made(tmp_path)
