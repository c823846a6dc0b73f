"""The lesson as pages of the site: its Markdown, with every address of a page a link, and results folded away.

The sheets are written once, in docs/lesson. An address in code, such as ``model-showdown/pairs.html#categories``, is a
link where the site has that page, under the name of the heading that follows it. Elsewhere both stay text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from html import escape, unescape
from importlib import resources
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from llmxray.plain import plain_bytes
from llmxray.report.links import Link
from llmxray.report.sentences.terms import glossary_document
from llmxray.report.widgets.frame import Nav, Values
from llmxray.report.widgets.render import Renderer

FOLDER = "lesson"
# The whole site, as the workflow for Pages puts it beside the pages.
ZIP = "report-site.zip"
# Shown before the reader has looked for themselves, these would answer the sheet.
_FOLDED = ("The data", "What the recordings show")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_PLACE = re.compile(
    r"<code>((?:[a-z0-9-]+/)?[a-z][a-z0-9.~_-]*\.html)((?:\?[^#<]*)?(?:#[^<]*)?)</code>(?:\s+<em>([^<]*)</em>)?"
)
_TITLE = re.compile(r"<title>(.*)</title>")
_SHEET = re.compile(r'href="([a-z0-9-]+)\.md(#[^"]*)?"')
_ELSEWHERE = re.compile(r'<a href="(?:\.\./[^"]*)">(.*?)</a>', re.DOTALL)
_DEFINITION = re.compile(r'<a href="methods\.html#([^"]*)">(.*?)</a>')
# Of the table "What to do", whose rows are the steps of an exercise, with the places that they lead to.
_TABLE = re.compile(r"(<h2>What to do</h2>.*?<tbody>)(.*?)(</tbody>)", re.DOTALL)
_ROW = re.compile(r"<tr>\s*<td>(.*?)</td>\s*<td>(.*?)</td>\s*</tr>", re.DOTALL)
_STEP_PLACE = re.compile(r'<a( class="place")? href="\.\./([^"]+)">(.*?)</a>')
_INTRO = re.compile(r"<p>(.*?)</p>", re.DOTALL)
_LINK = re.compile(r'href="\.\./([^"?#]+)((?:\?[^"#]*)?)((?:#[^"]*)?)"')
_TAG = re.compile(r"<[^>]+>")
_SECTION = re.compile(r"(<h2>.*?</h2>)(.*?)(?=<h2>|\Z)", re.DOTALL)


def sheets() -> tuple[Path, ...]:
    """The Markdown of the lesson, the first sheet first; empty in an installation without it."""
    with resources.as_file(resources.files("llmxray.report.lesson")) as room:
        # In a wheel the texts lie here; in a clone they lie with the other docs.
        folder = next(
            (each for each in (room / "text", room.parents[2] / "docs" / FOLDER) if each.is_dir()), None
        )
    found = sorted(folder.glob("*.md")) if folder is not None else []
    return tuple(sorted(found, key=lambda path: path.stem != "index"))


def write(renderer: Renderer, guesses: Collection[str] = (), address: str = "") -> bool:
    """Write every sheet and the steps of the exercises; returns whether there are any.

    Args:
        guesses: experiments whose first page asks for a guess.
        address: where the site is published, with all of it in one zip; "" where it is not known.

    A site that holds none of the experiments that the lesson speaks of has no lesson.
    """
    texts = {path.stem: _COMMENT.sub("", path.read_text("utf-8")) for path in sheets()}
    if texts:
        texts["glossary"] = "\n".join(glossary_document())
    named = {match for text in texts.values() for match in re.findall(r"`([a-z0-9-]+)/[a-z]", text)}
    if not any((renderer.out / name / "index.html").exists() for name in named):
        return False
    exercises = {}
    for name, text in texts.items():
        heading = re.search(r"^# (.+)$", text, re.M)
        title = heading[1] if heading else name
        crumbs = (
            (Link(text="Lesson", href="index.html"), Link(text=title, href="")) if name != "index" else ()
        )
        # Our own text.
        html = _html(text, renderer.out)
        if address:
            html = html.replace(f"<code>{ZIP}</code>", f'<a href="{escape(address)}{ZIP}">{ZIP}</a>', 1)
        if name == "glossary":
            html = _with_methods(html, renderer.out, named)
        if name.startswith("exercise-"):
            exercises[name] = _exercise(title, html)
            html = linked(html, name)
        footer = ("The lesson follows the module “How Do Models Compare?”.",)
        page = Values(title=title, nav=Nav(crumbs=crumbs), html=html, footer=footer)
        renderer.page(f"{FOLDER}/{name}.html", "lesson/page.html", page)
    renderer.write("data/steps.js", _script(exercises, guesses))
    return True


def _with_methods(glossary: str, site: Path, names: Collection[str]) -> str:
    """The glossary with links to definitions: each to the first experiment whose methods have it."""
    found = [f"{name}/methods.html" for name in sorted(names) if (site / name / "methods.html").exists()]
    pages = {path: plain_bytes(site / path).decode("utf-8", "replace") for path in found}

    def definition(match: re.Match[str]) -> str:
        anchor, term = match[1], match[2]
        path = next((path for path, page in pages.items() if f'id="{anchor}"' in page), "")
        return f'<a href="../{path}#{anchor}">{term}</a>' if path else term

    return _DEFINITION.sub(definition, glossary)


def _html(text: str, site: Path) -> str:
    """The sheet with links into the site."""
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
    html = _SHEET.sub(lambda match: f'href="{match[1]}.html{match[2] or ""}"', html)
    # Other pages of the docs are not on the site.
    html = _ELSEWHERE.sub(r"\1", html)
    html = _PLACE.sub(place, html).replace("<table>", '<div class="scroll"><table class="data">')
    html = html.replace("</table>", "</table></div>")
    return _SECTION.sub(_folded, html)


def _folded(match: re.Match[str]) -> str:
    heading, body = match[1], match[2]
    title = _TAG.sub("", heading)
    if title not in _FOLDED:
        return match[0]
    summary = "<summary>Look after you have written down what you expect</summary>"
    return f"{heading}<details data-print>{summary}{body}</details>"


type Step = dict[str, Any]
"""What to do, as ``text``, and the ``places`` to do it: each an address from the site's folder and a heading there."""


