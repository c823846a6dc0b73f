"""Replies remembered between two readings: in columns, where they take a sixth of what they take as objects."""

from __future__ import annotations

import math
from array import array
from collections.abc import Hashable, Sequence
from dataclasses import replace

from llmxray.cassette.sealed import Address
from llmxray.types import Alternative, Completion, TokenLogprob

# A build reads every reply two or three times.
_MOST_BYTES = 64_000_000
# What the columns, and the dictionary of addresses, take of each.
_REPLY_BYTES, _TOKEN_BYTES, _ALTERNATIVE_BYTES = 140, 28, 12


class _Pool[T: Hashable]:
    """Values, each kept once, by number."""

    def __init__(self) -> None:
        self.values: list[T] = []
        self._numbers: dict[T, int] = {}

    def number(self, value: T) -> int:
        number = self._numbers.setdefault(value, len(self.values))
        if number == len(self.values):
            self.values.append(value)
        return number

    def numbers(self, values: Sequence[T]) -> list[int]:
        """Numbers of several: nearly all of the time, each of them is known."""
        try:
            return [self._numbers[value] for value in values]
        except KeyError:
            return list(map(self.number, values))


class Remembered:
    """The replies that were put there first, until they fill the memory that is set aside for them.

    None is given up for another: builds go through all replies in one order, where the oldest would always be gone
    just before it is asked for.
    """

    def __init__(self) -> None:
        self._place: dict[Address, int] = {}
        self._rests, self._heads, self._texts = _Pool[Completion](), _Pool[TokenLogprob](), _Pool[str]()
        # Of each reply: what is left of it without tokens and times, its times, where its tokens begin.
        self._rest, self._times, self._tokens = array("I"), array("d"), array("Q", [0])
        # Of each token: what is left of it without numbers, its logprob and time, where its alternatives begin.
        self._head, self._numbers, self._tops = array("I"), array("d"), array("Q", [0])
        # Of each alternative.
        self._text, self._nats = array("I"), array("d")
        self._room = _MOST_BYTES

    def get(self, address: Address) -> Completion | None:
        """A reply equal to the one that was put there; None when it is not remembered."""
        place = self._place.get(address)
        if place is None:
            return None
        ttft_s, ttfa_s, latency_s = map(_known, self._times[3 * place : 3 * place + 3])
        tokens = tuple(map(self._token, range(self._tokens[place], self._tokens[place + 1])))
        rest = self._rests.values[self._rest[place]]
        return replace(rest, tokens=tokens, ttft_s=ttft_s, ttfa_s=ttfa_s, latency_s=latency_s)

    def put(self, address: Address, reply: Completion) -> None:
        """Remember a reply, if there is room for it."""
        alternatives = sum([len(token.top) for token in reply.tokens])
        size = _REPLY_BYTES + _TOKEN_BYTES * len(reply.tokens) + _ALTERNATIVE_BYTES * alternatives
        size += len(reply.text) + len(reply.reasoning)
        if address in self._place or size > self._room:
            return
        self._room -= size
        self._place[address] = len(self._rest)
        self._rest.append(
            self._rests.number(replace(reply, tokens=(), ttft_s=None, ttfa_s=None, latency_s=None))
        )
        self._times.extend(map(_number, (reply.ttft_s, reply.ttfa_s, reply.latency_s)))
        for token in reply.tokens:
            # Built, not replaced: that takes three times as long, and there are millions.
            head = TokenLogprob(token.token, token.bytes, None, part=token.part, invalid=token.invalid)
            self._head.append(self._heads.number(head))
            self._numbers.extend((_number(token.logprob_nats), token.t_s))
            self._text.extend(self._texts.numbers([each.token for each in token.top]))
            self._nats.extend([each.logprob_nats for each in token.top])
            self._tops.append(len(self._nats))
        self._tokens.append(len(self._head))

    def _token(self, place: int) -> TokenLogprob:
        start, end = self._tops[place : place + 2]
        texts, head = self._texts.values, self._heads.values[self._head[place]]
        tops = tuple(map(Alternative, [texts[each] for each in self._text[start:end]], self._nats[start:end]))
        nats, t_s = self._numbers[2 * place : 2 * place + 2]
        return TokenLogprob(head.token, head.bytes, _known(nats), tops, t_s, head.part, head.invalid)


def _number(value: float | None) -> float:
    # No time and no logprob is NaN: both are checked when they are read.
    return math.nan if value is None else value


def _known(number: float) -> float | None:
    return None if math.isnan(number) else number
