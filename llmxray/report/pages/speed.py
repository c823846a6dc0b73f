"""How long answers take, and what accuracy costs in seconds, as sentences and numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from llmxray.metrics import latency
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, View, median_of, rate, right, seeded
from llmxray.types import Estimate, Row


def latency_s(row: Row) -> float | None:
    """Recorded latency of a trial in seconds; for likelihood answers the sum over its options."""
    return row.latency_s


def per_second(analysis: Analysis, view: View) -> Estimate:
    """Right answers per second of waiting, with its bootstrap interval."""
    key = (view.id, "per-second")
    if key not in analysis.memo:
        hits, times = [right(row) for row in view.rows], [row.latency_s for row in view.rows]
        rng = seeded(analysis.data.name, "per-second", view.id)
        analysis.memo[key] = latency.accuracy_per_second(hits, times, rng)
    return analysis.memo[key]


MEDIANS: Mapping[str, Callable[[Row], float | None]] = {
    "latency": latency_s,
    "first token": lambda row: row.ttft_s,
    "tokens per second": rate,
    "tokens": lambda row: row.completion_tokens,
}


def median(analysis: Analysis, view: View, name: str) -> Estimate:
    """The median of one of `MEDIANS` with its order-statistic interval."""
    key = (view.id, "median", name)
    if key not in analysis.memo:
        analysis.memo[key] = median_of(view.rows, MEDIANS[name])
    return analysis.memo[key]


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
    ends = numbers.interval(ratio, numbers.ratio)
    first = (
        f"{slow.id} takes on average {numbers.ratio(ratio.value)} times as long per question as "
        f"{fast.id} (95% {ends}); "
        f"the medians are {numbers.seconds(medians[slow.id].value)} and "
        f"{numbers.seconds(medians[fast.id].value)}."
    )
    rates = {view.id: per_second(analysis, view) for view in (best, rival)}
    top, low = sorted((best, rival), key=lambda view: -(rates[view.id].value or 0.0))
    second = (
        f"For each second of waiting {top.id} gives {numbers.decimal(rates[top.id].value)} right answers, "
        f"{low.id} {numbers.decimal(rates[low.id].value)}."
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
