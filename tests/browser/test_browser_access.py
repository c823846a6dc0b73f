"""Who can read it: axe-core, the keyboard alone, print, a phone, a sub-path of a web server."""

from __future__ import annotations

import functools
import http.server
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from watching import RULES, kinds, violations, watched

pytestmark = pytest.mark.browser


# Papers with fields to fill in by hand as well.
FILLED_IN = ("brief", "calibration", "categories")
_PRINTED = """(() => {
  const seen = (e) => e.checkVisibility({ visibilityProperty: true });
  const style = getComputedStyle(document.documentElement);
  const all = [...document.querySelectorAll('.tabs, .tools, button:not(.term, .token)')];
  const controls = all.filter(seen);
  return [style.color, style.backgroundColor, [...document.querySelectorAll('h1')].some(seen),
    controls.map((e) => e.outerHTML.slice(0, 90)), document.documentElement.scrollWidth <= window.innerWidth];
})()"""


def test_axe_finds_nothing_on_a_page_of_each_kind(site: Path, chromium: Any) -> None:
    """WCAG 2.2 A and AA and the good practices; in dark, contrast again."""
    context = chromium.new_context(offline=True, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    found = []
    for kind, path in sorted(kinds(site).items()):
        for scheme, rules in RULES.items():
            page.emulate_media(color_scheme=scheme)
            if scheme == "light":
                page.goto(path.as_uri())
                page.wait_for_timeout(100)
            for each in violations(page, rules):
                where = each["nodes"][0]
                found.append((kind, scheme, each["id"], where["html"][:90], where["failureSummary"][-130:]))
    context.close()
    assert found == []


SMALLEST = 12
_SMALL = """(smallest) => {
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { textContent, parentElement: e } = texts.currentNode;
    if (!textContent.trim() || e.closest(".sr") || !e.checkVisibility({ visibilityProperty: true })) continue;
    const drawn = e.getScreenCTM ? e.getScreenCTM() : null;
    const size = parseFloat(getComputedStyle(e).fontSize) * (drawn ? Math.hypot(drawn.a, drawn.b) : 1);
    if (size < smallest - 0.05) found.push([textContent.trim().slice(0, 40), e.tagName, size]);
  }
  return found;
}"""


def test_no_text_is_too_small_to_read(site: Path, chromium: Any) -> None:
    """In what is folded as well, and in charts as they are drawn."""
    context = chromium.new_context(offline=True, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    small = {}
    for kind, path in sorted(kinds(site).items()):
        page.goto(f"{path.as_uri()}?show")
        page.wait_for_timeout(100)
        page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        if found := page.evaluate(_SMALL, SMALLEST):
            small[kind] = found[:5]
    context.close()
    assert small == {}


def test_a_page_of_each_kind_can_be_read_with_scripts_off(site: Path, chromium: Any) -> None:
    """A headline and what it says, or where it stands instead; nothing to press that would do nothing."""
    context = chromium.new_context(offline=True, java_script_enabled=False)
    page = context.new_page()
    poor, dead = [], []
    for kind, path in sorted(kinds(site).items()):
        page.goto(path.as_uri())
        text = page.inner_text("main")
        if len(text) < 100 or not (page.locator("h1:visible").count() or "results.csv" in text):
            poor.append((kind, text[:80]))
        # A page of one question is put together in the browser; its notice leads to the file.
        if kind in ("question", "xray"):
            assert "scripts are off" in text
        # A term opens its note without any script; a test of its own presses it.
        pressed = "main button:not(.term):visible, main input:visible, main select:visible"
        dead += [
            (kind, each)
            for each in page.locator(pressed).evaluate_all("all => all.map((e) => e.outerHTML.slice(0, 80))")
        ]
    context.close()
    assert poor == []
    assert [each for each in dead if each[0] not in FILLED_IN] == []


def test_a_term_opens_its_note_with_scripts_off_and_prints_as_text(site: Path, chromium: Any) -> None:
    """Pressing shows the sentence, Escape closes it; on paper neither the question mark nor the line under it."""
    context = chromium.new_context(offline=True, java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "model-showdown/index.html").as_uri())
    term, note = page.locator(".term", has_text="95%"), page.locator(".about", has_text="about 95 of 100")
    assert not note.is_visible()
    term.focus()
    page.keyboard.press("Enter")
    assert note.is_visible()
    assert "methods.html#accuracy" == note.get_by_role("link").get_attribute("href")
    page.keyboard.press("Escape")
    assert not note.is_visible()
    page.emulate_media(media="print")
    mark = "e => [getComputedStyle(e, '::after').content, getComputedStyle(e).textDecorationLine]"
    assert ["none", "none"] == term.evaluate(mark)
    context.close()


def test_the_main_path_can_be_walked_with_the_keyboard(site: Path, plain_page: Any) -> None:
    """Front page → experiment → skip link → questions → filter → a question → the next → its tokens → back."""
    page = plain_page
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
    assert page.faults == []


def _tab_to(page: Any, selector: str) -> None:
    for _ in range(60):
        if page.evaluate("(s) => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way to {selector} with the Tab key")


def test_the_keyboard_has_a_visible_focus(site: Path, plain_page: Any) -> None:
    """Every stop of the Tab key shows an outline."""
    page = plain_page
    page.goto((site / "model-showdown/results.html").as_uri())
    for _ in range(25):
        page.keyboard.press("Tab")
        shown = page.evaluate(
            "(() => { const e = document.activeElement; const s = getComputedStyle(e);"
            " return e === document.body || (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 1); })()"
        )
        assert shown, page.evaluate("document.activeElement.outerHTML.slice(0, 120)")


def test_a_page_of_each_kind_prints_black_on_white_with_no_controls(site: Path, chromium: Any) -> None:
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
        pdf = page.pdf(format="A4")
        sheets = len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))
        if state != ["rgb(0, 0, 0)", "rgb(255, 255, 255)", True, [], True] or not 1 <= sheets <= 40:
            wrong.append((kind, state, sheets))
    context.close()
    assert wrong == []


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def served(site: Path, tmp_path: Path) -> Iterator[str]:
    """The site under a sub-path, as GitHub Pages has it; its address."""
    (tmp_path / "x").mkdir()
    (tmp_path / "x/y").symlink_to(site)
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(_Quiet, directory=str(tmp_path))
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/x/y/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_site_works_below_a_sub_path_of_a_server(site: Path, served: str, chromium: Any) -> None:
    """Front page to a question, then a page of each kind: all requests below that path and answered."""
    context = chromium.new_context()
    page = watched(context)
    page.faults.clear()
    answers: list[tuple[str, int]] = []
    page.on("response", lambda reply: answers.append((reply.url, reply.status)))
    page.goto(served)
    page.click("a[href='model-showdown/index.html']")
    page.click(".tabs a[href='answers.html']")
    page.click("table.questions tbody a >> nth=0")
    page.wait_for_selector(".options")
    for path in kinds(site).values():
        page.goto(served + path.relative_to(site).as_posix())
    context.close()
    assert {status for _, status in answers} <= {200, 304}
    assert all(url.startswith(served) for url, _ in answers)
