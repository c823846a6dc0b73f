"""The page with a model in it, as files; in a browser: tests/browser/test_browser_live.py."""

from pathlib import Path

import reading_data
from stub_engine import stub_package

from llmxray.report import LivePage
from llmxray.report.site.build import SiteBuilder, build
from tests.commands import ROOT, llmxray


def test_without_the_option_page_engine_and_link_are_gone(tmp_path):
    """A rebuild equals a site that never had them."""
    data = reading_data.benchmark(tmp_path / "c", lambda trial, sample: reading_data.letter("A", {"A": 0.6}))
    builder = SiteBuilder(tmp_path / "site", live=LivePage(stub_package()))
    builder.add(data)
    builder.finish()
    assert "live.html" in (tmp_path / "site/index.html").read_text("utf-8")
    build([data], tmp_path / "site")
    build([data], tmp_path / "clean")
    assert _files(tmp_path / "site") == _files(tmp_path / "clean")


def _files(site: Path) -> dict[str, bytes]:
    return {
        path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()
    }


def test_without_npm_and_a_cached_engine_it_is_one_line(tmp_path):
    """Before anything is built."""
    done = llmxray(
        *("report", "how-you-ask", "--live", "--out", str(tmp_path / "site")),
        at=ROOT,
        PATH="",
        XDG_CACHE_HOME=str(tmp_path),
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "install Node.js" in done.stderr
    assert not (tmp_path / "site").exists()
