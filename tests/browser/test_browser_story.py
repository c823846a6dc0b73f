"""What a visitor meets: a front that waits for a guess, two depths, one suite at a time, the steps of an exercise."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from watching import watched

pytestmark = pytest.mark.browser

MOST_WORDS, MOST_NUMBERS = 250, 40
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


def test_the_front_says_little_before_anything_is_opened(site: Path, visitor: Any) -> None:
    """At most 250 words and 40 numbers, and no verdict, badge or result of the race."""
    visitor.goto((site / "index.html").as_uri())
    text = visitor.inner_text("main")
    assert len(text.split()) <= MOST_WORDS
    assert len(re.findall(r"\d[\d.,]*", text)) <= MOST_NUMBERS
    assert not visitor.locator(".front-card .badge:visible, .front-card .found:visible").count()
    assert not visitor.locator(".lanes .ran").count()


def test_the_first_screen_shows_that_models_differ(site: Path, visitor: Any) -> None:
    """A question, two models' answers, one right and one wrong, without a click and without scrolling."""
    visitor.goto((site / "index.html").as_uri())
    moment = visitor.locator(".moment").first
    assert moment.bounding_box()["y"] + moment.bounding_box()["height"] <= 900
    assert moment.locator(".asked").inner_text().endswith("?")
    assert moment.locator(".replies .mark-correct").count() == 1
    assert moment.locator(".replies .mark-wrong").count() == 1
    sure = moment.locator(".replies .num").all_inner_texts()
    assert len(sure) == 2
    assert all(each.endswith("%") for each in sure)


def test_a_covered_result_is_a_card_that_leads_to_the_guess(site: Path, visitor: Any) -> None:
    """Its question, no picture that could be taken for a result; all of it is the link."""
    visitor.goto((site / "index.html").as_uri())
    card = visitor.locator(".front-card.waits").first
    assert not visitor.locator(".front-card.waits .result:visible").count()
    card.scroll_into_view_if_needed()
    place = card.bounding_box()
    visitor.mouse.click(place["x"] + place["width"] - 4, place["y"] + place["height"] / 2)
    visitor.wait_for_selector("#guess:visible")


def test_who_answers_sees_what_was_answered_and_whom_it_beat(site: Path, visitor: Any) -> None:
    """In words, for the options are gone; the models' answers are those of the question's page."""
    visitor.goto((site / "index.html").as_uri())
    options = [each.split(", ", 1)[1] for each in visitor.locator("#duel fieldset label").all_inner_texts()]
    visitor.locator("#duel input[type=radio]").first.check()
    visitor.get_by_role("button", name="Answer", exact=True).click()
    beaten, mine, *others = visitor.locator("#duel .verdict p").all_inner_texts()
    assert re.fullmatch(
        r"You beat \d of \d\.|\d of \d beat you\.|You are right, and so are they\.|Nobody is right\.", beaten
    )
    assert mine.strip() == f"You: “{options[0]}”, 50% sure"
    answered = [line for line in others if line.rstrip().endswith("% sure")]
    assert answered
    assert all(any(f"“{option}”" in line for option in options) for line in answered)


@pytest.mark.parametrize("width", [390, 768, 1280, 1920])
def test_no_card_is_alone_on_the_last_row(site: Path, visitor: Any, width: int) -> None:
    """Whatever their number: every row but that of a first wide card is full."""
    visitor.set_viewport_size({"width": width, "height": 900})
    visitor.goto((site / "index.html").as_uri())
    while visitor.locator(".front-card").count() > 8:
        cards = [each.bounding_box() for each in visitor.locator(".front-card").all()]
        ends = [each["x"] + each["width"] for each in cards]
        assert ends[-1] == pytest.approx(max(ends))
        visitor.evaluate("document.querySelector('.front-card:last-child').remove()")


@pytest.mark.parametrize("name", ["model-showdown", "temperature-sweep", "thinking-tradeoff"])
def test_pages_opened_bare_show_the_same_telling_question(site: Path, visitor: Any, name: str) -> None:
    """The list leads to it; it is read, seen through and played, and some reply is more than a letter."""
    asked = {}
    for page, heading in (("answer", "#question h1"), ("xray", "#xray h1"), ("playback", ".prompt-text")):
        visitor.goto((site / name / f"{page}.html").as_uri())
        visitor.wait_for_selector(heading)
        asked[page] = visitor.inner_text(heading)
        if page == "answer":
            # Thinking is folded.
            replies = visitor.locator(".answer .tokens").all_text_contents()
            assert max(len(each) for each in replies) > 20
    assert len(set(asked.values())) == 1
    visitor.goto((site / name / "answers.html").as_uri())
    visitor.get_by_text("A question to begin with").get_by_role("link").first.click()
    visitor.wait_for_selector("#question h1")
    assert visitor.inner_text("#question h1") == asked["answer"]


