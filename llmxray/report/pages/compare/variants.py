"""The variants of a prompt in numbers, as bars: variety, length, time, and whether a haiku scans."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from llmxray.compare.text import distinct_words, is_haiku, words
from llmxray.metrics import accuracy, latency
from llmxray.report import numbers
from llmxray.report.analysis.rows import rate, right
from llmxray.report.analysis.similarity import Similarity, is_whole
from llmxray.report.widgets.frame import TemplateValues
from llmxray.types import Estimate, Outcome, Row


def _whole(value: float | None, *_: float | None) -> str:
    return numbers.decimal(value, 0)


# Medians, and how they are written.
_MEDIANS: Mapping[str, tuple[Callable[[Row], float | None], Callable[..., str]]] = {
    "ttft_s": (lambda row: row.ttft_s, numbers.seconds),
    "latency_s": (lambda row: row.latency_s, numbers.seconds),
    "tokens": (lambda row: row.completion_tokens, _whole),
    "rate": (rate, _whole),
}


def variant_measures(
    names: Mapping[str, tuple[str, str]],
    rows: Mapping[str, Sequence[Row]],
    alike: Similarity | None,
    *,
    haiku: bool,
) -> dict[str, list[TemplateValues]]:
    """Measures by kind, all samples together, each with a line per condition in plan order.

    Args:
        names: colour class and name of each condition.
    """
    own = [rows[name] for name in names]
    texts = [[row.text for row in each if is_whole(row)] for each in own]
    estimates: dict[str, list[Estimate | None]] = {"right": [_right(each) for each in own]}
    if haiku:
        # A failed trial wrote no poem, neither one that scans nor one that does not.
        scans = [[is_haiku(row.text.strip()) if is_whole(row) else None for row in each] for each in own]
        estimates["scans"] = [accuracy.proportion(each) for each in scans]
    estimates["distinct"] = [
        Estimate(distinct_words(each), n=sum(map(len, map(words, each)))) for each in texts
    ]
    # Among its own samples.
    estimates["alike"] = [alike.within[name] if alike else None for name in names]
    for kind, (of, _) in _MEDIANS.items():
        estimates[kind] = [latency.summary([of(row) for row in each]) for each in own]
    return {
        kind: lines(list(names.values()), found, *_MEDIANS.get(kind, ("", None))[1:])
        for kind, found in estimates.items()
        if any(found)
    }


def lines(
    names: Sequence[tuple[str, str]],
    estimates: Sequence[Estimate | None],
    scale: Callable[..., str] | None = None,
) -> list[TemplateValues]:
    """A measure as bars.

    Args:
        names: colour class and name of each line.
        scale: how values are written; by default they are shares of 1, otherwise the largest end fills the axis.
    """
    known = [each or Estimate(None) for each in estimates]
    longest = max((each.high or each.value or 0.0 for each in known), default=0.0) if scale else 1.0
    return [
        TemplateValues(
            css=css,
            name=name,
            share=(each.value or 0.0) / (longest or 1.0),
            ends=() if each.low is None or each.high is None else (each.low / longest, each.high / longest),
            text=numbers.percent(each.value) if scale is None else scale(each.value, longest),
            interval=numbers.interval(each, scale or numbers.percent) if each.low is not None else "",
        )
        for (css, name), each in zip(names, known, strict=True)
    ]


def _right(rows: Sequence[Row]) -> Estimate | None:
    if any(row.outcome is Outcome.UNSCORED for row in rows):
        return None
    return accuracy.proportion([right(row) for row in rows])
