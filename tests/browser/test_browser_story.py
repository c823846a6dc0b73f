"""What a visitor meets: a front that shows its findings, two depths, one suite at a time, the steps of an exercise."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from watching import watched

pytestmark = pytest.mark.browser

MOST_WORDS = 320
CUT_OFF = """() => {
  for (const fold of document.querySelectorAll("details")) fold.open = true;
  const isOut = (text, frame) => text.width && (text.left < frame.left - 1 || text.right > frame.right + 1);
  return [...document.querySelectorAll(".chart-svg svg")].flatMap((svg) =>
    [...svg.querySelectorAll("text")]
      .filter((text) => isOut(text.getBoundingClientRect(), svg.getBoundingClientRect()))
      .map((text) => text.textContent));
}"""
"""Words of charts that end beyond their picture, with everything unfolded."""
EXERCISES = [f"exercise-{number}" for number in range(1, 5)]


@pytest.fixture
def visitor(chromium: Any) -> Iterator[Any]:
    """A page of somebody who was never here."""
    context = chromium.new_context(offline=True, viewport={"width": 1280, "height": 900})
    yield watched(context)
    context.close()


def test_the_first_screen_shows_who_is_ahead_and_one_answer(site: Path, visitor: Any) -> None:
    """Headline, picture and one answer token by token, without a click and without scrolling; few words."""
    visitor.set_viewport_size({"width": 1440, "height": 900})
    visitor.goto((site / "index.html").as_uri())
    for part in ("h1", ".standings", "[data-strip]"):
        place = visitor.locator(part).bounding_box()
        assert place["y"] + place["height"] <= 900, part
    assert "64% to 22%" in visitor.inner_text("h1")
    assert len(visitor.inner_text(".hero").split()) <= MOST_WORDS
    assert visitor.locator(".standings tbody tr").count() == 3


def test_tokens_answer_to_the_pointer_and_to_the_keyboard(site: Path, visitor: Any) -> None:
    """The panel begins with the wrong turn, and says of any other token what else could have stood there."""
    visitor.goto((site / "index.html").as_uri())
    strip = visitor.locator("[data-strip]")
    panel, tokens = strip.locator(".alternatives"), strip.locator(".token")
    assert panel.locator(".alternative.good .w").inner_text() == "● right"
    turn = strip.locator(".token[aria-pressed=true]")
    assert "turn" in turn.get_attribute("class")
    tokens.first.hover()
    assert tokens.first.get_attribute("aria-pressed") == "true"
    assert not panel.locator(".alternative.good").count()
    tokens.first.focus()
    visitor.keyboard.press("End")
    assert tokens.last.get_attribute("aria-pressed") == "true"
    visitor.get_by_role("button", name="Previous token").click()
    assert tokens.nth(tokens.count() - 2).get_attribute("aria-pressed") == "true"
    assert visitor.faults == []


def test_who_answers_stands_among_the_models(site: Path, visitor: Any) -> None:
    """With what was answered and how sure; the models' answers are there without scripts as well."""
    visitor.goto((site / "index.html").as_uri())
    visitor.locator("#beat .options label").first.click()
    visitor.locator("#beat [name=sure]").fill("80")
    visitor.get_by_role("button", name="Answer", exact=True).click()
    assert re.fullmatch(
        r"Right\. You beat \d of \d\.|Wrong\. \d of \d beat you\.|You are right, and so are they\.|"
        r"Wrong, and so are they\.",
        visitor.inner_text("#beat .outcome"),
    )
    mine = visitor.locator("#beat .you .replied")
    assert mine.locator(".quote").inner_text() == visitor.locator("#beat .options span").first.inner_text()
    assert mine.locator(".v").inner_text() == "80%"


def test_a_reader_may_guess_before_the_cards_show(site: Path, visitor: Any) -> None:
    """An invitation and no gate: a tap shows one card, another one leads on."""
    visitor.goto((site / "index.html").as_uri())
    findings = visitor.locator(".box.front-card .finding a")
    assert findings.first.is_visible()
    visitor.get_by_role("button", name="Guess first").click()
    assert findings.first.evaluate("each => getComputedStyle(each).visibility") == "hidden"
    visitor.locator(".box.front-card").first.click()
    assert findings.first.evaluate("each => getComputedStyle(each).visibility") == "visible"
    assert findings.nth(1).evaluate("each => getComputedStyle(each).visibility") == "hidden"
    visitor.locator(".box.front-card").first.click()
    visitor.wait_for_url("**/how-you-ask/index.html")


