"""The steps of the exercises: the rows of the table "What to do" of each sheet, with the places that they lead to."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass

_TABLE = re.compile(r"(<h2>What to do</h2>.*?<tbody>)(.*?)(</tbody>)", re.DOTALL)
_ROW = re.compile(r"<tr>\s*<td>(.*?)</td>\s*<td>(.*?)</td>\s*</tr>", re.DOTALL)
_PLACE = re.compile(r'<a href="\.\./([^"]+)"><code>[^<]*</code></a>(?: <em>([^<]*)</em>)?')
_LINK = re.compile(r'href="\.\./([^"?#]+)((?:\?[^"#]*)?)((?:#[^"]*)?)"')
_TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a step leads: an address from the site's folder, and the heading to look for there."""

    href: str
    heading: str


@dataclass(frozen=True, slots=True)
class Step:
    """What to do, and where."""

    text: str
    places: tuple[Place, ...]


def steps(sheet: str) -> tuple[Step, ...]:
    """The steps of a sheet's HTML, its addresses links already; none where it has no such table."""
    table = _TABLE.search(sheet)
    return tuple(
        Step(
            text=_text(text),
            places=tuple(
                Place(html.unescape(href), _text(heading)) for href, heading in _PLACE.findall(where)
            ),
        )
        for text, where in (_ROW.findall(table[2]) if table else ())
    )


def linked(sheet: str, name: str) -> str:
    """The sheet with links that know their step, and a way to begin."""
    table, found = _TABLE.search(sheet), steps(sheet)
    if table is None or not any(each.places for each in found):
        return sheet
    rows = iter(range(1, len(found) + 1))
    body = re.sub(
        r"<tr>.*?</tr>", lambda row: _with_step(row[0], f"{name}.{next(rows)}"), table[2], flags=re.DOTALL
    )
    number, first = next((n, each.places[0]) for n, each in enumerate(found, 1) if each.places)
    start = _with_step(f'<a class="button" href="../{html.escape(first.href)}">', f"{name}.{number}")
    begin = f'<p class="no-print">{start}Begin: step {number} of {len(found)}</a></p>'
    opening = table[1].replace("<h2>What to do</h2>", f"<h2>What to do</h2>\n{begin}", 1)
    return f"{sheet[: table.start()]}{opening}{body}{table[3]}{sheet[table.end() :]}"


def script(sheets: Mapping[str, tuple[str, Sequence[Step]]], guesses: Collection[str]) -> bytes:
    """The steps as a script for the browser.

    Args:
        sheets: name → title and steps. guesses: experiments whose first page asks for a guess.
    """
    content = {
        "sheets": {
            name: {"title": title.partition(":")[0], "steps": [asdict(each) for each in found]}
            for name, (title, found) in sheets.items()
            if found
        },
        "guesses": sorted(guesses),
    }
    return f"llmxray.showSteps({json.dumps(content, ensure_ascii=False, separators=(',', ':'))});\n".encode()


def _with_step(text: str, step: str) -> str:
    def add(link: re.Match[str]) -> str:
        query = f"{link[2]}&amp;" if link[2] else "?"
        return f'href="../{link[1]}{query}step={step}{link[3]}"'

    return _LINK.sub(add, text)


def _text(markup: str) -> str:
    return " ".join(html.unescape(_TAG.sub("", markup)).split())
