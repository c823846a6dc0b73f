"""The brief on paper."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from llmxray.report.coursework import grading
from llmxray.report.site import build
from llmxray.workflow import Workspace, coursework, prepare

COUNT = re.compile(rb"/Type /Pages\s*/Count (\d+)")


def test_a_brief_prints_to_two_pages(root: Path, tmp_path: Path, plain_page: Any) -> None:
    """On both sizes of paper, of the experiment with the most suites and categories."""
    where = Workspace(root / "cassettes", root / "experiments")
    prepared = prepare(root / "experiments/model-showdown.yaml", where)
    path = coursework.write_brief(prepared, tmp_path, "Ada Lovelace")
    plain_page.goto(path.as_uri())
    for size in ("A4", "Letter"):
        found = COUNT.search(plain_page.pdf(format=size))
        assert found
        assert int(found[1]) <= 2, size
    # The student's name makes the command in the footer long.
    plain_page.set_viewport_size({"width": 390, "height": 800})
    assert plain_page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_paper_is_written_on_screen(chromium: Any, root: Path, tmp_path: Path) -> None:
    """Boxes and the sheet's blank cells take text, outlive a reload, and are on the printed page."""
    where = Workspace(root / "cassettes", root / "experiments")
    prepared = prepare(root / "experiments/model-showdown.yaml", where)
    path = coursework.write_brief(prepared, tmp_path, "Zoë Ó Néill")
    context = chromium.new_context(offline=True)
    page = context.new_page()
    page.goto(path.as_uri())
    texts = {
        "use-case": "Questions in a shop,\nright answers",
        "recommendation": "the larger: 64%",
        "cell-0": "34%",
    }
    for name, text in texts.items():
        page.locator(f"[data-write={name}]").click()
        page.keyboard.type(text)
    page.fill("[name=accuracy-best]", "34")
    page.reload()
    assert {name: page.inner_text(f"[data-write={name}]") for name in texts} == texts
    assert page.input_value("[name=accuracy-best]") == "34"
    with page.expect_download() as download:
        page.click("text=Save my answers")
    assert download.value.suggested_filename == "model-showdown-Zoë-Ó-Néill.json"
    context.close()


def test_the_brief_of_a_class_is_signed_by_each_student(site: Path, chromium: Any) -> None:
    """It stands on the site, asks everybody the same questions, and names who handed it in."""
    context = chromium.new_context(offline=True)
    page = context.new_page()
    page.goto((site / "model-showdown/brief.html").as_uri())
    page.click("text=Save my answers")
    page.fill("[name=student]", " Ada ")
    page.fill("[name=accuracy-best]", "64")
    with page.expect_download() as download:
        page.click("text=Save my answers")
    handed_in = json.loads(Path(download.value.path()).read_text())
    assert (handed_in["student"], handed_in["drawn_for"]) == ("Ada", "")
    assert handed_in["answers"]["accuracy-best"] == "64"
    assert "student" not in handed_in["answers"]
    context.close()


def test_slides_are_one_file_and_turn_by_keys(root: Path, tmp_path: Path, plain_page: Any) -> None:
    """Taken away from the site they look and work the same; keys are text where somebody writes."""
    where = Workspace(root / "cassettes", root / "experiments")
    prepared = prepare(root / "experiments/system-prompt-pair.yaml", where)
    alone = coursework.write_slides(prepared, tmp_path / "alone.html")
    page = plain_page
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(alone.as_uri())
    tops = (
        "[...document.querySelectorAll('.slide')].map((each) => Math.round(each.getBoundingClientRect().top))"
    )
    n = len(page.evaluate(tops))
    assert 6 <= n <= 10
    for place in range(1, n):
        page.keyboard.press("ArrowDown" if place % 2 else "PageDown")
        # The scroll is smooth, and ends where the slide snaps.
        page.wait_for_timeout(700)
        assert abs(page.evaluate(tops)[place]) <= 2
        # The bar of the site is no part of a slide.
        assert page.evaluate("document.querySelector('.top').getBoundingClientRect().bottom") <= 0
    page.keyboard.press("Home")
    page.locator("[data-write=names]").click()
    page.keyboard.type("Ada and Grace")
    assert page.inner_text("[data-write=names]") == "Ada and Grace"
    assert page.evaluate("getComputedStyle(document.querySelector('.slide')).display") == "grid"
    assert page.faults == []


