"""The list of questions, one question and its x-ray on the shipped site: the same numbers, filters that are named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from watching import watched

pytestmark = pytest.mark.browser

VITAMIN = "?q=starter/mmlu-pro/mmlu-health-001"


@pytest.fixture
def phone(chromium: Any) -> Iterator[Any]:
    """A page on a phone."""
    context = chromium.new_context(offline=True, viewport={"width": 390, "height": 844})
    yield watched(context)
    context.close()


def opened(page: Any, path: Path, address: str, ready: str) -> Any:
    """The page once it is put together."""
    page.goto("about:blank")
    page.goto(path.as_uri() + address)
    page.wait_for_selector(ready)
    return page


def test_a_question_and_its_xray_give_the_same_numbers(site: Path, plain_page: Any) -> None:
    """95% of the letters and 94% of all tokens are named on both, and so is what the server counted as a token."""
    page = opened(plain_page, site / "model-showdown/answer.html", VITAMIN, ".options")
    page.click("#question details.folded > summary")
    column = page.locator(".answer", has_text="Qwen2.5-Coder 1.5B").inner_text()
    assert "95% among the letters A–J, 94% among all tokens" in column
    assert "1 token and the end mark" in column
    opened(page, site / "model-showdown/xray.html", VITAMIN + "#c=qwen-1.5b", "#xray .token")
    panel = page.inner_text("#xray .alternatives")
    assert "94%" in panel
    assert "95% among the letters A–J" in panel
    assert "1 token and the end mark" in page.inner_text("#xray .box h2")
    assert page.faults == []


def test_options_are_rows_and_models_columns(site: Path, plain_page: Any) -> None:
    """The right option is marked once, each model's choice in its column; a sure mistake leads to the others."""
    page = opened(
        plain_page, site / "model-showdown/answer.html", "?q=starter/truthfulqa/truth-lang-001", ".options"
    )
    assert page.locator(".options tbody tr").count() == 4
    assert page.locator(".options .key .right-mark").all_inner_texts() == ["right"]
    chosen = page.locator(".options .chosen")
    assert chosen.count() == 3
    assert "96%" in " ".join(chosen.all_inner_texts())
    page.click("#question .lead a")
    page.wait_for_selector("#questions[data-ready]")
    assert "condition=qwen-1.5b" in page.url
    assert page.inner_text("#count").startswith("16 of 645")


def test_the_list_opens_with_sure_mistakes_and_each_part_of_the_bar_filters(
    site: Path, plain_page: Any
) -> None:
    """A part leaves as many questions as it says; pressed again, all are there, and so they are after a reload."""
    page = opened(plain_page, site / "model-showdown/answers.html", "", "#questions[data-ready]")
    assert page.inner_text("#count") == "16 of 645 questions, the surest first"
    parts = page.locator(".together a")
    assert parts.count() == 8
    assert sum(int(each) for each in page.locator(".together .n").all_inner_texts()) == 645
    alone = parts.nth(3)
    n = alone.locator(".n").inner_text()
    alone.click()
    assert page.inner_text("#count").startswith(f"{n} of 645 questions")
    assert alone.get_attribute("aria-current") == "true"
    assert page.inner_text("#judged") == ""
    alone.click()
    assert page.inner_text("#count").startswith("645 questions")
    page.reload()
    page.wait_for_selector("#questions[data-ready]")
    assert page.inner_text("#count").startswith("645 questions")


def test_the_xray_names_the_right_answer_and_lists_it(site: Path, phone: Any) -> None:
    """It is not among the five likeliest; on a phone every line of the panel shows."""
    page = opened(phone, site / "model-showdown/xray.html", VITAMIN + "#c=qwen-0.5b", "#xray .token")
    assert "Right answer: J Vitamin D" in page.inner_text("#xray .expected")
    lines = [" ".join(each.split()) for each in page.locator("#xray .alternative:visible").all_inner_texts()]
    assert lines[-2:] == ["J 1% ● right", "others 16%"]
    assert page.faults == []


def test_a_filter_from_a_pair_is_named_and_can_be_taken_off(site: Path, plain_page: Any) -> None:
    """The square of a pair leads to questions that one got right and the other did not; no field shows that."""
    address = "#right=qwen-1.5b&wrong=qwen-0.5b"
    page = opened(plain_page, site / "model-showdown/answers.html", address, "#questions[data-ready]")
    assert page.inner_text("#judged") == "Qwen2.5-Coder 1.5B: right, Qwen2.5-Coder 0.5B: not right"
    page.get_by_role("button", name="Clear filters").click()
    assert page.inner_text("#judged") == ""
    assert page.inner_text("#count").startswith("645 questions")


