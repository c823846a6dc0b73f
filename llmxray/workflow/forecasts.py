"""Before recording: how many requests and tokens it will take, and about how long.

If a condition has recordings (in an old cassette that is recorded again, or in one that was interrupted), their mean
latency and tokens are used. If it has none, the budget bounds the tokens and no time is given: no rate is invented.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from llmxray.cassette import Cassette
from llmxray.types import Condition, Trial
from llmxray.wire import read_interaction
from llmxray.workflow.preparation import Prepared

# Recordings to read for a mean: few enough to be read quickly.
_SAMPLED = 40
# The usual rule of thumb for English text.
_CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class ConditionForecast:
    """The estimate for one condition.

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
        """Whether the numbers come from an earlier recording."""
        return self.seconds is not None


@dataclass(frozen=True, slots=True)
class Forecast:
    """The estimate for a recording, condition by condition."""

    parts: tuple[ConditionForecast, ...]

    @property
    def seconds(self) -> float | None:
        """About how long all conditions take; None if one of them was never recorded."""
        known = [part.seconds for part in self.parts if part.seconds is not None]
        # The sum of some conditions would read as the time of all.
        return sum(known) if known and len(known) == len(self.parts) else None

    @property
    def sentence(self) -> str:
        """The forecast in a sentence that calls it an estimate."""
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
    """Estimate the requests, tokens and time of these trials.

    Raises:
        CassetteError: the old cassette cannot be read.
    """
    cassette = Cassette(prepared.cassette)
    by_condition: dict[str, list[Trial]] = {}
    for trial in trials:
        by_condition.setdefault(trial.condition, []).append(trial)
    known = {condition.id: condition for condition in prepared.plan.conditions}
    return Forecast(
        tuple(
            _part(prepared, cassette, known[name], condition_trials)
            for name, condition_trials in by_condition.items()
        )
    )


def _part(
    prepared: Prepared, cassette: Cassette, condition: Condition, trials: Sequence[Trial]
) -> ConditionForecast:
    requests = [request for trial in trials for request in trial.requests]
    # An embedded model gets one request at a time, whatever the file says.
    in_flight = 1
    endpoint = prepared.experiment.endpoints[condition.endpoint]
    if not endpoint.is_embedded:
        in_flight = endpoint.concurrency
    n_characters = sum(len(str(request.body.get("messages", ""))) for request in requests)
    prompt = n_characters // _CHARACTERS_PER_TOKEN
    costs = _recorded_costs(prepared, cassette, condition.id)
    if not costs:
        most_tokens = len(requests) * condition.max_tokens
        return ConditionForecast(condition.id, len(trials), len(requests), prompt, most_tokens, None)
    latency_s = sum(seconds for seconds, _ in costs) / len(costs)
    tokens = [n for _, n in costs if n is not None]
    mean_tokens = sum(tokens) / len(tokens) if tokens else condition.max_tokens
    seconds = len(requests) * latency_s / in_flight
    return ConditionForecast(
        condition.id, len(trials), len(requests), prompt, round(len(requests) * mean_tokens), seconds
    )


def _recorded_costs(prepared: Prepared, cassette: Cassette, condition: str) -> list[tuple[float, int | None]]:
    """(seconds, completion tokens) of some whole replies of a condition, spread over the plan."""
    keys = [
        request.key
        for trial in prepared.plan.trials
        if trial.condition == condition
        for request in trial.requests
    ]
    whole_entries = (
        entry
        # Spread over the plan, because suites differ in the length of their questions.
        for key in keys[:: max(1, len(keys) // _SAMPLED)]
        for entry in cassette.entries(key)[:1]
        if entry.complete
    )
    costs = []
    for entry in islice(whole_entries, _SAMPLED):
        reply = read_interaction(cassette.get(entry.address))
        if reply.latency_s is not None:
            costs.append((reply.latency_s, reply.completion_tokens))
    return costs
