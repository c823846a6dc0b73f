"""What two recordings of the same requests say differently: replies, and probabilities token by token.

Replies are compared as read, not as bytes: ids and times of a reply differ in every recording. Tokens are
compared up to and including the first place where the two answers part, because until there both models have
read the same text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from llmxray.cassette.address import Entry
from llmxray.cassette.store import Cassette
from llmxray.types import SAME_PROBABILITY, Completion, TokenLogprob

# Of a reply, on its line: replies may have megabytes.
_SHOWN = 1000


@dataclass(frozen=True, slots=True)
class Shift:
    """One token's probability in both recordings, at one place of an answer.

    Attributes:
        position: 0-based place among the reply's tokens.
    """

    position: int
    token: str
    first: float
    second: float

    @property
    def size(self) -> float:
        """How far apart they are, 0 to 1."""
        return abs(self.second - self.first)


@dataclass(frozen=True, slots=True)
class ReplyDiff:
    """One sample of one request, recorded in both cassettes.

    Attributes:
        first, second: one line each: the beginning of its text, or how it ended.
        same: whether text, reasoning, finish reason and status agree.
        shift: the largest change of a probability, None without a comparison.
    """

    key: str
    sample: int
    first: str
    second: str
    same: bool
    shift: Shift | None


@dataclass(frozen=True, slots=True)
class CassetteDiff:
    """Two cassettes compared.

    Attributes:
        both: one entry per sample that both have, in the order of the first.
        only_first, only_second: (key, sample) that only one has.
    """

    both: tuple[ReplyDiff, ...]
    only_first: tuple[tuple[str, int], ...]
    only_second: tuple[tuple[str, int], ...]

    def probability_changes(self, tolerance: float = SAME_PROBABILITY) -> tuple[ReplyDiff, ...]:
        """The replies in which a probability changed by more than ``tolerance``, the largest change first."""
        moved = [each for each in self.both if each.shift is not None and each.shift.size > tolerance]
        return tuple(sorted(moved, key=lambda each: -each.shift.size if each.shift else 0.0))


def diff(first: Cassette, second: Cassette) -> CassetteDiff:
    """Compare the replies that count: of each sample the first whole try, else the last one."""
    left, right = _final_entries(first), _final_entries(second)
    both = [
        _reply_diff(key, _read(first, entry), _read(second, right[key]))
        for key, entry in left.items()
        if key in right
    ]
    return CassetteDiff(
        tuple(both),
        tuple(key for key in left if key not in right),
        tuple(key for key in right if key not in left),
    )


def largest_shift(first: Sequence[TokenLogprob], second: Sequence[TokenLogprob]) -> Shift | None:
    """The largest change of a probability, over the tokens that both recordings give one for."""
    best: Shift | None = None
    for position, (left, right) in enumerate(zip(first, second, strict=False)):
        before, after = _probabilities(left), _probabilities(right)
        for token in before:
            if token in after:
                shift = Shift(position, token, before[token], after[token])
                if best is None or shift.size > best.size:
                    best = shift
        # From here on the two have read different texts, and their probabilities answer different questions.
        if left.token != right.token:
            break
    return best


def _final_entries(cassette: Cassette) -> dict[tuple[str, int], Entry]:
    found: dict[tuple[str, int], Entry] = {}
    for entry in cassette.all_entries():
        key = (entry.address.key, entry.address.sample)
        if key not in found or not found[key].complete:
            found[key] = entry
    return found


def _read(cassette: Cassette, entry: Entry) -> tuple[Entry, Completion]:
    return entry, cassette.completion(entry.address)


def _reply_diff(
    key: tuple[str, int], first: tuple[Entry, Completion], second: tuple[Entry, Completion]
) -> ReplyDiff:
    return ReplyDiff(
        *key,
        _summary(*first),
        _summary(*second),
        _reply_content(*first) == _reply_content(*second),
        largest_shift(first[1].tokens, second[1].tokens),
    )


def _reply_content(entry: Entry, reply: Completion) -> tuple[object, ...]:
    said = (reply.text, reply.reasoning, reply.finish_reason, reply.refusal, reply.tool_calls, reply.unread)
    return entry.complete, entry.status, *said


def _summary(entry: Entry, reply: Completion) -> str:
    if not entry.complete:
        return f"no whole reply ({reply.error or f'HTTP {entry.status}'})"
    calls = " ".join(f"{call.name}({call.arguments})" for call in reply.tool_calls)
    said = reply.text or reply.refusal or calls or reply.reasoning
    return " ".join(said.lstrip()[:_SHOWN].split())


def _probabilities(token: TokenLogprob) -> dict[str, float]:
    """By token text, the sampled one included where it is known; the first of equal texts counts."""
    found: dict[str, float] = {}
    if token.logprob_nats is not None:
        found[token.token] = math.exp(token.logprob_nats)
    for each in token.top:
        found.setdefault(each.token, math.exp(each.logprob_nats))
    return found
