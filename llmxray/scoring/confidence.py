"""How sure a model was: confidences that never share a name.

option confidence
    p_i / Σ_j p_j of the chosen option i over the options, with coverage Σ_j p_j. At temperature 0 it is the largest;
    of an answer that was sampled it is what that answer had, or no confidence could be calibrated.
    Letters: p_i = Σ exp(logprob) of the alternatives at the answer position that strip to letter i.
    Text: see `walk`.
    Likelihood: softmax of the logprobs of the forced options: summed (`acc`), per character (`acc_norm`), per byte
    (`acc_bytes`).
sequence confidence
    exp(Σ logprob) of the answer's tokens, not renormalised.
mean token probability
    mean exp(logprob) over the tokens of the answer (the number the original LLMxRay shows).

Without logprobs there is no number: None, and a reason. A logprob that is not valid is missing, not 0: where one is
needed, there is no number either.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate

from llmxray.scoring.walk import INVALID, walk
from llmxray.scoring.wording import one_to_one
from llmxray.types import LETTERS, Item, LikelihoodScore, TokenLogprob

OPEN_ANSWER = "an open answer has no options"
_MARKS = "()[]{}*_`\"'$.,:;"


@dataclass(frozen=True, slots=True)
class Confidence:
    """What the logprobs say of one answer.

    Attributes:
        probs: probability per option, renormalised; None where an option was not among the alternatives.
        probs_per_character, probs_per_byte: the same from logprobs per character and per byte of option text
            (likelihood answers only).
        coverage: probability mass on the options before renormalising; None for likelihood answers, where
            each option is forced and no mass is compared.
        missing_why: why ``option`` is None, "" when it is not.
    """

    option: float | None = None
    probs: tuple[float | None, ...] = ()
    probs_per_character: tuple[float | None, ...] = ()
    probs_per_byte: tuple[float | None, ...] = ()
    coverage: float | None = None
    sequence: float | None = None
    mean_token: float | None = None
    missing_why: str = ""

    def by(self, likelihood: LikelihoodScore) -> tuple[float | None, ...]:
        """Probability per option under one way to compare likelihood answers."""
        if likelihood == "acc":
            return self.probs
        return self.probs_per_character if likelihood == "acc_norm" else self.probs_per_byte


def answer_tokens(tokens: Sequence[TokenLogprob]) -> list[TokenLogprob]:
    """The tokens of the answer, thinking and empty end tokens left out."""
    return [token for token in tokens if token.part == "answer" and token.token]


def of_letter(tokens: Sequence[TokenLogprob], item: Item, letter: str | None, at: int | None) -> Confidence:
    """Confidence of a letter answer, read at the token that gave the letter.

    Args:
        letter: the letter extracted, None when there was none.
        at: its offset in the text of the answer, None when it was told from an option's text.
    """
    said = answer_tokens(tokens)
    if not said or letter is None:
        return _without_option(said, "no option was named")
    if at is None:
        return _without_option(said, "the answer is not given as a letter")
    position = _token_at(said, letter, at, item)
    if position is None:
        return _without_option(said, "no token is the letter")
    if position.invalid:
        # The number that is missing may be that of the likeliest option.
        return _without_option(said, INVALID)
    if not position.top:
        return _without_option(said, "no alternatives sent")
    # "the answer is b": then " b" counts, which elsewhere is no option.
    small = _letter(position.token, item) is None
    mass: dict[str, float] = {}
    for alternative in position.top:
        found = _letter(alternative.token, item, small=small)
        if found is not None:
            mass[found] = mass.get(found, 0.0) + math.exp(alternative.logprob_nats)
    # A sampled letter may lie beyond the alternatives sent; its own probability is known all the same.
    mass.setdefault(letter, _probability(position) if mass else 0.0)
    return _from_mass(mass, item, said, letter)


def of_text(tokens: Sequence[TokenLogprob], item: Item, chosen: int | None) -> Confidence:
    """Confidence of an option given as text, by walking the tokens of the answer."""
    said = answer_tokens(tokens)
    if not said or chosen is None:
        return _without_option(said, "no option was named")
    # An empty end token says that the option ends there.
    found = walk([token for token in tokens if token.part == "answer"], item.choices, chosen)
    if isinstance(found, str):
        return _without_option(said, found)
    probability, coverage = found
    probs = tuple(probability if index == chosen else None for index in range(len(item.choices)))
    return replace(_plain(said), option=probability, probs=probs, coverage=coverage)


def of_likelihood(
    per_option: Sequence[Sequence[TokenLogprob]], item: Item, likelihood: LikelihoodScore = "acc"
) -> Confidence:
    """Confidence from one forced reply per option; ``likelihood`` picks the option confidence.

    Source: "acc", "acc_norm" and "acc_bytes" of EleutherAI's evaluation harness: log-probability, divided by 1, by
    the characters, and by the bytes of the option.
    """
    said = [answer_tokens(tokens) for tokens in per_option]
    sums = [_summed(tokens) for tokens in said]
    # No softmax over some: the option that is missing may be the likeliest.
    if any(nats is None for nats in sums):
        return Confidence(missing_why=f"{INVALID} in a forced option")
    known = [nats for nats in sums if nats is not None]
    if len(said) < len(item.choices) or not all(said) or not all(map(math.isfinite, known)):
        return Confidence(missing_why="no logprobs for some option")
    # Without the space that raw layouts put before the option, as the harness counts.
    characters = [len(choice) for choice in item.choices]
    sizes = [len(choice.encode("utf-8", "surrogatepass")) for choice in item.choices]
    found = Confidence(
        probs=_softmax(known),
        probs_per_character=_softmax(_shared(known, characters)),
        probs_per_byte=_softmax(_shared(known, sizes)),
    )
    used = [value or 0.0 for value in found.by(likelihood)]
    best = max(range(len(used)), key=used.__getitem__)
    plain = _plain(said[best])
    return replace(found, option=used[best], sequence=plain.sequence, mean_token=plain.mean_token)


def _shared(sums: Sequence[float], sizes: Sequence[int]) -> list[float]:
    return [value / max(1, size) for value, size in zip(sums, sizes, strict=True)]


def of_open(tokens: Sequence[TokenLogprob]) -> Confidence:
    """An open answer has no options: sequence and mean token only."""
    return _without_option(answer_tokens(tokens), OPEN_ANSWER)


def _without_option(said: Sequence[TokenLogprob], why: str) -> Confidence:
    return (
        replace(_plain(said), missing_why=why)
        if said
        else Confidence(missing_why="no logprobs from this server")
    )


def _plain(said: Sequence[TokenLogprob]) -> Confidence:
    total = _summed(said)
    # A mean over the tokens that have a number would be that of another answer.
    if total is None:
        return Confidence()
    return Confidence(sequence=math.exp(total), mean_token=math.fsum(map(_probability, said)) / len(said))


def _summed(tokens: Sequence[TokenLogprob]) -> float | None:
    """Summed logprob in nats; None where one of them is not valid."""
    values = [token.logprob_nats for token in tokens if token.logprob_nats is not None]
    return math.fsum(values) if len(values) == len(tokens) else None


def _probability(token: TokenLogprob) -> float:
    # Callers have seen to it that there is one.
    return 0.0 if token.logprob_nats is None else math.exp(token.logprob_nats)


def _token_at(said: Sequence[TokenLogprob], letter: str, at: int, item: Item) -> TokenLogprob | None:
    """The token that covers offset ``at`` of the answer; where texts do not line up, the last such letter."""
    joined = "".join(token.token for token in said)
    # The answer's text begins after the white space that follows the thinking.
    starts = {at, at + len(joined) - len(joined.lstrip())}
    ends = accumulate(len(token.token) for token in said)
    letters = [
        (token, end)
        for token, end in zip(said, ends, strict=True)
        if letter in (_letter(token.token, item), _letter(token.token, item, small=True))
    ]
    covering = [
        token for token, end in letters if any(end - len(token.token) <= start < end for start in starts)
    ]
    return covering[0] if covering else letters[-1][0] if letters else None


def _from_mass(mass: dict[str, float], item: Item, said: Sequence[TokenLogprob], chosen: str) -> Confidence:
    coverage = sum(mass.values())
    if coverage <= 0:
        return _without_option(said, "no option among the alternatives")
    probs = tuple([mass[each] / coverage if each in mass else None for each in LETTERS[: len(item.choices)]])
    plain = _plain(said)
    return Confidence(
        mass[chosen] / coverage,
        probs,
        coverage=min(1.0, coverage),
        sequence=plain.sequence,
        mean_token=plain.mean_token,
    )


def _letter(token: str, item: Item, *, small: bool = False) -> str | None:
    letter = _alone(token)
    letter = letter.upper() if small else letter
    return letter if len(letter) == 1 and letter in LETTERS[: len(item.choices)] else None


# The same few tokens are the alternatives of every answer.
@lru_cache(1 << 12)
def _alone(token: str) -> str:
    """A token without what may stand around a letter."""
    return one_to_one(token).strip().strip(_MARKS).strip()


def _softmax(values: Sequence[float]) -> tuple[float, ...]:
    # Summed logprobs of long options lie below −745, where exp() is 0.
    top = max(values)
    weights = [math.exp(value - top) for value in values]
    whole = math.fsum(weights)
    return tuple([weight / whole for weight in weights])
