"""The shipped site in a real browser, from disk with the network off: no error, no request, no broken link."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from watching import watched

from llmxray.workflow import github_pages

pytestmark = pytest.mark.browser

# Every page that there is, in a quarter of the time that all experiments take.
AGAIN = ("position-bias", "system-prompt-pair", "temperature-sweep", "thinking-tradeoff")


@dataclass(frozen=True)
class Visit:
    """What a page was like.

    Attributes:
        page: its path within the site.
        is_empty: nothing is written on it.
        width: of the whole page on a phone of 390 pixels.
        faults: errors, warnings and requests that left the disk.
    """

    page: str
    is_empty: bool
    width: int
    faults: tuple[str, ...]


@pytest.fixture(scope="module")
def visits(site: Path, chromium: Any) -> list[Visit]:
    """All pages of all experiments, one visit each: light on a desk, then dark on a phone."""
    context = chromium.new_context(offline=True)
    page, found = watched(context), []
    for path in sorted(site.glob("**/*.html")):
        page.faults.clear()
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(path.as_uri(), wait_until="load")
        is_empty = not page.evaluate("document.querySelector('main').innerText.trim()")
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": 390, "height": 800})
        width = page.evaluate("document.documentElement.scrollWidth")
        name = path.relative_to(site).as_posix()
        found.append(Visit(name, is_empty, width, tuple(page.faults)))
    context.close()
    return found


def test_every_page_opens_without_error_or_request(visits: list[Visit]) -> None:
    """Something is written on each, on a desk and on a phone, and nothing is to be scrolled sideways."""
    assert len(visits) >= 24
    assert [] == [(each.page, each.faults) for each in visits if each.faults]
    assert [] == [each.page for each in visits if each.is_empty]
    assert [] == [(each.page, each.width) for each in visits if each.width > 390]


def test_the_site_is_fit_to_publish(site: Path) -> None:
    """All pages of all shipped experiments, as `llmxray publish --check` looks at them."""
    assert [] == list(github_pages.site_faults(site))


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
    page.wait_for_selector(".options")
    text = page.inner_text("main")
    assert "Which metal is strongly attracted by a magnet?" in text
    assert text.count("Qwen2.5-Coder") >= 2
    page.get_by_role("link", name="X-ray of this answer").first.click()
    page.wait_for_selector("#xray .token")
    assert "%" in page.locator("#xray .alternative").first.inner_text()
    assert page.faults == []


def test_the_filter_of_the_questions_is_in_the_address(site: Path, plain_page: Any) -> None:
    """A preset given in the address hides the other rows and says how many are left."""
    page = plain_page
    base = (site / "model-showdown/answers.html").as_uri()
    page.goto(base + "#preset=all")
    everything = page.locator("tbody tr:visible").count()
    page.goto(base + "#outcome=correct&condition=qwen-1.5b")
    page.reload()
    assert 0 < page.locator("tbody tr:visible").count() <= everything
    assert page.faults == []


def test_two_builds_in_two_processes_are_the_same_bytes(site: Path, root: Path, tmp_path: Path) -> None:
    """Every file of these experiments and all that stands over them, byte for byte, under another hash seed."""
    again = tmp_path / "site"
    every, built = (
        {path.stem.partition(".")[0] for name in names for path in site.glob(f"{name}/*.html")}
        for names in (["*-*"], AGAIN)
    )
    assert built == every
    shutil.copytree(site, again)
    for path in list(again.iterdir()):
        if path.name in (*AGAIN, "data", "lesson"):
            shutil.rmtree(path)
        # Which model has which hue the site remembers.
        elif path.is_file() and path.name != "models.json":
            path.unlink()
    command = [sys.executable, "-m", "llmxray", "report", *AGAIN, "--out", str(again)]
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONHASHSEED": "12345"}
    subprocess.run(command, cwd=root, env=environment, check=True, capture_output=True)
    first, second = (
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for folder in (site, again)
    )
    assert sorted(first) == sorted(second)
    assert [name for name, data in first.items() if data != second[name]] == []
