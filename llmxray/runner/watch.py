"""Watching a run: the answers in progress, and the outcome of each trial.

The runner calls a `Watch` for every piece it receives. A `Listener` keeps the pieces of the trials in progress, reads
the reply that is shown, and scores a finished trial with the same scorer as results do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from llmxray.results import Scorer
from llmxray.scoring import Scored, thinking_split
from llmxray.types import Chunk, Completion, PlannedRequest, Trial
from llmxray.wire import APIS, SseDecoder, event_texts, json_values


class Watch(Protocol):
    """Follows a run; all methods are called on the run's own thread."""

    def began(self, trial: Trial, request: PlannedRequest) -> None:
        """A request of the trial is being sent, perhaps again."""

    def received(self, trial: Trial, request: PlannedRequest, piece: bytes, t_s: float) -> None:
        """A piece of the body has arrived, ``t_s`` seconds after the request was sent."""

    def ended(self, trial: Trial, request: PlannedRequest, status: int | None, content_type: str) -> None:
        """The reply has ended; ``status`` is None if it broke off or never came."""


@dataclass(frozen=True, slots=True)
class FinishedTrial:
    """A trial that is done.

    Attributes:
        scored: as results will score it.
        tokens: completion tokens of all its requests, None if a server did not say.
        latency_s: seconds over all its requests.
    """

    trial: Trial
    scored: Scored
    tokens: int | None
    latency_s: float | None
    ttft_s: float | None


@dataclass(slots=True)
class OpenReply:
    """A reply in progress.

    Attributes:
        chunks: what has arrived.
    """

    trial: Trial
    request: PlannedRequest
    chunks: list[Chunk] = field(default_factory=list)
    _read: int = 0
    _decoder: SseDecoder = field(default_factory=SseDecoder)
    _text: str = ""
    _reasoning: str = ""

    def so_far(self, *, thinks: bool = False) -> tuple[str, str]:
        """(thinking, answer) as far as they have arrived; reads only the pieces since the last call."""
        new, self._read = self.chunks[self._read :], len(self.chunks)
        events = [event for chunk in new for event in self._decoder.feed(chunk.raw)]
        for event in events:
            payload = json_values.parse(event.data)
            if isinstance(payload, dict):
                had = bool(self._text or self._reasoning)
                thinking, answer = event_texts(payload, after_deltas=had)
                self._reasoning, self._text = self._reasoning + thinking, self._text + answer
        thinking, answer, _ = thinking_split(Completion(self._text, self._reasoning), thinks=thinks)
        return thinking, answer


type _Key = tuple[str, int | None]


class Listener:
    """A `Watch` that can show any open reply and scores every finished trial.

    Args:
        scorer: the plan's, as results use it.
    """

    def __init__(self, scorer: Scorer) -> None:
        self.scorer = scorer
        self._open: dict[_Key, OpenReply] = {}
        self._replies: dict[str, dict[int | None, Completion | None]] = {}

    @property
    def current(self) -> OpenReply | None:
        """The open reply that was asked for first."""
        return next(iter(self._open.values()), None)

    def began(self, trial: Trial, request: PlannedRequest) -> None:
        """A request is being sent; the pieces of an earlier try are dropped."""
        # Removed first, so that a retry goes to the end of the order.
        self._open.pop((trial.id, request.option), None)
        self._open[trial.id, request.option] = OpenReply(trial, request)

    def received(self, trial: Trial, request: PlannedRequest, piece: bytes, t_s: float) -> None:
        """Keep a piece."""
        self._open[trial.id, request.option].chunks.append(Chunk(t_s, piece))

    def ended(self, trial: Trial, request: PlannedRequest, status: int | None, content_type: str) -> None:
        """Read the whole reply; only a whole one with status 200 counts."""
        reply = self._open.pop((trial.id, request.option))
        completion = None
        if status == 200:
            read = APIS[self.scorer.conditions[trial.condition].api].read
            completion = read(reply.chunks, content_type=content_type, status=status)
        whole = completion if completion is not None and completion.whole else None
        self._replies.setdefault(trial.id, {})[request.option] = whole

    def finished(self, trial: Trial) -> FinishedTrial:
        """Score a trial whose requests have all ended."""
        by_option = self._replies.pop(trial.id, {})
        replies = [by_option.get(request.option) for request in trial.requests]
        whole = [reply for reply in replies if reply is not None]
        tokens = [
            # Without usage, the entries of logprobs are counted, one per token.
            reply.completion_tokens if reply.completion_tokens is not None else len(reply.tokens) or None
            for reply in whole
        ]
        times = [reply.latency_s for reply in whole]
        return FinishedTrial(
            trial,
            self.scorer(trial, replies),
            sum(n for n in tokens if n is not None) if tokens and None not in tokens else None,
            sum(t for t in times if t is not None) if times and None not in times else None,
            whole[0].ttft_s if whole else None,
        )
