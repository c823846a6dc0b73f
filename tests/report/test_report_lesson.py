"""The lesson on the site: sheets with links that lead somewhere, and results that are folded."""

import json
import re
from pathlib import Path

import pytest

from llmxray.report import lesson
from llmxray.report.widgets.render import Renderer


def showdown(folder: Path) -> Renderer:
    """A site with the experiment that the lesson speaks of."""
    renderer = Renderer(folder)
    renderer.write("model-showdown/index.html", b"")
    return renderer


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The same with the lesson; not to be changed."""
    folder = tmp_path_factory.mktemp("lesson")
    lesson.write_lesson(showdown(folder))
    return folder


def test_every_sheet_becomes_a_page(tmp_path):
    """Once the site has an experiment that the lesson speaks of."""
    assert not lesson.applies(tmp_path)
    renderer = showdown(tmp_path)
    assert lesson.applies(tmp_path)
    lesson.write_lesson(renderer)
    names = {path.stem for path in (tmp_path / "lesson").glob("*.html")}
    assert {path.stem for path in lesson.sheets()} | {"glossary"} == names
    assert {"index", "exercise-1", "assessment-a", "discussion-5"} <= names


def test_a_published_site_offers_all_of_it_as_one_zip(tmp_path):
    """Under its own address; elsewhere the sheet says where the zip is to be had."""
    renderer = showdown(tmp_path)
    link = '<a href="https://example.org/site/report-site.zip">report-site.zip</a>'
    for address in ("", "https://example.org/site/"):
        lesson.write_lesson(renderer, address=address)
        assert bool(address) == (link in (tmp_path / "lesson/index.html").read_text("utf-8"))


def test_addresses_are_links_where_the_site_has_the_page(site):
    """And text where it has not; sheets link one another."""
    html = (site / "lesson/exercise-1.html").read_text("utf-8")
    address = "../model-showdown/index.html?step=exercise-1.1"
    assert f'<a class="place" href="{address}#verdicts">Predictions →</a>' in html
    assert "model-showdown/index.html</code>" not in html, "no address is the text of a link"
    assert f'<a class="go outline" href="{address}">Begin: step 1 of 7</a>' in html
    assert 'href="../model-showdown/pairs.html' not in html
    assert ".md" not in html
    assert 'href="questions.html"' in (site / "lesson/index.html").read_text("utf-8")


def test_no_result_is_seen_before_it_is_asked_for(site):
    """What the recordings show is folded, and open in print."""
    html = (site / "lesson/exercise-1.html").read_text("utf-8")
    folded = re.findall(r"<details data-print>.*?</details>", html.split("<main", 1)[1], re.DOTALL)
    assert len(folded) == 2, "what one predicts, and the rest"
    assert all("%" in each for each in folded)
    opened = re.sub(r"<details data-print>.*?</details>", "", html.split("<main", 1)[1], flags=re.DOTALL)
    assert not re.search(r"\d%", opened)


def test_steps_are_the_rows_of_a_sheet(site):
    """What to do, what to look for, and the places that the site has."""
    script = (site / "data/steps.js").read_text("utf-8")
    content = json.loads(script.removeprefix("llmxray.showSteps(").removesuffix(");\n"))
    assert {f"exercise-{number}" for number in range(1, 5)} == content.keys()
    first = content["exercise-1"]
    assert "Exercise 1" == first["title"]
    assert first["steps"][:2] == [
        {
            "text": "Read the hypothesis, then the verdict",
            "look": "Which predictions held, which did not, and which are open?",
            "places": [
                {"href": "model-showdown/index.html", "heading": "Hypothesis"},
                {"href": "model-showdown/index.html#verdicts", "heading": "Predictions"},
            ],
        },
        {"text": "Watch the run", "look": "Who is done first? Which row has the most dots?", "places": []},
    ]


def test_the_instructor_gets_sheets_that_students_do_not(root, tmp_path):
    """Script, slides and key, which the lesson then links; without them it names them in words."""
    renderer = showdown(tmp_path)
    lesson.write_lesson(renderer)
    assert not (tmp_path / "lesson/key.html").exists()
    assert "key.html" not in (tmp_path / "lesson/index.html").read_text("utf-8")
    lesson.write_lesson(renderer, others=sorted((root / "docs/instructor").glob("*.md")))
    assert 'href="key.html"' in (tmp_path / "lesson/index.html").read_text("utf-8")
    slides = (tmp_path / "lesson/slides.html").read_text("utf-8")
    assert 8 <= slides.count('<section class="slide">') <= 10
