"""How long answers take, and what accuracy costs in seconds, as sentences and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter
from statistics import median

from llmxray.metrics import latency
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionView, median_of
from llmxray.report.analysis.rows import address, grouped, memoized, right, seeded
from llmxray.report.sentences import Finding
from llmxray.report.wording.asking import model_name
from llmxray.report.wording.verdicts import doubt
from llmxray.types import Estimate, Outcome, Row
from llmxray.wire import is_cut

# Fewer cut replies move the averages of a condition little.
_MANY_CUT = 0.1
# An answer that takes so many times as long as others of its kind waited; and this share of all time is worth a word.
_STALL, _MUCH_STALLED = 5, 0.05
# Repeats from which a question has a median of its own.
_OFTEN = 6


def cache_note(analysis: Analysis) -> Finding | None:
    """Whether the server used its prompt cache; None where the experiment file does not say so of every condition."""
    # As llama.cpp's `cache_prompt`; nothing is known of files that leave it out.
    sent = {view.condition.sampling.get("cache_prompt") for view in analysis.views}
    return Finding(f"speed.cache-{'on' if True in sent else 'off'}") if sent in ({True}, {False}) else None


def load_warning(analysis: Analysis) -> Finding | None:
    """That the machine was busy with something else when recording began; None where it was not, or did not tell."""
    names: list[str] = []
    for model, views in grouped(analysis.views, model_name).items():
        busy = [view.label for view in views if analysis.data.other_work(view.condition)]
        # The model's name is enough where all of it was recorded so.
        names += [model] if model and len(busy) == len(views) else busy
    return Finding("speed.busy", names=names) if names else None


def stall_warning(analysis: Analysis) -> Finding | None:
    """That a few answers waited for something else than the model; None where they took little of the time."""
    parts = []
    for view in analysis.views:
        timed = [row for row in view.rows if row.latency_s]
        stalled = [row for rows in _alike(timed).values() for row in _stalled(rows)]
        lost, all_ = (sum(row.latency_s or 0.0 for row in rows) for rows in (stalled, timed))
        if (share := lost / max(all_, 1e-9)) > _MUCH_STALLED:
            n = f"{len(stalled)} of {len(timed)}"
            parts.append(f"{view.label}: {n}, {numbers.percent(share)} of its time")
    return Finding("speed.stalled", times=_STALL, parts="; ".join(parts)) if parts else None


def _alike(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Rows whose times can be compared: of one question where it was asked often, else of one suite."""
    is_repeated = len(rows) >= _OFTEN * len({address(row) for row in rows})
    return grouped(rows, address if is_repeated else attrgetter("suite"))


def _stalled(rows: Sequence[Row]) -> list[Row]:
    """Those that took several times as long as usual, and as long as what they wrote would have taken."""
    usual, length = (
        median(getattr(row, name) or 0 for row in rows) for name in ("latency_s", "completion_tokens")
    )

    def expected(row: Row) -> float:
        return usual * max(1.0, (row.completion_tokens or 0) / (2 * length or 1))

    return [row for row in rows if (row.latency_s or 0) > _STALL * expected(row)]


def cut_warning(analysis: Analysis) -> Finding | None:
    """That replies were cut at their limit of tokens though they count as answers; None where few were."""
    parts = []
    for view in analysis.views:
        n, read = _run_on(view.rows)
        if n > _MANY_CUT * read:
            kind = " open answers" if any(row.outcome is Outcome.UNSCORED for row in view.rows) else ""
            parts.append(f"{numbers.count(n)} of {numbers.count(read)}{kind} of {view.label}")
    return Finding("speed.cut", parts=parts) if parts else None


def many_cut(rows: Sequence[Row]) -> bool:
    """Whether many replies were cut at their limit of tokens, so that times say where that is."""
    return sum(is_cut(row.finish_reason) for row in rows) > _MANY_CUT * len(rows)


def _run_on(rows: Sequence[Row]) -> tuple[int, int]:
    """How many of the open answers, else of the replies with an answer read, were cut; and how many those are."""
    read = [row for row in rows if row.outcome is Outcome.UNSCORED] or [
        row for row in rows if right(row) is not None and row.answer is not None
    ]
    return sum(is_cut(row.finish_reason) for row in read), len(read)


def time_notes(analysis: Analysis) -> tuple[Finding, ...]:
    """What times depend on, and what lengthened them."""
    made = (note(analysis) for note in (cache_note, load_warning, stall_warning, cut_warning))
    return tuple(filter(None, made))


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
    forced = [view.label for view in (best, rival) if view.condition.answer == "likelihood"]
    said = (
        _slower(analysis, *timed),
        # Which questions the times are of, where they are not of all that either was asked.
        Finding("pairs.timed", n=len(times)) if times != asked else None,
        Finding("pairs.summed", names=forced) if forced else None,
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
