"""The shipped site from disk with the network off: every kind of page opens, for everybody; the path by keyboard."""

import os
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from watching import WCAG, kinds, violations

pytestmark = pytest.mark.browser

SMALLEST = 12
_SMALL = """(smallest) => {
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { textContent, parentElement: e } = texts.currentNode;
    if (!textContent.trim() || e.closest(".sr") || !e.checkVisibility({ visibilityProperty: true })) continue;
    const drawn = e.getScreenCTM ? e.getScreenCTM() : null;
    const size = parseFloat(getComputedStyle(e).fontSize) * (drawn ? Math.hypot(drawn.a, drawn.b) : 1);
    if (size && size < smallest - 0.05) found.push([textContent.trim().slice(0, 40), e.tagName, size]);
  }
  return found;
}"""
_PRINTED = """(() => {
  const seen = (e) => e.checkVisibility({ visibilityProperty: true });
  const style = getComputedStyle(document.documentElement);
  const all = [...document.querySelectorAll('.tabs, .tools, button:not(.term, .token)')];
  const controls = all.filter(seen);
  return [style.color, style.backgroundColor, [...document.querySelectorAll('h1')].some(seen),
    controls.map((e) => e.outerHTML.slice(0, 90)), document.documentElement.scrollWidth <= window.innerWidth];
})()"""


def of_each_kind(site: Path) -> Iterable[Path]:
    """One page of each kind."""
    return sorted(kinds(site).values())


def every_one(site: Path) -> Iterable[Path]:
    """All pages of all experiments."""
    return sorted(site.glob("**/*.html"))


@pytest.mark.parametrize("chosen", [of_each_kind, pytest.param(every_one, marks=pytest.mark.search)])
def test_pages_open_without_error_or_request_on_a_desk_and_on_a_phone(site, page, chosen):
    """Something is written on each, no text is too small, and nothing is to be scrolled sideways."""
    wrong = []
    for path in chosen(site):
        page.faults.clear()
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(path.as_uri(), wait_until="load")
        is_empty = not page.evaluate("document.querySelector('main').innerText.trim()")
        page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        small = page.evaluate(_SMALL, SMALLEST)
        page.evaluate("for (const each of document.querySelectorAll('details')) each.open = false")
        page.set_viewport_size({"width": 390, "height": 800})
        width = page.evaluate("document.documentElement.scrollWidth")
        if page.faults or is_empty or small or width > 390:
            wrong.append((path.relative_to(site).as_posix(), page.faults[:], is_empty, small[:5], width))
    page.faults.clear()
    assert wrong == []
    page.goto((site / "model-showdown/calibration.html").as_uri())
    assert 0 < page.locator(".tabs [aria-current]").bounding_box()["x"] < 300, (
        "the page's own tab is in sight"
    )


@pytest.mark.parametrize(
    ("scheme", "rules"), [("light", WCAG), pytest.param("dark", ["color-contrast"], marks=pytest.mark.search)]
)
def test_axe_finds_nothing_on_a_page_of_each_kind(site, chromium, scheme, rules):
    """WCAG 2.2 A and AA and the good practices; a dark page differs in its colours only."""
    context = chromium.new_context(offline=True, color_scheme=scheme, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    found = []
    for path in of_each_kind(site):
        page.goto(path.as_uri())
        page.wait_for_timeout(100)
        for each in violations(page, rules):
            where = each["nodes"][0]
            found.append((path.stem, each["id"], where["html"][:90], where["failureSummary"][-130:]))
    context.close()
    assert found == []


def test_a_page_of_each_kind_can_be_read_with_scripts_off(site, chromium):
    """A headline and what it says, or where it stands instead; nothing to press that would do nothing."""
    context = chromium.new_context(offline=True, java_script_enabled=False)
    page = context.new_page()
    poor, dead = [], []
    for kind, path in sorted(kinds(site).items()):
        page.goto(path.as_uri())
        text = page.inner_text("main")
        if len(text) < 100 or not (page.locator("h1:visible").count() or "results.csv" in text):
            poor.append((kind, text[:80]))
        # A term opens its note without any script; papers have fields to fill in by hand.
        pressed = "main button:not(.term):visible, main input:visible, main select:visible"
        if kind not in ("brief", "calibration", "categories"):
            dead += [(kind, each) for each in page.locator(pressed).all_inner_texts()]
    context.close()
    assert (poor, dead) == ([], [])


@pytest.mark.search
def test_a_page_of_each_kind_prints_black_on_white_with_no_controls(site, chromium):
    """Whatever the screen's theme: white paper, no tabs or buttons, the headline, nothing beyond the margin."""
    context = chromium.new_context(offline=True, color_scheme="dark", viewport={"width": 700, "height": 900})
    page = context.new_page()
    wrong = []
    for kind, path in sorted(kinds(site).items()):
        page.goto(path.as_uri())
        page.wait_for_timeout(50)
        page.emulate_media(media="print", color_scheme="dark")
        state = page.evaluate(_PRINTED)
        page.emulate_media(media="screen", color_scheme="dark")
        sheets = len(re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(format="A4")))
        if state != ["rgb(0, 0, 0)", "rgb(255, 255, 255)", True, [], True] or not 1 <= sheets <= 40:
            wrong.append((kind, state, sheets))
    context.close()
    assert wrong == []


def test_the_main_path_can_be_walked_with_the_keyboard(site, page):
    """Front page → experiment → questions → filter → a question → its tokens → back; each stop shows an outline."""
    page.goto((site / "index.html").as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    _tab_to(page, "a[href='model-showdown/index.html']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/model-showdown/index.html")
    _tab_to(page, ".tabs a[href='answers.html']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/answers.html")
    _tab_to(page, "input[type=search]")
    page.keyboard.type("magnet")
    page.wait_for_url("**magnet**")
    _tab_to(page, ".questions tbody a")
    page.keyboard.press("Enter")
    page.wait_for_selector(".options")
    assert "magnet" in page.inner_text("h1").lower()
    _tab_to(page, ".to-xray")
    page.go_back()
    page.wait_for_selector("#count")
    assert "magnet" in page.url


def _tab_to(page: Any, selector: str) -> None:
    for _ in range(60):
        if page.evaluate("(s) => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
        shown = page.evaluate(
            "(() => { const e = document.activeElement; const s = getComputedStyle(e);"
            " return e === document.body || (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 1); })()"
        )
        assert shown, page.evaluate("document.activeElement.outerHTML.slice(0, 120)")
    raise AssertionError(f"no way to {selector} with the Tab key")


def test_pages_are_valid_html(root, site):
    """One page of each kind, by html-validate: a label names its input, and ids are unique."""
    tools = root / ".ci/js"
    binary = tools / "node_modules/.bin/html-validate"
    if not binary.exists():
        if os.environ.get("CI"):
            pytest.fail("html-validate is not installed: npm ci in .ci/js")
        pytest.skip("html-validate is not installed")
    command = [binary, "--config", tools / "htmlvalidate.json", "--formatter", "text", *of_each_kind(site)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
