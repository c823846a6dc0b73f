"""Who is ahead of whom, and of guessing; which pairs of conditions have a page, and where it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from llmxray.metrics.guessing import knows
from llmxray.metrics.subjects import group_of
from llmxray.plan import PROMPTS
from llmxray.report.analysis import Analysis, ConditionView, Corrected, Pair, corrected_by
from llmxray.report.analysis.pairing import Family
from llmxray.report.analysis.rows import grouped, memoized, right
from llmxray.scoring import right_options
from llmxray.types import LETTERS, Estimate, Row


def rival_of(analysis: Analysis) -> ConditionView | None:
    """Whom the best is compared with: the baseline that the analysis names, else the plan's first, or the next best.

    One that is another model and was asked in another way as well is the rival only where it is named, or there is no
    other: of a difference in two things nobody knows to which it is due.
    """
    best = analysis.ranked[0]
    named = analysis.named_baselines
    others = named if named and best not in named else (analysis.baseline, *analysis.ranked)
    rivals = [view for view in others if view.id != best.id]
    return next((view for view in rivals if is_like(view, best)), next(iter(rivals), None))


def lead_pair(analysis: Analysis) -> Pair | None:
    """The pair that an experiment is about; None with one condition, or where nothing is scored.

    That of the file's first prediction which compares two conditions, else the best against its rival.
    """
    if not analysis.suites:
        return None
    known = {view.id: view for view in analysis.views}
    for prediction in analysis.data.experiment.predictions:
        if prediction.of in known and prediction.against in known and prediction.of != prediction.against:
            return analysis.pair(known[prediction.of], known[str(prediction.against)])
    rival = rival_of(analysis)
    return None if rival is None else analysis.pair(analysis.ranked[0], rival)


def is_like(view: ConditionView, other: ConditionView) -> bool:
    """Whether two conditions are one model, or were asked in one way."""
    a, b = view.condition, other.condition
    same_way = (a.answer, a.layout, a.system, a.sampling) == (b.answer, b.layout, b.system, b.sampling)
    return (a.endpoint, a.model) == (b.endpoint, b.model) or same_way


def order(pair: Pair) -> tuple[ConditionView, ConditionView, Estimate]:
    """Who is ahead on the questions that both answered, who is behind, and by how much.

    The more accurate condition may be behind on them, where one of the two was asked others besides.
    """
    if (pair.difference.value or 0.0) >= 0:
        return pair.a, pair.b, pair.difference
    return pair.b, pair.a, turned(pair.difference)


def turned(gap: Estimate) -> Estimate:
    """A difference taken the other way round."""
    value, low, high = (None if each is None else -each for each in (gap.value, gap.high, gap.low))
    return replace(gap, value=value, low=low, high=high)


type Cell = str | tuple[str]
"""What a cell of the heatmap is about: "" for a whole suite, the name of a category, or in brackets that of a group."""


def categories_of(analysis: Analysis) -> list[tuple[str, str]]:
    """Every (suite, category) that is scored, suites in plan order, categories in the suite's order.

    The prompts of a comparison are no categories.
    """
    return [
        (suite, category)
        for suite in analysis.suites
        if suite != PROMPTS
        for category in dict.fromkeys(item.category for item in analysis.plan.suites[suite].items)
        if category
    ]


@memoized
def above_guessing(analysis: Analysis) -> dict[str, bool | None]:
    """Whether a choice among options is shown to be right more often than blind guessing; None where nothing tells.

    Holm over the conditions.
    """
    # Options that are not shown cannot be guessed among.
    choosing = () if analysis.chance is None else analysis.views
    p_values = {view.id: _more_than_guessing(analysis, view, view.rows) for view in choosing}
    tests = corrected_by("condition", p_values)
    return {name: None if test.p_holm is None else test.is_significant for name, test in tests.items()}


@memoized
def cells_above_guessing(analysis: Analysis) -> dict[tuple[str, str, Cell], Corrected]:
    """The test against guessing of each condition on each suite, each group of its categories and each category.

    Suites, groups and categories are a family each, for they differ in their numbers of questions. The only category
    of a suite has no test beside that of the suite.
    """
    n_categories = Counter(suite for suite, _ in categories_of(analysis))

    def members(row: Row) -> Iterator[tuple[Family, Cell]]:
        yield "suite total", ""
        if row.category and n_categories[row.suite] > 1:
            yield "cell", row.category
            if group := group_of(row.suite, row.category):
                yield "group", (group,)

    rows: dict[Family, dict[tuple[str, str, Cell], list[Row]]] = {}
    for row in analysis.data.results.rows:
        for family, cell in members(row):
            rows.setdefault(family, {}).setdefault((row.condition, row.suite, cell), []).append(row)
    views = {view.id: view for view in analysis.views}
    tests: dict[tuple[str, str, Cell], Corrected] = {}
    for family, cells in rows.items():
        p_values = {key: _more_than_guessing(analysis, views[key[0]], each) for key, each in cells.items()}
        tests |= corrected_by(family, p_values)
    return tests


def _more_than_guessing(analysis: Analysis, view: ConditionView, rows: Sequence[Row]) -> float | None:
    """Two-sided p-value of being right more often than by guessing; 1 where it is not."""
    p_values = guessing_p_values(analysis, view, rows)
    return None if p_values is None else min(1.0, 2 * p_values[0])


def guessing_p_values(
    analysis: Analysis, view: ConditionView, rows: Sequence[Row] | None = None
) -> tuple[float, float] | None:
    """One-sided p-values that answers are right more, and less, often than by blind guessing, see `guessing.knows`.

    A question counts once, with all its rotations, repeats and wordings. Logs of other tools may not tell which option
    was picked: of such a question the first answer alone counts, which makes single answers an exact binomial test.

    Args:
        rows: some of the condition's; all of them by default.

    Returns:
        None without answers that count, or where some of them choose among no options.
    """
    counting = [row for row in (view.rows if rows is None else rows) if right(row) is not None]
    if not counting:
        return None
    picks, unread, n_right = [], [], []
    for of_question in grouped(counting, view.unit).values():
        key = of_question[0].suite, of_question[0].item_id
        if analysis.guess_rate(view, key) is None:
            return None
        item = analysis.items[key]
        # Some tools mark answers without stating a key: any option stands for the right one.
        key_options = right_options(item) or (0,)
        options = [_picked(row) for row in of_question]
        if any(
            (option in key_options) != right(row) for option, row in zip(options, of_question, strict=True)
        ):
            options = [key_options[0] if right(of_question[0]) else None]
        wrong = [place for place in range(len(item.choices)) if place not in key_options]
        picks.append([options.count(place) for place in (*key_options, *wrong)])
        unread.append(len(options) - sum(picks[-1]))
        n_right.append(len(key_options))
    return knows(picks, unread, n_right)


def _picked(row: Row) -> int | None:
    """The option that an answer names, by its place in the question's own order; None for none."""
    if not row.answer or row.answer not in LETTERS:
        return None
    place = LETTERS.index(row.answer)
    return place if not row.order else row.order[place] if place < len(row.order) else None


