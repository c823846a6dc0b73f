"""Is A really better than B, and where? One page per pair of conditions, all on the same questions.

``pairs.html`` shows the default pair, the best against its rival; every other pair has a page of its own, so that
each can be read and cited without scripts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from llmxray.report import numbers
from llmxray.report.analysis import Analysis, Pair, confidence
from llmxray.report.analysis.by_category import Grouping, grouping
from llmxray.report.analysis.leaders import order, turned
from llmxray.report.analysis.pairing import GroupGap
from llmxray.report.analysis.questions import Question, Verdicts, questions_of, verdicts
from llmxray.report.widgets import quantised
from llmxray.report.widgets.butterfly import butterfly
from llmxray.report.widgets.frame import Values, framed
from llmxray.report.widgets.pair_links import page_of, paged
from llmxray.report.widgets.render import Output
from llmxray.report.widgets.table import Cell, ColumnHead, Line, Table, gap_cell, value_cell, verdict_cell
from llmxray.report.wording.speed import COVERED, speed_sentences
from llmxray.report.wording.verdicts import compared, doubt, group_sentences
from llmxray.types import Item


def write(renderer: Output, analysis: Analysis) -> None:
    """Write the page of every pair."""
    questions = questions_of(analysis)
    # Verdicts once for all pages: they go through every question.
    folder, right = analysis.data.name, verdicts(analysis.data, questions)
    names = {f"{page_of(analysis, pair)}.html": pair for pair in paged(analysis)}
    for name, pair in names.items():
        renderer.page(f"{folder}/{name}", "pages/pairs/page.html", make(analysis, pair, questions, right))
    renderer.remove_old(f"{folder}/pairs.*html", names)


def make(analysis: Analysis, pair: Pair, questions: Sequence[Question], right: Verdicts) -> Values:
    """The page of one pair."""
    return framed(
        analysis.data,
        "pairs",
        f"{pair.a.label} against {pair.b.label}",
        # ``a`` is the more accurate, or the earlier in the plan when both are equal.
        a=pair.a,
        b=pair.b,
        lede=compared(analysis, pair),
        facts=_facts(analysis, pair),
        square=_square(analysis, pair, questions, right),
        groups=_groups(analysis, pair),
    )


def _square(analysis: Analysis, pair: Pair, questions: Sequence[Question], right: Verdicts) -> Values:
    """Right and wrong of both, over the ``n`` questions that both answered.

    Its cells are by whether a and whether b is right; what only one got right is what the test counts.
    """
    known = [each for each in zip(right[pair.a.id], right[pair.b.id], strict=True) if None not in each]
    repeats = any(len(cell.codes) > 1 for question in questions for cell in question.cells)

    def cell(hits: tuple[bool, bool]) -> Values:
        n = known.count(hits)
        part = n / len(known) if known else None
        hit_by, missed_by = (
            ",".join(view.id for view, hit in zip((pair.a, pair.b), hits, strict=True) if hit is wanted)
            for wanted in (True, False)
        )
        link = analysis.contents.questions(right=hit_by, wrong=missed_by) if n else ""
        return Values(n=n, share=numbers.percent(part), width=quantised.width(part), href=link)

    note = (
        "A question counts as right here where more than half of its answers are; the test does not halve: it takes "
        "each question's share of right answers."
        if repeats
        else ""
    )
    if len(known) > pair.difference.n:
        note += f" {len(known)} wordings of {numbers.plural(pair.difference.n, 'question')}: the test counts questions."
    cells = {(of_a, of_b): cell((of_a, of_b)) for of_a in (True, False) for of_b in (True, False)}
    return Values(cells=cells, n=len(known), left_out=pair.difference.n_missing, note=note.strip())


def _facts(analysis: Analysis, pair: Pair) -> list[Values]:
    """The comparison in sentences, each with a label in the margin and the way to the evidence."""
    times, error = speed_sentences(analysis, pair.a, pair.b), calibration_sentence(analysis, pair)
    links = analysis.contents.links
    made = (
        ("As a ratio", _as_ratio(analysis, pair), ()),
        ("Time", (*times, COVERED) if times else (), links(("Speed of all", "results", "speed"))),
        ("Calibration", (error,) if error else (), links(("Calibration of all", "calibration", ""))),
    )
    return [Values(label=label, sentences=said, links=more) for label, said, more in made if said]


def _as_ratio(analysis: Analysis, pair: Pair) -> tuple[str, ...]:
    ahead, behind, _ = order(pair)
    ratio = analysis.pairing.accuracy_ratio(ahead, behind)
    if ratio.value is None or ratio.value == 1:
        return ()
    times, about = numbers.ratio_within(ratio), doubt(ratio, numbers.ratio)
    if pair.differs and (ratio.low or 0.0) > 1:
        said = f"{ahead.label} gets {times} times as many right answers as {behind.label} ({about})."
    else:
        said = f"No clear difference: {ahead.label} to {behind.label}, the ratio of right answers is {times} ({about})."
    if not pair.differs and (ratio.low or 0.0) > 1:
        said += " The interval leaves out 1, but it is an approximation: the test of the difference decides."
    return (said,)


def calibration_sentence(analysis: Analysis, pair: Pair) -> str:
    """Which of two conditions is better calibrated, and whether that can be told; "" without confidences.

    Confidences of two kinds are named, not compared.
    """
    gap = confidence.ece_difference(analysis, pair.a, pair.b)
    if gap.value is None:
        return ""
    worse, better = (pair.a, pair.b) if gap.value > 0 else (pair.b, pair.a)
    # Interval and size have one sign: how far the worse one is above the better one.
    gap = turned(gap) if gap.value < 0 else gap
    size = numbers.in_points(gap.value)
    kinds = confidence.differ_in_kind([pair.a, pair.b])
    if kinds:
        return kinds
    if gap.low is not None and gap.low > 0:
        return (
            f"The confidence of {worse.label} is further from what it gets right: its ECE-15 is {size} above "
            f"that of {better.label} (95% {numbers.points_interval(gap)}; {numbers.plural(gap.n, 'question')})."
        )
    return (
        f"Their calibration does not differ clearly: the ECE-15 of {worse.label} is {size} higher "
        f"({doubt(gap, numbers.points, 0.0)})."
    )


_LEVELS: Mapping[int | None, str] = {1: "1 · easy", 2: "2 · middling", 3: "3 · hard"}


def _groups(analysis: Analysis, pair: Pair) -> tuple[Values, ...]:
    """The groupings that have at least two groups."""
    levels = _by(analysis, lambda item: _LEVELS.get(item.difficulty, str(item.difficulty or "")))
    ways = (
        ("categories", "category", "categories", grouping(analysis)),
        ("difficulty", "level of difficulty", "levels of difficulty", levels),
        ("pair-skills", "skill", "skills", _by(analysis, lambda item: item.skill)),
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
    # The loser's best groups first: they are what the page is asked for. Levels have an order of their own.
    if id_ == "difficulty":
        found = tuple(sorted(found, key=lambda level: level.name))
    else:
        found = tuple(sorted(found, key=lambda group: group.difference.value or 0.0))
    picture = butterfly(analysis, pair, found[::-1]) if id_ == "categories" else None
    if picture is not None:
        # As the title says, and the table.
        picture.lines = picture.lines[::-1]
    return Values(
        id=id_,
        title=f"Where {pair.b.label} matches or wins" if id_ == "categories" else f"By {one}",
        sentences=group_sentences(analysis, pair, found, one, many),
        table=_table(analysis, pair, found, one),
        picture=picture,
    )


def _table(analysis: Analysis, pair: Pair, found: Sequence[GroupGap], one: str) -> Table:
    columns = [
        ColumnHead(text=one, numeric=False),
        ColumnHead(text=pair.a.label, css=f"k {pair.a.css}"),
        ColumnHead(text=pair.b.label, css=f"k {pair.b.css}"),
        ColumnHead(text="difference", small="points, 95%; tick: none"),
        ColumnHead(text="p adjusted", small=f"{analysis.test[0]}, Holm", anchor=analysis.test[1], css="stat"),
        ColumnHead(text="clear difference?", numeric=False),
        ColumnHead(text="n"),
    ]
    lines = tuple(_line(analysis, pair, each) for each in found)
    return Table(caption=numbers.UNADJUSTED, columns=tuple(columns), lines=lines, sortable=True)


def _line(analysis: Analysis, pair: Pair, each: GroupGap) -> Line:
    where = {"suite": each.suite, "category": each.name} if each.suite else {}
    cells = [
        Cell(
            text=numbers.percent(right / each.n),
            css=f"k {view.css}",
            href=analysis.contents.questions(condition=view.id, **where) if where else "",
            best=other < right,
        )
        for view, right, other in ((pair.a, each.a, each.b), (pair.b, each.b, each.a))
    ]
    cells += [
        gap_cell(each.difference),
        value_cell(each.p_holm, numbers.bare_p),
        verdict_cell(each.differs, "over 5 points" if each.flagged and not each.differs else ""),
        Cell(text=numbers.count(each.n)),
    ]
    small = analysis.label_of_suite(each.suite) if each.suite and len(analysis.suites) > 1 else ""
    return Line(head=each.name, cells=tuple(cells), small=small)
