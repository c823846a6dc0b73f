"""Two variants of a prompt, sample by sample: which words change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from llmxray.compare.worddiff import changed_words, word_diff
from llmxray.metrics import accuracy
from llmxray.report.pages.compare.parting import Answer
from llmxray.report.widgets.frame import Values
from llmxray.types import Condition


def pair_view(
    pair: tuple[Condition, Condition],
    names: Mapping[str, tuple[str, str]],
    answers: Mapping[str, Sequence[Answer]],
) -> Values:
    """A pair of conditions, sample by sample.

    Args:
        names: colour class and name of each condition.
    """
    left, right = pair
    samples: list[Values] = []
    changed: list[float | None] = []
    for one, other in zip(answers[left.id], answers[right.id], strict=False):
        ops = word_diff(one.text, other.text)
        counts = changed_words(ops)
        kept = counts.similarity
        # Words that never came have not changed.
        changed.append(None if kept is None or not (one.is_whole and other.is_whole) else 1 - kept)
        # Rewritten: the diff reads worse than the two texts.
        samples.append(Values(ops=ops, counts=counts, rewritten=counts.is_rewritten()))
    return Values(
        who=(names[left.id], names[right.id]),
        name=f"{names[left.id][1]} → {names[right.id][1]}",
        samples=samples,
        changed=accuracy.within_unit(accuracy.mean(changed)),
    )
