"""Where the other matches or wins: the pair by category, by difficulty and by skill, as a sentence and a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from llmxray.report import numbers
from llmxray.report.analysis import Analysis, Pair
from llmxray.report.analysis.by_category import Grouping, grouping
from llmxray.report.analysis.pairing import GroupGap
from llmxray.report.links import questions_href
from llmxray.report.widgets.butterfly import butterfly
from llmxray.report.widgets.frame import Values
from llmxray.report.widgets.table import Cell, Column, Line, Table, gap_cell, sort_key, verdict_cell
from llmxray.report.wording.groups import group_sentences
from llmxray.types import Estimate, Item

_LEVELS: Mapping[int | None, str] = {1: "1 · easy", 2: "2 · middling", 3: "3 · hard"}


def groups_views(analysis: Analysis, pair: Pair) -> tuple[Values, ...]:
    """The groupings that have at least two groups."""
    levels = _by(analysis, lambda item: _LEVELS.get(item.difficulty, str(item.difficulty or "")))
    ways = (
        ("categories", "category", "categories", grouping(analysis)),
        ("difficulty", "level of difficulty", "levels of difficulty", levels),
        ("skills", "skill", "skills", _by(analysis, lambda item: item.skill)),
    )
    made = (_view(analysis, pair, *way) for way in ways)
    return tuple(each for each in made if each is not None)


def _by(analysis: Analysis, name: Callable[[Item], str]) -> Grouping:
    """Groups questions of all suites together by a name; "" for no group."""
    return lambda key: ("", found) if (found := name(analysis.items[key])) else None


def _view(analysis: Analysis, pair: Pair, id_: str, one: str, many: str, name_of: Grouping) -> Values | None:
    """One way of grouping the questions, with a picture of the categories."""
    found = analysis.pairing.groups(pair.a, pair.b, name_of)
    if len(found) < 2:
        return None
    # The loser's best groups first: they are what the page is asked for.
    found = tuple(sorted(found, key=lambda each: each.difference.value or 0.0))
    return Values(
        id=id_,
        title=f"Where {pair.b.label} matches or wins" if id_ == "categories" else f"By {one}",
        sentences=group_sentences(pair, found, one, many),
        table=_table(analysis, pair, found, one),
        picture=butterfly(analysis, pair) if id_ == "categories" else None,
    )


def _table(analysis: Analysis, pair: Pair, found: Sequence[GroupGap], one: str) -> Table:
    columns = [
        Column(one, numeric=False),
        Column(pair.a.label, css=f"k {pair.a.css}"),
        Column(pair.b.label, css=f"k {pair.b.css}"),
        Column("difference", "points, 95%; tick: none"),
        Column("p adjusted", f"{analysis.test[0]}, Holm", anchor=analysis.test[1], css="stat"),
        Column("clear difference?", numeric=False),
        Column("n"),
    ]
    lines = tuple(_line(analysis, pair, each) for each in found)
    return Table(numbers.UNADJUSTED, tuple(columns), lines, True)


def _line(analysis: Analysis, pair: Pair, each: GroupGap) -> Line:
    where = {"suite": each.suite, "category": each.name} if each.suite else {}
    cells = [
        Cell(
            numbers.percent(right / each.n),
            css=f"k {view.css}",
            href=questions_href(condition=view.id, **where) if where else "",
            best=other < right,
        )
        for view, right, other in ((pair.a, each.a, each.b), (pair.b, each.b, each.a))
    ]
    cells += [
        gap_cell(each.difference, Estimate(each.a / each.n), Estimate(each.b / each.n)),
        Cell(numbers.bare_p(each.p_holm), sort=sort_key(each.p_holm)),
        verdict_cell(each.differs, "over 5 points" if each.flagged and not each.differs else ""),
        Cell(numbers.count(each.n)),
    ]
    small = analysis.label_of_suite(each.suite) if each.suite and len(analysis.suites) > 1 else ""
    return Line(each.name, tuple(cells), small)
