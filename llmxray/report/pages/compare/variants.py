"""One row per variant of a prompt: variety, length, time, and whether a haiku scans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
                # Medians.
                ttft_s=latency.summary([row.ttft_s for row in own[place]]),
                latency_s=latency.summary([row.latency_s for row in own[place]]),
                tokens=latency.summary([row.completion_tokens for row in own[place]]),
                rate=latency.summary(list(map(rate, own[place]))),
            )
        )
    return tuple(found)


def _right(rows: Sequence[Row]) -> Estimate | None:
    if any(row.outcome is Outcome.UNSCORED for row in rows):
        return None
    return accuracy.proportion([right(row) for row in rows])
