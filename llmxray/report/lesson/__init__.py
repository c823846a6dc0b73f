"""The lesson as pages of the site: its Markdown, with every address of a page a link, and results folded away.

The sheets are written once, in docs/lesson. An address in code, such as ``model-showdown/pairs.html#categories``, is a
link where the site has that page, under the name of the heading that follows it, else of the page. Elsewhere both stay
text. Emphasis below a title is the line above it; some tables become lists, see `_LISTS`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from html import escape
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from llmxray.report.pages import PAGES
from llmxray.report.sentences.terms import glossary_document
from llmxray.report.widgets.frame import Nav, TemplateValues
from llmxray.report.widgets.render import Renderer
from llmxray.report.wording import DEFINITIONS

FOLDER = "lesson"
# The whole site, as the workflow for Pages puts it beside the pages.
ZIP = "report-site.zip"
_STEPS = "What to do"
# Sections whose table is a list: the first cell of a row is its heading.
_LISTS = {
    _STEPS: "todo",
    "Predict first": "expect",
    "The plan": "plan",
    "Only 45 minutes?": "plan",
    "Four exercises": "cards",
    "Three ways to assess": "cards three",
}
# Shown before the reader has looked for themselves, the first two would answer the sheet.
_FOLDED = {
    "Predict first": "Look after you have written down what you expect",
    "The data": "Look after you have written down what you expect",
    "What the recordings show": "Look after you have written down what you expect",
    "Answers": "Look after you have answered",
    "Only 45 minutes?": "Only 45 minutes?",
    "For the instructor": "Script, slides and key",
}
# Of pages that no heading is named of.
_LABELS = {page.name: page.label for page in PAGES}
_TITLES = {"ledger": "All results", "grading": "Grade the briefs of a class"}
# On the methods page of every experiment.
_DEFINED = {definition.anchor for definition in DEFINITIONS}
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_PLACE = re.compile(r"((?:([a-z0-9-]+)/)?([a-z][a-z0-9_-]*)[a-z0-9.~_-]*\.html)(?:[?#].*)?")
_SHEET = re.compile(r"([a-z0-9-]+)\.md(#.*)?")
_MINUTES = re.compile(r"(\d+)–(\d+)")

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_MARKDOWN.add_render_rule("table_open", lambda *_: '<div class="scroll"><table class="data">\n')
_MARKDOWN.add_render_rule("table_close", lambda *_: "</table></div>\n")


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


def write_lesson(
    renderer: Renderer,
    address: str = "",
    tabs: Sequence[TemplateValues] = (),
    others: Sequence[Path] = (),
) -> None:
    """Write every sheet and the steps of the exercises.

    Args:
        address: where the site is published, with all of it in one zip; "" where it is not known.
        tabs: the menu of the site. others: further sheets, such as those of the instructor alone.
    """
    exercises, texts = {}, _texts(others)
    links = _Links(renderer.out, address, others, _experiments(texts))
    parts = {name: _parts(text, links) for name, text in texts.items()}
    for name, (title, above, opening, sections) in parts.items():
        for section in sections:
            if _text(section[1]) == _STEPS:
                exercises[name] = {
                    # "Exercise 1 of 4: …"
                    "title": above.partition(" of ")[0],
                    "steps": steps(_rows(section)),
                }
        following = re.sub(r"\d+$", lambda number: str(int(number[0]) + 1), name)
        page = TemplateValues(
            title=title,
            above=above,
            name=name,
            # Our own text.
            opening=_html(opening),
            html="".join(_section(section, name) for section in sections),
            following=parts[following][0] if following in parts and following != name else "",
            following_href=f"{following}.html",
            nav=Nav(tabs=tuple(tabs)),
            footer=("The lesson follows the module “How Do Models Compare?”.",),
        )
        renderer.page(f"{FOLDER}/{name}.html", "lesson/page.html", page)
    renderer.write("data/steps.js", _script(exercises))


type _Tokens = Sequence[Token]


def _parts(text: str, links: _Links) -> tuple[str, str, _Tokens, list[list[Token]]]:
    """Title, the line above it, what stands before the first section, and the sections, each with its heading."""
    tokens = _MARKDOWN.parse(text)
    title, above, tokens = tokens[1].content, tokens[4].content, tokens[3:]
    if is_above := above.startswith("*") and above.endswith("*"):
        tokens = tokens[3:]
    sections: list[list[Token]] = [[]]
    for token in tokens:
        if token.children:
            token.children = list(links.in_line(token.children))
        if token.type == "heading_open" and token.tag == "h2":
            sections.append([])
        sections[-1].append(token)
    return title, above.strip("*") if is_above else "", sections[0], sections[1:]


class _Links:
    """Makes links of the addresses in sheets.

    Args:
        site: its folder. address: where it is published. others: see `write_lesson`.
        names: of the experiments that the sheets speak of.
    """

    def __init__(self, site: Path, address: str, others: Sequence[Path], names: Collection[str]) -> None:
        self._site, self._address = site, address
        self._sheets = {f"../instructor/{path.name}": f"{path.stem}.html" for path in others}
        self._sheets["../glossary.md"] = "glossary.html"
        paths = (f"{name}/methods.html" for name in sorted(names))
        self._methods = next((path for path in paths if (site / path).exists()), "")

    def in_line(self, tokens: _Tokens) -> Iterator[Token]:
        """A line's tokens, with links where the site has what is named, and none elsewhere."""
        at, is_open = 0, True
        while at < len(tokens):
            token, heading = tokens[at], ""
            at += 1
            if token.type == "link_open":
                href = self._followed(str(token.attrs["href"]))
                token.attrs["href"], is_open = href, bool(href)
            place = _PLACE.fullmatch(token.content) if token.type == "code_inline" else None
            if place is not None and (self._site / place[1]).exists():
                # A blank, and emphasis.
                if [each.type for each in tokens[at + 1 : at + 4]] == ["em_open", "text", "em_close"]:
                    heading, at = tokens[at + 2].content, at + 4
                css = {"class": "place"} if heading else {}
                title = heading or _TITLES.get(place[3]) or f"{_LABELS[place[3]]} of {place[2]}"
                # A "…" stands for the name of a model; "Where the other matches or wins" reads whole.
                yield from _link(f"../{place[0]}", title.replace("…", "the other"), css, heading)
            elif token.type == "code_inline" and token.content == ZIP and self._address:
                yield from _link(f"{self._address}{ZIP}", ZIP, {})
            elif is_open or not token.type.startswith("link_"):
                yield token

    def _followed(self, href: str) -> str:
        """Where a link of the docs leads on the site, "" where it has no such page."""
        if href in self._sheets:
            return self._sheets[href]
        if (sheet := _SHEET.fullmatch(href)) is None:
            return "" if href.startswith("../") else href
        name, part = sheet[1], sheet[2] or ""
        if name != "methods":
            return f"{name}.html{part}"
        return f"../{self._methods}{part}" if self._methods and part[1:] in _DEFINED else ""


