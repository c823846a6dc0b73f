"""What a question costs: tokens always, money where the experiment file has prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from operator import attrgetter

from llmxray.report import numbers
from llmxray.report.analysis import Analysis, costs
from llmxray.report.analysis.costs import QUESTIONS, Cost
from llmxray.report.widgets.frame import Values
from llmxray.report.widgets.table import (
    Cell,
    ColumnHead,
    ColumnOf,
    Table,
    by_condition,
    measured_cell,
)
from llmxray.types import Estimate

_WHOLE = partial(numbers.decimal, digits=0)


def cost_section(analysis: Analysis) -> Values | None:
    """Tokens and money of every condition; None where no server reported usage and nothing has a price."""
    found = [costs.cost_of(analysis, view) for view in analysis.ranked]
    if all((each.tokens_in.n, each.tokens_out.n, each.question.value) == (0, 0, None) for each in found):
        return None
    return Values(sentences=_sentences(found), table=_table(analysis, found))


def _sentences(found: Sequence[Cost]) -> tuple[str, ...]:
    made = []
    priced = [each for each in found if each.question.value is not None]
    if not priced:
        made.append(
            "The experiment file states no prices (prices:), so no cost is known. Tokens are what a server bills; for "
            "models that you run yourself, write what an hour of the machine costs (machine_per_hour)."
        )
    elif len(priced) < len(found):
        names = numbers.listed([each.view.label for each in found if each.question.value is None])
        made.append(f"{names}: no price in the experiment file, or no tokens reported.")
    if missing := [each for each in found if each.tokens_in.n and each.tokens_in.n_missing]:
        counts = [f"{numbers.count(each.tokens_in.n_missing)} of {each.view.label}" for each in missing]
        made.append(f"Questions without reported tokens are left out: {numbers.listed(counts)}.")
    forced = [each.view.label for each in found if each.view.condition.answer == "likelihood"]
    if forced:
        verb = "its" if len(forced) == 1 else "their"
        made.append(
            f"{numbers.listed(forced)}: a likelihood answer takes one request per option, and {verb} tokens are sums."
        )
    return tuple(made)


def _assumed(found: Sequence[Cost]) -> str:
    """That some costs are times over again, at which assumed price of an hour; "" where none is."""
    rented = [each for each in found if each.assumption]
    if not rented:
        return ""
    # The file states one price of an hour.
    whose = (
        "The cost"
        if len(rented) == len(found)
        else f"That of {numbers.listed([each.view.label for each in rented])}"
    )
    return f"{whose} is the latency over again, {rented[0].assumption}."


def _table(analysis: Analysis, found: Sequence[Cost]) -> Table:
    currencies = {each.currency for each in found if each.currency}
    unit = next(iter(currencies)) if len(currencies) == 1 else ""
    of = {each.view.id: each for each in found}

    def tokens(name: str, small: str, field: str) -> ColumnOf:
        value = attrgetter(field)
        return ColumnHead(text=name, small=small), lambda view: measured_cell(value(of[view.id]), _WHOLE)

    columns = []
    if any(each.tokens_in.n for each in found):
        columns.append(tokens("tokens in", "mean a question", "tokens_in"))
    columns.append(tokens("tokens out", "mean a question", "tokens_out"))
    if any(each.thinking.value for each in found):
        columns.append(tokens("of them thinking", "shown or hidden", "thinking"))
    if currencies:
        head = ColumnHead(
            text=f"{numbers.count(QUESTIONS)} questions",
            small=f"cost, {unit}" if unit else "cost",
            anchor="cost",
            # Amounts in two currencies, or over other questions, cannot be told to be the best.
            best=min if unit and not analysis.unlike else None,
        )
        columns.append(
            (
                head,
                lambda view: _amount(_thousand(of[view.id].question), "" if unit else of[view.id].currency),
            )
        )
    said = [
        "Tokens as the servers reported them"
        + (", and what a question costs at the prices of the experiment file" if currencies else "")
        + " (95% intervals over questions).",
        _assumed(found),
    ]
    return by_condition(" ".join(filter(None, said)), [each.view for each in found], columns)


def _thousand(question: Estimate) -> Estimate:
    ends = (question.value, question.low, question.high)
    value, low, high = (None if end is None else QUESTIONS * end for end in ends)
    return replace(question, value=value, low=low, high=high)


def _amount(found: Estimate, currency: str) -> Cell:
    made = measured_cell(found, numbers.money)
    return replace(made, text=f"{made.text} {currency}") if currency and not made.missing else made
