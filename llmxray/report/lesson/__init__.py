"""The lesson as pages of the site: its Markdown, with every address of a page a link, and results folded away.

The sheets are written once, in docs/lesson. An address in code, such as ``model-showdown/pairs.html#categories``, is a
link where the site has that page, under the name of the heading that follows it. Elsewhere both stay text. Emphasis
below a title is the line above it; some tables become lists, see `_LISTS`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from html import escape, unescape
from importlib import resources
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from llmxray.plain import plain_bytes
from llmxray.report.sentences.terms import glossary_document
from llmxray.report.widgets.frame import Nav, Values
from llmxray.report.widgets.render import Renderer

FOLDER = "lesson"
# The whole site, as the workflow for Pages puts it beside the pages.
ZIP = "report-site.zip"
_STEPS = "What to do"
# Sections whose table is a list: the first cell of a row is its heading.
_LISTS = {
    _STEPS: "todo",
    "The plan": "plan",
    "Only 45 minutes?": "plan",
    "Four exercises": "cards",
    "Three ways to assess": "cards three",
}
# Shown before the reader has looked for themselves, the first two would answer the sheet.
_FOLDED = {
    "The data": "Look after you have written down what you expect",
    "What the recordings show": "Look after you have written down what you expect",
    "Answers": "Look after you have answered",
    "Only 45 minutes?": "A shorter plan",
}
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_SHEET = re.compile(r"# (?P<title>[^\n]+)\n+(?:\*(?P<above>[^*\n]+)\*\n+)?(?P<body>.*)", re.DOTALL)
_PLACE = re.compile(
    r"<code>((?:[a-z0-9-]+/)?[a-z][a-z0-9.~_-]*\.html)((?:\?[^#<]*)?(?:#[^<]*)?)</code>(?:\s+<em>([^<]*)</em>)?"
)
_TITLE = re.compile(r"<title>(.*)</title>")
_OTHER_SHEET = re.compile(r'href="([a-z0-9-]+)\.md(#[^"]*)?"')
_ELSEWHERE = re.compile(r'<a href="(?:\.\./[^"]*)">(.*?)</a>', re.DOTALL)
_DEFINITION = re.compile(r'<a href="methods\.html#([^"]*)">(.*?)</a>')
_SECTION = re.compile(r"<h2>(.*?)</h2>(.*?)(?=<h2>|\Z)", re.DOTALL)
_TABLE = re.compile(
    r'<div class="scroll"><table class="data">.*?<tbody>(.*?)</tbody>\s*</table></div>', re.DOTALL
)
_ROW = re.compile(r"<tr>(.*?)</tr>", re.DOTALL)
_CELL = re.compile(r"<td>(.*?)</td>", re.DOTALL)
_STEP_PLACE = re.compile(r'<a( class="place")? href="\.\./([^"]+)">(.*?)</a>')
_LINK = re.compile(r'href="\.\./([^"?#]+)((?:\?[^"#]*)?)((?:#[^"]*)?)"')
_MINUTES = re.compile(r"(\d+)–(\d+)")
_TAG = re.compile(r"<[^>]+>")


def sheets() -> tuple[Path, ...]:
    """The Markdown of the lesson, the first sheet first; empty in an installation without it."""
    with resources.as_file(resources.files("llmxray.report.lesson")) as room:
        # In a wheel the texts lie here; in a clone they lie with the other docs.
        folders = [path for path in (room / "text", room.parents[2] / "docs" / FOLDER) if path.is_dir()]
    paths = sorted(folders[0].glob("*.md")) if folders else []
    return tuple(sorted(paths, key=lambda path: path.stem != "index"))


def applies(site: Path) -> bool:
    """Whether a site holds one of the experiments that the lesson speaks of."""
    return any((site / name / "index.html").exists() for name in _experiments(_texts()))


def _texts(others: Sequence[Path] = ()) -> dict[str, str]:
    """The sheets by name, without the comments that name their figures."""
    texts = {path.stem: _COMMENT.sub("", path.read_text("utf-8")) for path in (*sheets(), *others)}
    return texts | {"glossary": "\n".join(glossary_document())} if texts else {}


def _experiments(texts: Mapping[str, str]) -> set[str]:
    return {name for text in texts.values() for name in re.findall(r"`([a-z0-9-]+)/[a-z]", text)}


def write(
    renderer: Renderer,
    guesses: Collection[str] = (),
    address: str = "",
    tabs: Sequence[Values] = (),
    others: Sequence[Path] = (),
) -> None:
    """Write every sheet and the steps of the exercises.

    Args:
        guesses: experiments whose first page asks for a guess.
        address: where the site is published, with all of it in one zip; "" where it is not known.
        tabs: the menu of the site. others: further sheets, such as those of the instructor alone.
    """
    exercises, texts = {}, _texts(others)
    parts = {name: match.groupdict() for name, text in texts.items() if (match := _SHEET.match(text))}
    for name, part in parts.items():
        html = _html(part["body"], renderer.out, others)
        if address:
            html = html.replace(f"<code>{ZIP}</code>", f'<a href="{escape(address)}{ZIP}">{ZIP}</a>', 1)
        if name == "glossary":
            html = _with_methods(html, renderer.out, _experiments(texts))
        opening, sections = html.partition("<h2>")[0], _SECTION.findall(html)
        if todo := dict(sections).get(_STEPS, ""):
            exercises[name] = {
                # "Exercise 1 of 4: …"
                "title": part["above"].partition(" of ")[0],
                "intro": _text(opening),
                "steps": steps(_rows(todo)),
            }
        following = re.sub(r"\d+$", lambda number: str(int(number[0]) + 1), name)
        page = Values(
            title=part["title"],
            above=part["above"] or "",
            name=name,
            # Our own text.
            opening=opening,
            html="".join(_section(title, body, name) for title, body in sections),
            following=parts.get(following) if following != name else None,
            following_href=f"{following}.html",
            nav=Nav(tabs=tuple(tabs)),
            footer=("The lesson follows the module “How Do Models Compare?”.",),
        )
        renderer.page(f"{FOLDER}/{name}.html", "lesson/page.html", page)
    renderer.write("data/steps.js", _script(exercises, guesses))


def _with_methods(glossary: str, site: Path, names: Collection[str]) -> str:
    """The glossary with links to definitions: each to the first experiment whose methods have it."""
    paths = [path for name in sorted(names) if (site / (path := f"{name}/methods.html")).exists()]
    pages = {path: plain_bytes(site / path).decode("utf-8", "replace") for path in paths}

    def definition(match: re.Match[str]) -> str:
        anchor, term = match[1], match[2]
        path = next((path for path, page in pages.items() if f'id="{anchor}"' in page), "")
        return f'<a href="../{path}#{anchor}">{term}</a>' if path else term

    return _DEFINITION.sub(definition, glossary)


def _html(text: str, site: Path, others: Sequence[Path]) -> str:
    """The Markdown with links into the site."""
    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)

    def place(match: re.Match[str]) -> str:
        page, part, heading = match[1], match[2], match[3]
        if not (site / page).exists():
            return match[0]
        if heading:
            return f'<a class="place" href="../{page}{part}">{heading}</a>'
        title = _TITLE.search(plain_bytes(site / page).decode("utf-8", "replace"))
        # The site's name stands last.
        text = title[1].rpartition(" · ")[0] if title else f"<code>{page}</code>"
        return f'<a href="../{page}{part}">{text}</a>'

    html = html.replace('href="../glossary.md"', 'href="glossary.html"')
    for other in others:
        html = html.replace(f'href="../instructor/{other.name}"', f'href="{other.stem}.html"')
    html = _OTHER_SHEET.sub(lambda match: f'href="{match[1]}.html{match[2] or ""}"', html)
    # Other pages of the docs are not on the site.
    html = _PLACE.sub(place, _ELSEWHERE.sub(r"\1", html))
    return html.replace("<table>", '<div class="scroll"><table class="data">').replace(
        "</table>", "</table></div>"
    )


def _section(heading: str, body: str, sheet: str) -> str:
    """A section of a sheet; its table becomes a list, or what it shows is folded, where its title says so."""
    title = _text(heading)
    if css := _LISTS.get(title):
        rows = _rows(body)
        items = [_item(cells) for cells in rows]
        begin = ""
        if title == _STEPS:
            items = [_with_step(item, f"{sheet}.{number}") for number, item in enumerate(items, 1)]
            todo = steps(rows)
            first = next((number for number, step in enumerate(todo, 1) if step["places"]), 0)
            if first:
                link = f'<a class="go" href="../{escape(todo[first - 1]["places"][0]["href"])}">'
                link = _with_step(link, f"{sheet}.{first}")
                begin = f'<p class="no-print">{link}Begin: step {first} of {len(todo)}</a></p>'
        body = _TABLE.sub(lambda _: f'<ol class="{css}">{"".join(items)}</ol>', body, count=1)
        body = begin + body
    if summary := _FOLDED.get(title):
        body = f"<details data-print><summary>{summary}</summary>{body}</details>"
    kind = "slide" if sheet == "slides" else "section"
    return f'<section class="{kind}"><h2>{heading}</h2>{body}</section>'


def _rows(body: str) -> list[list[str]]:
    """The cells of a section's first table, row by row."""
    table = _TABLE.search(body)
    return [_CELL.findall(row) for row in _ROW.findall(table[1])] if table else []


