"""Confidence of a model in its answer, by several definitions with a name each.

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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate

from llmxray.scoring.wording import to_plain_characters
from llmxray.types import LETTERS, Item, LikelihoodScore, TokenLogprob

_UNREACHED = "the alternatives do not reach the options"
INVALID = "a log-probability is not valid"


def walk(tokens: Sequence[TokenLogprob], choices: Sequence[str], chosen: int) -> tuple[float, float] | str:
    """Return (probability of the chosen option, coverage), or the reason why there is none.

    The answer's tokens are taken one by one. An option is *consistent* while it can still be what is being said.
    Wherever a token parts the consistent options, the alternatives at that token are sorted by the options they
    lead to, and

        probability *= mass of the options that remain / mass of the options that were consistent
        coverage    *= mass of the options that were consistent

    A token that all consistent options share changes neither. The walk ends when one option is left.

    Args:
        tokens: the tokens of the answer.
        choices: texts of the options.
        chosen: index of the option that the answer names.
    """
    options = [_tidy(choice).rstrip(".") for choice in choices]
    consistent = set(range(len(options)))
    probability, coverage, prefix = 1.0, 1.0, ""
    for token in tokens:
        before, prefix = prefix, prefix + token.token
        if not prefix.strip():
            continue
        after = _fitting_options(options, consistent, before, token.token)
        if not after:
            break
        if after != consistent:
            if token.invalid:
                return INVALID
            mass = _option_masses(token, options, consistent, before)
            consistent_mass, remaining_mass = sum(mass.values()), sum(mass.get(index, 0.0) for index in after)
            if remaining_mass <= 0:
                return _UNREACHED
            probability, coverage = (
                probability * remaining_mass / consistent_mass,
                coverage * min(1.0, consistent_mass),
            )
        consistent = after
        if consistent == {chosen}:
            return probability, coverage
    return "the answer does not spell one option"


def _option_masses(
    token: TokenLogprob, options: Sequence[str], consistent: Iterable[int], before: str
) -> dict[int, float]:
    mass: dict[int, float] = {}
    for alternative in token.top:
        fits = _fitting_options(options, consistent, before, alternative.token)
        for index in fits:
            # The mass of a token that several options share is split evenly, since it favours none of them.
            mass[index] = mass.get(index, 0.0) + math.exp(alternative.logprob_nats) / len(fits)
    return mass


def _fitting_options(options: Sequence[str], consistent: Iterable[int], before: str, token: str) -> set[int]:
    """The options that are still consistent after ``token``.

    A token that no option goes on with, and that does not go on with the word, ends the answer: then only an
    option that has been spelled out remains.
    """
    spelled, spelled_with_token = _tidy(before), _tidy(before + token)
    if not spelled_with_token:
        return set()
    longer = {index for index in consistent if options[index].startswith(spelled_with_token)}
    # A line break or an end token ends the answer; a lone " " may begin its next word.
    ends = spelled_with_token == spelled and token != " "
    if longer and not ends:
        return longer
    same_word = before[-1:].isalnum() and token[:1].isalnum()
    return set() if same_word else {index for index in consistent if options[index] == spelled}


def _tidy(text: str) -> str:
    return " ".join(text.split()).casefold()


OPEN_ANSWER = "an open answer has no options"
_LONGEST_TOKEN = 100
_MARKS = "()[]{}*_`\"'$.,:;"


@dataclass(frozen=True, slots=True)
class Confidence:
    """Confidence of one answer, computed from its logprobs.

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
    """Return the tokens of the answer, without thinking and empty end tokens."""
    return [token for token in tokens if token.part == "answer" and token.token]


def of_letter(tokens: Sequence[TokenLogprob], item: Item, letter: str | None, at: int | None) -> Confidence:
    """Return the confidence of a letter answer, read at the token of the letter.

    Args:
        letter: the letter extracted, None when there was none.
        at: its offset in the text of the answer, None when it was inferred from an option's text.
    """
    answer = answer_tokens(tokens)
    if not answer or letter is None:
        return _without_option(answer, "no option was named")
    if at is None:
        return _without_option(answer, "the answer is not given as a letter")
    position = _token_at(answer, letter, at, item)
    if position is None:
        return _without_option(answer, "no token is the letter")
    if position.invalid:
        # The missing logprob may belong to the most probable option.
        return _without_option(answer, INVALID)
    if not position.top:
        return _without_option(answer, "no alternatives sent")
    # A small letter counts as an option only where the answer itself is one, as in "the answer is b".
    is_small = _option_letter(position.token, item) is None
    mass: dict[str, float] = {}
    for alternative in position.top:
        option_letter = _option_letter(alternative.token, item, small=is_small)
        if option_letter is not None:
            mass[option_letter] = mass.get(option_letter, 0.0) + math.exp(alternative.logprob_nats)
    # A sampled letter may be missing from the alternatives sent, but its own probability is known.
    mass.setdefault(letter, _probability(position) if mass else 0.0)
    return _from_mass(mass, item, answer, letter)


def of_text(tokens: Sequence[TokenLogprob], item: Item, chosen: int | None) -> Confidence:
    """Return the confidence of an option given as text, by walking the tokens of the answer."""
    answer = answer_tokens(tokens)
    if not answer or chosen is None:
        return _without_option(answer, "no option was named")
    # The walk needs the empty end token, which shows that the option ends there.
    walked = walk([token for token in tokens if token.part == "answer"], item.choices, chosen)
    if isinstance(walked, str):
        return _without_option(answer, walked)
    probability, coverage = walked
    probs = tuple(probability if index == chosen else None for index in range(len(item.choices)))
    return replace(_sequence_confidence(answer), option=probability, probs=probs, coverage=coverage)


