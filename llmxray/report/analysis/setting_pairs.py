"""One model at two settings: what differs between the two conditions, and whether their replies do.

A setting that changes no reply does nothing, or the server ignores it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from llmxray.metrics import accuracy
from llmxray.plan import PROMPTS
from llmxray.report.analysis import ConditionView
from llmxray.types import Condition, Estimate, Json, Row

_UNSAID: tuple[Json, ...] = ("", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A request field: its value in each condition, as text, or the one value of all."""

    name: str
    values: tuple[str, ...]


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


def same_reply(a: ConditionView, b: ConditionView) -> Estimate | None:
    """Share of the questions with the same reply; None of two conditions that answer in different ways."""
    # A letter and a sentence differ in any case, and tell nothing of a setting.
    if a.condition.answer != b.condition.answer:
        return None
    # By repeat as well: repeats of one number have the same seed under both. Prompts without a suite are left out.
    asked = attrgetter("suite", "item_id", "sample", "rotation")
    of_b = {asked(row): _reply(row) for row in b.rows}
    rows = [row for row in a.rows if asked(row) in of_b and row.suite != PROMPTS]
    replies = [(_reply(row), of_b[asked(row)]) for row in rows]
    same = [None if None in pair else pair[0] == pair[1] for pair in replies]
    return accuracy.clustered_share(same, list(map(a.unit, rows)))


def _reply(row: Row) -> str | None:
    """All that a reply says; for likelihood answers the probability of every option, to the last digit."""
    if row.text or row.reasoning:
        # Kept apart: thinking that moved into the answer is another reply.
        return f"{row.reasoning}\0{row.text}"
    return repr(row.option_probs) if row.option_probs else None