def test_a_class_guesses_before_the_verdicts_show(site: Path, visitor: Any) -> None:
    """With ?guess; elsewhere nothing waits."""
    page = (site / "model-showdown/index.html").as_uri()
    visitor.goto(page)
    assert visitor.locator(".verdicts").is_visible()
    assert not visitor.locator("#guess").is_visible()
    visitor.goto(f"{page}?guess=1")
    assert not visitor.locator(".verdicts").is_visible()
    assert not visitor.locator("h1").is_visible()
    visitor.get_by_role("button", name="This will hold").click()
    assert visitor.locator(".verdicts").is_visible()
    assert visitor.inner_text("#guessed") == "Your guess was right: held."
    visitor.goto(f"{page}?guess=1")
    assert visitor.locator(".verdicts").is_visible()


@pytest.mark.parametrize("name", ["temperature-sweep", "thinking-tradeoff"])
def test_pages_opened_bare_show_the_same_telling_question(site: Path, visitor: Any, name: str) -> None:
    """It is read and played, and some reply is more than a letter."""
    asked = {}
    for page, heading in (("answer", "#question h1"), ("playback", "#written .asked")):
        visitor.goto((site / name / f"{page}.html").as_uri())
        visitor.wait_for_selector(heading)
        asked[page] = visitor.inner_text(heading)
        if page == "answer":
            # Thinking is folded.
            replies = visitor.locator(".answer .written").all_text_contents()
            assert max(len(each) for each in replies) > 20
    assert len(set(asked.values())) == 1


def test_the_x_ray_shows_any_answer(site: Path, visitor: Any) -> None:
    """The telling one stands in the page; another one is asked for by its address, token by token."""
    folder = site / "few-shot-cot"
    visitor.goto((folder / "xray.html").as_uri())
    assert visitor.inner_text("h1:visible") == "It had the right token second."
    link = visitor.locator(".turns a").first
    question = link.inner_text()
    link.click()
    visitor.wait_for_selector("#xray .token")
    assert visitor.inner_text("#xray h1") == question
    assert not visitor.locator("#telling").is_visible()
    panel = visitor.locator("#xray .alternatives")
    assert panel.locator(".alternative.said").count() == 1
    before = panel.locator(".note").inner_text()
    panel.get_by_role("button", name="Previous token").click()
    assert panel.locator(".note").inner_text() != before
    visitor.locator("#xray select").select_option(index=0)
    visitor.wait_for_selector("#xray .token")
    assert visitor.faults == []


def test_paper_and_readers_without_scripts_see_all(site: Path, visitor: Any, chromium: Any) -> None:
    """Findings, tables and pictures stand there."""
    visitor.goto((site / "index.html").as_uri())
    visitor.emulate_media(media="print")
    cards = visitor.locator(".box.front-card").count()
    assert cards == visitor.locator(".box.front-card .finding:visible").count()
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "index.html").as_uri())
    assert cards == page.locator(".box.front-card .finding:visible").count()
    assert page.locator(".standings svg.strip").first.is_visible()
    assert page.locator("[data-strip] .alternative.good").is_visible()
    page.locator("#beat summary").click()
    assert page.locator("#beat .replied").first.is_visible()
    page.goto((site / "model-showdown/index.html").as_uri())
    assert page.locator(".dots svg.strip").first.is_visible()
    page.goto((site / "few-shot-cot/xray.html").as_uri())
    assert page.locator(".fork .instead").is_visible()
    context.close()


