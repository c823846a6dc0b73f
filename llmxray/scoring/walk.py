"""Option confidence of an answer given as text: the walk.

The answer's tokens are taken one by one. An option is *consistent* while it can still be what is being said.
Wherever a token parts the consistent options, the alternatives at that token are sorted by the options they
lead to, and

    probability *= mass of the options that remain / mass of the options that were consistent
    coverage    *= mass of the options that were consistent

A token that all consistent options share changes neither. The walk ends when one option is left.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from llmxray.types import TokenLogprob

_UNREACHED = "the alternatives do not reach the options"
INVALID = "a log-probability is not valid"


def walk(tokens: Sequence[TokenLogprob], choices: Sequence[str], chosen: int) -> tuple[float, float] | str:
    """Return (probability of the chosen option, coverage), or the reason why there is none.

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
