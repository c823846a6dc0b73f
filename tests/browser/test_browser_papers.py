"""The brief on paper."""

import json
import re
from pathlib import Path

import hand_made
import pytest
from watching import until

from llmxray.report.coursework import papers
from llmxray.report.site import build

pytestmark = pytest.mark.browser

COUNT = re.compile(rb"/Type /Pages\s*/Count (\d+)")


@pytest.mark.search
def test_a_brief_prints_to_two_pages(site, page):
    """On both sizes of paper, of the experiment with the most suites and categories."""
    page.goto((site / "model-showdown/brief.html").as_uri())
    for size in ("A4", "Letter"):
        found = COUNT.search(page.pdf(format=size))
        assert found
        assert int(found[1]) <= 2, size


def test_the_brief_of_a_class_is_written_on_screen_and_signed(site, page):
    """Boxes and the sheet's blank cells take text and outlive a reload; the file names who handed it in."""
    page.goto((site / "model-showdown/brief.html").as_uri())
    texts = {"use-case": "Questions in a shop,\nright answers", "cell-0": "34%"}
    for name, text in texts.items():
        page.locator(f"[data-write={name}]").click()
        page.keyboard.type(text)
    page.fill("[name=accuracy-best]", "64")
    page.reload()
    assert {name: page.inner_text(f"[data-write={name}]") for name in texts} == texts
    page.click("text=Save my answers")
    page.fill("[name=student]", " Zoë Ó Néill ")
    with page.expect_download() as download:
        page.click("text=Save my answers")
    assert download.value.suggested_filename == "model-showdown-Zoë-Ó-Néill.json"
    handed_in = json.loads(Path(download.value.path()).read_text())
    assert (handed_in["student"], handed_in["drawn_for"]) == ("Zoë Ó Néill", "")
    assert handed_in["answers"]["accuracy-best"] == "64"
    assert "student" not in handed_in["answers"]


def test_slides_turn_by_keys(site, page):
    """Keys are text where somebody writes."""
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto((site / "system-prompt-pair/slides.html").as_uri())
    slides = page.locator(".slide")
    assert 6 <= slides.count() <= 10
    for place, key in ((1, "ArrowDown"), (2, "PageDown")):
        page.keyboard.press(key)
        # The scroll is smooth, and ends where the slide snaps.
        until(
            page, f"Math.abs(document.querySelectorAll('.slide')[{place}].getBoundingClientRect().top) <= 2"
        )
    page.keyboard.press("Home")
    page.locator("[data-write=names]").click()
    page.keyboard.type("Ada and Grace")
    assert page.inner_text("[data-write=names]") == "Ada and Grace"
    assert slides.first.evaluate("each => getComputedStyle(each).display") == "grid"


def test_an_instructor_grades_a_class_by_dropping_files(tmp_path, page):
    """The page gives the points that `llmxray grade` gives; what it cannot grade it names."""
    marks = {"a": "+++-" * 10, "b": "+-" * 20}
    topics = ("law (ten options)", "physics", "physics", "physics")
    data = hand_made.data(tmp_path / "c", marks, categories=topics, latency_s={"a": 2.0, "b": 1.0})
    papers.write_grading(tmp_path / "site", data)
    about = {"format": "llmxray-brief", "version": 1, "experiment": data.name, "recording": data.recording}
    typed = {
        "accuracy-best": "75 %",
        "accuracy-rival": "75",
        "difference": "25,4",
        "significant": " YES",
        "category-best": "Law (ten options)",
    }
    hand_ins = {
        "ada": {**about, "student": "Ada", "drawn_for": "", "answers": typed},
        "bob": {**about, "student": "Bob", "answers": {}},
    }
    files = [tmp_path / f"{name}.json" for name in hand_ins]
    for file, content in zip(files, hand_ins.values(), strict=True):
        file.write_text(json.dumps(content))
    page.goto((tmp_path / "site/lesson/grading.html").as_uri())
    page.set_input_files("#hand-ins", files)
    page.wait_for_selector("#grades tbody tr:nth-child(2)")
    ada, bob = (row.split("\t") for row in page.inner_text("#grades tbody").splitlines())
    graded = build.grade(data, "", typed)
    assert [ada[0], ada[1]] == ["Ada", f"{graded.points} of {len(graded.answers)}"]
    assert 0 < graded.points < len(typed)
    assert bob[0] == "Bob"
    assert "llmxray grade" in bob[-1]
