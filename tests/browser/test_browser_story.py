"""What a visitor meets: a front that shows its findings, two depths, one suite at a time, the steps of an exercise."""

import csv
import json
import re

import pytest

pytestmark = pytest.mark.browser


def test_tokens_answer_to_the_pointer_and_to_the_keyboard(site, page):
    """The panel begins with the wrong turn, and says of any other token what else could have stood there."""
    page.goto((site / "index.html").as_uri())
    strip = page.locator("[data-strip]")
    panel, tokens = strip.locator(".alternatives"), strip.locator(".token")
    assert panel.locator(".alternative.good .w").inner_text() == "● right"
    turn = strip.locator(".token[aria-pressed=true]")
    assert "turn" in turn.get_attribute("class")
    tokens.first.hover()
    assert tokens.first.get_attribute("aria-pressed") == "true"
    assert not panel.locator(".alternative.good").count()
    tokens.first.focus()
    page.keyboard.press("End")
    assert tokens.last.get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="Previous token").click()
    assert tokens.nth(tokens.count() - 2).get_attribute("aria-pressed") == "true"


def test_on_a_phone_the_panel_opens_below_its_token(site, page):
    """In the letters of the page, and the line still leads to what would have been right."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto((site / "index.html").as_uri())
    strip = page.locator("[data-strip]")
    right = strip.locator(".instead b, .lane.good .token").first
    strip.locator(".lane .token").nth(1).click()
    panel = strip.locator(".tokens-row .alternatives")
    family = "getComputedStyle(node).fontFamily"
    assert panel.evaluate(f"node => {family}") == page.locator("body").evaluate(f"node => {family}")
    end = strip.locator(".fork path.good").bounding_box()
    box = right.bounding_box()
    assert box["y"] < end["y"] + end["height"] < box["y"] + box["height"]


def test_who_answers_stands_among_the_models(site, page):
    """With what was answered and how sure; the models' answers are there without scripts as well."""
    page.goto((site / "index.html").as_uri())
    page.locator("#beat .options label").first.click()
    page.locator("#beat [name=sure]").fill("80")
    page.get_by_role("button", name="Answer", exact=True).click()
    assert re.fullmatch(
        r"Right\. You beat \d of \d\.|Wrong\. \d of \d beat you\.|You are right, and so are they\.|"
        r"Wrong, and so are they\.",
        page.inner_text("#beat .outcome"),
    )
    mine = page.locator("#beat .you .replied")
    assert mine.locator(".quote").inner_text() == page.locator("#beat .options span").first.inner_text()
    assert mine.locator(".v").inner_text() == "80%"


def test_the_x_ray_shows_any_answer(site, page):
    """The telling one stands in the page; another one is asked for by its address, token by token."""
    folder = site / "few-shot-cot"
    page.goto((folder / "xray.html").as_uri())
    assert page.inner_text("h1:visible") == "It had the right token second."
    link = page.locator(".turns a").first
    question = link.inner_text()
    link.click()
    page.wait_for_selector("#xray .token")
    assert page.inner_text("#xray h1") == question
    assert not page.locator("#telling").is_visible()
    panel = page.locator("#xray .alternatives")
    assert panel.locator(".alternative.said").count() == 1
    before = panel.locator(".note").inner_text()
    panel.get_by_role("button", name="Previous token").click()
    assert panel.locator(".note").inner_text() != before
    page.locator("#xray select").select_option(index=0)
    page.wait_for_selector("#xray .token")


def test_statistics_are_asked_for_and_kept(site, page):
    """By the button and in the address; without them whiskers stay, and paper has them."""
    address = (site / "model-showdown/pairs.html").as_uri()
    page.goto(address)
    statistics = page.locator(".stat:visible")
    assert not statistics.count()
    assert page.locator("table.square").is_visible()
    page.get_by_role("button", name="Statistics").click()
    assert statistics.count()
    page.goto(address)
    assert statistics.count()
    page.get_by_role("button", name="Statistics").click()
    page.goto(address)
    assert not statistics.count()
    page.emulate_media(media="print")
    assert statistics.count()
    page.emulate_media(media="screen")
    page.goto(f"{address}?statistics")
    assert statistics.count()


