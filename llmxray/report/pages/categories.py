"""Where each condition is strong and weak: heatmap, extremes, skills, difficulty, radar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from llmxray.charts import radar
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, View, accuracy_of, newcombe
from llmxray.report.pages.findings import categories_of
from llmxray.report.pages.frame import Nav, footer, nav
from llmxray.report.pages.table import (
    Cell,
    Column,
    Figure,
    Line,
    Table,
    head,
    questions_href,
    share_cell,
    sort_key,
)
from llmxray.types import Estimate, Item, Row

# Below this many questions a cell's colour would claim more than it knows.
FEW = 10
_STEPS = 5
_EXTREMES = 3
_LEAST_AXES, _MOST_AXES = 3, 14


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One cell of the heatmap.

    Attributes:
        css: step of the ramp ``h0`` to ``h4``, or ``few``.
    """

    text: str
    n: str
    css: str
    column: str
    href: str
    sort: str
    title: str


@dataclass(frozen=True, slots=True)
class HeatRow:
    """A category, or with ``total`` a whole suite."""

    head: str
    cells: tuple[HeatCell, ...]
    total: bool = False


@dataclass(frozen=True, slots=True)
class HeatGroup:
    """A suite with its categories."""

    title: str
    note: str
    rows: tuple[HeatRow, ...]


@dataclass(frozen=True, slots=True)
class Heatmap:
    """The heatmap: conditions as columns (id, colour class), suites as groups of rows."""

    columns: tuple[tuple[str, str], ...]
    groups: tuple[HeatGroup, ...]
    any_few: bool


@dataclass(frozen=True, slots=True)
class CategoriesPage:
    """The page; parts are None where the suites say nothing of the kind."""

    title: str
    nav: Nav
    lede: str
    heatmap: Heatmap
    extremes: Table | None
    skills: Table | None
    difficulty: Table | None
    shared: Table | None
    shared_note: str
    radar: Figure | None
    profile: Table | None
    footer: tuple[str, ...]


def make(analysis: Analysis) -> CategoriesPage:
    """The categories page of an experiment."""
    axes = _axes(analysis)
    shared = _shared(analysis)
    return CategoriesPage(
        "Categories",
        nav(analysis.data, "categories.html"),
        _lede(analysis),
        _heatmap(analysis),
        _extremes(analysis),
        _skills(analysis),
        _difficulty(analysis),
        shared,
        _shared_note(shared),
        _radar(analysis, axes) if axes else None,
        _profile(analysis, axes) if axes else None,
        footer(analysis.data),
    )


def _heatmap(analysis: Analysis) -> Heatmap:
    groups = []
    for suite in analysis.suites:
        chance = analysis.chance_of([suite])
        note = "open answers: no chance level" if chance is None else f"chance {numbers.percent(chance)}"
        rows = [HeatRow("all", tuple(_heat_cell(view, suite, None) for view in analysis.views), total=True)]
        names = [category for name, category in categories_of(analysis) if name == suite]
        if len(names) > 1:
            rows += [
                HeatRow(name, tuple(_heat_cell(view, suite, name) for view in analysis.views))
                for name in names
            ]
        groups.append(HeatGroup(analysis.plan.suites[suite].card.title, note, tuple(rows)))
    few = any(cell.css == "few" for group in groups for row in group.rows for cell in row.cells)
    return Heatmap(tuple((view.id, view.css) for view in analysis.views), tuple(groups), few)


def _heat_cell(view: View, suite: str, category: str | None) -> HeatCell:
    found = accuracy_of(view.of(suite=suite, category=category))
    href = questions_href(condition=view.id, suite=suite, category=category or "")
    title = f"95% {numbers.interval(found)}" if found.low is not None else ""
    css = "few" if found.n < FEW or found.value is None else f"h{step(found.value)}"
    return HeatCell(
        numbers.percent(found.value), str(found.n), css, view.css, href, sort_key(found.value), title
    )


def step(value: float) -> int:
    """Step 0–4 of the ramp, each a fifth of 0–100%."""
    return min(int(value * _STEPS), _STEPS - 1)


def _lede(analysis: Analysis) -> str:
    best = analysis.ranked[0]
    found = _by_category(analysis, best)
    if len(found) < 2:
        return (
            f"{best.id} answers {numbers.percent(analysis.accuracies[best.id].value)} right; there is "
            "one category only."
        )
    (_, low_name, low), (_, high_name, high) = found[-1], found[0]
    sentence = (
        f"{best.id} ranges from {numbers.percent(low.value)} in {low_name} to "
        f"{numbers.percent(high.value)} in {high_name}: "
        f"one number hides that."
    )
    return sentence + (
        ""
        if _apart(high, low)
        else " But their intervals overlap: these few questions cannot tell even those two apart."
    )


