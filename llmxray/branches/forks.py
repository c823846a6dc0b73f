"""Where answers fork by the rule of the file, and the requests that ask what would have followed."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import cast

from llmxray.cassette import Cassette
from llmxray.experiment.branches import Branches
from llmxray.plan import Plan
from llmxray.plan.model import key_of
from llmxray.results import reply
from llmxray.scoring import thinking_split
from llmxray.types import (
    BUDGET_FIELDS,
    Alternative,
    Completion,
    Condition,
    PlannedRequest,
    TokenLogprob,
    Trial,
)

# The number behind "=", such as "$1,250.50".
_RESULT = re.compile(r"=\s*[$€£]?\s*(\d[\d.,]*)")
# What a part of a character decodes to: no text can force it.
_PART = "\ufffd"
# A digit less likely than this was hardly a choice: forced, it would only spoil a sum.
_LEAST_P = 0.01
# Alternatives asked for, no more than pages show.
_ALTERNATIVES = 5


@dataclass(frozen=True, slots=True)
class Fork:
    """One token of a trunk, and the one that is forced in its place; the same one in a control.

    Attributes:
        place: of the token among those of the reply.
        written: the trunk's token. token: the forced one.
        written_p, token_p: their probabilities, 0–1.
    """

    place: int
    written: str
    token: str
    written_p: float
    token_p: float

    @property
    def is_control(self) -> bool:
        """Whether the trunk's own token is forced."""
        return self.token == self.written


@dataclass(frozen=True, slots=True)
class Branching:
    """A trunk with the forks of its reply.

    Attributes:
        trunk: its trial.
        forks: the control first, then by place.
        trials: one for each fork, which sends its request.
    """

    trunk: Trial
    reply: Completion
    forks: tuple[Fork, ...]
    trials: tuple[Trial, ...]


def branchings(plan: Plan, cassette: Cassette, trials: Iterable[Trial] | None = None) -> Iterator[Branching]:
    """Yield the recorded answers that have forks by the plan's rule, in plan order.

    Args:
        plan: with the rule.
        cassette: that has the trunks.
        trials: of the plan, if not all.
    """
    if plan.branches is None:
        return
    conditions = {each.id: each for each in plan.conditions if each.id in (plan.branches.of or {each.id})}
    for trunk in plan.trials if trials is None else trials:
        # Options that are weighed are forced already.
        if trunk.condition not in conditions or [request.option for request in trunk.requests] != [None]:
            continue
        recorded = reply(cassette, trunk.requests[0], trunk.sample).completion
        if recorded is None or thinking_split(recorded)[0]:
            continue
        if not (forks := forks_of(recorded.tokens, plan.branches)):
            continue
        forks = (replace(forks[0], token=forks[0].written, token_p=forks[0].written_p), *forks)
        sent = tuple(
            _trial(trunk, fork, recorded.tokens, conditions[trunk.condition], plan) for fork in forks
        )
        yield Branching(trunk, recorded, forks, sent)


def forks_of(tokens: Sequence[TokenLogprob], rule: Branches) -> tuple[Fork, ...]:
    """The forks of a reply by the rule of the file, by place; the rule never looks at whether the reply is right."""
    texts = [_text(token) for token in tokens]
    second = {
        place: other
        for place, token in enumerate(tokens)
        # The model would begin such a token with the one that it wrote.
        if (other := _likeliest(token)) and not other.token.startswith(token.token)
    }
    doubtful = [place for place, other in second.items() if _p(other) >= rule.second / 100]
    doubtful.sort(key=lambda place: -second[place].logprob_nats)
    chosen = {(place, second[place]) for place in doubtful[: rule.at_most]}
    if rule.digits:
        chosen |= {
            (place, other)
            for place in _results(texts)
            if (other := _likeliest(tokens[place], digits=True)) and _p(other) >= _LEAST_P
        }
    # A character in pieces has no text to force before its last one.
    whole = next((place for place, text in enumerate(texts) if _PART in text), len(texts))
    return tuple(
        Fork(place, tokens[place].token, other.token, math.exp(tokens[place].logprob_nats or 0.0), _p(other))
        for place, other in sorted(chosen, key=lambda each: (each[0], -each[1].logprob_nats))
        if place < whole and tokens[place].logprob_nats is not None
    )


def _likeliest(token: TokenLogprob, *, digits: bool = False) -> Alternative | None:
    """The likeliest other token; of digits alone if wanted."""
    others = [
        each
        for each in token.top
        if each.token not in ("", token.token)
        and _PART not in each.token
        and (not digits or _is_digits(each.token))
    ]
    return max(others, key=lambda each: each.logprob_nats, default=None)


def _results(texts: Sequence[str]) -> Iterator[int]:
    """Places of the tokens with digits of a number behind "="."""
    spans = [found.span(1) for found in _RESULT.finditer("".join(texts))]
    for place, (begin, end) in enumerate(pairwise(accumulate(map(len, texts), initial=0))):
        if _is_digits(texts[place]) and any(first < end and begin < last for first, last in spans):
            yield place


def _is_digits(text: str) -> bool:
    return text.strip().isascii() and text.strip().isdigit()


def _p(alternative: Alternative) -> float:
    return math.exp(alternative.logprob_nats)


def _text(token: TokenLogprob) -> str:
    return token.token if token.bytes is None else token.bytes.decode(errors="replace")


def _trial(
    trunk: Trial, fork: Fork, tokens: Sequence[TokenLogprob], condition: Condition, plan: Plan
) -> Trial:
    body = dict(trunk.requests[0].body)
    rule = plan.branches
    assert rule is not None
    beginning = "".join(map(_text, tokens[: fork.place])) + fork.token
    # Any text may follow, of which the model takes the likeliest, as it did in the trunk; but not what would make the
    # forced token the trunk's own again ("euro" and then "s").
    rest = fork.written.removeprefix(fork.token) if fork.written.startswith(fork.token) else ""
    after = f"([^\\U{ord(rest[0]):08X}] [^\\x00]*)?" if rest else "([^\\x00])*"
    body["grammar"] = f"root ::= {json.dumps(beginning, ensure_ascii=False)} {after}"
    body["top_logprobs"] = min(_ALTERNATIVES, cast(int, body["top_logprobs"]))
    for name in BUDGET_FIELDS:
        if type(budget := body.get(name)) is int:
            body[name] = min(budget, fork.place + 1 + rule.max_tokens)
    request = PlannedRequest(key_of(condition, body, plan.ignored), body)
    kind = "control" if fork.is_control else json.dumps(fork.token, ensure_ascii=False)
    return replace(trunk, id=f"{trunk.id}/{fork.place}/{kind}", requests=(request,))
