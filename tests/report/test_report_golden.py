"""Golden pages: a page model and the HTML of two pages of an experiment written by hand, charts and tabs cut out.

Update: ``python -m pytest tests/report/test_report_golden.py --snapshot-update``, then read the diff of
``tests/report/__snapshots__`` before you commit it: every line of it is a change that readers will see.
"""

import re
from pathlib import Path

import hand_made
import pytest

from llmxray.report import build
from llmxray.report.analysis import Analysis
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.coursework import papers
from llmxray.report.pages import overview as experiment_index
from llmxray.report.pages import pages_of

_SVG = re.compile(r"<svg.*?</svg>", re.DOTALL)
_TABS = re.compile(r'(?<=<nav class="tabs" aria-label="Pages of this experiment">).*?(?=</nav>)', re.DOTALL)
_HASHED = re.compile(r"\.[0-9a-f]{8}\.(css|js|svg)")


def made(folder: Path) -> ExperimentData:
    """Two conditions, twelve questions in two categories: 999 of 1000 is not reached, ties are."""
    return hand_made.data(
        folder,
        {"small": "+--+-?+--…+-", "large": "++-++++-++!+"},
        confidence={"small": [0.999, 0.4] * 6, "large": [0.9, 0.8, 0.7] * 4},
        latency_s={"small": 0.2, "large": 1.3},
        categories=("physics", "law"),
        hypothesis="The large one is better.",
        title="Small against large",
    )


def test_model_of_the_findings(tmp_path, snapshot):
    """Every sentence and number of the page, before any HTML."""
    page = experiment_index.page_values(Analysis(made(tmp_path)))
    assert snapshot == {"headline": str(page.headline), "finding": [str(each) for _, each in page.finding]}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The experiment's pages."""
    folder = tmp_path_factory.mktemp("golden")
    build([made(folder / "c")], folder / "site")
    return folder / "site/made-up"


@pytest.mark.parametrize("name", ["index", "answers"])
def test_html(site, snapshot, name):
    """The page as it is written, without its charts, its tabs and the hashes of its files."""
    html = (site / f"{name}.html").read_text("utf-8")
    assert snapshot == _HASHED.sub(r".\1", _SVG.sub("<svg/>", _TABS.sub("", html)))


@pytest.mark.parametrize("name", ["index", "answers"])
def test_tabs_are_those_of_the_registry(site, tmp_path, name):
    """In its order, the menu behind the row, and one of them the page itself; a phone has some a second time."""
    (tabs,) = _TABS.findall((site / f"{name}.html").read_text("utf-8"))
    shown = re.findall(r'<a href="([\w-]+).html"([^>]*)>(.*?)</a>', tabs)
    pages = sorted(pages_of(made(tmp_path), papers.PAGES), key=lambda page: bool(page.group))
    once = [(page, label) for page, how, label in shown if "phone-only" not in how]
    assert [(page.name, page.label) for page in pages] == once
    assert {name} == {page for page, how, _ in shown if "aria-current" in how}
    assert {page.group for page in pages} == {"", *re.findall(r"<summary[^>]*>(.*?)</summary>", tabs)}