def _by_category(analysis: Analysis, view: View) -> list[tuple[str, str, Estimate]]:
    """(suite, category, accuracy) with enough questions, best first."""
    found = [(s, c, accuracy_of(view.of(suite=s, category=c))) for s, c in categories_of(analysis)]
    known = [each for each in found if each[2].value is not None and each[2].n >= FEW]
    return sorted(known, key=lambda each: -(each[2].value or 0.0))


def _apart(high: Estimate, low: Estimate) -> bool:
    """Whether the upper estimate's interval lies wholly above the lower one's."""
    return high.low is not None and low.high is not None and high.low > low.high


def _extremes(analysis: Analysis) -> Table | None:
    lines = []
    for view in analysis.ranked:
        found = _by_category(analysis, view)
        if len(found) < 2 * _EXTREMES:
            continue
        top, bottom = found[:_EXTREMES], found[-_EXTREMES:]
        told = _apart(top[-1][2], bottom[0][2])
        cells = [_extreme(view, each) for each in (*top, *reversed(bottom))]
        verdict = "yes" if told else "cannot tell"
        lines.append(head(view, [*cells, Cell(verdict, numeric=False, best=told)]))
    if not lines:
        return None
    names = ("best", "second", "third", "worst", "second worst", "third worst")
    columns = (
        Column("condition", numeric=False),
        *(Column(name, numeric=False) for name in names),
        Column("told apart?", "third best against third worst", numeric=False),
    )
    caption = (
        f"Three best and three worst categories of each condition, of those with {FEW} questions or "
        "more; 95% intervals."
    )
    return Table(caption, columns, tuple(lines))


def _extreme(view: View, each: tuple[str, str, Estimate]) -> Cell:
    suite, category, found = each
    small = f"{numbers.percent(found.value)} ({numbers.interval(found)})"
    href = questions_href(condition=view.id, suite=suite, category=category)
    return Cell(category, small, numeric=False, href=href)


def _where(analysis: Analysis, view: View, keep: Callable[[Item], bool]) -> tuple[Row, ...]:
    return tuple(row for row in view.rows if keep(analysis.items[row.suite, row.item_id]))


def _skills(analysis: Analysis) -> Table | None:
    if not {"recall", "reasoning"} <= {item.skill for item in analysis.items.values()}:
        return None
    lines = []
    for view in analysis.ranked:
        recall = accuracy_of(_where(analysis, view, lambda item: item.skill == "recall"))
        reasoning = accuracy_of(_where(analysis, view, lambda item: item.skill == "reasoning"))
        gap = newcombe(recall, reasoning)
        told = gap.low is not None and gap.high is not None and (gap.low > 0 or gap.high < 0)
        word = "cannot tell" if not told else "recall" if (gap.value or 0) > 0 else "reasoning"
        cells = (
            share_cell(recall),
            share_cell(reasoning),
            Cell(numbers.points(gap.value), numbers.points_interval(gap), sort=sort_key(gap.value)),
            Cell(word, numeric=False, best=told),
        )
        lines.append(head(view, cells))
    n = [sum(item.skill == skill for item in analysis.items.values()) for skill in ("recall", "reasoning")]
    columns = (
        Column("condition", numeric=False),
        Column("recall", f"n = {n[0]}"),
        Column("reasoning", f"n = {n[1]}"),
        Column("difference", "points, 95%"),
        Column("stronger at", numeric=False),
    )
    caption = (
        "Questions that need a remembered fact against those that need a step of thought, as "
        "labelled by the suites' authors. The two kinds come from different mixes of suites, so a "
        "difference may be one of subjects."
    )
    return Table(caption, columns, tuple(lines), True)


def _of_level(analysis: Analysis, view: View, level: int) -> tuple[Row, ...]:
    return _where(analysis, view, lambda item: item.difficulty == level)


