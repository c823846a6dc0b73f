"""What is left to record: trials by the server that they need, and a part of them for each machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from llmxray.cassette import Cassette
from llmxray.plan import Plan
from llmxray.report.numbers import plural
from llmxray.types import Condition, Trial
from llmxray.workflow.preparation import Prepared, fresh_folder


@dataclass(frozen=True, slots=True)
class Leg:
    """Trials that need the same server: one embedded model, or all endpoints that run by themselves."""

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

    def of(self, trials: Sequence[Trial]) -> list[Trial]:
        """The trials of this part; those that share a request are in one part, so that it is asked for once."""
        parts: dict[tuple[str, int], int] = {}
        mine = []
        for number, trial in enumerate(trials):
            asked = [(request.key, trial.sample) for request in trial.requests]
            part = next((parts[each] for each in asked if each in parts), number % self.count)
            for each in asked:
                parts.setdefault(each, part)
            if part == self.index - 1:
                mine.append(trial)
        return mine


def open_trials(prepared: Prepared, *, fresh: bool = False, shard: Shard | None = None) -> list[Trial]:
    """The trials that recording would ask for, leg by leg.

    Args:
        fresh: as for `record`, which goes on with an unfinished fresh cassette.
    """
    cassette = Cassette(recording_folder(prepared, fresh=fresh))
    part = shard or Shard(1, 1)
    return [trial for leg in legs_of(prepared) for trial in open_of_leg(prepared.plan, leg, cassette, part)]


def recording_folder(prepared: Prepared, *, fresh: bool = False) -> Path:
    """Where recordings go: into the cassette, or with ``fresh`` beside it until they are complete."""
    return fresh_folder(prepared.cassette) if fresh else prepared.cassette


def kept_sentence(prepared: Prepared, *, fresh: bool = False) -> str:
    """How many recordings an interrupted recording leaves, and where."""
    directory = recording_folder(prepared, fresh=fresh)
    count = len(Cassette(directory)) if directory.exists() else 0
    return f"{directory}: {plural(count, 'recording')} kept"


def legs_of(prepared: Prepared) -> list[Leg]:
    """One leg per embedded model, so that no two run at once, then one for all other endpoints."""
    local: dict[tuple[str, str], list[Condition]] = {}
    others: list[Condition] = []
    for condition in prepared.plan.conditions:
        endpoint = prepared.experiment.endpoints[condition.endpoint]
        if endpoint.base_url is None:
            local.setdefault((condition.endpoint, condition.model), []).append(condition)
        else:
            others.append(condition)
    # Two model servers on two cores slow each other a hundredfold.
    legs = [Leg(model, tuple(conditions)) for (_, model), conditions in local.items()]
    return [*legs, Leg("", tuple(others))] if others else legs


def open_of_leg(plan: Plan, leg: Leg, cassette: Cassette, shard: Shard) -> list[Trial]:
    """The leg's trials of which some request has no whole answer yet."""
    names = {condition.id for condition in leg.conditions}

    def done(trial: Trial) -> bool:
        return all(
            any(entry.complete for entry in cassette.tries(request.key, trial.sample))
            for request in trial.requests
        )

    mine = shard.of([trial for trial in plan.trials if trial.condition in names])
    return [trial for trial in mine if not done(trial)]
