"""The shipped site in a real browser, from disk with the network off: no error, no request, no broken link."""

from __future__ import annotations

import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from llmxray.workflow import github_pages

pytestmark = pytest.mark.browser

# Written on request, and so not by a build.
PAPERS = ("brief",)
_WINGS = """[...document.querySelectorAll(".butterfly tbody tr")].map(
  (row) => [...row.querySelectorAll(".wing")].map((wing) => wing.getBoundingClientRect().width))"""


def test_every_page_opens_without_error_or_request(site: Path, plain_page: Any) -> None:
    """All pages of all experiments, one visit each: light on a desk, then dark on a phone, nothing sideways."""
    page, pages, wide = plain_page, sorted(site.glob("**/*.html")), []
    assert len(pages) >= 24
    for path in pages:
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(path.as_uri(), wait_until="load")
        assert page.inner_text("main").strip(), path
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": 390, "height": 800})
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 390:
            wide.append((path.relative_to(site).as_posix(), width))
        assert (path.name, page.faults) == (path.name, [])
    assert wide == []


def test_the_site_is_fit_to_publish(site: Path) -> None:
    """All pages of all shipped experiments, as `llmxray publish --check` looks at them."""
    assert [] == github_pages.site_faults(site)


class Links(HTMLParser):
    """Addresses that a page names, and its anchors."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.targets: set[str] = set()
        self.ids: set[str] = set()
        self._base = page.as_uri()
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, _: str, attrs: list[tuple[str, str | None]]) -> None:
        """Of every element, charts included."""
        for name, value in attrs:
            if name == "id" and value:
                self.ids.add(value)
            elif name in ("href", "src", "xlink:href", "data-index", "data-file", "data-shard") and value:
                self.targets.add(urljoin(self._base, value))


def test_every_relative_link_leads_somewhere(site: Path) -> None:
    """Links, scripts, styles: each names a file of the site, and each anchor an element of its page."""
    pages = {path.as_uri(): Links(path) for path in sorted(site.glob("**/*.html"))}
    broken = []
    for target in sorted({target for page in pages.values() for target in page.targets}):
        parts = urlsplit(target)
        url = f"{parts.scheme}://{parts.netloc}{parts.path}"
        # A state such as ``#outcome=wrong`` is for the scripts.
        anchor = unquote(parts.fragment) if "=" not in parts.fragment else ""
        known = url in pages or (parts.scheme == "file" and Path(unquote(parts.path)).exists())
        if not known or (anchor and url in pages and anchor not in pages[url].ids):
            broken.append(target)
    assert broken == []


def test_one_question_shows_its_tokens_and_the_xray_alternatives(site: Path, page: Any) -> None:
    """From the address alone: the question, every condition; a click away what else a token might have been."""
    page.goto((site / "model-showdown/answer.html").as_uri() + "?q=starter/arc/arc-phys-003")
    page.wait_for_selector(".tokens .t")
    text = page.inner_text("main")
    assert "Which metal is strongly attracted by a magnet?" in text
    assert text.count("Qwen2.5-Coder") >= 2
    page.get_by_role("link", name="X-ray of this answer").first.click()
    page.wait_for_selector(".picked")
    assert "%" in page.locator(".picked").first.inner_text()
    assert page.faults == []


def test_the_filter_of_the_questions_is_in_the_address(site: Path, plain_page: Any) -> None:
    """A preset given in the address hides the other rows and says how many are left."""
    page = plain_page
    base = (site / "model-showdown/answers.html").as_uri()
    page.goto(base)
    everything = page.locator("tbody tr:visible").count()
    page.goto(base + "#outcome=correct&condition=qwen-1.5b")
    page.reload()
    assert 0 < page.locator("tbody tr:visible").count() <= everything
    assert page.faults == []


def test_two_builds_in_two_processes_are_the_same_bytes(site: Path, root: Path, tmp_path: Path) -> None:
    """Every file of the site, byte for byte, under another hash seed."""
    command = [sys.executable, "-m", "llmxray", "report", "--out", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONHASHSEED": "12345"}
    subprocess.run(command, cwd=root, env=environment, check=True, capture_output=True)
    first = {
        path.relative_to(site): path.read_bytes()
        for path in site.rglob("*")
        if path.is_file() and not (path.suffix in (".html", ".md") and path.name.startswith(PAPERS))
    }
    second = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert sorted(first) == sorted(second)
    assert [name for name, data in first.items() if data != second[name]] == []


def test_mirrored_bars_have_one_scale(site: Path, plain_page: Any) -> None:
    """Both halves are equally wide, whatever is written over them, at a desk and on a phone."""
    page, uneven, seen = plain_page, [], 0
    for path in sorted([*site.glob("*/pairs*.html"), *site.glob("*/categories.html")]):
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(path.as_uri(), wait_until="load")
            for left, right in page.evaluate(_WINGS):
                seen += 1
                if abs(left - right) > 1:
                    uneven.append((path.relative_to(site).as_posix(), width, left, right))
    assert seen > 100
    assert uneven == []
