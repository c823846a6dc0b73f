"""The trials that are left to record, by the server that they need and in parts for machines, and what they will take.

If a condition has recordings (in an old cassette that is recorded again, or in one that was interrupted), their mean
latency and tokens are used. If it has none, the budget bounds the tokens and no time is given: no rate is invented.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from llmxray.branches import branchings
from llmxray.cassette import Cassette
from llmxray.errors import InputError
from llmxray.plan import Plan
from llmxray.report.numbers import plural
from llmxray.types import Condition, PlannedRequest, Trial
from llmxray.wire import prompt_of, read_interaction
from llmxray.workflow.preparation import Prepared, check_nothing_is_dropped, fresh_folder

# Recordings to read for a mean: few enough to be read quickly.
_SAMPLED = 40
# The usual rule of thumb for English text.
_CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class ServerGroup:
    """Trials that need the same servers: one embedded model, or all endpoints that run by themselves.

    Attributes:
        local_model: name of the embedded model; "" for the other endpoints.
    """

    local_model: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Shard:
    """One of ``count`` about equal parts of the trials, for recording on several machines.

    Attributes:
        index: from 1 to ``count``.
    """

    index: int
    count: int

    def __post_init__(self) -> None:
        if not 1 <= self.index <= self.count:
            raise InputError(f"a part is one of 1 to N, not {self.index} of {self.count}")

    def of(self, trials: Sequence[Trial]) -> list[Trial]:
        """The trials of this part. Trials that share a request are in the same part."""
        # Number of the part by request and sample.
        parts: dict[tuple[str, int], int] = {}
        own = []
        for number, trial in enumerate(trials):
            addresses = [(request.key, trial.sample) for request in trial.requests]
            part = next((parts[address] for address in addresses if address in parts), number % self.count)
            for address in addresses:
                parts.setdefault(address, part)
            if part == self.index - 1:
                own.append(trial)
        return own


def remaining_trials(prepared: Prepared, *, fresh: bool = False, shard: Shard | None = None) -> list[Trial]:
    """The trials that `record` would send, group by group.

    Args:
        fresh: as for `record`, which goes on with an unfinished fresh cassette.
    """
    cassette = Cassette(recording_folder(prepared, fresh=fresh))
    part = shard or Shard(1, 1)
    return [
        trial
        for group in server_groups(prepared)
        for trial in remaining_of_group(prepared.plan, group, cassette, part)
    ]


def missing_branches(prepared: Prepared, *, fresh: bool = False, shard: Shard | None = None) -> list[Trial]:
    """The branches of recorded answers that `record` would send; those of other answers follow from what is written."""
    cassette = Cassette(recording_folder(prepared, fresh=fresh))
    part = shard or Shard(1, 1)
    return [
        trial
        for group in server_groups(prepared)
        for trial in remaining_branches(prepared.plan, group, cassette, part)
    ]


def recording_folder(prepared: Prepared, *, fresh: bool = False) -> Path:
    """Folder of recordings: the cassette, or with ``fresh`` one beside it until complete.

    Raises:
        InputError: the fresh recording would be of the first questions only, and take the place of more.
    """
    if fresh and prepared.whole is not None:
        check_nothing_is_dropped(prepared.cassette, prepared.plan)
    return fresh_folder(prepared.cassette) if fresh else prepared.cassette


def interruption_note(prepared: Prepared, *, fresh: bool = False) -> str:
    """A sentence on how many recordings an interrupted recording has kept, and where."""
    directory = recording_folder(prepared, fresh=fresh)
    count = len(Cassette(directory)) if directory.exists() else 0
    return f"{directory}: {plural(count, 'recording')} kept"


def server_groups(prepared: Prepared) -> list[ServerGroup]:
    """One group per embedded model, to run one at a time, then one for all other endpoints."""
    local: dict[tuple[str, str], list[Condition]] = {}
    others: list[Condition] = []
    for condition in prepared.plan.conditions:
        endpoint = prepared.experiment.endpoints[condition.endpoint]
        if endpoint.base_url is None:
            local.setdefault((condition.endpoint, condition.model), []).append(condition)
        else:
            others.append(condition)
    # Embedded models run one after the other: two model servers on two cores slow each other a hundredfold.
    groups = [ServerGroup(model, tuple(conditions)) for (_, model), conditions in local.items()]
    return [*groups, ServerGroup("", tuple(others))] if others else groups


def remaining_of_group(plan: Plan, group: ServerGroup, cassette: Cassette, shard: Shard) -> list[Trial]:
    """The group's trials that have a request without a whole answer.

    Args:
        plan: holds the trials.
        group: whose conditions are recorded.
        cassette: holds the answers so far.
        shard: the part of the trials that is recorded.
    """
    ids = {condition.id for condition in group.conditions}
    own = shard.of([trial for trial in plan.trials if trial.condition in ids])
    return [trial for trial in own if not _is_done(cassette, trial)]


def remaining_branches(plan: Plan, group: ServerGroup, cassette: Cassette, shard: Shard) -> list[Trial]:
    """The branches, and their controls, of the group's recorded answers that have no whole reply; see above."""
    ids = {condition.id for condition in group.conditions}
    own = shard.of([trial for trial in plan.trials if trial.condition in ids])
    return [
        trial
        for found in branchings(plan, cassette, own)
        for trial in found.trials
        if not _is_done(cassette, trial)
    ]


def _is_done(cassette: Cassette, trial: Trial) -> bool:
    return all(
        any(entry.complete for entry in cassette.tries(request.key, trial.sample))
        for request in trial.requests
    )


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