def _link(href: str, text: str, css: Mapping[str, str | int | float], heading: str = "") -> Iterator[Token]:
    yield Token("link_open", "a", 1, attrs={**css, "href": href}, meta={"heading": heading})
    yield Token("text", "", 0, content=text)
    yield Token("link_close", "a", -1)


def _html(tokens: _Tokens) -> str:
    return str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))


def _text(line: Token) -> str:
    return " ".join("".join(token.content or " " for token in line.children or ()).split())


def _section(tokens: _Tokens, sheet: str) -> str:
    """A section of a sheet; its table becomes a list, or what it shows is folded, where its title says so."""
    heading, body, title = _html(tokens[:3]), _html(tokens[3:]), _text(tokens[1])
    # The script's plan has a column more.
    if (css := _LISTS.get(title)) and sheet != "script":
        kinds = [token.type for token in tokens]
        start, end = kinds.index("table_open"), kinds.index("table_close") + 1
        begin = _begin(rows, sheet) if (rows := _rows(tokens)) and title == _STEPS else ""
        items = "".join(map(_exercise if css == "cards" else _item, rows))
        body = f'{begin}{_html(tokens[3:start])}<ol class="{css}">{items}</ol>{_html(tokens[end:])}'
    if summary := _FOLDED.get(title):
        body = f"<details data-print><summary>{summary}</summary>{body}</details>"
    return f'<section class="{"slide" if sheet == "slides" else "section"}">{heading}{body}</section>'