def test_a_category_is_that_of_one_suite(site: Path, plain_page: Any) -> None:
    """Two suites ask physics: each has its own in the menu, below its title, and the list holds no other."""
    page = opened(plain_page, site / "model-showdown/answers.html", "", "#questions[data-ready]")
    options = page.locator("select[name=where] option[value$=' physics']")
    assert options.count() == 2
    found = set()
    for value in [option.get_attribute("value") for option in options.all()]:
        suite = value.removesuffix(" physics")
        page.select_option("select[name=where]", value)
        assert f"suite={suite}&category=physics".replace("/", "%2F") in page.url.replace("/", "%2F")
        page.locator(".pills [data-view]", has_text="All").click()
        found.add(page.locator("tbody th small").first.inner_text().partition(" · right")[0])
    assert len(found) == 2


def test_answers_on_a_phone(site: Path, phone: Any) -> None:
    """Nothing is wider than the screen, the models stand above their columns, and targets are large enough."""
    for name, address, ready in (
        ("how-you-ask/answers.html", "", "#questions[data-ready]"),
        ("how-you-ask/answer.html", "", ".options"),
        ("model-showdown/answers.html", "", "#questions[data-ready]"),
    ):
        page = opened(phone, site / name, address, ready)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    edges = "[...document.querySelectorAll('%s')].map(e => e.getBoundingClientRect().left)"
    heads = page.evaluate(edges % "#questions thead th + th")
    assert heads == page.evaluate(edges % "#questions tbody tr:first-child td")
    assert all(each.bounding_box()["height"] >= 44 for each in page.locator(".pills .pill").all())


@pytest.mark.parametrize("size", [(1280, 900), (390, 844), (390, 400)])
def test_a_term_explains_itself_beside_its_word(site: Path, chromium: Any, size: tuple[int, int]) -> None:
    """Above or below the word, which stays readable, and wholly within the window."""
    width, height = size
    context = chromium.new_context(offline=True, viewport={"width": width, "height": height})
    page = context.new_page()
    page.goto((site / "model-showdown/index.html").as_uri() + "?show")
    terms = [each for each in page.locator(".term").all() if each.is_visible()]
    assert terms
    for term in terms:
        term.click()
        word, box = term.bounding_box(), page.locator(".about:popover-open").bounding_box()
        assert 0 <= box["x"] <= box["x"] + box["width"] <= width
        assert 0 <= box["y"] <= box["y"] + box["height"] <= height
        below, above = box["y"] - word["y"] - word["height"], word["y"] - box["y"] - box["height"]
        assert 0 <= max(below, above) < 12
        page.keyboard.press("Escape")
    context.close()


def test_the_place_of_a_step_is_framed_whole(site: Path, plain_page: Any) -> None:
    """A word that begins a line is framed with its line; the places that a bar names stand apart."""
    page = opened(plain_page, site / "model-showdown/index.html", "?show&step=exercise-1.1", ".step-place")
    assert "The larger model is more accurate" in page.inner_text(".step-place")
    assert "Hypothesis · Predictions" in page.inner_text("header .steps")
    edges = page.evaluate(
        "[...document.querySelectorAll('.brand, main')].map((e) => {"
        " const { left } = e.getBoundingClientRect();"
        " return left + parseFloat(getComputedStyle(e).paddingLeft); })"
    )
    assert len(set(edges)) == 1


@pytest.mark.parametrize("path", ["lesson/exercise-1.html", "deterministic-pair/slides.html"])
def test_text_starts_below_the_name_of_the_site(site: Path, plain_page: Any, path: str) -> None:
    """Header, text and footer have one left edge."""
    plain_page.goto((site / path).as_uri())
    lefts = "[...document.querySelectorAll('.brand, main h1, .foot p')].map((e) => e.getBoundingClientRect().left)"
    assert len(set(plain_page.evaluate(lefts))) == 1


def test_buttons_on_a_phone(site: Path, phone: Any) -> None:
    """Lines of buttons do not touch."""
    page = opened(phone, site / "how-you-ask/index.html", "?guess=1", "#guess:visible")
    boxes = [each.bounding_box() for each in page.locator("#guess .pill").all()]
    rows = sorted({each["y"] for each in boxes})
    assert len(rows) > 1
    assert rows[1] - rows[0] >= boxes[0]["height"] + 4
