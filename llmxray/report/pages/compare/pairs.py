"""Two variants of a prompt, sample by sample: which words change, and at which token they part."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from llmxray.compare.divergence import first_divergence
from llmxray.compare.worddiff import Budget, changed_words, word_diff
from llmxray.metrics import accuracy
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.analysis.legend import colour
from llmxray.report.analysis.questions import labels
from llmxray.report.analysis.similarity import Similarity
from llmxray.report.files import tokens as toks
from llmxray.report.widgets.frame import Values
from llmxray.types import Condition, Row, TokenLogprob

_TAIL = 60
_CHOICES = 4
type Parting = tuple[int, str, int]
"""A place where replies part: the sample, the condition whose choices are shown, and its token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleText:
    """The excerpt of a sample's text and the tokens of its answer; both empty for a trial without a whole reply."""

    text: str
    tokens: tuple[TokenLogprob, ...]
    is_whole: bool = True


def answer_tokens(data: ExperimentData, condition: Condition, row: Row) -> tuple[TokenLogprob, ...]:
    """The tokens of a row's first reply.

    Without thinking, which is not compared: the original app, too, strips <think> before its diff.
    """
    whole = toks.replies(data.cassette, row)
    return tuple(each for each in toks.marked(whole[0], condition) if each.part == "answer") if whole else ()


def pair_view(
    conditions: Sequence[Condition],
    replies: Mapping[str, Sequence[SampleText]],
    alike: Similarity | None,
    a: int,
    b: int,
    budget: Budget,
    n_shown: int,
    parted: set[Parting],
) -> Values:
    """The pair of conditions at places a and b, sample by sample; all pairs of the page share ``budget``.

    Args:
        n_shown: so many samples are shown; all are counted.
        parted: places that pairs before this one show; those of this one are added.
    """
    left, right = conditions[a], conditions[b]
    names, key = labels(conditions), (left.id, right.id)
    css = (colour(a), colour(b))
    # Both see a prompt with the same eyes: one model, one system prompt.
    alike_asked = (left.endpoint, left.model, left.system) == (right.endpoint, right.model, right.system)
    samples: list[Values] = []
    changed: list[float | None] = []
    for one, other in zip(replies[left.id], replies[right.id], strict=False):
        ops = word_diff(one.text, other.text, budget)
        counts = changed_words(ops)
        kept = counts.similarity
        # Words that never came have not changed.
        changed.append(None if kept is None or not (one.is_whole and other.is_whole) else 1 - kept)
        if len(samples) < n_shown:
            parting = _parting(one.tokens, other.tokens, css, alike_asked=alike_asked)
            if parting is not None:
                where = (len(samples), key[parting.of], parting.place)
                parting = None if where in parted else parting
                parted.add(where)
            # Rewritten: the diff reads worse than the two texts.
            samples.append(Values(ops=ops, counts=counts, rewritten=counts.is_rewritten(), parting=parting))
    return Values(
        css=css,
        names=(names[a], names[b]),
        samples=tuple(samples),
        # Share of both texts' words that differ.
        changed=accuracy.within_unit(accuracy.mean(changed)),
        # Similarity of samples that share a seed, and of samples that do not.
        same_seed=alike.same_seed[key] if alike else None,
        other_seed=alike.other_seed[key] if alike else None,
        # The same sample of both was sent with the same seed.
        shares_seeds=left.sampling.get("seed") is not None
        and left.sampling.get("seed") == right.sampling.get("seed"),
    )


def _parting(
    left: Sequence[TokenLogprob], right: Sequence[TokenLogprob], css: tuple[str, str], *, alike_asked: bool
) -> Values | None:
    """Where two replies part: number of the token, the end of what they share, and what could follow.

    None where they begin otherwise: most do, and the choices are those of the same first token in every pair.
    The choices are those of one variant (``of``, its place), likeliest first, each ``by`` the variants that took it.
    What only the other took has no probability there, unless both were asked alike.
    """
    found = first_divergence(left, right) if left and right else None
    if found is None or found.index == 0:
        return None
    taken = [(token, name) for token, name in ((found.a, css[0]), (found.b, css[1])) if token is not None]
    seen = found.a or found.b
    offered = {each.token: math.exp(each.logprob_nats) for each in (seen.top if seen else ())}
    for token, _ in taken:
        # A token outside the alternatives sent is known by its own reply only, if at all.
        if token.logprob_nats is not None and (alike_asked or token is seen):
            offered.setdefault(token.token, math.exp(token.logprob_nats))
    ranked = sorted(offered, key=lambda text: -offered[text])
    names = {token.token for token, _ in taken}
    kept = [text for place, text in enumerate(ranked) if place < _CHOICES or text in names]
    choices = tuple(
        Values(
            token=toks.visible(text),
            probability=offered[text],
            by=tuple(name for token, name in taken if token.token == text),
        )
        for text in kept
    )
    before = " ".join(found.prefix_text.split())
    before = before if len(before) <= _TAIL else "… " + before[-_TAIL:]
    return Values(place=found.index + 1, before=before, choices=choices, of=0 if found.a else 1)
