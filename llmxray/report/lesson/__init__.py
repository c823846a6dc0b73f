"""The lesson as pages of the site: its Markdown, with every address of a page a link, and results folded away.

The sheets are written once, in docs/lesson. An address in code, such as ``model-showdown/pairs.html#categories``, is a
link where the site has that page, under the name of the heading that follows it. Elsewhere both stay text.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from html import escape
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from llmxray.plain import plain_bytes
from llmxray.report.lesson import steps
from llmxray.report.links import Link
from llmxray.report.widgets.frame import Nav, Values
from llmxray.report.wording.terms import glossary_document

if TYPE_CHECKING:
    from llmxray.report.widgets.render import Renderer

FOLDER = "lesson"
# The whole site, as the workflow for Pages puts it beside the pages.
ZIP = "report-site.zip"
# Shown before the reader has looked for themselves, these would answer the sheet.
_FOLDED = ("The data", "What the recordings show")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_PLACE = re.compile(
    r"<code>((?:[a-z0-9-]+/)?[a-z-]+\.html)((?:\?[^#<]*)?(?:#[^<]*)?)</code>(?:\s+<em>([^<]*)</em>)?"
)
_TITLE = re.compile(r"<title>(.*)</title>")
_SHEET = re.compile(r'href="([a-z0-9-]+)\.md(#[^"]*)?"')
_ELSEWHERE = re.compile(r'<a href="(?:\.\./[^"]*)">(.*?)</a>', re.DOTALL)
_DEFINITION = re.compile(r'<a href="methods\.html#([^"]*)">(.*?)</a>')
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
    named = {match for text in texts.values() for match in re.findall(r"`([a-z0-9-]+)/index\.html", text)}
    if not any((renderer.out / name / "index.html").exists() for name in named):
        return False
    exercises = {}
    for name, text in texts.items():
        heading = re.search(r"^# (.+)$", text, re.M)
        title = heading[1] if heading else name
        crumbs = (Link("Lesson", "index.html"), Link(title, "")) if name != "index" else ()
        # Our own text.
        html = _html(text, renderer.out)
        if address:
            html = html.replace(f"<code>{ZIP}</code>", f'<a href="{escape(address)}{ZIP}">{ZIP}</a>', 1)
        if name == "glossary":
            html = _with_methods(html, renderer.out, named)
        if name.startswith("exercise-"):
            exercises[name] = steps.exercise(title, html)
            html = steps.linked(html, name)
        footer = ("The lesson follows the module “How Do Models Compare?”.",)
        page = Values(title=title, nav=Nav(crumbs=crumbs), html=html, footer=footer)
        renderer.page(f"{FOLDER}/{name}.html", "lesson/page.html", page)
    renderer.write("data/steps.js", steps.script(exercises, guesses))
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
    title = re.sub(r"<[^>]+>", "", heading)
    if title not in _FOLDED:
        return match[0]
    summary = "<summary>Look after you have written down what you expect</summary>"
    return f"{heading}<details data-print>{summary}{body}</details>"
