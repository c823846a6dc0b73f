"""How calibrated are you, in a real browser, from disk: predict, answer, come back."""

from typing import Any

import pytest

from llmxray.report.analysis import Analysis
from llmxray.report.pages import calibration
from llmxray.report.widgets.render import Renderer
from tests.report.hand_made import many_questions

pytestmark = pytest.mark.browser


def answer(page: Any, choice: int, confidence: int) -> None:
    """Answer the question that is shown."""
    page.locator("[data-part=ask] input[type=radio]").nth(choice).check()
    page.locator("[name=confidence]").evaluate(
        "(s, v) => { s.value = v; s.dispatchEvent(new Event('input', {bubbles: true})) }", confidence
    )
    page.click("[data-part=ask] button")


def test_a_student(page, tmp_path):
    """Answers survive a reload; a prediction stands beside them."""
    calibration.write_page(Renderer(tmp_path / "site"), Analysis(many_questions(tmp_path)))
    page.goto((tmp_path / "site" / "made-up" / "yourself.html").as_uri())
    assert not page.is_visible("[data-part=ask]")
    page.select_option("[name=count]", "10")
    page.get_by_text("First, commit to a prediction").click()
    page.fill("[name=right]", "7")
    page.select_option("[name=best]", "b")
    page.select_option("[name=way]", "over")
    page.fill("[name=text]", "<img src=x onerror=alert(1)>")
    page.click("text=Begin")
    for number in range(10):
        if number == 5:
            page.reload()
            page.wait_for_selector("[data-part=ask]:visible")
        answer(page, 0 if number < 6 else 1, 80)
    assert "You got 6 of 10 right (60%" in page.inner_text("[data-part=headline]")
    # Six of ten leave room for 31% to 83%, and 80% sure lies there.
    assert "with 10 answers it is inconclusive" in page.inner_text("[data-part=headline]")
    assert "overconfident; with so few answers it is inconclusive" in page.inner_text("[data-part=predicted]")
    # The reader's own curve is drawn over those of the models.
    assert page.locator("[data-part=diagram] g").last.get_attribute("class") == "own"
    assert "You, 80% sure: option 0. " in page.inner_text("[data-part=answers]")
    assert "<img src=x onerror=alert(1)>" in page.inner_text("[data-part=predicted]")
    assert "you said b; on these questions it is b" in page.inner_text("[data-part=predicted]")
    page.on("dialog", lambda dialog: dialog.accept())
    page.click("[data-part=again]")
    # One click begins; what was not predicted is not told.
    page.click("text=Begin")
    assert page.inner_text(".progress-text") == "Question 1 of 20"
