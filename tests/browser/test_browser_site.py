"""The shipped site in a real browser, from disk with the network off: no error, no request, no broken link."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

pytestmark = pytest.mark.browser


def test_every_page_opens_without_error_or_request(site: Path, page: Any) -> None:
    """All pages of all experiments, light and dark."""
    pages = sorted(site.glob("**/*.html"))
    assert len(pages) >= 24
    for path in pages:
        page.goto(path.as_uri(), wait_until="load")
        assert (path.name, page.faults) == (path.name, [])
        assert page.inner_text("main").strip(), path


def test_no_page_is_wider_than_a_phone(site: Path, chromium: Any) -> None:
    """At 390 pixels nothing makes the page itself scroll sideways."""
    context = chromium.new_context(viewport={"width": 390, "height": 800}, offline=True)
    page = context.new_page()
    wide = []
    for path in sorted(site.glob("**/*.html")):
        page.goto(path.as_uri())
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 390:
            wide.append((path.relative_to(site).as_posix(), width))
    context.close()
    assert wide == []


def test_every_relative_link_leads_somewhere(site: Path, chromium: Any) -> None:
    """Links, scripts, styles: each names a file of the site, and each anchor an element of its page."""
    context = chromium.new_context(offline=True, java_script_enabled=False)
    page = context.new_page()
    targets: set[str] = set()
    ids: dict[str, set[str]] = {}
    for path in sorted(site.glob("**/*.html")):
        page.goto(path.as_uri())
        found = page.locator("[href], [src]").evaluate_all("all => all.map(each => each.href || each.src)")
        targets |= {each for each in found if isinstance(each, str) and each}
        ids[path.as_uri()] = set(page.locator("[id]").evaluate_all("all => all.map(each => each.id)"))
    context.close()
    broken = []
    for target in sorted(targets):
        parts = urlsplit(target)
        if parts.scheme != "file":
            broken.append(target)
            continue
        path = Path(unquote(parts.path))
        anchor = parts.fragment if "=" not in parts.fragment else ""
        if not path.exists() or (anchor and anchor not in ids.get(path.as_uri(), {anchor})):
            broken.append(target)
    assert broken == []


def test_pages_are_readable_with_scripts_off(site: Path, chromium: Any) -> None:
    """Results, categories, calibration and methods hold their tables without any script."""
    context = chromium.new_context(offline=True, java_script_enabled=False)
    page = context.new_page()
    for name in ("results", "categories", "calibration", "questions"):
        page.goto((site / f"model-showdown/{name}.html").as_uri())
        assert page.locator("table tbody tr").count() > 3, name
    page.goto((site / "model-showdown/question.html").as_uri())
    assert "results.csv" in page.content()
    context.close()


def test_one_question_shows_its_tokens_and_alternatives_on_focus(site: Path, page: Any) -> None:
    """From the address alone: the question, every condition, and what else a token might have been."""
    page.goto((site / "model-showdown/question.html").as_uri() + "?q=starter/arc/arc-phys-003")
    page.wait_for_selector(".tokens .t")
    text = page.inner_text("main")
    assert "Which metal is strongly attracted by a magnet?" in text
    assert text.count("SmolLM2 135M") >= 3
    page.locator(".tokens .t[tabindex='0']").first.focus()
    page.wait_for_selector(".picked")
    assert "%" in page.locator(".picked").first.inner_text()
    assert page.faults == []


def test_the_filter_of_the_questions_is_in_the_address(site: Path, page: Any) -> None:
    """A preset given in the address hides the other rows and says how many are left."""
    base = (site / "model-showdown/questions.html").as_uri()
    page.goto(base)
    everything = page.locator("tbody tr:visible").count()
    page.goto(base + "#outcome=correct&condition=gemma-likelihood")
    page.reload()
    assert 0 < page.locator("tbody tr:visible").count() <= everything
    assert page.faults == []


def test_two_builds_in_two_processes_are_the_same_bytes(site: Path, root: Path, tmp_path: Path) -> None:
    """Every file of the site, byte for byte, under another hash seed."""
    command = [sys.executable, "-m", "llmxray", "report", "--out", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONHASHSEED": "12345"}
    subprocess.run(command, cwd=root, env=environment, check=True, capture_output=True)
    first = {path.relative_to(site): path.read_bytes() for path in site.rglob("*") if path.is_file()}
    second = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert sorted(first) == sorted(second)
    assert [name for name, data in first.items() if data != second[name]] == []
