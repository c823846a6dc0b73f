"""Scored questions under each setting: how many stay right, and what makes an answer stay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from llmxray.charts import greedy_agreement as agreement_chart
from llmxray.plan import PROMPTS
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, Pair, accuracy_of, greedy_agreement
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.analysis.greedy_agreement import QuestionAgreement
from llmxray.report.analysis.legend import colour
from llmxray.report.analysis.questions import labels, questions_of
from llmxray.report.analysis.rows import address, right
from llmxray.report.analysis.similarity import rows_of
from llmxray.report.pages.compare.pairs import answer_tokens
from llmxray.report.widgets.frame import Values
from llmxray.report.widgets.table import Cell, ColumnHead, Line, Table
from llmxray.report.wording.verdicts import compared
from llmxray.types import UNCOUNTED, Row

_CHART = (
    "One panel per setting. Across: probability of the greedy first token. Up: share of samples that begin "
    "with it."
)
# More prompts are read together only.
_MOST_LISTED = 6
# No sentence is made of a share over fewer questions than this.
_ENOUGH = 5


def facts_view(analysis: Analysis) -> Values | None:
    """The section on scored questions; None when nothing is scored."""
    data, conditions = analysis.data, analysis.plan.conditions
    rows = [row for row in data.results.rows if row.outcome not in UNCOUNTED]
    if not rows:
        return None
    names = dict(zip([each.id for each in conditions], labels(conditions), strict=True))
    points = greedy_agreement.points(_first_tokens(data, rows))
    known = [view for view in analysis.ranked if analysis.accuracies[view.id].value is not None]
    # The widest of all gaps is a pick among the pairs, so it is judged as one of them.
    widest = analysis.pair(known[0], known[-1]) if len(known) > 1 else None
    return Values(
        short=_short(analysis, names, widest) if widest else "",
        lede=_lede(analysis, names) + (f" {compared(analysis, widest)}" if widest else ""),
        rights=right_answers(analysis),
        kept_say=_kept(points, names),
        chart=_chart(analysis, points, names),
        # Its answers are what the chart marks as right or not.
        first=names[conditions[0].id],
    )


def right_answers(analysis: Analysis) -> Table | None:
    """How often each setting is right, of prompts with a right answer and of suites; None where nothing is scored."""
    items = analysis.plan.suites[PROMPTS].items if PROMPTS in analysis.plan.suites else ()
    rows = {item.id: rows_of(analysis.data, item) for item in items if item.answer}
    # A failed trial is no answer.
    marks = {
        name: [[right(row) for row in of[view.id] if right(row) is not None] for view in analysis.views]
        for name, of in rows.items()
    }
    asked = [item for item in items if item.id in marks and all(marks[item.id])]
    lines = [
        Line(
            head=item.question,
            small=item.answer,
            href=analysis.contents.question(f"{PROMPTS}/{item.id}"),
            cells=tuple(Cell(text=f"{sum(map(bool, each))} of {len(each)}") for each in marks[item.id]),
        )
        for item in asked[:_MOST_LISTED]
    ]
    if len(asked) > 1:
        shares = [[mark for item in asked for mark in marks[item.id][k]] for k in range(len(analysis.views))]
        cells = tuple(Cell(text=numbers.percent(sum(map(bool, each)) / len(each))) for each in shares)
        lines.append(Line(head=f"All {len(asked)} prompts with a right answer", cells=cells))
    for suite in analysis.suites:
        if suite == PROMPTS:
            continue
        cells = tuple(
            Cell(
                text=numbers.percent(accuracy_of(view.of(suite=suite)).value),
                href=analysis.contents.questions(condition=view.id, suite=suite),
            )
            for view in analysis.views
        )
        n = numbers.plural(len(analysis.plan.suites[suite].items), "question")
        lines.append(Line(head=analysis.label_of_suite(suite), small=n, cells=cells))
    if not lines:
        return None
    names = labels(analysis.plan.conditions)
    heads = (
        ColumnHead(text=name, css=f"k {view.css}") for name, view in zip(names, analysis.views, strict=True)
    )
    return Table(caption="", columns=(ColumnHead(text="asked", numeric=False), *heads), lines=tuple(lines))


def _lede(analysis: Analysis, names: Mapping[str, str]) -> str:
    shares = analysis.accuracies
    parts = [
        f"{names[id_]} {numbers.percent(share.value)} (95% {numbers.interval(share)})"
        for id_, share in shares.items()
    ]
    fewest, most = (pick(share.n for share in shares.values()) for pick in (min, max))
    span = "" if fewest == most else f"{numbers.count(fewest)} to "
    return f"Share of right answers to {span}{numbers.plural(most, 'question')}: {', '.join(parts)}."


def _short(analysis: Analysis, names: Mapping[str, str], widest: Pair) -> str:
    """Who is right most often and who least."""
    of = analysis.common
    most, least = (
        f"{names[view.id]} gets {numbers.percent(of.accuracies[view.id].value)} right"
        for view in (widest.a, widest.b)
    )
    which = f" that {of.all_answered} ({numbers.count(of.n_items)})" if of is not analysis else ""
    return (
        f"Of the scored questions{which}, {most}, {least}{'' if widest.differs else '; no clear difference'}."
    )


def _first_tokens(data: ExperimentData, rows: Iterable[Row]) -> Iterator[tuple[str, str, tuple[float, bool]]]:
    conditions = {condition.id: condition for condition in data.results.plan.conditions}
    for row in rows:
        found = greedy_agreement.first_token(answer_tokens(data, conditions[row.condition], row))
        if found is not None:
            yield row.condition, address(row), found


def _chart(analysis: Analysis, points: Sequence[QuestionAgreement], names: Mapping[str, str]) -> str:
    """The share kept against the probability, as SVG; "" without logprobs."""
    # The first setting of a sweep is the coldest, so its answer is the nearest to the greedy one.
    verdict = {each.address: each.cells[0].mostly_right for each in questions_of(analysis)}
    panels = [
        agreement_chart.AgreementPanel(
            name,
            colour(place),
            tuple(
                (point.probability, point.share, verdict.get(point.item))
                for point in points
                if point.condition == id_
            ),
        )
        for place, (id_, name) in enumerate(names.items())
    ]
    return agreement_chart.draw(panels, name="greedy-agreement", description=_CHART) if points else ""


def _kept(points: Sequence[QuestionAgreement], names: Mapping[str, str]) -> str:
    """What is kept where the model was sure and where it was not."""
    # The last setting of a sweep is the hottest, where least is kept.
    hot, name = list(names.items())[-1]
    shares = greedy_agreement.by_band(points)
    full = [
        band
        for _, _, band in greedy_agreement.BANDS
        if (found := shares.get((band, hot))) and found.n >= _ENOUGH
    ]
    if len(full) < 2:
        return ""
    high, low = full[-1], full[0]
    sure, unsure = shares[high, hot], shares[low, hot]
    return (
        f"Where the greedy answer's first token has a probability of {high}, {name} keeps it in "
        f"{numbers.percent(sure.value)} of samples ({sure.n} questions); {low}, in "
        f"{numbers.percent(unsure.value)} ({unsure.n})."
    )
