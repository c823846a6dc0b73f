"""Parts of a recording: trials that one worker records together, for about a minute each. Pure."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from llmxray.types import Trial

# The first parts are small; they show how fast the servers are.
FIRST_TRIALS, MOST_TRIALS = 16, 400
PART_S = 60.0


@dataclass(frozen=True, slots=True)
class Part:
    """Trials for one worker.

    Attributes:
        number: counts from 0; a part that is done again keeps its number.
        tries: how often it has been given out before.
    """

    number: int
    condition: str
    trials: tuple[Trial, ...]
    tries: int = 0


def group_trials(trials: Iterable[Trial]) -> list[tuple[Trial, ...]]:
    """Group trials that share a request of the same sample; groups are in the order of their first trial.

    In different groups, two workers could send a shared request, and both would be paid for.
    """
    group_of: dict[tuple[str, int], list[Trial]] = {}
    groups: list[list[Trial]] = []
    for trial in trials:
        addresses = [(request.key, trial.sample) for request in trial.requests]
        sharing = [group_of[address] for address in addresses if address in group_of]
        matches = list({id(group): group for group in sharing}.values())
        if matches:
            group = matches[0]
            # This trial joins groups that had no request in common so far.
            for other in matches[1:]:
                group += other
                for moved in other:
                    group_of.update({(request.key, moved.sample): group for request in moved.requests})
                other.clear()
        else:
            group = []
            groups.append(group)
        group.append(trial)
        group_of.update(dict.fromkeys(addresses, group))
    return [tuple(group) for group in groups if group]


class Parts:
    """Hands out parts, sized by how long trials of their condition took so far.

    Args:
        trials: to record, in plan order.
        workers: number of workers. Near the end parts become smaller, so that all workers finish at about the same
            time.
    """

    def __init__(self, trials: Sequence[Trial], *, workers: int = 1) -> None:
        self.total = len(trials)
        self.workers = workers
        self._left: dict[str, deque[tuple[Trial, ...]]] = defaultdict(deque)
        for group in group_trials(trials):
            self._left[group[0].condition].append(group)
        self._trials_left = self.total
        self._again: deque[Part] = deque()
        # (seconds, number of trials) by condition.
        self._timings: dict[str, tuple[float, int]] = {}
        self._number = 0

    def take(self, condition: str = "") -> Part | None:
        """The next part, of this condition while it has trials left; None if all parts are given out.

        A worker that stays with a condition keeps its model loaded.
        """
        if self._again:
            return self._again.popleft()
        name = (
            condition
            if self._left.get(condition)
            else next((other for other, groups in self._left.items() if groups), "")
        )
        if not name:
            return None
        groups, trials = self._left[name], list[Trial]()
        most_trials = self._size(name)
        while groups and (not trials or len(trials) + len(groups[0]) <= most_trials):
            trials += groups.popleft()
        self._trials_left -= len(trials)
        self._number += 1
        return Part(self._number - 1, name, tuple(trials))

    @property
    def are_left(self) -> bool:
        """Whether any part is still to be given out."""
        return bool(self._again) or self._trials_left > 0

    def put_back(self, part: Part) -> None:
        """Give a part out again, before any other."""
        self._again.append(Part(part.number, part.condition, part.trials, part.tries + 1))

    def add_timing(self, part: Part, seconds: float) -> None:
        """Note how long a part took, for the size of later parts of its condition."""
        earlier_s, trials = self._timings.get(part.condition, (0.0, 0))
        self._timings[part.condition] = (earlier_s + seconds, trials + len(part.trials))

    def _size(self, condition: str) -> int:
        """Number of trials for the next part of a condition."""
        if condition not in self._timings:
            return FIRST_TRIALS
        seconds, trials = self._timings[condition]
        fitting = MOST_TRIALS if seconds <= 0 else int(PART_S * trials / seconds)
        share = -(-self._trials_left // (2 * max(1, self.workers)))
        return max(1, min(MOST_TRIALS, fitting, max(FIRST_TRIALS, share)))
