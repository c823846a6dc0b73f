"""The brief as Markdown, for those who write on in an editor: the same sentences, tables and links."""

from __future__ import annotations

from collections.abc import Iterator

from llmxray.report.coursework.briefs import Brief
from llmxray.report.widgets.table import Cell, Line, Table


def markdown(page: Brief) -> str:
    """The text of ``brief.md``; links are relative to the experiment's folder."""
    return "\n\n".join(_parts(page)) + "\n"


def _parts(page: Brief) -> Iterator[str]:
    yield f"# {_plain(page.nav.experiment)}"
    student = _plain(page.student) or "____________________"
    yield f"Analysis brief by **{student}** · experiment {page.experiment} · recording {page.cassette}"
    if page.hypothesis:
        yield f"**Hypothesis.** {_plain(page.hypothesis)}"
    yield f"**Use case.** _{page.use_case}_"
    sections: list[tuple[str, list[str], list[Table | None]]] = [
        ("Accuracy", [f"{_plain(each)} [The pair](pairs.html)" for each in page.sentences], [page.accuracy]),
        ("Categories", [], [page.categories]),
        (
            "Calibration",
            [f"{_plain(page.calibrated)} [Calibration](calibration.html)"] if page.calibrated else [],
            [page.calibration],
        ),
        ("Calibration, by hand", [], [page.worksheet, page.bins]),
        ("Speed", [f"{_plain(each)} [Speed](results.html#speed)" for each in page.speed], []),
        ("Your numbers", [f"- {_plain(each.asked)}: ______" for each in page.blanks], []),
    ]
    number = 0
    for title, sentences, tables in sections:
        shown = [table for table in tables if table is not None]
        if sentences or shown:
            number += 1
            yield f"## {number} {title}"
            yield from sentences
            yield from map(_table, shown)
    yield "## Recommendation"
    yield f"_{page.which}_"


def _table(table: Table) -> str:
    heads = [f"{each.text}, {each.small}" if each.small else each.text for each in table.columns]
    rule = ["---:" if each.numeric else "---" for each in table.columns]
    rows = [heads, rule, *(_line(line) for line in table.lines)]
    body = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"{_plain(table.caption)}\n\n{body}"


def _line(line: Line) -> list[str]:
    name = f"{line.head} ({line.small})" if line.small else line.head
    return [_linked(name, line.href), *(_cell(cell) for cell in line.cells)]


def _cell(cell: Cell) -> str:
    return _linked(f"{cell.text} ({cell.small})" if cell.small else cell.text, cell.href)


def _linked(text: str, href: str) -> str:
    # In angle brackets: a space or a bracket in an id would end the link.
    return f"[{_plain(text)}](<{href}>)" if href and text else _plain(text)


def _plain(text: str) -> str:
    """Text that Markdown shows as it stands, in one line."""
    marked = "".join(f"\\{each}" if each in r"\`*_[]<>|#" else each for each in " ".join(text.split()))
    return marked.encode("utf-8", "replace").decode()