def test_the_radar_has_the_axes_and_conditions_that_are_chosen(site, page):
    """Beside dots of the same numbers; three conditions at most; the choice stands in the address."""
    page.goto((site / "how-you-ask/categories.html").as_uri())
    drawn = page.locator("#profile-drawn svg")
    page.locator('[name="group"]').select_option(index=1)
    assert page.locator('[name="condition"]:disabled').count() == 5
    page.locator('[name="condition"]:checked').first.uncheck()
    assert page.locator('[name="condition"]:disabled').count() == 0
    address, told = page.evaluate("location.href"), drawn.get_attribute("aria-label")
    dots = page.locator(".axes:visible circle")
    places = dots.evaluate_all("all => all.map((dot) => dot.getAttribute('cx'))")
    page.get_by_role("radio", name="percentile rank").check()
    assert drawn.get_attribute("aria-label").startswith("Radar, rank. ")
    assert places != dots.evaluate_all("all => all.map((dot) => dot.getAttribute('cx'))")
    page.goto("about:blank")
    page.goto(address)
    assert drawn.get_attribute("aria-label") == told


@pytest.mark.parametrize(
    "sheet", ["exercise-1", *(pytest.param(f"exercise-{n}", marks=pytest.mark.search) for n in range(2, 5))]
)
def test_the_steps_of_an_exercise_lead_from_place_to_place(site, page, sheet):
    """Each place is open and marked; no result shows before a guess."""
    found = json.loads((site / "data/steps.js").read_text("utf-8").removeprefix("llmxray.showSteps(")[:-3])
    total = len(found[sheet]["steps"])
    page.goto((site / f"lesson/{sheet}.html").as_uri())
    assert not re.search(r"^[\d]+%", page.inner_text(".expect"), re.MULTILINE)
    for slider in page.locator(".expect input").all():
        slider.fill("17")
    page.get_by_role("button", name="I have decided").click()
    page.reload()
    assert page.inner_text(".expect").count("you expected 17%") == 3, "it is kept"
    assert page.locator(".expect line").first.get_attribute("x1") == "17%"
    page.get_by_role("link", name="Begin: step 1").click()
    for number in range(1, total + 1):
        page.wait_for_selector(".steps")
        if page.locator("#guess:visible").count():
            assert not page.locator(".verdicts:visible").count()
            page.locator("[data-guess]").first.click()
            assert page.locator("#guessed").bounding_box()["y"] < 900, "what became of the guess is in view"
            page.locator(".steps .where a").first.click()
        assert f"step {number} of {total}" in page.inner_text(".steps")
        assert "false" not in page.inner_text(".steps"), "a link that is not there leaves no word"
        if found[sheet]["steps"][number - 1]["places"]:
            page.wait_for_selector(".step-place:visible", timeout=5000)
            bottom = page.evaluate("document.querySelector('header.top').getBoundingClientRect().bottom")
            top = page.evaluate("document.querySelector('.step-place').getBoundingClientRect().top")
            assert top >= bottom, "the header hides the place"
            assert top < 900, "the place is in view"
        last = number == total
        page.get_by_role("link", name="Back to the sheet" if last else "Next step").click()
    assert page.url.endswith(f"lesson/{sheet}.html")


def test_a_step_follows_to_other_pages_until_it_is_closed(site, page):
    """On another page of the experiment the bar leads back to the step's place."""
    page.goto(f"{site.as_uri()}/temperature-sweep/compare.html?step=exercise-4.1#prompt-haiku")
    page.wait_for_selector(".step-place")
    page.goto((site / "temperature-sweep/answers.html").as_uri())
    assert "Now look at “Write a haiku" in page.inner_text("header .steps .button")
    page.get_by_role("button", name="Close").click()
    assert not page.locator(".steps").count()


def test_a_picture_is_cited_and_embedded_alone(site, page):
    """What is copied names the picture; its address shows nothing else."""
    copies = "navigator, 'clipboard', {value: {writeText: async (text) => (window.copied = text)}}"
    page.add_init_script(f"Object.defineProperty({copies})")
    address = (site / "few-shot-cot/index.html").as_uri()
    page.goto(address)
    said = {}
    for name in ("Cite", "Embed", "Data"):
        page.locator("figure .take summary").first.click()
        page.get_by_role("button", name=name).first.click()
        said[name] = page.evaluate("window.copied")
    assert said["Cite"].startswith("@misc{few-shot-cot,")
    rows = list(csv.reader(said["Data"].splitlines()))
    assert rows[0][:4] == ["group", "mark", "value", "median time"]
    assert rows[1][2] in page.inner_text("figure tbody tr")
    (figure,) = re.findall(r"few-shot-cot/index\.html(\?figure=\d+)", said["Embed"])
    page.goto(address + figure)
    assert page.locator("figure:visible").count() == 1
    assert page.locator("h1:visible, p:visible > a").count() == 0
