"""One row per variant of a prompt: variety, length, time, and whether a haiku scans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from llmxray.compare.text import distinct_words, is_haiku, words
from llmxray.metrics import accuracy, latency
from llmxray.report.analysis.legend import colour
from llmxray.report.analysis.questions import labels
from llmxray.report.analysis.rows import right
from llmxray.report.analysis.similarity import Similarity
from llmxray.types import Condition, Estimate, Outcome, Row


@dataclass(frozen=True, slots=True)
class Metric:
    """A median with its bar.

    Attributes:
        width: share of the largest median of the column, in per cent, None when missing.
    """

    estimate: Estimate
    width: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantRow:
    """A variant of a prompt in numbers, all samples together.

    Attributes:
        n: samples with a whole reply.
        right: share of samples with the expected answer, None where none is expected.
        scans: share of samples that are 5-7-5, None where no haiku was asked for.
        alike: similarity among its own samples.
        distinct: distinct words / all words over all samples.
    """

    css: str
    name: str
    n: int
    right: Estimate | None
    scans: Estimate | None
    n_scans: int
    alike: Estimate | None
    distinct: float | None
    n_words: int
    ttft_s: Metric
    latency_s: Metric
    tokens: Metric
    rate: Metric


def variant_rows(
    conditions: Sequence[Condition],
    rows: Mapping[str, Sequence[Row]],
    alike: Similarity | None,
    *,
    haiku: bool,
) -> tuple[VariantRow, ...]:
    """A row per condition, in plan order."""
    own = [rows[condition.id] for condition in conditions]
    ttft = _metrics([[row.ttft_s for row in each] for each in own])
    whole = _metrics([[row.latency_s for row in each] for each in own])
    size = _metrics([[row.completion_tokens for row in each] for each in own])
    rate = _metrics(
        [[latency.tokens_per_second(row.latency_s, row.completion_tokens) for row in each] for each in own]
    )
    found = []
    for place, (condition, name) in enumerate(zip(conditions, labels(conditions), strict=True)):
        # A failed trial wrote no poem, neither one that scans nor one that does not.
        texts = [row.text for row in own[place] if row.outcome not in (Outcome.ERROR, Outcome.UNREAD)]
        scanning = [is_haiku(text) for text in texts]
        found.append(
            VariantRow(
                css=colour(place),
                name=name,
                n=len(texts),
                right=_right(own[place]),
                scans=accuracy.share(sum(scanning), len(texts), len(own[place]) - len(texts))
                if haiku
                else None,
                n_scans=sum(scanning),
                alike=alike.within[condition.id] if alike else None,
                distinct=distinct_words(texts),
                n_words=sum(len(words(text)) for text in texts),
                ttft_s=ttft[place],
                latency_s=whole[place],
                tokens=size[place],
                rate=rate[place],
            )
        )
    return tuple(found)


def _right(rows: Sequence[Row]) -> Estimate | None:
    if any(row.outcome is Outcome.UNSCORED for row in rows):
        return None
    return accuracy.proportion([right(row) for row in rows])


def _metrics(columns: Sequence[Sequence[float | None]]) -> list[Metric]:
    """One metric of every variant."""
    estimates = [latency.summary(column) for column in columns]
    top = max((each.value for each in estimates if each.value is not None), default=0.0)
    return [
        Metric(each, None if each.value is None else round(100 * each.value / top) if top else 0)
        for each in estimates
    ]
