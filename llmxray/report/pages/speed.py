"""How long answers take, and what accuracy costs in seconds, as sentences and numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from llmxray.metrics import latency
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, Name, View, address, median_of, rate, seeded
from llmxray.types import Estimate, Row


def latency_s(row: Row) -> float | None:
    """Recorded latency of a trial in seconds; for likelihood answers the sum over its options."""
    return row.latency_s


def per_second(analysis: Analysis, view: View) -> Estimate:
    """Right answers per second of waiting, with its bootstrap interval."""
    return analysis.once(*rate_of(analysis, view))


def rate_of(analysis: Analysis, view: View) -> tuple[Name, Callable[[], Estimate]]:
    """The name of `per_second`'s estimate, and how it is made."""
    # Item by item, for the bootstrap draws questions.
    columns = analysis.means(view, "right"), analysis.means(view, "latency_s")
    items = dict.fromkeys(map(address, view.rows))
    hits, times = ([column.get(item) for item in items] for column in columns)
    rng = seeded(analysis.data.name, "per-second", view.id)
    # A partial of plain columns: `ahead` sends it to another process.
    return (view.id, "per-second"), partial(latency.accuracy_per_second, hits, times, rng)


MEDIANS: Mapping[str, Callable[[Row], float | None]] = {
    "latency": latency_s,
    "first token": lambda row: row.ttft_s,
    "tokens per second": rate,
    "tokens": lambda row: row.completion_tokens,
}


def median(analysis: Analysis, view: View, name: str) -> Estimate:
    """The median of one of `MEDIANS` with its order-statistic interval."""
    return analysis.once((view.id, "median", name), lambda: median_of(view.rows, MEDIANS[name]))


def slowdown(analysis: Analysis, slow: View, fast: View) -> Estimate:
    """Mean latency of one condition over that of another on the same questions."""
    return analysis.pairing.latency_ratio(slow, fast)


def speed_sentences(analysis: Analysis, best: View, rival: View) -> tuple[str, ...]:
    """Latency ratio and accuracy per second of two conditions; none where nothing was timed."""
    medians = {view.id: median(analysis, view, "latency") for view in (best, rival)}
    if any(each.value is None for each in medians.values()):
        return ()
    slow, fast = best, rival
    ratio = slowdown(analysis, slow, fast)
    if ratio.value is not None and ratio.value < 1:
        slow, fast = rival, best
        ratio = slowdown(analysis, slow, fast)
    of = (
        f"the medians are {numbers.seconds(medians[slow.id].value)} and "
        f"{numbers.seconds(medians[fast.id].value)}."
    )
    if ratio.low is not None and ratio.low <= 1:
        first = (
            f"Neither {slow.id} nor {fast.id} is shown to be faster: a ratio of {numbers.decimal(ratio.value)} "
            f"(95% {numbers.interval(ratio, numbers.decimal)}) includes 1; {of}"
        )
    else:
        first = (
            f"{slow.id} takes on average {numbers.ratio(ratio.value)} times as long per question as "
            f"{fast.id} (95% {numbers.interval(ratio, numbers.ratio)}); {of}"
        )
    rates = {view.id: per_second(analysis, view) for view in (best, rival)}
    top, low = sorted((best, rival), key=lambda view: -(rates[view.id].value or 0.0))
    gained = analysis.pairing.per_second_ratio(top, low)
    told = "" if gained.low is None or gained.low > 1 else "; these questions cannot tell the two apart"
    second = (
        f"For each second of waiting {top.id} gives {numbers.decimal(rates[top.id].value)} right answers, "
        f"{low.id} {numbers.decimal(rates[low.id].value)}{told}."
    )
    forced = [view.id for view in (best, rival) if view.condition.answer == "likelihood"]
    if not forced:
        return first, second
    return (
        first,
        second,
        f"A likelihood answer takes one request per option: the times of {numbers.listed(forced)} "
        "are sums over the options.",
    )