# Pages grow with the square: 8 conditions make 28 pairs, 20 make 190.
# Above this many conditions only the pairs with the best and with the baseline get a page.
MOST_PAGED = 8


def paged(analysis: Analysis) -> tuple[Pair, ...]:
    """The pairs that get a page: all of few conditions, else those with the best, the baseline or of the leading pair.

    None where nothing is scored. In one file it is the leading pair alone: a page a pair would make it many times as
    long.
    """
    if not analysis.suites:
        return ()
    lead = lead_pair(analysis)
    if analysis.contents.in_one_file:
        return tuple(filter(None, [lead]))
    if len(analysis.views) <= MOST_PAGED:
        return analysis.pairs
    central = {analysis.ranked[0].id, analysis.baseline.id}
    return tuple(pair for pair in analysis.pairs if pair is lead or central & {pair.a.id, pair.b.id})


def page_of(analysis: Analysis, pair: Pair) -> str:
    """Name of a pair's page; no condition's name holds a tilde."""
    return "pairs" if pair is lead_pair(analysis) else f"pairs.{pair.a.id}~{pair.b.id}"


def href_of(analysis: Analysis, pair: Pair) -> str:
    """Link to a pair's page, "" when it has none."""
    is_paged = (pair.a.id, pair.b.id) in _paged(analysis)
    return analysis.contents.href(page_of(analysis, pair)) if is_paged else ""


# Every cell of a table of pairs asks.
@memoized
def _paged(analysis: Analysis) -> frozenset[tuple[str, str]]:
    return frozenset((pair.a.id, pair.b.id) for pair in paged(analysis))
