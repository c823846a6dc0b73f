"""The steps of the exercises: the rows of the table "What to do" of each sheet, with the places that they lead to."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Collection, Mapping
from typing import Any

_TABLE = re.compile(r"(<h2>What to do</h2>.*?<tbody>)(.*?)(</tbody>)", re.DOTALL)
_ROW = re.compile(r"<tr>\s*<td>(.*?)</td>\s*<td>(.*?)</td>\s*</tr>", re.DOTALL)
_PLACE = re.compile(r'<a( class="place")? href="\.\./([^"]+)">(.*?)</a>')
_INTRO = re.compile(r"<p>(.*?)</p>", re.DOTALL)
_LINK = re.compile(r'href="\.\./([^"?#]+)((?:\?[^"#]*)?)((?:#[^"]*)?)"')
_TAG = re.compile(r"<[^>]+>")


type Step = dict[str, Any]
"""What to do, as ``text``, and the ``places`` to do it: each an address from the site's folder and a heading there."""


def exercise(title: str, sheet: str) -> dict[str, Any]:
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
                {"href": html.unescape(href), "heading": _text(name) if named else ""}
                for named, href, name in _PLACE.findall(where)
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
    start = _with_step(f'<a class="button" href="../{html.escape(first["href"])}">', f"{name}.{number}")
    begin = f'<p class="no-print">{start}Begin: step {number} of {len(found)}</a></p>'
    opening = table[1].replace("<h2>What to do</h2>", f"<h2>What to do</h2>\n{begin}", 1)
    return f"{sheet[: table.start()]}{opening}{body}{table[3]}{sheet[table.end() :]}"


def script(sheets: Mapping[str, Mapping[str, Any]], guesses: Collection[str]) -> bytes:
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
    return " ".join(html.unescape(_TAG.sub("", markup)).split())
