"""What a question costs, and what a right answer costs: tokens always, money where the experiment file has prices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from llmxray.report import numbers
from llmxray.report.analysis import Analysis, costs
from llmxray.report.analysis.costs import QUESTIONS, Cost
from llmxray.report.widgets.table import Cell, Column, Table, best_of, head, is_best, sort_key
from llmxray.types import Estimate


@dataclass(frozen=True, slots=True)
class CostSection:
    """The section of the results page."""

    sentences: tuple[str, ...]
    table: Table


def cost_section(analysis: Analysis) -> CostSection | None:
    """Tokens and money of every condition; None where no server reported usage and nothing has a price."""
    found = [costs.cost_of(analysis, view) for view in analysis.ranked]
    if all(each.tokens is None and each.question.value is None for each in found):
        return None
    return CostSection(_sentences(found), _table(found))


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
    made += [
        f"{each.view.label}: the server reported no tokens for {numbers.plural(each.tokens_in.n_missing, 'question')}, "
        "left out here."
        for each in found
        if each.tokens is not None and each.tokens_in.n_missing
    ]
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


def _table(found: Sequence[Cost]) -> Table:
    currencies = {each.currency for each in found if each.currency}
    thinks = any(each.thinking.value for each in found)
    unit = next(iter(currencies)) if len(currencies) == 1 else ""
    # Amounts in two currencies cannot be told to be the best.
    best = [
        best_of([value(each).value for each in found], high=False) if unit else None
        for value in (_thousand, _right)
    ]
    lines = []
    for each in found:
        cells = [_cell(of, _whole) for of in (each.tokens_in, each.tokens_out)]
        if thinks:
            cells.append(_cell(each.thinking, _whole))
        if currencies:
            money = (_thousand(each), _right(each))
            own = "" if unit else each.currency
            cells += [
                _cell(of, numbers.money, best=is_best(of.value, top), unit=own)
                for of, top in zip(money, best, strict=True)
            ]
        lines.append(head(each.view, [*cells, Cell(numbers.count(each.tokens_in.n))]))
    columns = [
        Column("condition", numeric=False),
        Column("tokens in", "mean a question", anchor="cost"),
        Column("tokens out", "mean a question"),
        *([Column("of them thinking", "shown or hidden")] if thinks else []),
    ]
    if currencies:
        tail = f", {unit}" if unit else ""
        columns += [
            Column(f"{numbers.count(QUESTIONS)} questions", f"cost{tail}", anchor="cost"),
            Column("a right answer", f"cost{tail}", anchor="cost-right"),
        ]
    caption = (
        "Tokens as the servers reported them"
        + (", and what a question costs at the prices of the experiment file" if currencies else "")
        + " (95% intervals over questions)."
    )
    return Table(caption, (*columns, Column("n", "questions")), tuple(lines), True)


def _thousand(each: Cost) -> Estimate:
    found = each.question
    value, low, high = (
        None if end is None else QUESTIONS * end for end in (found.value, found.low, found.high)
    )
    return Estimate(value, low, high, found.n, found.n_missing, found.method)


def _right(each: Cost) -> Estimate:
    return each.right


def _cell(
    found: Estimate, scale: Callable[[float | None], str], *, best: bool = False, unit: str = ""
) -> Cell:
    text = scale(found.value) + (f" {unit}" if unit and found.value is not None else "")
    small = numbers.interval(found, scale) if found.low is not None else ""
    return Cell(text, small, best, sort=sort_key(found.value))


def _whole(value: float | None) -> str:
    return numbers.decimal(value, 0)
