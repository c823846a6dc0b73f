"""The list of questions, one question and its x-ray on the shipped site: the same numbers, filters that are named."""

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

VITAMIN = "?q=starter/mmlu-pro/mmlu-health-001"


def opened(page: Any, path: Path, address: str, ready: str) -> Any:
    """The page once it is put together."""
    page.goto("about:blank")
    page.goto(path.as_uri() + address)
    page.wait_for_selector(ready)
    return page


def test_a_question_and_its_xray_give_the_same_numbers(site, page):
    """95% of the letters and 94% of all tokens are named on both; the right option is not among the five likeliest."""
    opened(page, site / "model-showdown/answer.html", VITAMIN, ".options")
    page.click("#question details.folded > summary")
    column = page.locator(".answer", has_text="Qwen2.5-Coder 1.5B").inner_text()
    assert "95% among the letters A–J, 94% among all tokens" in column
    assert "1 token and the end mark" in column
    assert page.locator(".options .chosen").count() == 3
    opened(page, site / "model-showdown/xray.html", VITAMIN + "#c=qwen-1.5b", "#xray .token")
    panel = page.inner_text("#xray .alternatives")
    assert "94%" in panel
    assert "95% among the letters A–J" in panel
    assert "1 token and the end mark" in page.inner_text("#xray .box h2")
    opened(page, site / "model-showdown/xray.html", VITAMIN + "#c=qwen-0.5b", "#xray .token")
    lines = [" ".join(each.split()) for each in page.locator("#xray .alternative:visible").all_inner_texts()]
    assert lines[-2:] == ["J 1% ● right", "others 16%"]


def test_the_list_opens_with_sure_mistakes_and_each_part_of_the_bar_filters(site, page):
    """A part leaves as many questions as it says; pressed again, all are there, and so they are after a reload."""
    opened(page, site / "model-showdown/answers.html", "", "#questions[data-ready]")
    assert page.inner_text("#count") == "16 of 645 questions, the surest first"
    parts = page.locator(".together a")
    assert sum(int(each) for each in page.locator(".together .n").all_inner_texts()) == 645
    alone = parts.nth(3)
    n = alone.locator(".n").inner_text()
    alone.click()
    assert page.inner_text("#count").startswith(f"{n} of 645 questions")
    assert alone.get_attribute("aria-current") == "true"
    alone.click()
    assert page.inner_text("#count").startswith("645 questions")
    page.reload()
    page.wait_for_selector("#questions[data-ready]")
    assert page.inner_text("#count").startswith("645 questions")


def test_a_filter_from_a_pair_is_named_and_can_be_taken_off(site, page):
    """The square of a pair leads to questions that one got right and the other did not; no field shows that."""
    address = "#right=qwen-1.5b&wrong=qwen-0.5b"
    opened(page, site / "model-showdown/answers.html", address, "#questions[data-ready]")
    assert page.inner_text("#judged") == "Qwen2.5-Coder 1.5B: right, Qwen2.5-Coder 0.5B: not right"
    page.get_by_role("button", name="Clear filters").click()
    assert page.inner_text("#judged") == ""
    assert page.inner_text("#count").startswith("645 questions")