def test_bars_of_entropy_are_explained_where_there_are_some(site: Path, visitor: Any) -> None:
    """Above an answer of several tokens, and not above a letter alone."""
    folder = site / "model-showdown"
    visitor.goto((folder / "xray.html").as_uri())
    visitor.wait_for_selector("#xray .run")
    for condition in visitor.locator("#xray select option").all_inner_texts():
        visitor.locator("#xray select").select_option(label=condition)
        shown = visitor.locator("#xray .strip").count() > 0
        assert visitor.get_by_text("show how undecided the model was").is_visible() == shown
        assert visitor.locator(".of-joined").is_visible() == (visitor.locator(".tokens .joined").count() > 0)


def test_the_race_shows_how_far_everybody_is(site: Path, visitor: Any) -> None:
    """Nothing of it before the start; then a stroke a question, high where right; who won only at the end."""
    visitor.goto((site / "index.html").as_uri())
    assert {"0 right of 0"} == set(visitor.locator(".lanes .total").all_inner_texts())
    assert not visitor.locator(".lanes .ran").count()
    assert re.fullmatch(r"0\.0\ss", visitor.inner_text(".race .time"))
    assert not visitor.inner_text(".race .result")
    visitor.emulate_media(reduced_motion="reduce")
    visitor.get_by_role("button", name="Start the race").click()
    heights = {
        kind: visitor.locator(f".lanes .ran.{kind}").first.bounding_box()["height"]
        for kind in ("right", "wrong")
    }
    assert heights["right"] > 2 * heights["wrong"]
    assert visitor.inner_text(".race .result").startswith("Most right: ")
    assert visitor.get_by_role("button", name="Run it again").is_visible()


def test_results_show_after_a_click_and_stay(site: Path, visitor: Any) -> None:
    """On the front and on every first page, until the reader wants to be asked; ?show shows them to somebody new."""
    front = (site / "index.html").as_uri()
    visitor.goto(front)
    visitor.get_by_role("button", name="Show all results").click()
    cards = visitor.locator(".front-card").count()
    assert cards == visitor.locator(".front-card .found:visible").count()
    visitor.goto(front)
    assert cards == visitor.locator(".front-card .found:visible").count()
    visitor.goto((site / "model-showdown/index.html").as_uri())
    assert visitor.locator(".badges").first.is_visible()
    visitor.goto(front)
    visitor.get_by_role("button", name="Ask me first again").click()
    assert not visitor.locator(".front-card .found:visible").count()
    assert visitor.get_by_role("button", name="Show all results").is_visible()
    visitor.goto((site / "model-showdown/index.html").as_uri())
    assert visitor.locator("#guess").is_visible()
    assert not visitor.locator(".badges").first.is_visible()
    visitor.evaluate("localStorage.clear()")
    visitor.goto(front + "?show")
    assert cards == visitor.locator(".front-card .found:visible").count()
    assert "right in" in visitor.inner_text(".lanes")


def test_a_guess_opens_its_own_card_only(site: Path, visitor: Any) -> None:
    """The others still ask."""
    visitor.goto((site / "model-showdown/index.html").as_uri())
    visitor.get_by_role("button", name="This will hold").click()
    visitor.goto((site / "index.html").as_uri())
    shown = visitor.locator(".front-card:has(.found:visible) h3").all_inner_texts()
    assert len(shown) == 1
    assert shown[0] == visitor.locator('.front-card h3 a[href="model-showdown/index.html"]').inner_text()


def test_who_only_reads_an_experiment_may_guess_at_the_others(site: Path, visitor: Any) -> None:
    """It shows its results, which stay; nothing is said of a guess, and the other cards still ask."""
    page = (site / "model-showdown/index.html").as_uri()
    visitor.goto(page)
    visitor.get_by_role("button", name="I only want to read").click()
    visitor.goto(page)
    assert visitor.locator(".badges").first.is_visible()
    assert not visitor.locator("#guessed:visible").count()
    visitor.goto((site / "how-you-ask/index.html").as_uri())
    assert visitor.locator("#guess").is_visible()
    visitor.goto((site / "index.html").as_uri())
    assert visitor.locator(".front-card:has(.found:visible)").count() == 1


