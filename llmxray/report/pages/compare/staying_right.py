"""Scored questions under each setting: how many stay right, and what makes an answer stay.

An answer stays where its first token is that of the greedy answer, which temperature 0 would give: the likeliest
alternative at the first position, whose probability there is the same at every temperature where the server reports
probabilities from before the temperature is applied, as llama.cpp does. A question counts once: its samples are
averaged first, so intervals are over questions (Wilson, n the number of questions).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from llmxray.metrics import accuracy
from llmxray.plan import PROMPTS
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ExperimentData, accuracy_of, address, reply_tokens, right
from llmxray.report.analysis.questions import labels, questions_of
from llmxray.report.analysis.similarity import rows_of
from llmxray.report.pages.compare.variants import lines
from llmxray.report.sentences import Finding
from llmxray.report.widgets.frame import Values
from llmxray.report.widgets.table import Cell, ColumnHead, Line, Table
from llmxray.report.wording.verdicts import compared
from llmxray.types import UNCOUNTED, Estimate, Row, TokenLogprob

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
    points = agreements(_first_tokens(data, rows))
    known = [view for view in analysis.ranked if analysis.accuracies[view.id].value is not None]
    # The widest of all gaps is a pick among the pairs, so it is judged as one of them.
    widest = analysis.pair(known[0], known[-1]) if len(known) > 1 else None
    return Values(
        compared=compared(analysis, widest) if widest else None,
        accuracies=lines(
            [(view.css, names[view.id]) for view in analysis.views],
            [analysis.accuracies[view.id] for view in analysis.views],
        ),
        hrefs=tuple(analysis.contents.questions(condition=view.id) for view in analysis.views),
        n=max(share.n for share in analysis.accuracies.values()),
        stays=_stays(points, names),
        panels=_panels(analysis, points, names),
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


def _first_tokens(data: ExperimentData, rows: Iterable[Row]) -> Iterator[tuple[str, str, tuple[float, bool]]]:
    conditions = {condition.id: condition for condition in data.results.plan.conditions}
    for row in rows:
        found = first_token(reply_tokens.answer_tokens(data.cassette, row, conditions[row.condition]))
        if found is not None:
            yield row.condition, address(row), found


def _panels(
    analysis: Analysis, points: Sequence[QuestionAgreement], names: Mapping[str, str]
) -> tuple[Values, ...]:
    """The share kept against the probability, a panel for each setting; none without logprobs."""
    # The first setting of a sweep is the coldest, so its answer is the nearest to the greedy one.
    verdict = {each.address: each.cells[0].mostly_right for each in questions_of(analysis)}
    panels = (
        Values(
            name=name,
            css=analysis.data.colours[id_],
            points=[
                (point.probability, point.share, bool(verdict.get(point.item)))
                for point in points
                if point.condition == id_
            ],
        )
        for id_, name in names.items()
    )
    return tuple(panel for panel in panels if panel.points)


def _stays(points: Sequence[QuestionAgreement], names: Mapping[str, str]) -> Finding | None:
    """What is kept where the model was sure and where it was not."""
    # The last setting of a sweep is the hottest, where least is kept.
    hot, name = list(names.items())[-1]
    shares = by_band(points)
    full = [band for _, _, band in BANDS if (found := shares.get((band, hot))) and found.n >= _ENOUGH]
    if len(full) < 2:
        return None
    high, low = full[-1], full[0]
    sure, unsure = shares[high, hot], shares[low, hot]
    return Finding("compare.stays", name=name, sure_band=high, sure=sure, unsure_band=low, unsure=unsure)


# The lesson's samples keep it in 89% and more above 80%, at any temperature; in 28 to 68% below 40%.
# Lower end, upper end (inclusive only at 1), name.
BANDS = ((0.0, 0.4, "below 40%"), (0.4, 0.8, "40 to 80%"), (0.8, 1.0, "80% or more"))


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAgreement:
    """One question in one condition: probability of its greedy first token, share of samples that keep it."""

    condition: str
    item: str
    probability: float
    share: float


def first_token(tokens: Sequence[TokenLogprob]) -> tuple[float, bool] | None:
    """(probability of the greedy first token, whether it was kept); None without alternatives, or with invalid ones."""
    if not tokens or not tokens[0].top or tokens[0].invalid:
        return None
    greedy = max(tokens[0].top, key=lambda alternative: alternative.logprob_nats)
    return math.exp(greedy.logprob_nats), tokens[0].token == greedy.token


def agreements(found: Iterable[tuple[str, str, tuple[float, bool]]]) -> tuple[QuestionAgreement, ...]:
    """Samples averaged within each question and condition.

    Args:
        found: condition, question and `first_token` of each sample.
    """
    groups: dict[tuple[str, str], list[tuple[float, bool]]] = defaultdict(list)
    for condition, item, first in found:
        groups[condition, item].append(first)
    return tuple(
        QuestionAgreement(
            condition=condition,
            item=item,
            probability=sum(probability for probability, _ in samples) / len(samples),
            share=sum(kept for _, kept in samples) / len(samples),
        )
        for (condition, item), samples in groups.items()
    )


def by_band(found: Iterable[QuestionAgreement]) -> Mapping[tuple[str, str], Estimate]:
    """Share kept by (band, condition)."""
    groups: dict[tuple[str, str], list[QuestionAgreement]] = defaultdict(list)
    for point in found:
        groups[band(point.probability), point.condition].append(point)
    return {key: accuracy.averaged_share([each.share for each in points]) for key, points in groups.items()}


def band(probability: float) -> str:
    """Name of the band a probability falls into."""
    return next(name for low, high, name in BANDS if low <= probability < high or probability >= high == 1.0)
