"""One row per variant of a prompt: variety, length, time, and whether a haiku scans."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter

from llmxray.compare.text import distinct_words, is_haiku, words
from llmxray.metrics import accuracy, latency
from llmxray.report.analysis.excerpts import excerpt
from llmxray.report.analysis.legend import colour
from llmxray.report.analysis.questions import labels
from llmxray.report.analysis.rows import rate, right
from llmxray.report.analysis.similarity import Similarity
from llmxray.report.widgets.frame import Values
from llmxray.types import Condition, Estimate, Outcome, Row


def variant_rows(
    conditions: Sequence[Condition],
    rows: Mapping[str, Sequence[Row]],
    alike: Similarity | None,
    *,
    length: int,
    haiku: bool,
) -> tuple[Values, ...]:
    """A variant of a prompt in numbers, all samples together: a row per condition, in plan order.

    Args:
        length: characters of a reply whose words are counted.
    """
    own = [rows[condition.id] for condition in conditions]
    ttft, whole, size, speed = (
        _metrics(own, value)
        for value in (attrgetter("ttft_s"), attrgetter("latency_s"), attrgetter("completion_tokens"), rate)
    )
    found = []
    for place, (condition, name) in enumerate(zip(conditions, labels(conditions), strict=True)):
        # A failed trial wrote no poem, neither one that scans nor one that does not.
        texts = [
            excerpt(row, length) for row in own[place] if row.outcome not in (Outcome.ERROR, Outcome.UNREAD)
        ]
        scanning = [is_haiku(text) for text in texts] if haiku else []
        found.append(
            Values(
                css=colour(place),
                name=name,
                # Samples with a whole reply.
                n=len(texts),
                right=_right(own[place]),
                scans=accuracy.share(sum(scanning), len(texts), len(own[place]) - len(texts))
                if haiku
                else None,
                n_scans=sum(scanning),
                # Among its own samples.
                alike=alike.within[condition.id] if alike else None,
                distinct=distinct_words(texts),
                n_words=sum(len(words(text)) for text in texts),
                ttft_s=ttft[place],
                latency_s=whole[place],
                tokens=size[place],
                rate=speed[place],
            )
        )
    return tuple(found)


def _right(rows: Sequence[Row]) -> Estimate | None:
    if any(row.outcome is Outcome.UNSCORED for row in rows):
        return None
    return accuracy.proportion([right(row) for row in rows])


def _metrics(own: Sequence[Sequence[Row]], value: Callable[[Row], float | None]) -> list[Values]:
    """One median of every variant, with the width of its bar: its share of the largest, in per cent."""
    estimates = [latency.summary([value(row) for row in rows]) for rows in own]
    top = max((each.value for each in estimates if each.value is not None), default=0.0)
    return [
        Values(estimate=each, width=round(100 * each.value / top) if each.value is not None and top else 0)
        for each in estimates
    ]