def test_statistics_are_asked_for_and_kept(site: Path, visitor: Any) -> None:
    """By the button and in the address; without them whiskers stay."""
    page = (site / "model-showdown/pairs.html").as_uri()
    visitor.goto(page)
    assert not visitor.locator(".stat:visible").count()
    assert visitor.locator("table.square").is_visible()
    visitor.get_by_role("button", name="Statistics").click()
    assert visitor.locator(".stat:visible").count()
    assert (
        visitor.locator("details.statistics").count() == visitor.locator("details.statistics[open]").count()
    )
    visitor.goto((site / "model-showdown/pairs.html").as_uri())
    assert visitor.locator(".stat:visible").count()
    visitor.get_by_role("button", name="Statistics").click()
    visitor.goto(page)
    assert not visitor.locator(".stat:visible").count()
    visitor.goto(f"{page}?statistics")
    assert visitor.locator(".stat:visible").count()
    visitor.goto(page.replace("?statistics", ""))
    visitor.emulate_media(media="print")
    assert visitor.locator(".stat:visible").count()


# What names a test or an interval; "95%" alone may be a result.
TESTS = (
    r"/95%(?: confidence| Wilson)? intervals?|95% CI|Wilson|Newcombe|Holm|McNemar|[Pp]ermutation test|[Ss]ign.flip|"
    r"Fisher|Welch|Cochran|[Bb]ootstrap|p\s[=<>]\s0|\b95% [+−]?[\d.]+%? to|, 95%(?:;|$)/"
)
NAMED = f"""() => {{
  const found = [];
  const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {{
    const {{ textContent, parentElement }} = texts.currentNode;
    const isSeen = parentElement.checkVisibility() && !parentElement.closest(".sr, svg, figcaption");
    if (isSeen && {TESTS}.test(textContent)) {{
      found.push(textContent.trim());
    }}
  }}
  return found;
}}"""


@pytest.mark.parametrize("name", ["model-showdown", "paraphrase", "position-bias", "temperature-sweep"])
def test_no_test_is_named_before_statistics_are_asked_for(site: Path, visitor: Any, name: str) -> None:
    """On any page but Methods and the slides, which are for those who know; with statistics they stand there."""
    named = {}
    pages = [
        path
        for path in sorted((site / name).glob("*.html"))
        if path.stem not in ("methods", "all-answers", "slides")
    ]
    for path in pages:
        visitor.goto(f"{path.as_uri()}?show")
        if found := visitor.evaluate(NAMED):
            named[path.name] = found
    assert named == {}
    visitor.goto((site / name / "pairs.html").as_uri() + "?statistics")
    assert visitor.evaluate(NAMED)


def test_a_menu_closes_on_escape_and_on_a_click_elsewhere(site: Path, visitor: Any) -> None:
    """Escape leads the keyboard back to its word."""
    visitor.goto((site / "model-showdown/categories.html").as_uri())
    menu = visitor.locator("details.menu")
    for close in (lambda: visitor.keyboard.press("Escape"), lambda: visitor.locator("h1").click()):
        menu.locator("summary").click()
        assert menu.get_attribute("open") is not None
        close()
        assert menu.get_attribute("open") is None


def test_the_ledger_shows_one_suite_and_no_empty_cell(site: Path, visitor: Any) -> None:
    """The most accurate run first; another suite on request, and the address keeps the choice and unfolds it."""
    visitor.goto((site / "ledger.html").as_uri())
    visitor.locator("summary", has_text=" runs").click()
    visitor.wait_for_selector(".ledger-tools:not([hidden])")
    cells = visitor.locator("#ledger-table td.num > a:visible")
    rows = visitor.locator("#ledger-table [data-run]:visible")
    values = [float(text.strip("<>%")) for text in cells.all_inner_texts()]
    assert len(values) == rows.count()
    assert values == sorted(values, reverse=True)
    other = visitor.locator('[name="suite"] option').last.get_attribute("value")
    visitor.locator('[name="suite"]').select_option(other)
    assert rows.count() == cells.count() > 0
    address = visitor.url
    visitor.goto("about:blank")
    visitor.goto(address)
    visitor.wait_for_selector(".ledger-tools:not([hidden])")
    assert visitor.locator('[name="suite"]').input_value() == other
    assert cells.first.is_visible()