def _difficulty(analysis: Analysis) -> Table | None:
    levels = sorted({item.difficulty for item in analysis.items.values() if item.difficulty is not None})
    if len(levels) < 2:
        return None
    lines = []
    for view in analysis.ranked:
        cells = [share_cell(accuracy_of(_of_level(analysis, view, level))) for level in levels]
        lines.append(head(view, cells))
    names = {1: "easy", 2: "middling", 3: "hard"}
    counts = [sum(item.difficulty == level for item in analysis.items.values()) for level in levels]
    columns = [
        Column(names.get(level, str(level)), f"n = {n}") for level, n in zip(levels, counts, strict=True)
    ]
    caption = "Accuracy by the difficulty that the suites' authors gave each question, for people."
    return Table(caption, (Column("condition", numeric=False), *columns), tuple(lines), True)


def _shared(analysis: Analysis) -> Table | None:
    """Categories that two suites have in common, such as physics."""
    by_name: dict[str, list[str]] = {}
    for suite, category in categories_of(analysis):
        by_name.setdefault(category, []).append(suite)
    twice = [(name, suites[:2]) for name, suites in by_name.items() if len(suites) > 1]
    if not twice or analysis.data.experiment.kind == "compare":
        return None
    best = analysis.ranked[0]
    lines = []
    for name, suites in twice:
        cells = []
        for suite in suites:
            found = accuracy_of(best.of(suite=suite, category=name))
            title = analysis.label_of_suite(suite)
            cells += [Cell(title, numeric=False), share_cell(found), Cell(str(found.n))]
        lines.append(Line(name, tuple(cells), css=best.css))
    columns = (
        Column("category", numeric=False),
        Column("in suite", numeric=False),
        Column("accuracy"),
        Column("n"),
        Column("and in suite", numeric=False),
        Column("accuracy"),
        Column("n"),
    )
    return Table(f"Categories of the same name in two suites, for {best.id}.", columns, tuple(lines))


def _shared_note(table: Table | None) -> str:
    if table is None:
        return ""
    n = len(table.lines)
    return (
        f"Do they go together? {numbers.plural(n, 'pair')} of numbers, each this uncertain, cannot "
        "show a correlation or rule one out."
    )


def _axes(analysis: Analysis) -> tuple[tuple[str, str, str | None], ...]:
    """(name, suite, category) of each spoke: suites, or the categories where suites are too few."""
    if len(analysis.suites) >= _LEAST_AXES:
        return tuple((analysis.label_of_suite(suite), suite, None) for suite in analysis.suites)
    spokes = [(category, suite, category) for suite, category in categories_of(analysis)]
    return tuple(spokes) if _LEAST_AXES <= len(spokes) <= _MOST_AXES else ()


def _radar(analysis: Analysis, axes: Sequence[tuple[str, str, str | None]]) -> Figure:
    shown = analysis.ranked[: radar.MOST]
    shapes = [
        (
            view.css,
            {
                name: accuracy_of(view.of(suite=suite, category=category)).value
                for name, suite, category in axes
            },
        )
        for view in shown
    ]
    short = [name.split(",")[0] for name, _, _ in axes]
    renamed = [(css, {name.split(",")[0]: value for name, value in shape.items()}) for css, shape in shapes]
    said = "; ".join(
        f"{view.id}: " + ", ".join(f"{name} {numbers.percent(value)}" for name, value in shape.items())
        for view, (_, shape) in zip(shown, shapes, strict=True)
    )
    svg = radar.draw(short, renamed, name="radar", description=f"Radar of accuracy, 0 to 100%. {said}.")
    names = numbers.listed([view.id for view in shown])
    note = (
        "A radar's area depends on the order of its axes and means nothing: read the distances along "
        "the spokes, and the intervals beside it."
    )
    return Figure("A profile, not a score", f"Accuracy from 0 at the centre to 100%: {names}.", svg, note)


def _profile(analysis: Analysis, axes: Sequence[tuple[str, str, str | None]]) -> Table:
    shown = analysis.ranked[: radar.MOST]
    lines = []
    for name, suite, category in axes:
        chance = analysis.chance_of([suite], category)
        cells = [
            _coloured(share_cell(accuracy_of(view.of(suite=suite, category=category)), chance=chance), view)
            for view in shown
        ]
        lines.append(Line(name, tuple(cells)))
    columns = (Column("", numeric=False), *(Column(view.id, css=f"k {view.css}") for view in shown))
    return Table(
        "The same numbers with their 95% intervals; the dashed tick is blind guessing.", columns, tuple(lines)
    )


def _coloured(cell: Cell, view: View) -> Cell:
    return Cell(
        cell.text, cell.small, cell.best, cell.numeric, cell.bar, cell.href, f"k {view.css}", cell.sort
    )
