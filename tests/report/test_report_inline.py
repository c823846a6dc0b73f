"""A page with its styles and scripts in itself."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest
from markupsafe import Markup

from llmxray.report.links import Contents
from llmxray.report.site.single_file import script
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


def test_a_page_needs_nothing_beside_it_and_allows_nothing_else() -> None:
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


def test_a_script_that_would_end_its_own_element_is_refused() -> None:
    """The rest of it would be text of the page."""
    for text in ("'</script>'", "'<!--'"):
        with pytest.raises(ValueError, match="end its own element"):
            script("a.js", text)


def test_a_checkout_with_windows_line_ends_has_the_same_scripts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A browser hashes a script with line feeds, and would run none whose hash was taken with both."""
    (tmp_path / "a.js").write_bytes(b"one\r\ntwo\r\n")
    monkeypatch.setattr(render.resources, "files", lambda _: tmp_path)
    render._static_files.cache_clear()
    try:
        assert b"one\ntwo\n" == render._static_files()["a.js"][1]
    finally:
        render._static_files.cache_clear()
