"""Pair, threshold, choose and calibration in a real browser: what can be chosen, and the state in the address."""

import hand_made
import pytest

from llmxray.report.analysis import Analysis
from llmxray.report.pages import alone, answers, calibration, choose, pairs, results
from llmxray.report.widgets.render import Renderer

pytestmark = pytest.mark.browser

SURE = [0.95, 0.9, 0.85, 0.8, 0.75, 0.4, 0.35, 0.3, 0.25, 0.2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The pages of three made-up conditions."""
    out = tmp_path_factory.mktemp("site")
    data = hand_made.data(
        out / "cassette",
        {"quick": "+++++-----" * 4, "slow": "++++++++--" * 4, "odd": "-+-+-+-+-+" * 4},
        confidence={"quick": SURE * 4, "slow": [0.5, 0.9] * 20, "odd": [0.6, 0.2] * 20},
        latency_s={"quick": 1.0, "slow": 4.0, "odd": 2.0},
        categories=("x", "y"),
    )
    renderer, analysis = Renderer(out), Analysis(data)
    for page in (pairs, choose, calibration, answers):
        page.write_page(renderer, analysis)
    alone("results", results.page_values)(renderer, analysis)
    return out / "made-up"


def test_a_field_of_the_square_lists_exactly_its_questions(folder, page):
    """As many rows as the number says, of the pair that the table of all pairs leads to."""
    page.goto((folder / "pairs.html").as_uri())
    page.click("main a[href='results.html#pairs']")
    page.click("table.pairs a[href='pairs.quick~odd.html']")
    page.wait_for_url("**/pairs.quick~odd.html")
    link = page.locator(".square td.only a").first
    n = int(link.inner_text())
    link.click()
    page.wait_for_selector("#filters:not([hidden])")
    assert page.locator("#questions tbody tr:visible").count() == n > 0


def test_a_threshold_leads_to_what_it_refuses(folder, page):
    """What the chosen one gives is shown, by keyboard too; as many questions as the number says."""
    page.goto((folder / "calibration.html").as_uri())
    page.get_by_label("70%", exact=True).check()
    page.keyboard.press("ArrowRight")
    assert page.get_by_label("80%", exact=True).is_checked()
    assert page.locator(".thresholds .barlist:visible").count() == 1
    link = page.locator(".thresholds .barlist:visible a[href*='condition=quick']")
    assert link.inner_text() == "24"
    link.click()
    page.wait_for_selector("#filters:not([hidden])")
    assert page.locator("#questions tbody tr:visible").count() == 24


def test_weights_and_limits_rank_at_once_and_stay_in_the_address(folder, page):
    """Speed alone puts the quick one first, as the headline says; a limit puts the slow one out with its reason."""
    page.goto((folder / "choose.html").as_uri() + "#accuracy=0&calibration=0&speed=100")
    page.wait_for_selector("#choose-ranked:not([hidden])")
    assert page.inner_text("#choose-rows tr:first-child th") == "quick"
    assert (
        page.inner_text("h1")
        .replace("\xa0", " ")
        .startswith("By your weights and limits, quick comes first, 100 points to ")
    )
    assert ">99%" in page.inner_text("#choose-firm")
    page.goto((folder / "choose.html").as_uri() + "#accuracy=100&calibration=0&speed=0")
    page.wait_for_function("document.querySelector('#choose-rows th').textContent === 'slow'")
    page.fill("#choose-form [name=seconds]", "3")
    assert page.inner_text("#choose-out li:first-child") == "slow: too slow"
    assert "out" in page.locator(".plane [data-id=slow]").get_attribute("class")
    page.wait_for_url("**/*seconds=3*")
    page.get_by_label("Tutor").focus()
    page.keyboard.press("Space")
    page.wait_for_url("**/*use=tutor*")
    assert page.inner_text("h1").startswith("For a tutor, ")
    page.reload()
    assert page.get_by_label("Tutor").is_checked()
    assert page.input_value("[name=seconds]") == "5"