def test_every_model_has_five_bins_and_fifteen(site: Path, chromium: Any) -> None:
    """All models beside one another, with scripts off; one number of bins at a time."""
    context = chromium.new_context(offline=True, java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "model-showdown/calibration.html").as_uri())
    for bins in (5, 15):
        page.get_by_label(f"in {bins} steps").check()
        counts = [each.locator("a").count() for each in page.locator(".reliability:visible").all()]
        assert len(counts) == 3
        assert all(0 < n <= bins for n in counts)
    assert max(counts) > 5
    context.close()


def test_the_radar_has_the_axes_and_conditions_that_are_chosen(site: Path, visitor: Any) -> None:
    """Beside dots of the same numbers; three conditions at most; the choice stands in the address."""
    visitor.goto((site / "how-you-ask/categories.html").as_uri())
    drawn = visitor.locator("#profile-drawn svg")
    visitor.locator('[name="group"]').select_option(index=1)
    assert visitor.locator('[name="condition"]:disabled').count() == 5
    visitor.locator('[name="condition"]:checked').first.uncheck()
    assert visitor.locator('[name="condition"]:disabled').count() == 0
    address, told = visitor.url, drawn.get_attribute("aria-label")
    dots = visitor.locator(".axes:visible circle")
    places = dots.evaluate_all("all => all.map((dot) => dot.getAttribute('cx'))")
    visitor.get_by_role("radio", name="percentile rank").check()
    assert drawn.get_attribute("aria-label").startswith("Radar, rank. ")
    assert places != dots.evaluate_all("all => all.map((dot) => dot.getAttribute('cx'))")
    visitor.goto("about:blank")
    visitor.goto(address)
    assert drawn.get_attribute("aria-label") == told
    assert visitor.faults == []


def test_red_to_green_is_the_choice_of_the_reader(site: Path, visitor: Any) -> None:
    """Without a script: by a box, of which the style depends."""
    visitor.goto((site / "model-showdown/categories.html").as_uri())
    cell = visitor.locator(".heat td.b4").first
    colour = "cell => getComputedStyle(cell).backgroundColor"
    before = cell.evaluate(colour)
    visitor.get_by_label("Red to green").check()
    assert before != cell.evaluate(colour) == "rgb(214, 242, 176)"


@pytest.mark.parametrize("width", [390, 1280])
def test_every_control_of_the_header_is_a_word(site: Path, chromium: Any, width: int) -> None:
    """Two; the word of the theme is the one that a press leads to."""
    context = chromium.new_context(offline=True, viewport={"width": width, "height": 844})
    page = watched(context)
    page.goto((site / "model-showdown/categories.html").as_uri())
    words = page.locator("header .pill:visible").all_inner_texts()
    assert words == ["Statistics", "Dark"]
    page.get_by_role("button", name="Dark").click()
    assert page.get_by_role("button", name="Light").is_visible()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    context.close()


def test_the_chart_stands_on_the_first_screen(site: Path, visitor: Any) -> None:
    """One sentence, then all suites with their seconds."""
    visitor.set_viewport_size({"width": 1440, "height": 900})
    visitor.goto((site / "model-showdown/index.html").as_uri())
    chart = visitor.locator("table.dots").bounding_box()
    assert chart["y"] + 0.6 * chart["height"] <= 900
    assert visitor.locator("table.dots tbody").count() == 6
    assert "twice as long" in visitor.inner_text("h1 + .lead")


def test_on_a_phone_nothing_is_cut_or_covered(site: Path, chromium: Any) -> None:
    """Tabs in one line, guessing through no name, charts with their names, playback in its width."""
    context = chromium.new_context(offline=True, viewport={"width": 390, "height": 844})
    page = watched(context)
    page.goto((site / "model-showdown/index.html").as_uri())
    for line in page.locator("table.dots tbody tr").all():
        name, strip = line.locator(".name").bounding_box(), line.locator("svg.strip").bounding_box()
        assert strip["y"] >= name["y"] + name["height"] - 2
    for name in ("results", "calibration"):
        page.goto((site / f"thinking-tradeoff/{name}.html").as_uri())
        assert page.evaluate(CUT_OFF) == []
    page.goto((site / "how-you-ask/answers.html").as_uri())
    tops = page.eval_on_selector_all(
        ".tabs > a, .tabs > details",
        "all => all.filter((e) => e.checkVisibility()).map((e) => e.getBoundingClientRect().top)",
    )
    assert len(tops) == 7
    assert max(tops) - min(tops) < 10
    page.locator(".tabs summary").click()
    assert page.get_by_role("link", name="Methods").is_visible()
    page.goto((site / "thinking-tradeoff/playback.html").as_uri())
    page.wait_for_selector("#run .controls")
    assert page.evaluate(CUT_OFF) == []
    assert page.faults == []
    context.close()