@pytest.mark.parametrize(
    "name", ["temperature-sweep", "system-prompt-pair", "deterministic-pair", "two-sizes-one-prompt"]
)
def test_each_slide_of_the_site_fills_one_screen_with_large_type(
    site: Path, plain_page: Any, name: str
) -> None:
    """On a projector of 1280 to 720, nothing is wider or higher; heads and prompts to write are read from behind."""
    page = plain_page
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto((site / name / "slides.html").as_uri())
    of_each = "[...document.querySelectorAll('{}')].map({})"
    sizes = page.evaluate(
        of_each.format(".slide", "(each) => [each.offsetHeight, each.scrollWidth - each.clientWidth]")
    )
    assert sizes == [[720, 0]] * 9
    # A table of prompts has many lines.
    body, heads = ".slide p:not(.note):not(.unit), .slide:not(.rights) td, .slide dd", ".slide thead th"
    small = f"{heads.replace('.slide', '.slide:not(.rights)')}, .rights td, .slide .claim, .slide .said"
    type_of = "(each) => parseFloat(getComputedStyle(each).fontSize)"
    assert min(page.evaluate(of_each.format(body, type_of))) >= 28
    assert min(page.evaluate(of_each.format(small, type_of))) >= 24
    assert min(page.evaluate(of_each.format(heads, type_of))) >= 20
    prompts = "(each) => parseFloat(getComputedStyle(each, '::before').fontSize)"
    assert min(page.evaluate(of_each.format(".slide .write:empty", prompts))) >= 24
    page.set_viewport_size({"width": 390, "height": 844})
    hidden = "(each) => each.scrollWidth - each.clientWidth"
    assert not any(page.evaluate(of_each.format(".slide .scroll", hidden))), "a table is wider than a phone"
    assert page.faults == []


def test_an_instructor_grades_a_class_by_dropping_files(root: Path, tmp_path: Path, plain_page: Any) -> None:
    """The page gives the points that `llmxray grade` gives; what it cannot grade it names."""
    where = Workspace(root / "cassettes", root / "experiments")
    data = coursework.data_of(prepare(root / "experiments/model-showdown.yaml", where))
    grading.write(tmp_path / "site", data)
    about = {"format": "llmxray-brief", "version": 1, "experiment": data.name, "recording": data.recording}
    typed = {
        "accuracy-best": "64 %",
        "accuracy-rival": "64",
        "difference": "−38,6",
        "significant": " YES",
        "best": "law (ten options)",
    }
    hand_ins = {
        "ada": {**about, "student": "Ada", "drawn_for": "", "answers": typed},
        "bob": {**about, "student": "Bob", "answers": {}},
    }
    files = [tmp_path / f"{name}.json" for name in hand_ins]
    for file, content in zip(files, hand_ins.values(), strict=True):
        file.write_text(json.dumps(content))
    plain_page.goto((tmp_path / "site/lesson/grading.html").as_uri())
    plain_page.set_input_files("#hand-ins", files)
    plain_page.wait_for_selector("#grades tbody tr:nth-child(2)")
    ada, bob = (row.split("\t") for row in plain_page.inner_text("#grades tbody").splitlines())
    graded = build.grade(data, "", typed)
    assert [ada[0], ada[1]] == ["Ada", f"{graded.points} of {len(graded.answers)}"]
    assert 0 < graded.points < len(typed)
    assert bob[0] == "Bob"
    assert "llmxray grade" in bob[-1]
    assert plain_page.faults == []