def _item(cells: Sequence[str]) -> str:
    minutes = _MINUTES.fullmatch(cells[0])
    # Its width is its time.
    width = f' class="w{(int(minutes[2]) - int(minutes[1])) // 5}"' if minutes else ""
    return f"<li{width}><h3>{cells[0]}</h3>{''.join(f'<p>{cell}</p>' for cell in cells[1:])}</li>"


type Step = dict[str, Any]
"""What to do, as ``text``, what to look for, and the ``places`` to do it: each an address from the site's folder and a
heading there."""


def steps(rows: Sequence[Sequence[str]]) -> list[Step]:
    """The rows of *What to do*: what, what to look for, and where, its addresses links already."""
    return [
        {
            "text": _text(what),
            "look": _text(look),
            "places": [
                {"href": unescape(href), "heading": _text(name) if named else ""}
                for named, href, name in _STEP_PLACE.findall(where)
            ],
        }
        for what, look, where in rows
    ]


def _script(sheets: Mapping[str, Mapping[str, Any]], guesses: Collection[str]) -> bytes:
    """The steps as a script for the browser; ``guesses`` are the experiments whose first page asks for a guess."""
    content = {"sheets": sheets, "guesses": sorted(guesses)}
    return f"llmxray.showSteps({json.dumps(content, ensure_ascii=False, separators=(',', ':'))});\n".encode()


def _with_step(html: str, step: str) -> str:
    """Links into the site that know the step that they belong to."""

    def add(link: re.Match[str]) -> str:
        query = f"{link[2]}&amp;" if link[2] else "?"
        return f'href="../{link[1]}{query}step={step}{link[3]}"'

    return _LINK.sub(add, html)


def _text(markup: str) -> str:
    return " ".join(unescape(_TAG.sub("", markup)).split())
