"""Scored questions under each setting: how many stay right, and what makes an answer stay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from llmxray.charts import greedy_agreement as agreement_chart
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, greedy_agreement
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.analysis.greedy_agreement import FirstToken, Point
from llmxray.report.analysis.legend import colour
from llmxray.report.analysis.questions import labels
from llmxray.report.files import tokens as toks
from llmxray.report.wording.comparison import ShareRow, accuracy_lede, accuracy_rows, by_question, scored
from llmxray.types import Estimate, Outcome, Row

_CHART = (
    "One panel per setting. Across: probability of the greedy first token. Up: share of samples that begin "
    "with it. The bands of the same numbers are in the table below."
)
# A share over fewer questions than this is in the table, but no sentence is made of it.
_ENOUGH = 5


@dataclass(frozen=True, slots=True)
class BandRow:
    """A band of probability: share of samples that keep the greedy first token, by condition."""

    name: str
    shares: tuple[Estimate | None, ...]

    @property
    def n(self) -> int:
        """Questions in the band, at most over the conditions."""
        return max((share.n for share in self.shares if share), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsView:
    """The section on scored questions.

    Attributes:
        lede: about accuracy.
        kept_say: about what is kept; "" without logprobs.
        bands: by what they are over: all questions, and those that the first condition answers right or not right in
            most samples; without those that have none.
        chart: SVG of the share kept against the probability, "" without logprobs.
    """

    lede: str
    kept_say: str
    shares: tuple[ShareRow, ...]
    bands: Mapping[str, tuple[BandRow, ...]]
    chart: str


def facts_view(analysis: Analysis) -> FactsView | None:
    """The section; None when nothing is scored."""
    data, conditions = analysis.data, analysis.plan.conditions
    rows = scored(data)
    if not rows:
        return None
    names = labels(conditions)
    grouped = by_question(rows)
    # The first setting of a sweep is the coldest, so its answer is the nearest to the greedy one.
    verdict = {item: _mostly_right(each) for (c, item), each in grouped.items() if c == conditions[0].id}
    points = greedy_agreement.points(_first_tokens(data, rows, verdict))
    ids = [condition.id for condition in conditions]
    return FactsView(
        lede=accuracy_lede(analysis, shares := accuracy_rows(analysis, grouped)),
        kept_say=_kept(points, ids, names),
        shares=shares,
        bands={
            title: bands
            for title, right in (
                ("All questions", None),
                (f"Answered right in most samples at {names[0]}", True),
                ("Not answered right there", False),
            )
            if (bands := _bands(points, ids, right=right))
        },
        chart=_chart(points, ids, names),
    )


def _mostly_right(rows: Sequence[Row]) -> bool:
    return 2 * sum(row.outcome is Outcome.CORRECT for row in rows) > len(rows)


def _first_tokens(
    data: ExperimentData, rows: Iterable[Row], verdict: Mapping[str, bool]
) -> Iterable[FirstToken]:
    conditions = {condition.id: condition for condition in data.results.plan.conditions}
    for row in rows:
        whole = toks.replies(data.cassette, row)[:1]
        condition = conditions[row.condition]
        said = [each for reply in whole for each in toks.marked(reply, condition) if each.part == "answer"]
        found = greedy_agreement.first_token(said)
        if found is not None:
            item = f"{row.suite}/{row.item_id}"
            yield FirstToken(row.condition, item, *found, right=verdict.get(item))


def _bands(points: Sequence[Point], ids: Sequence[str], *, right: bool | None) -> tuple[BandRow, ...]:
    shares = greedy_agreement.by_band(points, right=right)
    return tuple(
        BandRow(name, tuple(shares.get((name, condition)) for condition in ids))
        for _, _, name in reversed(greedy_agreement.BANDS)
        if any((name, condition) in shares for condition in ids)
    )


def _chart(points: Sequence[Point], ids: Sequence[str], names: Sequence[str]) -> str:
    panels = [
        agreement_chart.Panel(
            names[place],
            colour(place),
            tuple(
                (point.probability, point.share, point.right) for point in points if point.condition == name
            ),
        )
        for place, name in enumerate(ids)
    ]
    return agreement_chart.draw(panels, name="greedy-agreement", description=_CHART) if points else ""


def _kept(points: Sequence[Point], ids: Sequence[str], names: Sequence[str]) -> str:
    """What is kept where the model was sure and where it was not, and that truth has little to do with it."""
    if not points:
        return ""
    # The last setting of a sweep is the hottest, where least is kept.
    hot, name = ids[-1], names[-1]
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
    sentence = (
        f"Where the greedy answer's first token has a probability of {high}, {name} keeps it in "
        f"{numbers.percent(sure.value)} of samples ({sure.n} questions); {low}, in "
        f"{numbers.percent(unsure.value)} ({unsure.n})."
    )
    right = greedy_agreement.by_band(points, right=True).get((high, hot))
    wrong = greedy_agreement.by_band(points, right=False).get((high, hot))
    if not right or not wrong or min(right.n, wrong.n) < _ENOUGH:
        return sentence
    alike = ": their intervals overlap" if _overlap(right, wrong) else ""
    return (
        f"{sentence} Among the former, tokens of right answers are kept in {numbers.percent(right.value)} "
        f"({right.n} questions) and of wrong answers in {numbers.percent(wrong.value)} ({wrong.n}){alike}."
    )


def _overlap(a: Estimate, b: Estimate) -> bool:
    ends = (a.low, a.high, b.low, b.high)
    return None not in ends and max(a.low or 0.0, b.low or 0.0) <= min(a.high or 0.0, b.high or 0.0)
