"""Answers as streams: the tokens that all share, what was likely where they part, and how each goes on."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from llmxray.report.analysis import reply_tokens as toks
from llmxray.report.analysis.similarity import is_whole
from llmxray.report.sentences import Finding, Joined
from llmxray.report.widgets.frame import TemplateValues
from llmxray.report.widgets.shown_tokens import doubt_of
from llmxray.types import Condition, Row, TokenLogprob
from llmxray.wire import is_cut


def first_divergence(replies: Sequence[Sequence[TokenLogprob]]) -> tuple[int, ...] | None:
    """Return where the replies part: for each the index of its token there, or its length if it ends there.

    None when all texts are the same. Replies are aligned by text, not by token index, because two tokenisers (or two
    servers) cut the same text differently. They part at the last position up to which all texts agree and where all
    have a token boundary: there each model had read the same prefix, so their alternatives can be compared.
    """
    raw = [[_bytes(token) for token in tokens] for tokens in replies]
    texts = [b"".join(each) for each in raw]
    if len(set(texts)) < 2:
        return None
    shortest = min(map(len, texts))
    agreed = next((at for at, same in enumerate(zip(*texts, strict=False)) if len(set(same)) > 1), shortest)
    starts = [_starts(each) for each in raw]
    offset = max(start for start in set(starts[0]).intersection(*starts[1:]) if start <= agreed)
    return tuple(each[offset] for each in starts)


def _bytes(token: TokenLogprob) -> bytes:
    # Strict encoding rejects a lone surrogate, which still has to compare equal to itself.
    return token.token.encode("utf-8", "surrogatepass") if token.bytes is None else token.bytes


def _starts(raw: Sequence[bytes]) -> dict[int, int]:
    """Byte offset → index of the token that begins there; the end of the text counts as a boundary.

    Empty tokens (an end mark, a byte held back) share their offset with the next one, which wins.
    """
    starts: dict[int, int] = {}
    offset = 0
    for index, token_bytes in enumerate(raw):
        starts[offset] = index
        offset += len(token_bytes)
    starts[offset] = len(raw)
    return starts


# Of what was likely at a place; what was written there comes with it.
_LIKELIEST = 5
# Characters of the shared beginning, and words that the headline names.
_TRUNK, _MOST_NAMED = 160, 3
# Tokens after which it no longer matters how many are shared.
_FAR = 12
_WORD = re.compile(r"\s*\S+")
type _Runs = tuple[tuple[str, str], ...]
"""Pieces of a text, each with the class of its doubt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A trial with the tokens of its answer; none without logprobs."""

    row: Row
    tokens: Sequence[TokenLogprob]

    @property
    def text(self) -> str:
        """The answer without white space around it."""
        return self.row.text.strip()

    @property
    def is_whole(self) -> bool:
        """Whether a reply was read."""
        return is_whole(self.row)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """How the answer of one condition goes on, from the place where all part."""

    condition: Condition
    who: tuple[str, str]
    row: Row
    tokens: Sequence[TokenLogprob]
    place: int

    @property
    def next(self) -> TokenLogprob | None:
        """The first token that is not shared; None where the answer has ended."""
        return next(iter(self.tokens[self.place :]), None)

    @property
    def rest(self) -> str:
        return "".join(token.token for token in self.tokens[self.place :])

    @property
    def share(self) -> float | None:
        return _share(self.next.logprob_nats) if self.next else None

    def is_asked_like(self, other: _Way) -> bool:
        """Whether both models read the same: of two such the probabilities are the same."""
        one, two = self.condition, other.condition
        return (one.endpoint, one.model, one.system) == (two.endpoint, two.model, two.system)


def stream(
    conditions: Sequence[Condition], names: Mapping[str, tuple[str, str]], answers: Sequence[Answer]
) -> TemplateValues | None:
    """The answers of one sample, one of each condition; None with fewer than two that have a text.

    Args:
        names: colour class and name of each condition.
    """
    told = [each for each in zip(conditions, answers, strict=True) if each[1].is_whole and each[1].text]
    if len(told) < 2:
        return None
    has_tokens = all(answer.tokens for _, answer in told)
    texts = [answer.tokens if has_tokens else _words(answer.text) for _, answer in told]
    places, unit = first_divergence(texts), "token" if has_tokens else "word"
    ways = [
        _Way(condition=condition, who=names[condition.id], row=answer.row, tokens=tokens, place=place)
        for (condition, answer), tokens, place in zip(told, texts, places or [0] * len(told), strict=True)
    ]
    owner, choices = _choices(ways) if places else (ways[0], ())
    named = [choice.text for choice in choices]
    alike: dict[str, list[_Way]] = {}
    for way in ways:
        alike.setdefault(way.rest, []).append(way)
    return TemplateValues(
        headline=_headline(owner, choices, len(ways), unit),
        unit=unit,
        n_shared=owner.place,
        trunk=_runs(owner.tokens[: owner.place], _TRUNK),
        choices=choices,
        # Whose choices they are, where others read something else.
        owner="" if all(way.is_asked_like(owner) for way in ways) else owner.who[1],
        has_shares=any(choice.share is not None for choice in choices),
        branches=tuple(
            TemplateValues(
                css=of[0].who[0],
                labels=[way.who for way in of],
                outcome="" if of[0].row.outcome.value == "unscored" else of[0].row.outcome.value,
                is_cut=is_cut(of[0].row.finish_reason),
                choice=named.index(_shown(of[0].next)) if choices else None,
                share=of[0].share,
                took=Finding("compare.took", share=of[0].share) if places and of[0].share else None,
                first=_shown(of[0].next) if places else "",
                rest=_after_first(of[0]) if places else _runs(of[0].tokens),
            )
            for of in alike.values()
        ),
        telling=_telling(ways, owner, choices),
    )


def _telling(ways: Sequence[_Way], owner: _Way, choices: Sequence[TemplateValues]) -> tuple[int, ...]:
    """What ranks places to open with: after something shared, other words rather than marks or pieces of words."""
    words = {way.next.token.strip().casefold() if way.next else "" for way in ways}
    are_read = len(words) > 1 and all(len(word) > 2 and word.isalpha() for word in words)
    are_known = all(choice.share is not None for choice in choices)
    return owner.place > 0, are_read, are_known, min(len(words), _MOST_NAMED), min(owner.place, _FAR)


def _words(text: str) -> list[TokenLogprob]:
    return [TokenLogprob(word, None, None) for word in _WORD.findall(text)]


def _share(nats: float | None) -> float | None:
    return None if nats is None else math.exp(nats)


def _choices(ways: Sequence[_Way]) -> tuple[_Way, tuple[TemplateValues, ...]]:
    """What could have stood there, likeliest first, and the way of the condition whose choices they are.

    A word that another model wrote, or the same model that read something else, has no probability among them.
    """
    taken: dict[str, str] = {}
    for way in ways:
        taken.setdefault(way.next.token if way.next else "", way.who[0])
    # Whose alternatives name most of what was written.
    owner = max(ways, key=lambda way: sum(each.token in taken for each in way.next.top) if way.next else -1)
    offered = {each.token: math.exp(each.logprob_nats) for each in (owner.next.top if owner.next else ())}
    for way in ways:
        if way.next and way.share is not None and way.is_asked_like(owner):
            offered.setdefault(way.next.token, way.share)
    ranked = sorted(offered, key=lambda text: -offered[text])
    shown = [text for place, text in enumerate(ranked) if place < _LIKELIEST or text in taken]
    shown += [text for text in taken if text not in offered]
    return owner, tuple(
        TemplateValues(text=_visible(text), share=offered.get(text), css=taken.get(text, ""))
        for text in shown
    )


def _headline(owner: _Way, choices: Sequence[TemplateValues], n: int, unit: str) -> Finding:
    if not choices:
        return Finding("compare.same", n=n)
    taken = [choice for choice in choices if choice.css]
    named = [Finding("compare.choice", text=each.text, share=each.share) for each in taken[:_MOST_NAMED]]
    left = len(taken) - len(named)
    if left:
        named.append(Finding("compare.more", n=left))
    return Finding(f"compare.part-{unit}", place=owner.place + 1, words=Joined(*named, between=", "))


def _shown(token: TokenLogprob | None) -> str:
    return _visible(token.token if token else "")


def _visible(text: str) -> str:
    """A token on its own: a blank before it says only that a word begins."""
    return toks.visible(text.removeprefix(" ") or text) if text else "(the end)"


def _after_first(way: _Way) -> _Runs:
    """What follows the first token; a line that ends with it ends there."""
    rest = _runs(way.tokens[way.place + 1 :])
    text = way.next.token if way.next else ""
    return (("", "\n"), *rest) if rest and "\n" in text[len(text.rstrip()) :] else rest


def _runs(tokens: Sequence[TokenLogprob], most: int | None = None) -> _Runs:
    """The text in runs of one shade, blanks without any; of a long one only the end, if ``most`` says how much."""
    shown: list[tuple[str, str]] = []
    for token, text in zip(tokens, toks.pieces(tokens), strict=True):
        word, share = text.lstrip(), _share(token.logprob_nats)
        shade = "" if share is None else doubt_of(share)
        shown += [("", text[: len(text) - len(word)]), (shade, word)] if word else [("", text)]
    if most is not None and sum(len(text) for _, text in shown) > most:
        while sum(len(text) for _, text in shown) > most:
            shown.pop(0)
        shown.insert(0, ("", "… "))
    runs = [(css, "".join(text for _, text in run)) for css, run in groupby(shown, itemgetter(0))]
    if runs:
        runs[-1] = (runs[-1][0], runs[-1][1].rstrip())
    return tuple((css, text) for css, text in runs if text)


def score(found: TemplateValues | None) -> tuple[int, ...]:
    """How telling a stream is; one that is not there is least."""
    return (-1,) if found is None else found.telling
