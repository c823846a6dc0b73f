"""How sure a model was: four confidences that never share a name (DESIGN D6).

option confidence
    max_i p_i / Σ_j p_j over the options, with coverage Σ_j p_j.
    Letters: p_i = Σ exp(logprob) of the alternatives at the answer position that strip to letter i.
    Text: the answer's tokens are walked; wherever the options still consistent with what was said part,
    their probabilities are renormalised over those options and multiplied.
    Likelihood: softmax of the summed logprobs of the forced options (total; per byte kept beside it).
sequence confidence
    exp(Σ logprob) of the answer's tokens, not renormalised.
mean token probability
    mean exp(logprob) over the tokens of the answer (the number the original LLMxRay shows).

Without logprobs there is no number: None, and a reason.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from llmxray.types import LETTERS, Item, TokenLogprob


@dataclass(frozen=True, slots=True)
class Confidence:
    """What the logprobs say of one answer.

    Attributes:
        probs: probability per option, renormalised; None where an option was not among the alternatives.
        probs_per_byte: the same from logprobs per byte of option text (likelihood answers only).
        coverage: probability mass on the options before renormalising; None for likelihood answers, where
            each option is forced and no mass is compared.
        missing_why: why ``option`` is None, "" when it is not.
    """

    option: float | None = None
    probs: tuple[float | None, ...] = ()
    probs_per_byte: tuple[float | None, ...] = ()
    coverage: float | None = None
    sequence: float | None = None
    mean_token: float | None = None
    missing_why: str = ""


def answer_tokens(tokens: Sequence[TokenLogprob]) -> list[TokenLogprob]:
    """The tokens of the answer, thinking and empty end tokens left out."""
    return [token for token in tokens if token.part == "answer" and token.token]


def of_letter(tokens: Sequence[TokenLogprob], item: Item, letter: str | None) -> Confidence:
    """Confidence of a letter answer, read at the token that gave the letter."""
    said = answer_tokens(tokens)
    base = _sequence(said)
    if not said:
        return Confidence(missing_why="no logprobs from this server")
    position = next((t for t in said if _letter(t.token, item) == letter), None) if letter else None
    if position is None:
        return Confidence(sequence=base.sequence, mean_token=base.mean_token, missing_why="no token is the letter")
    if not position.top:
        return Confidence(sequence=base.sequence, mean_token=base.mean_token, missing_why="no alternatives sent")
    mass: dict[str, float] = {}
    for alternative in position.top:
        found = _letter(alternative.token, item)
        if found is not None:
            mass[found] = mass.get(found, 0.0) + math.exp(alternative.logprob_nats)
    return _from_mass(mass, item, base)


def of_text(tokens: Sequence[TokenLogprob], item: Item, chosen: int | None) -> Confidence:
    """Confidence of an option given as text, by walking the tokens of the answer."""
    said = answer_tokens(tokens)
    base = _sequence(said)
    if not said:
        return Confidence(missing_why="no logprobs from this server")
    if chosen is None:
        return Confidence(sequence=base.sequence, mean_token=base.mean_token, missing_why="no option was named")
    options = [" ".join(choice.split()).casefold() for choice in item.choices]
    consistent = set(range(len(options)))
    probability, coverage, prefix = 1.0, 1.0, ""
    for token in said:
        split = _split_mass(token, prefix, options, consistent)
        prefix = (prefix + token.token).lstrip()
        after = {index for index in consistent if _agrees(options[index], prefix.casefold())}
        if not after:
            break
        if after != consistent:
            here = sum(split.get(index, 0.0) for index in consistent)
            kept = sum(split.get(index, 0.0) for index in after)
            if here <= 0 or kept <= 0:
                return Confidence(sequence=base.sequence, mean_token=base.mean_token,
                                  missing_why="the alternatives do not reach the options")
            probability, coverage = probability * kept / here, coverage * min(1.0, here)
        consistent = after
    if consistent != {chosen}:
        return Confidence(sequence=base.sequence, mean_token=base.mean_token,
                          missing_why="the answer does not spell one option")
    probs = tuple(probability if index == chosen else None for index in range(len(options)))
    return Confidence(probability, probs, (), coverage, base.sequence, base.mean_token)


def of_likelihood(per_option: Sequence[Sequence[TokenLogprob]], item: Item, *, per_byte: bool = False) -> Confidence:
    """Confidence from one forced reply per option; ``per_byte`` picks acc_norm as the option confidence.

    Source: "acc" and "acc_norm" as EleutherAI's evaluation harness defines them.
    """
    sums = [_sum(answer_tokens(tokens)) for tokens in per_option]
    known = [value for value in sums if value is not None]
    if len(known) < len(item.choices) or not known or not all(map(math.isfinite, known)):
        return Confidence(missing_why="no logprobs for some option")
    sizes = [max(1, len(choice.encode())) for choice in item.choices]
    total = _softmax(known)
    normed = _softmax([value / size for value, size in zip(known, sizes, strict=True)])
    used = normed if per_byte else total
    best = max(range(len(used)), key=used.__getitem__)
    said = answer_tokens(per_option[best])
    base = _sequence(said)
    return Confidence(used[best], tuple(total), tuple(normed), None, base.sequence, base.mean_token)


def of_open(tokens: Sequence[TokenLogprob]) -> Confidence:
    """An open answer has no options: sequence and mean token only."""
    said = answer_tokens(tokens)
    if not said:
        return Confidence(missing_why="no logprobs from this server")
    base = _sequence(said)
    return Confidence(sequence=base.sequence, mean_token=base.mean_token, missing_why="an open answer has no options")


def _from_mass(mass: dict[str, float], item: Item, base: Confidence) -> Confidence:
    coverage = sum(mass.values())
    if coverage <= 0:
        return Confidence(sequence=base.sequence, mean_token=base.mean_token,
                          missing_why="no option among the alternatives")
    letters = LETTERS[: len(item.choices)]
    probs = tuple(mass[each] / coverage if each in mass else None for each in letters)
    return Confidence(max(mass.values()) / coverage, probs, (), min(1.0, coverage), base.sequence, base.mean_token)


def _letter(token: str, item: Item) -> str | None:
    stripped = token.strip().strip("()[]*.:").strip()
    return stripped if len(stripped) == 1 and stripped in LETTERS[: len(item.choices)] else None


def _split_mass(token: TokenLogprob, prefix: str, options: Sequence[str], consistent: set[int]) -> dict[int, float]:
    mass: dict[int, float] = {}
    for alternative in token.top or ():
        text = (prefix + alternative.token).lstrip().casefold()
        fits = [index for index in consistent if _agrees(options[index], text)]
        for index in fits:
            # A token that several options still share splits evenly: it does not tell them apart.
            mass[index] = mass.get(index, 0.0) + math.exp(alternative.logprob_nats) / len(fits)
    return mass


def _agrees(option: str, said: str) -> bool:
    said = said.strip().rstrip(".")
    return bool(said) and (option.startswith(said) or said.startswith(option))


def _sum(tokens: Sequence[TokenLogprob]) -> float | None:
    return math.fsum(token.logprob_nats for token in tokens) if tokens else None


def _sequence(tokens: Sequence[TokenLogprob]) -> Confidence:
    total = _sum(tokens)
    if total is None:
        return Confidence()
    mean = math.fsum(math.exp(token.logprob_nats) for token in tokens) / len(tokens)
    return Confidence(sequence=math.exp(total), mean_token=mean)


def _softmax(values: Sequence[float]) -> list[float]:
    top = max(values)
    weights = [math.exp(value - top) for value in values]
    whole = math.fsum(weights)
    return [weight / whole for weight in weights]