def of_likelihood(
    per_option: Sequence[Sequence[TokenLogprob]], item: Item, likelihood: LikelihoodScore = "acc"
) -> Confidence:
    """Return the confidence from one forced reply per option; ``likelihood`` picks the option confidence.

    Source: "acc", "acc_norm" and "acc_bytes" of EleutherAI's evaluation harness: log-probability, divided by 1, by
    the characters, and by the bytes of the option.
    """
    forced = [answer_tokens(tokens) for tokens in per_option]
    sums = [_total_nats(tokens) for tokens in forced]
    # A softmax over some of the options would be wrong, since the missing one may be the most probable.
    if any(nats is None for nats in sums):
        return Confidence(missing_why=f"{INVALID} in a forced option")
    totals = [nats for nats in sums if nats is not None]
    if len(forced) < len(item.choices) or not all(forced) or not all(map(math.isfinite, totals)):
        return Confidence(missing_why="no logprobs for some option")
    # Sizes exclude the space that raw layouts put before the option, as in the harness.
    characters = [len(choice) for choice in item.choices]
    sizes = [len(choice.encode("utf-8", "surrogatepass")) for choice in item.choices]
    confidence = Confidence(
        probs=_softmax(totals),
        probs_per_character=_softmax(_per_unit(totals, characters)),
        probs_per_byte=_softmax(_per_unit(totals, sizes)),
    )
    used = [value or 0.0 for value in confidence.by(likelihood)]
    best = max(range(len(used)), key=used.__getitem__)
    sequence = _sequence_confidence(forced[best])
    return replace(confidence, option=used[best], sequence=sequence.sequence, mean_token=sequence.mean_token)


def _per_unit(sums: Sequence[float], sizes: Sequence[int]) -> list[float]:
    return [value / max(1, size) for value, size in zip(sums, sizes, strict=True)]


def of_open(tokens: Sequence[TokenLogprob]) -> Confidence:
    """Return the confidence of an open answer: sequence and mean token only, since it has no options."""
    return _without_option(answer_tokens(tokens), OPEN_ANSWER)


def _without_option(answer: Sequence[TokenLogprob], why: str) -> Confidence:
    return (
        replace(_sequence_confidence(answer), missing_why=why)
        if answer
        else Confidence(missing_why="the reply has no log-probabilities")
    )


def _sequence_confidence(answer: Sequence[TokenLogprob]) -> Confidence:
    total = _total_nats(answer)
    # A mean over only the tokens with a logprob would describe another answer.
    if total is None:
        return Confidence()
    return Confidence(sequence=math.exp(total), mean_token=math.fsum(map(_probability, answer)) / len(answer))


def _total_nats(tokens: Sequence[TokenLogprob]) -> float | None:
    """Summed logprob in nats; None where one of them is not valid."""
    values = [token.logprob_nats for token in tokens if token.logprob_nats is not None]
    return math.fsum(values) if len(values) == len(tokens) else None


def _probability(token: TokenLogprob) -> float:
    # Callers have checked that the logprob exists.
    return 0.0 if token.logprob_nats is None else math.exp(token.logprob_nats)


def _token_at(answer: Sequence[TokenLogprob], letter: str, at: int, item: Item) -> TokenLogprob | None:
    """The token that covers offset ``at`` of the answer; where texts do not line up, the last such letter."""
    text = "".join(token.token for token in answer)
    # Offsets may count from the first token or from the text after leading white space, so both are tried.
    starts = {at, at + len(text) - len(text.lstrip())}
    ends = accumulate(len(token.token) for token in answer)
    letters = [
        (token, end)
        for token, end in zip(answer, ends, strict=True)
        if letter in (_option_letter(token.token, item), _option_letter(token.token, item, small=True))
    ]
    covering = [
        token for token, end in letters if any(end - len(token.token) <= start < end for start in starts)
    ]
    return covering[0] if covering else letters[-1][0] if letters else None


def _from_mass(mass: dict[str, float], item: Item, answer: Sequence[TokenLogprob], chosen: str) -> Confidence:
    coverage = sum(mass.values())
    if coverage <= 0:
        return _without_option(answer, "no option among the alternatives")
    probs = tuple(
        [mass[letter] / coverage if letter in mass else None for letter in LETTERS[: len(item.choices)]]
    )
    sequence = _sequence_confidence(answer)
    return Confidence(
        mass[chosen] / coverage,
        probs,
        coverage=min(1.0, coverage),
        sequence=sequence.sequence,
        mean_token=sequence.mean_token,
    )


def _option_letter(token: str, item: Item, *, small: bool = False) -> str | None:
    # Nothing that is longer is one letter, and what is cached may be kept.
    letter = _strip_marks(token[:_LONGEST_TOKEN])
    letter = letter.upper() if small else letter
    return letter if len(letter) == 1 and letter in LETTERS[: len(item.choices)] else None


# Cached, because the same few tokens are the alternatives of every answer.
@lru_cache(1 << 12)
def _strip_marks(token: str) -> str:
    """The token without white space, brackets, quotes and punctuation around it."""
    return to_plain_characters(token).strip().strip(_MARKS).strip()


def _softmax(values: Sequence[float]) -> tuple[float, ...]:
    # The maximum is subtracted, because logprobs of long options sum to below −745, where exp() is 0.
    top = max(values)
    weights = [math.exp(value - top) for value in values]
    total = math.fsum(weights)
    return tuple([weight / total for weight in weights])
