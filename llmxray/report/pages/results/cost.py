"""What a question costs, and what a right answer costs: tokens always, money where the experiment file has prices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from operator import attrgetter

from llmxray.report import numbers
from llmxray.report.analysis import Analysis, costs
from llmxray.report.analysis.costs import QUESTIONS, Cost
from llmxray.report.pages.results.measures import best_but_guessers, guessers_told
from llmxray.report.widgets.frame import Values
from llmxray.report.widgets.table import (
    Best,
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
    if all(each.tokens is None and each.question.value is None for each in found):
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
    made += _assumed(found)
    forced = [each.view.label for each in found if each.view.condition.answer == "likelihood"]
    if forced:
        verb = "its" if len(forced) == 1 else "their"
        made.append(
            f"{numbers.listed(forced)}: a likelihood answer takes one request per option, and {verb} tokens are sums."
        )
    return tuple(made)


def _assumed(found: Sequence[Cost]) -> list[str]:
    """A sentence for each price of an hour that amounts take for granted."""
    named: dict[str, list[str]] = {}
    for each in found:
        if each.assumption:
            named.setdefault(each.assumption, []).append(each.view.label)
    return [
        f"{'All conditions' if len(names) == len(found) > 1 else numbers.listed(names)}: {assumption}. Every request "
        "costs its whole latency."
        for assumption, names in named.items()
    ]


def _table(analysis: Analysis, found: Sequence[Cost]) -> Table:
    currencies = {each.currency for each in found if each.currency}
    unit = next(iter(currencies)) if len(currencies) == 1 else ""
    of = {each.view.id: each for each in found}
    # Amounts in two currencies, or over other questions, cannot be told to be the best.
    best: Best = min if unit and not analysis.unlike else None

    def tokens(name: str, small: str, field: str, anchor: str = "") -> ColumnOf:
        value = attrgetter(field)
        return ColumnHead(text=name, small=small, anchor=anchor), lambda view: measured_cell(
            value(of[view.id]), _WHOLE
        )

    def amounts(head: ColumnHead, value: Callable[[Cost], Estimate]) -> ColumnOf:
        return head, lambda view: _amount(value(of[view.id]), "" if unit else of[view.id].currency)

    columns = [
        tokens("tokens in", "mean a question", "tokens_in", "cost"),
        tokens("tokens out", "mean a question", "tokens_out"),
    ]
    if any(each.thinking.value for each in found):
        columns.append(tokens("of them thinking", "shown or hidden", "thinking"))
    if currencies:
        small = f"cost, {unit}" if unit else "cost"
        right = best_but_guessers(analysis, best, {name: each.right for name, each in of.items()})
        thousand = ColumnHead(
            text=f"{numbers.count(QUESTIONS)} questions", small=small, anchor="cost", best=best
        )
        answer = ColumnHead(text="a right answer", small=small, anchor="cost-right", best=right)
        columns += [
            amounts(thousand, lambda each: _thousand(each.question)),
            amounts(answer, lambda each: each.right),
        ]
    columns.append(
        (ColumnHead(text="n", small="with tokens reported"), lambda view: _n(of[view.id].tokens_in))
    )
    caption = (
        "Tokens as the servers reported them"
        + (", and what a question costs at the prices of the experiment file" if currencies else "")
        + f" (95% intervals over questions). {guessers_told(analysis, best)}".rstrip()
    )
    return by_condition(caption, [each.view for each in found], columns)


def _n(tokens: Estimate) -> Cell:
    return Cell(text=numbers.count(tokens.n), small=f"{tokens.n_missing} missing" if tokens.n_missing else "")


def _thousand(question: Estimate) -> Estimate:
    ends = (question.value, question.low, question.high)
    value, low, high = (None if end is None else QUESTIONS * end for end in ends)
    return replace(question, value=value, low=low, high=high)


def _amount(found: Estimate, currency: str) -> Cell:
    made = measured_cell(found, numbers.money)
    return replace(made, text=f"{made.text} {currency}") if currency and not made.missing else made
