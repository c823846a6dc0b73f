"""Trunks with their recorded branches, each scored as its trunk was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from llmxray.branches.forks import Branching, Fork, branchings
from llmxray.cassette import Cassette
from llmxray.plan import Plan
from llmxray.results import Scorer, reply
from llmxray.scoring import Scored
from llmxray.types import Completion, TokenLogprob, Trial
from llmxray.wire import is_cut


@dataclass(frozen=True, slots=True)
class Branch:
    """What followed a forced token, and its score."""

    fork: Fork
    reply: Completion
    scored: Scored


@dataclass(frozen=True, slots=True)
class Trunk:
    """A recorded answer with its branches.

    Attributes:
        trial: of the answer.
        reply: the answer itself. scored: its score.
        repeats: whether its control wrote the same tokens; without that no branch is shown.
        branches: those that began as they were forced to; none without a control that repeats.
        astray: number of replies with other tokens than they were forced to begin with.
    """

    trial: Trial
    reply: Completion
    scored: Scored
    repeats: bool
    branches: tuple[Branch, ...]
    astray: int


def read_trunks(plan: Plan, cassette: Cassette, scorer: Scorer) -> Iterator[Trunk]:
    """Yield every answer whose control was recorded, in plan order."""
    for found in branchings(plan, cassette):
        replies = [reply(cassette, trial.requests[0], trial.sample).completion for trial in found.trials]
        if replies[0] is not None:
            yield _trunk(found, replies[0], replies[1:], scorer)


def _trunk(
    found: Branching, control: Completion, replies: Sequence[Completion | None], scorer: Scorer
) -> Trunk:
    trunk, own = found.trunk, found.reply.tokens
    repeats = _repeats(control, found.reply)
    recorded = [(fork, each) for fork, each in zip(found.forks[1:], replies, strict=True) if each is not None]
    kept = [
        Branch(fork, each, scorer(trunk, [each]))
        for fork, each in recorded
        if _texts(each.tokens[: fork.place + 1]) == [*_texts(own[: fork.place]), fork.token]
    ]
    return Trunk(
        trunk,
        found.reply,
        scorer(trunk, [found.reply]),
        repeats,
        tuple(kept) if repeats else (),
        len(recorded) - len(kept),
    )


def _repeats(control: Completion, trunk: Completion) -> bool:
    """Whether a control wrote the trunk's tokens, to its end or to that of a smaller budget."""
    own, again = _texts(trunk.tokens), _texts(control.tokens)
    return own == again or (is_cut(control.finish_reason) and own[: len(again)] == again)


def _texts(tokens: Sequence[TokenLogprob]) -> list[str]:
    return [token.token for token in tokens]
