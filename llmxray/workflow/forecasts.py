"""Before recording: how many requests and tokens it will take, and about how long.

If a condition has recordings (in an old cassette that is recorded again, or in one that was interrupted), their mean
latency and tokens are used. If it has none, the budget bounds the tokens and no time is given: no rate is invented.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from llmxray.cassette import Cassette
from llmxray.types import PlannedRequest, Trial
from llmxray.wire import prompt_of, read_interaction
from llmxray.workflow.preparation import Prepared

# Recordings to read for a mean: few enough to be read quickly.
_SAMPLED = 40
# The usual rule of thumb for English text.
_CHARACTERS_PER_TOKEN = 4


def forecast(prepared: Prepared, trials: Sequence[Trial]) -> str:
    """Estimate the requests, tokens and time of these trials, in a sentence that calls it an estimate.

    Raises:
        CassetteError: the old cassette cannot be read.
    """
    if not trials:
        return "nothing is missing: no request will be sent"
    cassette = Cassette(prepared.cassette)
    conditions = {condition.id: condition for condition in prepared.plan.conditions}
    n_requests = prompt_tokens = 0
    completion_tokens = seconds = 0.0
    is_measured = True
    by_condition = sorted(trials, key=lambda trial: trial.condition)
    for name, own_trials in groupby(by_condition, key=lambda trial: trial.condition):
        requests = [request for trial in own_trials for request in trial.requests]
        endpoint = prepared.experiment.endpoints[conditions[name].endpoint]
        n_requests += len(requests)
        n_characters = sum(len(str(prompt_of(request.body) or "")) for request in requests)
        prompt_tokens += n_characters // _CHARACTERS_PER_TOKEN
        costs = _recorded_costs(prepared, cassette, name)
        tokens = [count for _, count in costs if count is not None]
        mean_tokens = sum(tokens) / len(tokens) if tokens else conditions[name].max_tokens
        completion_tokens += len(requests) * mean_tokens
        # An embedded model gets one request at a time, whatever the file says.
        in_flight = 1 if endpoint.is_embedded else endpoint.concurrency
        if costs:
            seconds += len(requests) * sum(latency_s for latency_s, _ in costs) / len(costs) / in_flight
        is_measured &= bool(costs)
    text = (
        f"{len(trials)} trials in {n_requests} requests: an estimate of {prompt_tokens:,} prompt tokens and "
        f"{'about' if is_measured else 'at most'} {completion_tokens:,.0f} completion tokens"
    )
    # The time of some conditions would read as that of all.
    if not is_measured:
        return f"{text}; how long is known once answers arrive"
    length = f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} seconds"
    return f"{text}, about {length} at the rate of the last recording"


def _recorded_costs(prepared: Prepared, cassette: Cassette, condition: str) -> list[tuple[float, int | None]]:
    """(seconds, completion tokens) of some whole replies of a condition."""
    requests: list[PlannedRequest] = [
        request
        for trial in prepared.plan.trials
        if trial.condition == condition
        for request in trial.requests
    ]
    costs = []
    # Spread over the plan, because suites differ in the length of their questions.
    for request in requests[:: max(1, len(requests) // _SAMPLED)]:
        for entry in cassette.entries(request.key)[:1]:
            reply = read_interaction(cassette.get(entry.address))
            if entry.complete and reply.latency_s is not None:
                costs.append((reply.latency_s, reply.completion_tokens))
    return costs
