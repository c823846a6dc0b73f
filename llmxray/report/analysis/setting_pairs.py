"""One model at two settings: what differs between the two conditions, whether replies do, and where accuracy does.

The original app's *context pressure* compares a model with itself at another context size and flags categories
that differ by more than five points. Here any two conditions of the same weights on the same endpoint are a pair;
each category is tested on its own questions, and a setting that changes no reply is said to do nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from llmxray.metrics import accuracy
from llmxray.plan import PROMPTS
from llmxray.report.analysis import Analysis, ConditionResults
from llmxray.report.analysis.applies import same_weights
from llmxray.report.analysis.by_category import grouping
from llmxray.report.analysis.pairing import GroupGap
from llmxray.types import Condition, Estimate, Json, Row

# Each is tested in every category; those of twenty conditions are more than anybody reads.
MOST_PAIRS = 190
_UNSAID: tuple[Json, ...] = ("", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A request field: its value in each condition, as text, or the one value of all."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsPair:
    """Two conditions of one model.

    Attributes:
        identical: share of questions with the same reply; None where the two answer in different ways.
        one_recording: both sent the same requests, so there is one recording and nothing was varied.
        parts: every category on its own questions, Holm-adjusted over the categories of the pair; none where there is
            one category only.
    """

    a: ConditionResults
    b: ConditionResults
    varies: tuple[Setting, ...]
    identical: Estimate | None
    one_recording: bool
    parts: tuple[GroupGap, ...]

    @property
    def ignored(self) -> bool:
        """Whether every reply is the same."""
        return self.identical is not None and self.identical.value == 1.0


def settings_pairs(analysis: Analysis) -> tuple[SettingsPair, ...]:
    """Pairs of conditions of the same weights, in plan order; none where no suite is asked.

    Every pair, or beyond `MOST_PAIRS` the first condition of each model with its others.
    """

    def make() -> tuple[SettingsPair, ...]:
        views = {view.id: view for view in analysis.views}
        found = same_weights(analysis.plan)
        if len(found) > MOST_PAIRS:
            later = {b.id for _, b in found}
            found = [(a, b) for a, b in found if a.id not in later]
        return tuple(_pair(analysis, views[a.id], views[b.id]) for a, b in found)

    return analysis.memoized(("settings pairs",), make)


def settings(conditions: Sequence[Condition]) -> tuple[tuple[Setting, ...], tuple[Setting, ...]]:
    """The request fields that vary between conditions, and those that do not."""
    fields: list[dict[str, Json]] = [
        {
            "model": each.model,
            "answer": each.answer,
            "layout": each.layout,
            "system prompt": each.system,
            "budget (tokens)": each.max_tokens,
            **each.sampling,
        }
        for each in conditions
    ]
    varies, constant = [], []
    for name in dict.fromkeys(name for each in fields for name in each):
        values = [each.get(name) for each in fields]
        if any(value != values[0] for value in values):
            varies.append(Setting(name=name, values=tuple(map(_written, values))))
        # A field that none of them sets is no setting that was held constant.
        elif values[0] not in _UNSAID:
            constant.append(Setting(name=name, values=(_written(values[0]),)))
    return tuple(varies), tuple(constant)


def _written(value: Json) -> str:
    return "not set" if value in _UNSAID else value if isinstance(value, str) else json.dumps(value)


def _pair(analysis: Analysis, a: ConditionResults, b: ConditionResults) -> SettingsPair:
    rows = _joined(a, b)
    identical = None
    # A letter and a sentence differ in any case, and tell nothing of a setting.
    if a.condition.answer == b.condition.answer:
        replies = [(_reply(x), _reply(y)) for x, y in rows]
        same = [None if None in pair else pair[0] == pair[1] for pair in replies]
        identical = accuracy.clustered_share(same, [a.unit(x) for x, _ in rows])
    return SettingsPair(
        a=a,
        b=b,
        varies=settings((a.condition, b.condition))[0],
        identical=identical,
        one_recording=bool(rows) and all(x.recordings and x.recordings == y.recordings for x, y in rows),
        parts=analysis.pairing.groups(a, b, grouping(analysis)),
    )


def _joined(a: ConditionResults, b: ConditionResults) -> list[tuple[Row, Row]]:
    """Rows of the same question and repeat under both; prompts without a suite are left out."""
    # By repeat as well: repeats of one number have the same seed under both.
    asked = attrgetter("suite", "item_id", "sample", "rotation")
    of_b = {asked(row): row for row in b.rows}
    pairs = ((row, of_b.get(asked(row))) for row in a.rows)
    return [(row, other) for row, other in pairs if other is not None and row.suite != PROMPTS]


def _reply(row: Row) -> str | None:
    """All that a reply says; for likelihood answers the probability of every option, to the last digit."""
    if row.text or row.reasoning:
        # Kept apart: thinking that moved into the answer is another reply.
        return f"{row.reasoning}\0{row.text}"
    return repr(row.option_probs) if row.option_probs else None
