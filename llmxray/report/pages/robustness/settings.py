"""One model at two settings: does the setting do anything, and in which categories? (context pressure)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llmxray.report import numbers
from llmxray.report.analysis import Analysis
from llmxray.report.analysis.leaders import order
from llmxray.report.analysis.pairing import GroupGap
from llmxray.report.analysis.setting_pairs import SettingsPair, settings_pairs
from llmxray.report.links import Link, questions_href
from llmxray.report.widgets.pair_links import href
from llmxray.report.widgets.table import Cell, Column, Line, Table, gap_bar, share_cell, sort_key
from llmxray.report.wording.verdicts import compared
from llmxray.types import Condition

# Eight conditions of one model make 28 pairs; each pair has a page of its own besides.
MOST = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class PairSection:
    """One pair in full.

    Attributes:
        anchor: its place on the page. varies: what differs between the two. table: a line a category.
    """

    anchor: str
    title: str
    sentences: tuple[str, ...]
    varies: Table
    table: Table | None
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class SettingsPart:
    """The part of the page.

    Attributes:
        left_out: pairs that stand in the first table only.
    """

    lede: str
    summary: Table
    pairs: tuple[PairSection, ...]
    left_out: int


def make(analysis: Analysis) -> SettingsPart | None:
    """The part on settings; None where no two conditions are of one model."""
    found = settings_pairs(analysis)
    if not found:
        return None
    return SettingsPart(
        lede=_lede(found),
        summary=_summary(analysis, found),
        pairs=tuple(_section(analysis, pair) for pair in found[:MOST]),
        left_out=max(0, len(found) - MOST),
    )


def _lede(found: Sequence[SettingsPair]) -> str:
    ignored = [
        f"{pair.a.label} and {pair.b.label}" for pair in found if pair.ignored and not pair.one_recording
    ]
    verb = "is" if len(found) == 1 else "are"
    opening = f"{numbers.plural(len(found), 'pair')} of conditions here {verb} one model at two settings. "
    if ignored:
        return (
            f"{opening}{'; '.join(ignored)}: every reply is the same, so the setting does nothing here, or the server "
            "ignores it."
        )
    parts = [part for pair in found for part in pair.parts]
    if not parts:
        return f"{opening}They have no question in common that both answered."
    flagged = [part for part in parts if part.flagged]
    told = [part for part in flagged if part.differs]
    n = numbers.plural(len(parts), "comparison")
    if not flagged:
        return (
            f"{opening}Of {n} of a category, none differs by more than five points, the original app's flag."
        )
    verb = "differs" if len(flagged) == 1 else "differ"
    return (
        f"{opening}Of {n} of a category, {len(flagged)} {verb} by more than five points, which the original app would "
        f"flag; {len(told) or 'none'} {'differs' if len(told) == 1 else 'differ'} clearly (significant after Holm "
        "correction)."
    )


def _summary(analysis: Analysis, found: Sequence[SettingsPair]) -> Table:
    lines = []
    for place, pair in enumerate(found):
        whole = analysis.pair(pair.a, pair.b)
        first, _, gap = order(whole)
        sign, value = 1 if first.id == pair.a.id else -1, gap.value
        ends = numbers.points_interval(gap) if gap.low is not None else ""
        ahead = first.label if value else ""
        flagged = sum(part.flagged for part in pair.parts)
        told = sum(part.differs for part in pair.parts)
        same = (
            Cell(numbers.MISSING, "answers of two kinds")
            if pair.identical is None
            else share_cell(pair.identical)
        )
        cells = (
            Cell(numbers.listed([each.name for each in pair.varies]) or "nothing", numeric=False),
            same,
            Cell(
                numbers.points(value).lstrip("+"),
                " ".join(
                    part for part in (f"{ahead} ahead" if ahead else "", f"({ends})" if ends else "") if part
                ),
                # Sorted as first minus second, though the cell says who is ahead.
                sort=sort_key(None if value is None else sign * value),
            ),
            Cell("yes" if whole.differs else "no", numeric=False, best=whole.differs),
            Cell(f"{flagged} of {len(pair.parts)}"),
            Cell(str(told)),
        )
        link = f"#{_anchor(pair)}" if place < MOST else href(analysis, whole)
        lines.append(Line(f"{pair.a.label} and {pair.b.label}", cells, href=link))
    columns = (
        Column("pair", numeric=False),
        Column("what differs", numeric=False),
        Column("same reply", "word for word, 95%", anchor="same-reply"),
        Column("accuracy", "points apart, 95%"),
        Column("clear difference?", "all questions", numeric=False),
        Column("categories", "over five points apart", anchor="pressure"),
        Column("clear", "of the categories"),
    )
    return Table("Every two conditions of one model on one endpoint.", columns, tuple(lines))


def _section(analysis: Analysis, pair: SettingsPair) -> PairSection:
    whole = analysis.pair(pair.a, pair.b)
    link = href(analysis, whole)
    return PairSection(
        anchor=_anchor(pair),
        title=f"{pair.a.label} and {pair.b.label}",
        sentences=(_replies(pair), compared(analysis, whole), *_categories(pair)),
        varies=_varies(pair),
        table=_table(analysis, pair) if pair.parts else None,
        links=(Link("The pair in full", link),) if link else (),
    )


def _anchor(pair: SettingsPair) -> str:
    return f"{pair.a.id}~{pair.b.id}"


def _replies(pair: SettingsPair) -> str:
    if pair.one_recording:
        return "Both sent the same requests, so they share one recording: nothing was varied."
    same = pair.identical
    if same is None:
        kinds = f"{pair.a.condition.answer} and {pair.b.condition.answer}"
        return f"They answer in two ways ({kinds}), so their replies cannot be compared word for word."
    if same.value is None:
        return "No question has a reply under both settings."
    n = numbers.plural(same.n, "question")
    if pair.ignored:
        all_ = f"All {n} have" if same.n > 1 else "The one question has"
        return (
            f"{all_} the same reply under both settings (95% {numbers.interval(same)}): the setting does nothing "
            "here, or the server ignores it."
        )
    so = (
        "the setting does reach the model"
        if all(_repeatable(view.condition) for view in (pair.a, pair.b))
        else "replies drawn at a temperature differ by chance too"
    )
    return (
        f"{numbers.percent(same.value)} of {n} have the same reply under both settings (95% {numbers.interval(same)}): "
        f"{so}."
    )


def _repeatable(condition: Condition) -> bool:
    """Whether the same request gives the same reply: it is greedy, or its draw is seeded."""
    return condition.sampling.get("temperature") == 0 or condition.sampling.get("seed") is not None


def _categories(pair: SettingsPair) -> tuple[str, ...]:
    if len(pair.parts) < 2:
        return ()
    flagged = [part for part in pair.parts if part.flagged]
    told = [part for part in pair.parts if part.differs]
    verb = "differs" if len(flagged) == 1 else "differ"
    first = f"{len(flagged) or 'None'} of {len(pair.parts)} categories {verb} by more than five points."
    if not told:
        return (f"{first} None of them differs clearly.",)
    names = numbers.listed([f"{part.name} ({numbers.points(part.difference.value)})" for part in told])
    return (f"{first} Significant: {names}; points of {pair.a.label} over {pair.b.label}.",)


def _varies(pair: SettingsPair) -> Table:
    lines = tuple(
        Line(each.name, (Cell(each.a, numeric=False), Cell(each.b, numeric=False))) for each in pair.varies
    )
    columns = (
        Column("field", numeric=False),
        *(Column(view.label, numeric=False, css=f"k {view.css}") for view in (pair.a, pair.b)),
    )
    # Named in full: a reader of landmarks hears captions without the headings above them.
    caption = f"What differs between {pair.a.label} and {pair.b.label}" + (
        f": {len(pair.varies)} fields at once, so no difference belongs to one of them."
        if len(pair.varies) > 1
        else "."
        if pair.varies
        else ": nothing."
    )
    return Table(caption, columns, lines)


def _table(analysis: Analysis, pair: SettingsPair) -> Table:
    parts = sorted(pair.parts, key=lambda part: -abs(part.difference.value or 0.0))
    several = len({part.suite for part in parts}) > 1
    columns = [
        Column("category", numeric=False),
        *(Column(view.label, "accuracy", css=f"k {view.css}") for view in (pair.a, pair.b)),
        Column("difference", "points, 95%; tick: none"),
    ]
    columns += [
        Column("p adjusted", f"{analysis.test[0]}, Holm", anchor=analysis.test[1], css="stat"),
        Column("over five points?", "the original app's flag", numeric=False, anchor="pressure"),
        Column("clear difference?", numeric=False),
        Column("n"),
    ]
    lines = tuple(_line(analysis, pair, part, several=several) for part in parts)
    caption = (
        f"{pair.a.label} and {pair.b.label} by category, the largest difference first. {numbers.UNADJUSTED}"
    )
    return Table(caption, tuple(columns), lines, True)


def _line(analysis: Analysis, pair: SettingsPair, part: GroupGap, *, several: bool) -> Line:
    value = part.difference.value
    cells = [
        Cell(
            numbers.percent(right / part.n),
            css=f"k {view.css}",
            href=questions_href(condition=view.id, suite=part.suite, category=part.name),
        )
        for view, right in ((pair.a, part.a), (pair.b, part.b))
    ]
    cells.append(
        Cell(
            numbers.points_beside(value, part.a / part.n, part.b / part.n),
            numbers.points_interval(part.difference),
            bar=gap_bar(part.difference),
            sort=sort_key(value),
        )
    )
    cells += [
        Cell(numbers.bare_p(part.p_holm), sort=sort_key(part.p_holm)),
        Cell("yes" if part.flagged else "no", numeric=False),
        Cell("yes" if part.differs else "no", numeric=False, best=part.differs),
        Cell(numbers.count(part.n)),
    ]
    small = analysis.label_of_suite(part.suite) if several else ""
    return Line(part.name or "all", tuple(cells), small)