def _exercise(title: str, sheet: str) -> dict[str, Any]:
    """A sheet in short: its number, its first paragraph, its steps."""
    first = _INTRO.search(sheet)
    intro = _text(first[1]) if first else ""
    return {"title": title.partition(":")[0], "intro": intro, "steps": steps(sheet)}


def steps(sheet: str) -> list[Step]:
    """The steps of a sheet's HTML, its addresses links already; none where it has no such table."""
    table = _TABLE.search(sheet)
    return [
        {
            "text": _text(text),
            "places": [
                {"href": unescape(href), "heading": _text(name) if named else ""}
                for named, href, name in _STEP_PLACE.findall(where)
            ],
        }
        for text, where in (_ROW.findall(table[2]) if table else ())
    ]


def linked(sheet: str, name: str) -> str:
    """The sheet with links that know their step, and a way to begin."""
    table, found = _TABLE.search(sheet), steps(sheet)
    if table is None or not any(each["places"] for each in found):
        return sheet
    rows = iter(range(1, len(found) + 1))
    body = re.sub(
        r"<tr>.*?</tr>", lambda row: _with_step(row[0], f"{name}.{next(rows)}"), table[2], flags=re.DOTALL
    )
    number, first = next((n, each["places"][0]) for n, each in enumerate(found, 1) if each["places"])
    start = _with_step(f'<a class="button" href="../{escape(first["href"])}">', f"{name}.{number}")
    begin = f'<p class="no-print">{start}Begin: step {number} of {len(found)}</a></p>'
    opening = table[1].replace("<h2>What to do</h2>", f"<h2>What to do</h2>\n{begin}", 1)
    return f"{sheet[: table.start()]}{opening}{body}{table[3]}{sheet[table.end() :]}"


def _script(sheets: Mapping[str, Mapping[str, Any]], guesses: Collection[str]) -> bytes:
    """The steps as a script for the browser.

    Args:
        sheets: exercises by name. guesses: experiments whose first page asks for a guess.
    """
    content = {
        "sheets": {name: found for name, found in sheets.items() if found["steps"]},
        "guesses": sorted(guesses),
    }
    return f"llmxray.showSteps({json.dumps(content, ensure_ascii=False, separators=(',', ':'))});\n".encode()


def _with_step(text: str, step: str) -> str:
    def add(link: re.Match[str]) -> str:
        query = f"{link[2]}&amp;" if link[2] else "?"
        return f'href="../{link[1]}{query}step={step}{link[3]}"'

    return _LINK.sub(add, text)


def _text(markup: str) -> str:
    return " ".join(unescape(_TAG.sub("", markup)).split())
