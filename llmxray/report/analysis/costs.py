"""What a condition costs: tokens as the server reported them, and money where the experiment file states prices.

A model whose tokens have no price costs the time of the machine, where the file states the price of an hour: each
request its whole latency, also where several ran at once. That is an assumption, and named as one.

Repeats of a question are averaged within it; a likelihood answer costs the sum over its requests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from operator import attrgetter

from llmxray.metrics import latency
from llmxray.metrics.accuracy import clustered
from llmxray.metrics.cost import cost, machine_cost
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionView, memoized, seeded
from llmxray.report.analysis.rows import item_means
from llmxray.types import Estimate, Row

_UNKNOWN = Estimate(None)

# Prices are per million tokens, and a question takes a few hundred.
QUESTIONS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One condition.

    Attributes:
        tokens_in, tokens_out: prompt and completion tokens a question, thinking included, shown or hidden.
        thinking: tokens of thinking among the latter, as reported.
        question: money a question; right: money for each right answer; without a value where there is no price.
        currency: of both, "" without a price.
        assumption: what they take for granted, "" where tokens have prices.
    """

    view: ConditionView
    tokens_in: Estimate
    tokens_out: Estimate
    thinking: Estimate
    question: Estimate
    right: Estimate
    currency: str
    assumption: str = ""

    @property
    def tokens(self) -> float | None:
        """Prompt and completion tokens a question, what a server bills."""
        if self.tokens_in.value is None or self.tokens_out.value is None:
            return None
        return self.tokens_in.value + self.tokens_out.value

    @property
    def thousand(self) -> float | None:
        """Money for `QUESTIONS` questions."""
        return None if self.question.value is None else QUESTIONS * self.question.value


@memoized
def cost_of(analysis: Analysis, view: ConditionView) -> Cost:
    """What a condition costs."""
    price, currency, assumption = _tariff_of(analysis, view)
    n_asked = len(set(map(view.unit, view.rows)))
    money = {} if price is None else item_means(view.rows, price)

    def tokens(kind: str) -> Estimate:
        return _mean(view, item_means(view.rows, attrgetter(f"{kind}_tokens")), n_asked)

    return Cost(
        view=view,
        tokens_in=tokens("prompt"),
        tokens_out=tokens("completion"),
        thinking=tokens("reasoning"),
        question=_UNKNOWN if price is None else _mean(view, money, n_asked),
        right=_UNKNOWN if price is None else _right(analysis, view, money),
        currency=currency,
        assumption=assumption,
    )


def _tariff_of(
    analysis: Analysis, view: ConditionView
) -> tuple[Callable[[Row], float | None] | None, str, str]:
    """What each request of a condition costs, in which currency, and what is assumed for it; a variant has its model's
    price.

    The price of tokens, where there is one, wins over that of the machine's hour. A request that the server reported no
    usage of, or that was not timed, has no price.
    """
    prices = analysis.data.experiment.prices
    models = [view.id.partition("@")[0]]
    if len(analysis.data.experiment.models) == 1:
        # With a single model the condition goes by the name of its variant.
        models.append(analysis.data.experiment.models[0].id)
    price = next((prices.models[name] for name in models if name in prices.models), None)
    if price is not None:
        rates = {"input_per_million": price.input_per_million, "output_per_million": price.output_per_million}
        return lambda row: cost(row.prompt_tokens, row.completion_tokens, **rates), price.currency, ""
    if (per_hour := prices.machine_per_hour) is None:
        return None, "", ""
    source = f", {prices.source}" if prices.source else ""
    assumption = f"at {numbers.priced(per_hour, prices.currency)} an hour{source}"
    return lambda row: machine_cost(row.latency_s, per_hour=per_hour), prices.currency, assumption


def _mean(view: ConditionView, known: Mapping[str, float], n_asked: int) -> Estimate:
    """Mean over items with a t interval over questions."""
    units = [view.design.unit(item) for item in known]
    found, n = clustered(list(known.values()), units), len(set(units))
    return replace(found, n=n, n_missing=n_asked - n)


def _right(analysis: Analysis, view: ConditionView, money: Mapping[str, float]) -> Estimate:
    hits, name = view.means("right"), "cost per right answer"
    keys = [key for key in money if key in hits]
    spent, right = ([of[key] for key in keys] for of in (money, hits))
    units = [view.design.unit(key) for key in keys]
    return latency.per_unit(
        spent, right, seeded(analysis.data.name, name, view.id), clusters=units, name=name
    )
