"""Every shape of experiment that can be written is built, and its whole site looked over; the shipped site as well.

What no single page test sees is seen here: a link to a page or a part that is not there, a page that nothing leads to,
a heading over nothing, an id where a label belongs.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import hand_made
import pytest
import reading_data
from markupsafe import escape

from llmxray.report import build, single
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.pages import contents_of
from llmxray.report.widgets.render import CONTENT_SECURITY_POLICY
from llmxray.workflow import github_pages

_NO_END = {
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
}  # fmt: skip
_HEADINGS = ("h1", "h2", "h3", "h4")
_DATA = "application/ld+json"
_PARTS = ("section", "article", "details", "main")

# Kinds, ways of answering, numbers of conditions, repeats, suites and categories, and what is missing, crossed.
SHAPES: dict[str, dict[str, Any]] = {
    "letters": {"conditions": 3, "samples": 3},
    "alone": {"answer": "likelihood", "conditions": 1, "sure": False},
    "texts": {"answer": "text", "categories": ("x",)},
    "numbers": {"answer": "number", "samples": 3, "conditions": 1},
    "rotated": {"samples": 4, "rotated": True},
    "reworded": {"reworded": True, "categories": ("x", "y", "z")},
    "mixed": {"conditions": 5, "categories": ("x", "y", "z"), "mixed": True, "sizes": (2, 4)},
    "failed": {"marks": "!!", "sure": False},
    "unread": {"marks": "??", "sure": False},
    "compared": {"kind": "compare", "samples": 3},
    "compared-failed": {"kind": "compare", "marks": "!!", "sure": False},
    "prompts": {"answer": "", "samples": 3},
}
IN_ONE_FILE = ("rotated", "reworded", "compared", "prompts")


def made(
    folder: Path,
    name: str,
    *,
    answer: str = "letter",
    conditions: int = 2,
    samples: int = 1,
    marks: str = "+-",
    sure: bool = True,
    mixed: bool = False,
    **more: Any,
) -> ExperimentData:
    """An experiment of that shape.

    Args:
        answer: how its questions are answered; "" for free prompts only.
        marks: of two answers of three, and of the third.
        sure: whether answers have a confidence.
        mixed: every other condition answers by likelihood.
        more: as in `hand_made.data`.
    """
    if not answer:
        tell = lambda trial, sample: reading_data.words("snow ", f"falls {sample}")  # noqa: E731
        return reading_data.comparison(folder, tell, samples=samples)
    turns = ["".join(marks[(place + turn) % 3 == 0] for place in range(24)) for turn in range(3)]
    names = [f"condition-{n}" for n in range(conditions)]
    data = hand_made.data(
        folder,
        {each: [turns[(n + turn) % 3] for turn in range(samples)] for n, each in enumerate(names)},
        confidence={each: [0.3 + place / 40 for place in range(24)] for each in names} if sure else None,
        latency_s={each: 1.0 + n for n, each in enumerate(names)},
        options=4 if answer in ("letter", "likelihood") else 0,
        name=name,
        **{"categories": ("x", "y"), **more},
    )
    plan = data.results.plan
    labelled = tuple(
        replace(each, label=f"A model of its own {n}", answer="likelihood" if mixed and n % 2 else answer)
        for n, each in enumerate(plan.conditions)
    )
    return replace(data, results=replace(data.results, plan=replace(plan, conditions=labelled)))


class Page(HTMLParser):
    """What a page links to and loads, what a policy forbids, ids, headings over nothing, and text outside of code.

    ``plain`` is the text of its main part that stays when the statistics are hidden.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.inline: list[str] = []
        self.ids: list[str] = []
        self.empty_headings: list[str] = []
        self.words: list[str] = []
        self.plain: list[str] = []
        self._statistics: int | None = None
        self._open: list[str] = []
        self._heading = ""
        self._waiting = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note its id and address."""
        values = dict(attrs)
        if values.get("id"):
            self.ids.append(values["id"] or "")
        if tag == "a" and "href" in values:
            self.links.append(values["href"] or "")
        elif address := values.get("src") or values.get("href"):
            self.loads.append(address)
        self.inline += [f"{tag} {name}" for name in values if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in values and values.get("type") != _DATA):
            self.inline.append(tag)
        if tag not in _NO_END:
            if {"stat", "statistics", "about"} & {
                *(values.get("class") or "").split()
            } and not self._statistics:
                self._statistics = len(self._open)
            self._open.append(tag)
        # One that a script shows in the place of another has the same below it.
        if tag in _HEADINGS and "hidden" not in values:
            # A heading of the same level or above it right after a heading: the first had nothing to say.
            if self._waiting and tag <= self._waiting[:2]:
                self.empty_headings.append(self._waiting)
            self._heading, self._waiting = tag, ""
        elif tag in ("p", "table", "figure", "ul", "ol", "dl", "form", "svg", "pre", "blockquote"):
            self._waiting = ""

    def handle_endtag(self, tag: str) -> None:
        """Close what is open."""
        if tag in self._open:
            while self._open.pop() != tag:
                pass
            if self._statistics is not None and len(self._open) <= self._statistics:
                self._statistics = None
        if tag == self._heading:
            self._heading = ""
        elif tag in _PARTS and self._waiting:
            # Nothing came before the end of its part, and what comes after is not under it.
            self.empty_headings.append(self._waiting)
            self._waiting = ""

    def handle_data(self, data: str) -> None:
        """Words that a person reads."""
        if "main" in self._open and self._statistics is None:
            self.plain.append(data)
        if not data.strip() or {"script", "style", "code", "pre", "details"} & set(self._open):
            return
        self.words.append(data)
        if self._heading:
            self._waiting = f"{self._heading} {data.strip()}"


@pytest.fixture(scope="module", params=[*SHAPES, "shipped"])
def site(request, tmp_path_factory):
    """The site of one shape."""
    if request.param == "shipped":
        shipped: Path = request.getfixturevalue("shipped_site")
        return shipped
    folder = tmp_path_factory.mktemp("shape")
    build([made(folder / "cassette", request.param, **SHAPES[request.param])], folder / "site")
    return folder / "site"


@cache
def page_at(path: Path) -> Page:
    """A page, parsed for the first test that looks at it: that takes half the time of building the site."""
    return Page(path.read_text("utf-8"))


def pages(site: Path) -> Iterator[tuple[Path, Page]]:
    """Every page of a site."""
    for path in sorted(site.rglob("*.html")):
        yield path, page_at(path)


def test_no_link_is_dead(site):
    """Every address is a file of the site, and every anchor an element of it; filters have their own meaning."""
    found = dict(pages(site))
    dead = []
    for path, page in found.items():
        for link in page.links:
            address, _, anchor = link.partition("#")
            target = path if not address else (path.parent / unquote(address.partition("?")[0])).resolve()
            # With "=" it is a state of the page and no place on it; a question's place is made in the browser.
            is_place = anchor and "=" not in anchor and "?" not in link and target.suffix == ".html"
            if not link or not target.exists() or (is_place and unquote(anchor) not in page_at(target).ids):
                dead.append((path.name, link))
    assert dead == []


def test_pages_keep_to_the_policy(site):
    """It comes first; no inline style, script or handler, and what a page loads is a file of the site."""
    policy = f'<meta http-equiv="Content-Security-Policy" content="{escape(CONTENT_SECURITY_POLICY)}">'
    head = re.compile(
        rf'<!doctype html>\s+<html[^>]*>\s+<head>\s+<meta charset="utf-8">\s+{re.escape(policy)}'
    )
    for path, page in pages(site):
        assert head.match(path.read_text("utf-8")), path
        assert page.inline == [], path
        assert [each for each in page.loads if not (path.parent / each).exists()] == [], path


def test_every_page_is_reached_from_the_front(site):
    """Orphans are pages that nobody finds."""
    reached, waiting = set(), [(site / "index.html").resolve()]
    while waiting:
        path = waiting.pop()
        if path in reached or path.suffix != ".html":
            continue
        reached.add(path)
        text = path.read_text("utf-8")
        # The x-ray of an answer is linked from the answer, which a script puts on its page.
        scripts = [
            path.parent / source
            for source in re.findall(r'<script src="([^"]+)"', text)
            if "static/" in source
        ]
        scripted = re.findall(r'data-(?:xray|compare)="([^"]+)"', text)
        scripted += [
            name for each in scripts for name in re.findall(r'"(\w+\.html)"', each.read_text("utf-8"))
        ]
        for link in [*page_at(path).links, *scripted]:
            target = (path.parent / unquote(re.split(r"[?#]", link)[0])).resolve()
            waiting.append(target if link[0] not in "#?" and target.exists() else path)
    # A brief is written by a command, and handed out.
    left = {path.resolve() for path in site.rglob("*.html")} - reached
    assert [path for path in left if path.name != "brief.html"] == []


def test_no_heading_stands_over_nothing(site):
    """A heading had nothing to say that another one of its level follows, or the end of its part."""
    # Sheets of the lesson have room to write in.
    found = [(path, each) for path, page in pages(site) for each in page.empty_headings]
    assert [each for each in found if each[0].parent.name != "lesson"] == []


def test_people_read_labels_and_not_ids(site):
    """Ids stand in addresses, files and Methods; everywhere else a condition goes by its label."""
    seen = [
        (path.name, word.strip())
        for path, page in pages(site)
        if path.name not in ("methods.html", "ledger.html")
        for word in page.words
        if re.search(r"\bcondition-\d\b", word)
    ]
    assert seen == []


def test_statistics_can_be_hidden(site):
    """A reader who has not asked for them meets no interval, p-value or name of a test; Methods defines them."""
    statistic = (
        r"95%(?: CI)? [+−]?[\d.]+%? to|95% intervals?|p\u00a0[=<>]|Newcombe|Holm|McNemar|[Ss]ign[- ]flip"
    )
    seen = [
        (path.name, text.strip())
        for path, page in pages(site)
        if path.name != "methods.html" and 'data-action="statistics"' in path.read_text("utf-8")
        for text in page.plain
        if re.search(statistic, text)
    ]
    assert seen == []


def test_no_id_is_there_twice(site):
    """On a page, and on two pages of an experiment but for the frame's: in a single file they stand together."""
    where: dict[tuple[Path, str], set[str]] = {}
    for path, page in pages(site):
        assert len(page.ids) == len(set(page.ids)), path
        # Pages of pairs are one page many times.
        if path.parent != site and path.parent.name != "lesson" and "~" not in path.name:
            for each in page.ids:
                where.setdefault((path.parent, each), set()).add(path.name)
    assert {each for (_, each), names in where.items() if len(names) > 1} == {"main"}


@pytest.mark.parametrize("shape", IN_ONE_FILE)
def test_all_pages_stand_in_one_file(shape, tmp_path):
    """Nothing leads out of it, no id is there twice, and no link is dead."""
    data = made(tmp_path / "cassette", shape, **SHAPES[shape])
    page = Page(single([data], tmp_path / "out").read_text("utf-8"))
    assert len(page.ids) == len(set(page.ids))
    there = {entry.name for entry in contents_of(data).entries or ()} - {"all-answers"}
    assert there == {each.removeprefix("page-") for each in page.ids if each.startswith("page-")}
    places = {f"#{each}" for each in page.ids}
    # A question stands before the section that shows it, and a state behind the one that reads it.
    led = {unquote(re.sub(r"^[?][^#]*|&.*", "", link)) for link in page.links}
    assert [each[:40] for each in led - places if not each.startswith("data:text/csv;base64,")] == []


def test_every_site_is_fit_to_publish(site):
    """The list names every file that the build wrote."""
    assert [] == list(github_pages.site_faults(site))
