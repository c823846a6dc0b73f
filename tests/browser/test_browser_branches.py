"""The road not taken, on the shipped site: from the list or from a token to the fork, and back by keyboard."""

import pytest

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [1440, 390])
def test_an_answer_forks(chromium, shipped_site, width):
    """A wrong answer of the list turns right; its other tokens can be followed, or say that they were not recorded."""
    page = chromium.new_page(viewport={"width": width, "height": 900})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((shipped_site / "few-shot-cot/xray.html").as_uri())
    page.click("#roads .turns a >> nth=0")
    page.wait_for_selector("#xray .fork .right-mark")
    token = page.inner_text("#xray .lane.good .token >> nth=0")
    assert page.get_attribute("#xray .lane.good .token >> nth=0", "aria-pressed") == "true"
    assert f"“{token.strip()}”" in page.inner_text("#xray .lead")

    page.keyboard.press("Escape")
    assert page.query_selector("#xray .fork") is None
    assert "b=" not in page.url
    page.click("#xray .token.forks >> nth=0")
    assert "not recorded" in page.inner_text("#xray .alternatives")
    page.focus("#xray .alternatives .follows button >> nth=0")
    page.keyboard.press("Enter")
    assert page.query_selector("#xray .fork .lane.was") is not None
    assert not errors
    page.close()
