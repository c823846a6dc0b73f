"""The lesson's pages name places of the shipped site: each page is there, with that anchor and that heading."""

import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

# `experiment/page.html#anchor` *Heading*; "…" in a heading stands for a name.
NAMED = re.compile(r"`((?:[a-z0-9-]+/)?[a-z][a-z0-9.~-]*\.html)(?:#([^`]+))?` \*([^*]+)\*")
FEWEST = {
    "questions.md": 75,
    **{f"exercise-{number}.md": 6 for number in range(1, 5)},
    **{f"assessment-{letter}.md": 5 for letter in "abc"},
    "index.md": 5,
    "discussion-4.md": 3,
}


class Places(HTMLParser):
    """Ids and headings of a page in reading order; labels in the margin count as headings."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._open: list[tuple[str, list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if values.get("id"):
            self.found.append(("id", str(values["id"])))
        if tag in ("h1", "h2", "h3", "h4") or "label" in str(values.get("class") or "").split():
            self._open.append((tag, []))

    def handle_data(self, data: str) -> None:
        for _, parts in self._open:
            parts.append(data)

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1][0] == tag:
            self.found.append(("heading", " ".join("".join(self._open.pop()[1]).split())))


def named(root: Path) -> Iterator[tuple[str, str, str, str]]:
    """(file, page, anchor, heading) of every place that a page of the lesson names."""
    for path in sorted((root / "docs").glob("*/*.md")):
        for page, anchor, heading in NAMED.findall(path.read_text("utf-8")):
            yield path.name, page, anchor, heading


def missing(found: list[tuple[str, str]], anchor: str, heading: str) -> str:
    """What of a place is not there; "" when all of it is. The heading must come after the anchor."""
    start = 0
    if anchor:
        if ("id", anchor) not in found:
            return "no such anchor"
        # The id of a heading is read before its text.
        start = found.index(("id", anchor))
    pattern = re.compile(".+".join(re.escape(part) for part in heading.split("…")))
    there = any(kind == "heading" and pattern.fullmatch(text) for kind, text in found[start:])
    return "" if there else "no such heading"


def test_every_heading_that_the_lesson_names_is_on_its_page(root, site):
    """Page, anchor and heading; a renamed heading fails here until the lesson says its new name."""

    @cache
    def places(page: str) -> list[tuple[str, str]]:
        reader = Places()
        if (site / page).exists():
            reader.feed((site / page).read_text("utf-8"))
        return reader.found

    counts: dict[str, int] = {}
    wrong = []
    for file, page, anchor, heading in named(root):
        counts[file] = counts.get(file, 0) + 1
        fault = missing(places(page), anchor, heading) if places(page) else "no such page"
        if fault:
            wrong.append(f"{file}: `{page}#{anchor}` *{heading}*: {fault}")
    assert wrong == []
    assert {name: counts.get(name, 0) >= n for name, n in FEWEST.items()} == dict.fromkeys(FEWEST, True)
