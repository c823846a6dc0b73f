"""Before recording: how many requests and tokens it will take, and about how long.

Where a condition has recordings (an old cassette that is recorded again, or one that was interrupted), their mean
latency and tokens are taken. Where it has none, tokens are bounded by the budget and nothing is said of time: no
rate is invented.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from llmxray.cassette import Cassette
from llmxray.types import Condition, Trial
from llmxray.wire import read_interaction
from llmxray.workflow.preparation import Prepared

# Enough for a mean, few enough to be read at once.
_LOOKED_AT = 40
# The usual rule of thumb for English text.
_CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Part:
    """What one condition will take.

    Attributes:
        prompt_tokens: about; completion_tokens: about where ``measured``, else at most.
        seconds: about; None where nothing of the condition was recorded before.
    """

    condition: str
    trials: int
    requests: int
    prompt_tokens: int
    completion_tokens: int
    seconds: float | None

    @property
    def measured(self) -> bool:
        """Whether an earlier recording is behind the numbers."""
        return self.seconds is not None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a recording will take, condition by condition."""

    parts: tuple[Part, ...]

    @property
    def seconds(self) -> float | None:
        """About how long all of it takes; None where a condition was never recorded."""
        known = [part.seconds for part in self.parts if part.seconds is not None]
        # Part of a time would read as all of it.
        return sum(known) if known and len(known) == len(self.parts) else None

    @property
    def sentence(self) -> str:
        """The forecast in a sentence, said as the estimate that it is."""
        trials, requests = (
            sum(getattr(part, name) for part in self.parts) for name in ("trials", "requests")
        )
        if not trials:
            return "nothing is missing: no request will be sent"
        prompt, completion = (
            sum(getattr(part, name) for part in self.parts) for name in ("prompt_tokens", "completion_tokens")
        )
        bound = "about" if all(part.measured for part in self.parts) else "at most"
        text = (
            f"{trials} trials in {requests} requests: an estimate of {prompt:,} prompt tokens and {bound} "
            f"{completion:,} completion tokens"
        )
        if self.seconds is None:
            return f"{text}; how long is known once answers arrive"
        minutes = self.seconds / 60
        return text + (
            f", about {minutes:.0f} minutes at the rate of the last recording"
            if minutes >= 2
            else f", about {self.seconds:.0f} seconds at the rate of the last recording"
        )


def forecast(prepared: Prepared, trials: Sequence[Trial]) -> Forecast:
    """What asking these trials will take.

    Raises:
        CassetteError: the old cassette cannot be read.
    """
    cassette = Cassette(prepared.cassette)
    by_condition: dict[str, list[Trial]] = {}
    for trial in trials:
        by_condition.setdefault(trial.condition, []).append(trial)
    known = {condition.id: condition for condition in prepared.plan.conditions}
    return Forecast(
        tuple(_part(prepared, cassette, known[name], mine) for name, mine in by_condition.items())
    )


def _part(prepared: Prepared, cassette: Cassette, condition: Condition, trials: Sequence[Trial]) -> Part:
    requests = [request for trial in trials for request in trial.requests]
    # An embedded model is asked one thing at a time, whatever the file says.
    in_flight = 1
    endpoint = prepared.experiment.endpoints[condition.endpoint]
    if not endpoint.is_embedded:
        in_flight = endpoint.concurrency
    written = sum(len(str(request.body.get("messages", ""))) for request in requests)
    prompt = written // _CHARACTERS_PER_TOKEN
    seen = _seen(prepared, cassette, condition.id)
    if not seen:
        most = len(requests) * condition.max_tokens
        return Part(condition.id, len(trials), len(requests), prompt, most, None)
    latency_s = sum(each[0] for each in seen) / len(seen)
    tokens = [each[1] for each in seen if each[1] is not None]
    each = sum(tokens) / len(tokens) if tokens else condition.max_tokens
    seconds = len(requests) * latency_s / in_flight
    return Part(condition.id, len(trials), len(requests), prompt, round(len(requests) * each), seconds)


def _seen(prepared: Prepared, cassette: Cassette, condition: str) -> list[tuple[float, int | None]]:
    """(seconds, completion tokens) of some whole replies of a condition, spread over the plan."""
    keys = [
        request.key
        for trial in prepared.plan.trials
        if trial.condition == condition
        for request in trial.requests
    ]
    whole = (
        entry
        # Spread, for suites differ in the length of their questions and stand one after the other.
        for key in keys[:: max(1, len(keys) // _LOOKED_AT)]
        for entry in cassette.entries(key)[:1]
        if entry.complete
    )
    found = []
    for entry in islice(whole, _LOOKED_AT):
        reply = read_interaction(cassette.get(entry.address))
        if reply.latency_s is not None:
            found.append((reply.latency_s, reply.completion_tokens))
    return found
