"""One model at two settings: what differs between the two conditions, whether replies do, and where accuracy does.

The original app's *context pressure* compares a model with itself at another context size and flags categories
that differ by more than five points. Here any two conditions of the same weights on the same endpoint are a pair;
each category is tested on its own questions, and a setting that changes no reply is said to do nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from llmxray.metrics import accuracy
from llmxray.metrics.pressure import FLAG_POINTS, pressure
from llmxray.plan import PROMPTS
from llmxray.report.analysis import Analysis, View, right
from llmxray.report.kinds import same_weights
from llmxray.types import Condition, Estimate, Json, Row

_UNSAID: tuple[Json, ...] = ("", None)


@dataclass(frozen=True, slots=True)
class Setting:
    """A request field with its value in either condition, as text."""

    name: str
    a: str
    b: str


@dataclass(frozen=True, slots=True)
class Part:
    """One category under both settings.

    Attributes:
        a, b: accuracy under either, 0–1.
        difference: a − b. p_holm: exact McNemar over the categories; None where repeats were averaged.
        flagged: more than five points apart, the original app's rule.
    """

    suite: str
    category: str
    a: float
    b: float
    difference: Estimate
    p_holm: float | None
    flagged: bool
    differs: bool

    @property
    def n(self) -> int:
        """Questions that both answered."""
        return self.difference.n


@dataclass(frozen=True, slots=True)
class SettingsPair:
    """Two conditions of one model.

    Attributes:
        identical: share of questions with the same reply; None where the two answer in different ways.
        one_recording: both sent the same requests, so there is one recording and nothing was varied.
    """

    a: View
    b: View
    varies: tuple[Setting, ...]
    identical: Estimate | None
    one_recording: bool
    parts: tuple[Part, ...]

    @property
    def ignored(self) -> bool:
        """Whether every reply is the same."""
        return self.identical is not None and self.identical.value == 1.0


def settings_pairs(analysis: Analysis) -> tuple[SettingsPair, ...]:
    """Every pair of conditions of the same weights, in plan order; none where no suite is asked."""
    views = {view.id: view for view in analysis.views}
    return tuple(_pair(analysis, views[a.id], views[b.id]) for a, b in same_weights(analysis.plan))


def differing(a: Condition, b: Condition) -> tuple[Setting, ...]:
    """The fields in which two conditions of one model differ."""
    fields = [
        {
            "answer": each.answer,
            "layout": each.layout,
            "system prompt": each.system,
            "budget (tokens)": each.max_tokens,
            **each.sampling,
        }
        for each in (a, b)
    ]
    names = dict.fromkeys(name for each in fields for name in each)
    return tuple(
        Setting(name, _written(fields[0].get(name)), _written(fields[1].get(name)))
        for name in names
        if fields[0].get(name) != fields[1].get(name)
    )


def _written(value: Json) -> str:
    return "not set" if value in _UNSAID else value if isinstance(value, str) else json.dumps(value)


def _pair(analysis: Analysis, a: View, b: View) -> SettingsPair:
    rows = _joined(a, b)
    identical = None
    if a.condition.answer == b.condition.answer:
        same = [None if None in (pair := (_reply(x), _reply(y))) else pair[0] == pair[1] for x, y in rows]
        items = [f"{x.suite}/{x.item_id}" for x, _ in rows]
        several = len(set(items)) < len(items)
        identical = accuracy.clustered_share(same, items) if several else accuracy.proportion(same)
    one = bool(rows) and all(x.recordings and x.recordings == y.recordings for x, y in rows)
    parts = _averaged(analysis, a, b) if analysis.repeats else _tested(rows)
    return SettingsPair(a, b, differing(a.condition, b.condition), identical, one, parts)


def _joined(a: View, b: View) -> list[tuple[Row, Row]]:
    """Rows of the same question and repeat under both; prompts without a suite are left out."""
    of_b = {(row.suite, row.item_id, row.sample, row.rotation): row for row in b.rows}
    pairs = ((row, of_b.get((row.suite, row.item_id, row.sample, row.rotation))) for row in a.rows)
    return [(row, other) for row, other in pairs if other is not None and row.suite != PROMPTS]


def _reply(row: Row) -> str | None:
    """All that a reply says; for likelihood answers the probability of every option, to the last digit."""
    if row.text or row.reasoning:
        return f"{row.reasoning}\0{row.text}"
    return repr(row.option_probs) if row.option_probs else None


def _tested(rows: list[tuple[Row, Row]]) -> tuple[Part, ...]:
    if not rows:
        return ()
    names = [f"{row.suite}\0{row.category}" for row, _ in rows]
    of_a, of_b = ([right(row) for row in side] for side in zip(*rows, strict=True))
    replies = ([_reply(row) for row in side] for side in zip(*rows, strict=True))
    made = []
    for each in pressure(names, of_a, of_b, *replies).categories:
        suite, _, category = each.category.partition("\0")
        test = each.test
        n = test.difference.n
        if n:
            a, b = (test.both + test.a_only) / n, (test.both + test.b_only) / n
            made.append(Part(suite, category, a, b, test.difference, each.p_holm, each.flagged, each.differs))
    return tuple(made)


def _averaged(analysis: Analysis, a: View, b: View) -> tuple[Part, ...]:
    """By the intervals of paired differences, where each question was asked several times."""

    def name_of(key: tuple[str, str]) -> tuple[str, str] | None:
        return None if key[0] == PROMPTS else (key[0], analysis.items[key].category)

    return tuple(
        Part(
            each.suite,
            each.name,
            each.a / each.n,
            each.b / each.n,
            each.difference,
            None,
            abs(each.difference.value or 0.0) > FLAG_POINTS + 1e-9,
            each.differs,
        )
        for each in analysis.pairing.groups(a, b, name_of)
        if each.n
    )
