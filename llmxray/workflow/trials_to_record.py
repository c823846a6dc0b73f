"""The trials that are left to record, grouped by the server that they need, and split into parts for machines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from llmxray.cassette import Cassette
from llmxray.errors import InputError
from llmxray.plan import Plan
from llmxray.report.numbers import plural
from llmxray.types import Condition, Trial
from llmxray.workflow.preparation import Prepared, check_nothing_is_dropped, fresh_folder


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
    """One of ``count`` about equal parts of the trials, so that several machines can share a recording.

    Attributes:
        index: from 1 to ``count``.
    """

    index: int
    count: int

    def __post_init__(self) -> None:
        if not 1 <= self.index <= self.count:
            raise InputError(f"a part is one of 1 to N, not {self.index} of {self.count}")

    def of(self, trials: Sequence[Trial]) -> list[Trial]:
        """The trials of this part. Trials that share a request are in the same part, so that it is sent once."""
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


def recording_folder(prepared: Prepared, *, fresh: bool = False) -> Path:
    """Where recordings go: into the cassette, or with ``fresh`` beside it until they are complete.

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
    """One group per embedded model, so that no two run at once, then one for all other endpoints."""
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

    def is_done(trial: Trial) -> bool:
        return all(
            any(entry.complete for entry in cassette.tries(request.key, trial.sample))
            for request in trial.requests
        )

    own = shard.of([trial for trial in plan.trials if trial.condition in ids])
    return [trial for trial in own if not is_done(trial)]
