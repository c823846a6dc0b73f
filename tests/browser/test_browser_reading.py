"""X-ray, playback, compare, a large table and a single file: two tiny hand-made experiments, in a real browser."""

import json
from pathlib import Path
from typing import Any

import pytest
from reading_data import benchmark, comparison, letter, words
from watching import until

from llmxray.report import build
from llmxray.report.analysis import Analysis
from llmxray.report.analysis import data as data_module
from llmxray.report.pages import alone, answers, compare, playback, xray
from llmxray.report.site.single_file import single
from llmxray.report.widgets.render import Renderer
from llmxray.types import Item

pytestmark = pytest.mark.browser

EVIL = "</script><img src=x onerror=alert(1)>"
LONG = [f"word{n} " for n in range(400)]
QUESTIONS = [
    *(Item(f"q{n:03}", f"Is {n} even?", ("yes", "no"), "AB"[n % 2], "sums") for n in range(119)),
    Item("evil", f"Is {EVIL} text?", ("yes", "no"), "A", EVIL),
]


def told(trial: Any, _: int) -> Any:
    """Small is sure of A, large hesitates and answers B."""
    return letter("A", {"A": 0.9}) if trial.condition == "small" else letter("B", {"B": 0.5, "A": 0.3})


def poem(trial: Any, sample: int) -> Any:
    """Cool writes a long text, hot one with a tag in it."""
    return words(*LONG) if trial.condition == "cool" else words("word0 ", EVIL, f" {sample} ", *LONG[50:])


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """``tiny`` (120 questions, two conditions) and ``sweep`` (one prompt, two settings, three samples)."""
    folder = tmp_path_factory.mktemp("reading")
    renderer = Renderer(folder / "site")
    for data in (benchmark(folder / "b", told, QUESTIONS), comparison(folder / "c", poem)):
        for page in (answers, playback, xray):
            page.write_page(renderer, Analysis(data))
        if data.experiment.kind == "compare":
            alone("compare", compare.page_values)(renderer, Analysis(data))
    return folder / "site"


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """The 120 questions as an experiment of thousands would be written: packed, its table made in the browser."""
    folder = tmp_path_factory.mktemp("large")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data_module, "LARGE_QUESTIONS", 100)
        build([benchmark(folder / "b", told, QUESTIONS)], folder / "site")
    return folder / "site"


def opened(page: Any, site: Path, path: str, ready: str) -> Any:
    """The page once it is there."""
    file, mark, rest = path.partition("?") if "?" in path else path.partition("#")
    page.goto((site / file).as_uri() + mark + rest)
    page.wait_for_selector(ready)
    return page


def test_xray_by_keyboard(site, page):
    """Arrows walk through tokens, `.` shows the next sample, `j` the next question."""
    opened(page, site, "sweep/xray.html#c=hot", "#xray .token")
    page.focus("#xray .token[aria-pressed=true]")
    before = page.inner_text("#xray .alternatives .note")
    page.keyboard.press("ArrowRight")
    assert before != page.inner_text("#xray .alternatives .note")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press(".")
    page.wait_for_selector("text=sample 2 of 3")
    opened(page, site, "tiny/xray.html?q=tiny/things/q001", "#xray .token")
    page.keyboard.press("j")
    page.wait_for_url(lambda url: "/xray.html?q=tiny/things/q002" in url)


def test_playback_is_finished_until_it_is_played(site, page):
    """The button empties the rows, which fill again; slider and keyboard go anywhere."""
    opened(page, site, "tiny/playback.html", "#run .controls")
    assert page.locator(".marks > *").count() == 240
    assert page.locator(".marks > .off").count() == 0
    shares = page.locator(".board .num").all_inner_texts()
    page.get_by_role("button", name="Play the run").click()
    until(page, "document.querySelectorAll('.marks > .off').length > 0")
    until(page, "document.querySelectorAll('.marks > .fall').length > 0")
    page.get_by_role("button", name="Pause").click()
    page.locator("#run input[type=range]").press("Home")
    assert page.locator(".marks > .off").count() == 240
    assert page.inner_text(".heads b >> nth=0") == "0"
    page.locator("#run input[type=range]").press("End")
    assert page.locator(".marks > .off").count() == 0
    assert page.locator(".board .num").all_inner_texts() == shares
    assert EVIL in page.inner_text(".board")


