"""How long answers take, and what accuracy costs in seconds, as sentences and numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from llmxray.metrics import latency
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionView, address, median_of, memoized, right, seeded
from llmxray.report.sentences import Finding
from llmxray.report.wording.verdicts import doubt
from llmxray.types import Estimate, Row
from llmxray.wire import is_cut

# Fewer cut replies move the averages of a condition little.
_MANY_CUT = 0.1
# Busy beyond this share of its cores, a machine had less to give the model than it seems.
_BUSY = 0.5
_CORES = re.compile(r"(\d+) cores")


def cache_note(analysis: Analysis) -> Finding | None:
    """Whether the server used its prompt cache; None where the experiment file does not say so of every condition."""
    # As llama.cpp's `cache_prompt`; nothing is known of files that leave it out.
    sent = {view.condition.sampling.get("cache_prompt") for view in analysis.views}
    return Finding(f"speed.cache-{'on' if True in sent else 'off'}") if sent in ({True}, {False}) else None


def load_warning(analysis: Analysis) -> Finding | None:
    """That the machine was busy with something else when recording began; None where it was not, or did not tell."""
    names: dict[str, list[str]] = {}
    for view in analysis.views:
        facts = analysis.data.facts_of(view.condition)
        load, cores = facts.get("load_before"), _CORES.search(str(facts.get("machine", "")))
        if isinstance(load, int | float) and cores is not None and load > _BUSY * int(cores[1]):
            names.setdefault(f"{numbers.decimal(float(load), 1)} of {cores[1]} cores", []).append(view.label)
    parts = [f"{numbers.listed(each)} ({load} busy before)" for load, each in names.items()]
    return Finding("speed.busy", parts="; ".join(parts)) if parts else None


def cut_warning(analysis: Analysis) -> Finding | None:
    """That replies were cut at their limit of tokens though they hold an answer; None where few were."""
    parts = []
    for view in analysis.views:
        if many_cut(view.rows):
            n, read = map(numbers.count, _run_on(view.rows))
            parts.append(f"{n} of {read} of {view.label}")
    return Finding("speed.cut", parts=parts) if parts else None


def many_cut(rows: Sequence[Row]) -> bool:
    """Whether many replies were cut at their limit of tokens though they hold an answer."""
    n, read = _run_on(rows)
    return n > _MANY_CUT * read


def _run_on(rows: Sequence[Row]) -> tuple[int, int]:
    """How many of the replies from which an answer was read were cut, and how many those are."""
    read = [row for row in rows if right(row) is not None and row.answer is not None]
    return sum(is_cut(row.finish_reason) for row in read), len(read)


@memoized
def per_second(analysis: Analysis, view: ConditionView) -> Estimate:
    """Right answers per second of waiting, with its interval."""
    hits, times = ([view.means(name).get(item) for item in view.items] for name in ("right", "latency_s"))
    units = [analysis.design.unit(item) for item in view.items]
    return latency.per_unit(hits, times, seeded(analysis.data.name, "evidence"), clusters=units)


def time_sentences(analysis: Analysis, best: ConditionView, rival: ConditionView) -> tuple[Finding, ...]:
    """How much longer one of two conditions takes, and what limits that; none where they share no timed question.

    Every number is of the questions that both answered, as the ratio is.
    """
    shared = best.means("latency_s").keys() & rival.means("latency_s").keys()
    if not shared:
        return ()
    timed = [
        # The same one where nothing goes: what was computed of it is there already.
        view
        if len(shared) == len(view.items)
        else replace(view, rows=tuple(row for row in view.rows if address(row) in shared))
        for view in (best, rival)
    ]
    asked, times = (
        {analysis.design.question(item) for item in items} for items in ({*best.items, *rival.items}, shared)
    )
    said = (
        _slower(analysis, *timed),
        # Which questions the times are of, where they are not of all that either was asked.
        Finding("pairs.timed", n=len(times)) if times != asked else None,
        _summed(best, rival),
    )
    return tuple(filter(None, said))


def _slower(analysis: Analysis, best: ConditionView, rival: ConditionView) -> Finding | None:
    slow, fast = best, rival
    ratio = analysis.latency_ratio(slow, fast)
    if ratio.value is None:
        return None
    if ratio.value < 1:
        slow, fast, ratio = rival, best, analysis.latency_ratio(rival, best)
    medians = [median_of(view, "latency_s").value for view in (slow, fast)]
    first, second = map(numbers.in_one_unit(numbers.seconds, *medians), medians)
    # Without an interval (fewer than twenty questions) it is what was recorded, and no claim.
    return Finding(
        "pairs.as-fast" if (ratio.low or ratio.value or 0.0) <= 1 else "pairs.slower",
        slow=slow,
        fast=fast,
        ratio=numbers.ratio_within(ratio),
        doubt=doubt(ratio, numbers.ratio),
        first=first,
        second=second,
    )


def _summed(best: ConditionView, rival: ConditionView) -> Finding | None:
    forced = [view.label for view in (best, rival) if view.condition.answer == "likelihood"]
    return Finding("pairs.summed", names=forced) if forced else None