@pytest.mark.parametrize("sheet", EXERCISES)
def test_the_steps_of_an_exercise_lead_from_place_to_place(site: Path, visitor: Any, sheet: str) -> None:
    """Each place is open and marked; no result shows before a guess."""
    found = json.loads((site / "data/steps.js").read_text("utf-8").removeprefix("llmxray.showSteps(")[:-3])
    total = len(found["sheets"][sheet]["steps"])
    visitor.goto((site / f"lesson/{sheet}.html").as_uri())
    visitor.get_by_role("link", name="Begin: step 1").click()
    for number in range(1, total + 1):
        visitor.wait_for_selector(".steps")
        if visitor.locator("#guess:visible").count():
            assert "Guess below" in visitor.inner_text(".steps")
            assert not visitor.locator(".verdicts:visible").count()
            visitor.locator("[data-guess]").first.click()
            if "Now look at" in visitor.inner_text("header .steps .button"):
                visitor.locator("header .steps .button").click()
                visitor.wait_for_selector(".steps")
        assert f"step {number} of {total}" in visitor.inner_text(".steps")
        assert "false" not in visitor.inner_text(".steps"), "a link that is not there leaves no word"
        if found["sheets"][sheet]["steps"][number - 1]["places"]:
            visitor.wait_for_selector(".step-place:visible", timeout=5000)
            bottom = visitor.evaluate("document.querySelector('header.top').getBoundingClientRect().bottom")
            top = visitor.evaluate("document.querySelector('.step-place').getBoundingClientRect().top")
            assert top >= bottom, "the header hides the place"
            assert top < 900, "the place is in view"
        last = number == total
        visitor.get_by_role("link", name="Back to the sheet" if last else "Next step").click()
    assert visitor.url.endswith(f"lesson/{sheet}.html")
    assert visitor.faults == []


def test_on_a_phone_a_step_and_its_place_are_in_view(site: Path, chromium: Any) -> None:
    """The bar stands below the text, and the place above it, also where the address has an anchor of its own."""
    context = chromium.new_context(offline=True, viewport={"width": 390, "height": 844})
    page = watched(context)
    for step, place in (
        ("exercise-2.2", "model-showdown/categories.html?show&step={}#extremes"),
        ("exercise-4.3", "temperature-sweep/compare.html?show&step={}#prompt-haiku"),
    ):
        page.goto(f"{site.as_uri()}/{place.format(step)}")
        page.wait_for_selector(".step-place")
        page.wait_for_function("document.querySelector('.step-place').getBoundingClientRect().top < 300")
        bar = page.locator("header .steps").bounding_box()
        target = page.locator(".step-place").bounding_box()
        assert target["y"] + target["height"] <= bar["y"] < bar["y"] + bar["height"] <= 844
    context.close()


def test_within_an_exercise_no_page_shows_results_before_the_guess(site: Path, visitor: Any) -> None:
    """A page behind a tab leads to the first one; after the guess the bar names what comes next."""
    for place in ("temperature-sweep/compare.html?step=exercise-4.1", "temperature-sweep/answers.html"):
        visitor.goto(f"{site.as_uri()}/{place}")
        visitor.wait_for_url("**/temperature-sweep/index.html?step=exercise-4.1")
        visitor.wait_for_selector("#guess:visible")
    visitor.locator("[data-guess]").first.click()
    assert "Now look at “Write a haiku" in visitor.inner_text("header .steps .button")
    visitor.goto((site / "temperature-sweep/answers.html").as_uri())
    visitor.wait_for_selector(".steps")
    assert visitor.url.endswith("/answers.html")
    visitor.get_by_role("button", name="Close").click()
    assert not visitor.locator(".steps").count()