def _rows(tokens: _Tokens) -> list[list[Token]]:
    """The cells of a section's table, row by row, without its head."""
    rows: list[list[Token]] = []
    for before, token in pairwise(tokens):
        if token.type == "tr_open":
            rows.append([])
        if before.type == "td_open":
            rows[-1].append(token)
    return list(filter(None, rows))


def _begin(rows: Sequence[_Tokens], sheet: str) -> str:
    """Give the links of each step its number and the page's name, and return the one to where the first begins."""
    first = ""
    for number, row in enumerate(rows, 1):
        places = _places(row)
        for token, words in (pair for cell in row for pair in pairwise(cell.children or ())):
            if token not in places:
                continue
            path, _, part = str(token.attrs["href"]).partition("#")
            # Two places of one step keep the names of their headings.
            if len(places) == 1 and (place := _PLACE.fullmatch(path.removeprefix("../"))):
                words.content = _LABELS.get(place[3]) or _TITLES[place[3]]
            words.content += " →"
            href = f"{path}{'&' if '?' in path else '?'}step={sheet}.{number}{part and f'#{part}'}"
            token.attrs["href"] = href
            first = first or (
                f'<p class="no-print"><a class="go outline" href="{escape(href)}">'
                f"Begin: step {number} of {len(rows)}</a></p>"
            )
    return first


def _places(row: _Tokens) -> list[Token]:
    """The links of a row that lead to pages of experiments."""
    links = [token for cell in row for token in cell.children or () if token.type == "link_open"]
    return [token for token in links if str(token.attrs["href"]).startswith("../")]


def _item(cells: _Tokens) -> str:
    first, *others = (_html([cell]) for cell in cells)
    width = ""
    if minutes := _MINUTES.fullmatch(first):
        length = int(minutes[2]) - int(minutes[1])
        # Its width is its time.
        width, first = f' class="w{length // 5}"', f"{length} min"
    return f"<li{width}><h3>{first}</h3>{''.join(f'<p>{cell}</p>' for cell in others)}</li>"


def _exercise(cells: _Tokens) -> str:
    """A card with empty bars: what they will show is for the reader to guess."""
    name, length, guesses, finding = cells
    bar = '<svg class="bar" aria-hidden="true"><rect class="ground" width="100%" height="100%" rx="2"/></svg>'
    bars = "".join(
        f'<span class="l">{escape(guess)}</span>{bar}<span class="v">?</span>'
        for guess in _text(guesses).split(", ")
    )
    head = f'<p class="kicker">{_html([length])}</p><h3>{_html([name])}</h3>'
    return f'<li>{head}<div class="barlist">{bars}</div><p>{_html([finding])}</p></li>'


type Step = dict[str, Any]
"""What to do, as ``text``, what to look for, and the ``places`` to do it: each an address from the site's folder and a
heading there."""


def steps(rows: Sequence[_Tokens]) -> list[Step]:
    """The rows of *What to do*: what, what to look for, and where."""
    return [
        {
            "text": _text(row[0]),
            "look": _text(row[1]),
            "places": [
                {
                    "href": str(token.attrs["href"]).removeprefix("../"),
                    "heading": token.meta.get("heading", ""),
                }
                for token in row[2].children or ()
                if token in _places(row)
            ],
        }
        for row in rows
    ]


def _script(sheets: Mapping[str, Mapping[str, Any]]) -> bytes:
    """The steps as a script for the browser."""
    return f"llmxray.showSteps({json.dumps(sheets, ensure_ascii=False, separators=(',', ':'))});\n".encode()