def test_paper_and_readers_without_scripts_see_all(site: Path, visitor: Any, chromium: Any) -> None:
    """Nothing waits there."""
    visitor.goto((site / "index.html").as_uri())
    visitor.emulate_media(media="print")
    cards = visitor.locator(".front-card").count()
    assert cards == visitor.locator(".front-card .found:visible").count()
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "index.html").as_uri())
    assert cards == page.locator(".front-card .found:visible").count()
    assert "right in" in page.inner_text(".lanes")
    context.close()


def test_the_race_tells_its_result_at_the_end(site: Path, visitor: Any) -> None:
    """Readers who want no motion get it at once."""
    visitor.emulate_media(reduced_motion="reduce")
    visitor.goto((site / "index.html").as_uri())
    visitor.get_by_role("button", name="Start the race").click()
    assert visitor.inner_text(".lanes").count("right in") == visitor.locator(".lanes li").count()


def test_statistics_are_asked_for_and_kept(site: Path, visitor: Any) -> None:
    """By the button and in the address; without them whiskers stay."""
    page = (site / "model-showdown/pairs.html").as_uri()
    visitor.goto(page)
    assert not visitor.locator(".stat:visible").count()
    assert visitor.locator("table.square").is_visible()
    visitor.get_by_role("button", name="With statistics").click()
    assert visitor.locator(".stat:visible").count()
    assert (
        visitor.locator("details.statistics").count() == visitor.locator("details.statistics[open]").count()
    )
    assert visitor.url.endswith("?statistics")
    visitor.goto((site / "model-showdown/index.html?show").as_uri().replace("%3F", "?"))
    assert visitor.locator(".badges .stat").first.is_visible()
    visitor.get_by_role("button", name="With statistics").click()
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
    if ({TESTS}.test(textContent) && parentElement.checkVisibility() && !parentElement.closest(".sr, svg")) {{
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
    visitor.locator("summary", has_text=" runs of ").click()
    visitor.wait_for_selector(".ledger-tools:not([hidden])")
    cells = visitor.locator("#ledger-table tbody td.num > a")
    values = [float(text.strip("<>%")) for text in cells.all_inner_texts()]
    assert len(values) == visitor.locator("#ledger-table tbody tr").count()
    assert values == sorted(values, reverse=True)
    other = visitor.locator('[name="suite"] option').last.get_attribute("value")
    visitor.locator('[name="suite"]').select_option(other)
    assert visitor.locator("#ledger-table tbody tr").count() == cells.count()
    address = visitor.url
    visitor.goto("about:blank")
    visitor.goto(address)
    visitor.wait_for_selector(".ledger-tools:not([hidden])")
    assert visitor.locator('[name="suite"]').input_value() == other
    assert cells.first.is_visible()


def test_calibration_shows_the_chosen_condition(site: Path, visitor: Any) -> None:
    """Its diagram at 560 px or more, its table, its worksheet; the legend hides it as everywhere."""
    visitor.goto((site / "model-showdown/calibration.html").as_uri())
    panels = "[data-of]:visible"
    first = visitor.locator(panels).first
    assert first.locator("svg:visible").first.bounding_box()["width"] >= 560
    assert len({each.get_attribute("data-of") for each in visitor.locator(panels).all()}) == 1
    wanted = visitor.locator("#whose option").nth(1).get_attribute("value")
    visitor.locator("#whose").select_option(wanted)
    assert {wanted} == {each.get_attribute("data-of") for each in visitor.locator(panels).all()}
    visitor.locator("#whose").select_option("")
    assert len({each.get_attribute("data-of") for each in visitor.locator(panels).all()}) > 1


# The counts of a reliability diagram that a line of a mean runs through.
CROSSED = """() => {
  const found = [];
  for (const svg of document.querySelectorAll(".binned svg")) {
    const boxes = (names) => [...svg.querySelectorAll(names)].filter((e) => e.checkVisibility())
      .map((e) => e.getBoundingClientRect());
    const counts = boxes('text[font-size="8.5px"]');
    const lines = boxes('line[stroke="currentColor"]').filter(({ width, height }) => height > 20 && width < 4);
    if (svg.checkVisibility() && !(counts.length && lines.length >= 2)) found.push("nothing to look at");
    for (const a of counts) for (const b of lines) {
      if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom) found.push([a.left, a.top]);
    }
  }
  return found;
}"""


def test_no_line_runs_through_a_count(site: Path, visitor: Any) -> None:
    """In the histogram below a reliability diagram, for every condition and both numbers of bins."""
    visitor.goto((site / "model-showdown/calibration.html").as_uri())
    visitor.locator("#whose").select_option("")
    for bins in ("five", "fifteen"):
        visitor.get_by_label(bins, exact=True).check()
        assert visitor.evaluate(CROSSED) == []


def test_every_model_has_five_bins_and_fifteen(site: Path, visitor: Any) -> None:
    """In its diagram and its table; the choice is kept, and stands in the address."""
    page = (site / "model-showdown/calibration.html").as_uri()
    visitor.goto(page)
    conditions = [each for each in visitor.locator("#whose option").all() if each.get_attribute("value")]
    ids = [each.get_attribute("value") for each in conditions]
    assert len(ids) == 3

    def rows() -> list[int]:
        made = []
        for each in ids:
            visitor.locator("#whose").select_option(each)
            made.append(visitor.locator(".binned:visible").first.locator("tbody tr").count())
        return made

    assert all(5 < bins <= 15 for bins in rows())
    visitor.get_by_label("five", exact=True).check()
    assert all(bins <= 5 for bins in rows())
    assert "bins=5" in visitor.url
    visitor.goto(page)
    assert visitor.get_by_label("five", exact=True).is_checked()
    visitor.goto(f"{page}?bins=15")
    assert visitor.get_by_label("fifteen", exact=True).is_checked()


def test_the_radar_has_the_axes_and_conditions_that_are_chosen(site: Path, visitor: Any) -> None:
    """At 560 px or more; the choice stands in the address; a percentile rank names its population."""
    visitor.goto((site / "how-you-ask/categories.html").as_uri())
    drawn = visitor.locator("#profile-drawn svg")
    assert drawn.bounding_box()["width"] >= 560
    groups = visitor.locator('[name="group"] option').all_inner_texts()
    assert len(groups) >= 2
    visitor.locator('[name="group"]').select_option(index=1)
    visitor.locator('[name="condition"]:checked').first.uncheck()
    address, told = visitor.url, drawn.get_attribute("aria-label")
    visitor.get_by_role("radio", name="percentile rank").check()
    assert "among the 8 conditions of this experiment" in visitor.inner_text("#profile-drawn h3:visible")
    assert drawn.get_attribute("aria-label").startswith("Radar of percentile ranks. ")
    visitor.goto("about:blank")
    visitor.goto(address)
    assert drawn.get_attribute("aria-label") == told
    assert visitor.faults == []


def test_many_conditions_are_folded_on_a_phone(site: Path, chromium: Any) -> None:
    """Header and legend take three lines at most; a press shows every condition, and hides them again."""
    context = chromium.new_context(offline=True, viewport={"width": 390, "height": 844})
    page = watched(context)
    page.goto((site / "how-you-ask/index.html").as_uri())
    legend = page.locator(".legend")
    assert legend.bounding_box()["height"] <= 44
    fold = page.get_by_role("button", name="8 conditions")
    fold.click()
    assert page.locator(".chip:visible").count() == 8
    fold.click()
    assert not page.locator(".chip:visible").count()
    # Three long names as well; three short ones take two lines.
    page.goto((site / "thinking-tradeoff/index.html").as_uri())
    assert legend.bounding_box()["height"] <= 44
    page.goto((site / "model-showdown/index.html").as_uri())
    assert page.locator(".chip:visible").count() == 3
    assert legend.bounding_box()["height"] <= 72
    page.goto((site / "how-you-ask/index.html").as_uri())
    page.set_viewport_size({"width": 1280, "height": 900})
    assert page.locator(".chip:visible").count() == 8
    assert not fold.is_visible()
    context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_every_control_of_the_header_is_a_word(site: Path, chromium: Any, width: int) -> None:
    """Two; the word of the theme is the one that a press leads to."""
    context = chromium.new_context(offline=True, viewport={"width": width, "height": 844})
    page = watched(context)
    page.goto((site / "model-showdown/categories.html").as_uri())
    words = page.locator("header .tool:visible").all_inner_texts()
    assert words == ["With statistics", "Dark"]
    page.get_by_role("button", name="Dark").click()
    assert page.get_by_role("button", name="Light").is_visible()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    context.close()


def test_the_picture_stands_on_the_first_screen(site: Path, visitor: Any) -> None:
    """One sentence, one verdict, then the picture with its seconds."""
    visitor.goto((site / "model-showdown/index.html").as_uri() + "?show")
    picture = visitor.locator("figure.bars").bounding_box()
    assert picture["y"] + picture["height"] <= 900
    assert visitor.locator("figure.bars .price").count() == 3
    assert "about twice as long" in visitor.inner_text(".after-guess > .lede")


SHIPPED = ["model-showdown", "how-you-ask", "thinking-tradeoff", "temperature-sweep", "two-sizes-one-prompt"]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_sentence_has_the_numbers_of_the_picture(site: Path, visitor: Any, name: str) -> None:
    """One definition, one unit: every share that is said stands at a bar, or beside a prediction."""
    visitor.goto((site / name / "index.html").as_uri() + "?show")
    said = re.findall(r"[\d.]+%", visitor.inner_text(".after-guess > .lede"))
    shown = " ".join(visitor.locator("figure.bars td.num").all_inner_texts()).split()
    predicted = re.findall(r"[\d.]+%", " ".join(visitor.locator("ul.badges").all_inner_texts()))
    assert len(said) >= 2
    assert said[0] in shown
    assert [each for each in said if each not in shown + predicted] == []


def test_on_a_phone_nothing_is_cut_or_covered(site: Path, chromium: Any) -> None:
    """Tabs in one line, a whole legend, guessing through no name, charts with their names, Playback off the answers."""
    context = chromium.new_context(offline=True, viewport={"width": 390, "height": 844})
    page = watched(context)
    page.goto((site / "model-showdown/index.html").as_uri())
    page.get_by_role("button", name="I only want to read").click()
    lines = page.locator("figure.bars tbody tr").all()
    assert len(lines) == 3
    for line in lines:
        name, guess = line.locator("th").bounding_box(), line.locator("u").bounding_box()
        assert guess["y"] >= name["y"] + name["height"] - 1
    for name in ("results", "calibration"):
        page.goto((site / f"thinking-tradeoff/{name}.html").as_uri())
        assert page.evaluate(CUT_OFF) == []
    page.goto((site / "how-you-ask/index.html").as_uri())
    tops = page.eval_on_selector_all(
        ".tabs > a, .tabs > details",
        "all => all.filter((e) => e.checkVisibility()).map((e) => e.getBoundingClientRect().top)",
    )
    assert len(tops) == 5
    assert max(tops) - min(tops) < 10
    assert (
        page.evaluate(
            "(() => { const e = document.querySelector('.chips'); return e.scrollHeight - e.clientHeight; })()"
        )
        <= 0
    )
    page.locator(".tabs summary").click()
    assert page.get_by_role("link", name="Choose").is_visible()
    page.goto((site / "model-showdown/playback.html").as_uri())
    page.wait_for_selector("#playback-asked p")
    asked = page.locator("#playback-asked").bounding_box()
    controls = page.locator(".playback").bounding_box()
    assert controls["y"] >= asked["y"] + asked["height"]
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
        if visitor.get_by_role("link", name="Guess first").count():
            assert found["sheets"][sheet]["intro"] in visitor.inner_text("main")
            assert not visitor.locator("main > :visible:not(h1, .guess-first, .crumbs)").count()
            visitor.get_by_role("link", name="Guess first").click()
            visitor.wait_for_selector("#guess:visible")
            assert "Guess below" in visitor.inner_text(".steps")
            assert not visitor.locator(".badges:visible").count()
            visitor.locator("[data-guess]").first.click()
            visitor.locator("header .steps .button").click()
            visitor.wait_for_selector(".steps")
        assert f"step {number} of {total}" in visitor.inner_text(".steps")
        assert "false" not in visitor.inner_text(".steps"), "a link that is not there leaves no word"
        if visitor.locator("#guess:visible").count():
            visitor.locator("[data-guess]").first.click()
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
    """Neither the ledger nor a page behind a tab; after the guess the bar names what comes next."""
    visitor.goto((site / "temperature-sweep/compare.html").as_uri() + "?step=exercise-4.1")
    visitor.wait_for_selector(".guess-first")
    for place in ("temperature-sweep/answers.html", "ledger.html"):
        visitor.goto((site / place).as_uri())
        visitor.wait_for_selector(".guess-first")
        assert not visitor.locator("main table:visible").count()
    visitor.get_by_role("link", name="Guess first").click()
    visitor.locator("[data-guess]").first.click()
    assert "Now look at “Write a haiku" in visitor.inner_text("header .steps .button")
    visitor.goto((site / "temperature-sweep/answers.html").as_uri())
    visitor.wait_for_selector(".steps")
    assert not visitor.locator(".guess-first").count()
    visitor.goto((site / "ledger.html").as_uri())
    visitor.get_by_role("button", name="Close").click()
    assert visitor.locator(".best table").is_visible()