def test_links_of_a_single_file_lead_to_a_state_and_to_a_question(tmp_path, page):
    """A number to its questions, a row to its answers, these to the x-ray; again, and by key."""
    single([benchmark(tmp_path / "c", told, QUESTIONS[:30])], tmp_path)
    page.goto((tmp_path / "tiny.html").as_uri())

    def at(section: str) -> None:
        until(
            page,
            f"Math.abs(document.getElementById('page-{section}').getBoundingClientRect().top - 100) < 100",
        )

    number = page.locator('#page-results a[href*="condition="]').first
    for _ in range(2):
        number.click()
        at("answers")
        page.wait_for_url(lambda url: "condition=" in url)
    rows = page.locator("#questions tbody a")
    first, second = (rows.nth(place).inner_text() for place in (0, 1))
    # Each loads the file anew.
    for heading, section, follow in (
        (first, "answer", rows.first.click),
        (second, "answer", lambda: page.keyboard.press("j")),
        (second, "xray", page.locator(".to-xray").first.click),
    ):
        with page.expect_navigation():
            follow()
        at(section)
        assert heading == page.inner_text(f"#page-{section} h1")
    page.locator(".menu summary", has_text="More").click()
    page.locator(".menu-list a", has_text="Results").click()
    at("results")
    assert not page.locator(".menu-list", has_text="Pairs").is_visible()
    page.locator("#page-results th a", has_text="Whole answer").click()
    until(page, "document.getElementById('latency').getBoundingClientRect().top < innerHeight")


def test_every_page_of_a_large_experiment_opens(large, page):
    """As those of a small one; the `page` must not complain."""
    for path in sorted(large.glob("**/*.html")):
        page.goto(path.as_uri())
        assert page.inner_text("main").strip(), path


def test_a_large_table_is_filtered_and_leads_to_its_questions(large, page):
    """A few rows at first; a filter and a search go along to the question and to its neighbours."""
    opened(page, large, "tiny/answers.html#preset=all", "#questions[data-ready]")
    until(page, "document.querySelectorAll('#questions tbody tr').length === 25")
    assert "120 questions, the first 25 listed" in page.inner_text("#count")
    page.fill("[name=q]", "even 17")
    page.wait_for_url(lambda url: "#q=even+17" in url)
    assert "2 of 120 questions" in page.inner_text("#count")
    page.locator("#questions tbody a", has_text="Is 17 even?").click()
    page.wait_for_selector(".options")
    assert "1 of 2" in page.inner_text(".place")
    page.keyboard.press("j")
    page.wait_for_url(lambda url: "q=tiny/things/q117#q=even+17" in url)
    opened(page, large, "tiny/answer.html?q=tiny/things/q001#knew=1-1", ".options")
    assert "of 120" in page.inner_text(".place"), "small says A, large B: they always disagree"
    opened(page, large, "tiny/answer.html?q=tiny/things/q003", ".options")
    assert "4 of 120" in page.inner_text(".place")
    opened(page, large, "tiny/xray.html?q=tiny/things/q119", "main .empty")
    assert "no question" in page.inner_text("main .empty")
    opened(page, large, "tiny/xray.html?q=tiny/things/evil", "#xray .token")


def test_compared_answers_part_and_scroll_together(site, page):
    """Ribbons lead from what is shared to each answer of the sample in view; long texts scroll together."""
    opened(page, site, "sweep/compare.html", ".variants")
    assert EVIL in page.inner_text(".variants:visible")
    shown = ".one:not([hidden]) .parting"
    until(page, f"document.querySelectorAll('{shown} .ribbons path').length === 4")
    assert not page.locator(f"{shown} .ribbons path").first.get_attribute("d").startswith("M-")
    words = page.locator(f"{shown} .branch .words").first
    assert words.evaluate("each => each.scrollHeight > 3 * each.clientHeight && each.tabIndex === 0")
    page.get_by_role("button", name="Next sample").click()
    assert "sample 2 of 3" in page.inner_text(".samples output")
    until(page, f"document.querySelectorAll('{shown} .ribbons path').length === 4")
    one, other = (f".variant:nth-of-type({n}) .one:not([hidden]) .written" for n in (1, 2))
    page.hover(one)
    page.evaluate(
        f"(() => {{ const one = document.querySelector('{one}'); one.scrollTop = one.scrollHeight; }})()"
    )
    until(page, f"document.querySelector('{other}').scrollTop > 50")
    page.set_viewport_size({"width": 390, "height": 844})
    until(page, f"document.querySelectorAll('{shown} .ribbons path').length === 2")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_votes_of_a_class_are_counted(site, page, tmp_path):
    """Without a vote of one's own."""
    opened(page, site, "sweep/compare.html", "#votes")
    votes = [{"prompt": "p", "sides": [{"id": "cool"}, {"id": "hot"}], "choice": "left"}] * 3
    experiment = page.get_attribute("#votes", "data-experiment")
    (tmp_path / "ada.json").write_text(json.dumps({"experiment": experiment, "voter": "ada", "votes": votes}))
    page.set_input_files("[data-part=files]", tmp_path / "ada.json")
    page.wait_for_selector("text=3 votes by one voter")
