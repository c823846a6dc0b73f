"""Which trials are recorded together, and how many: about a minute's worth for one worker. Pure."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from llmxray.types import Trial

# The first parts tell how fast the servers are.
FIRST_TRIALS, MOST_TRIALS = 16, 400
PART_S = 60.0


@dataclass(frozen=True, slots=True)
class Part:
    """Trials for one worker.

    Attributes:
        number: counts from 0; a part that is done again keeps it.
        tries: how many times it has been given out before.
    """

    number: int
    condition: str
    trials: tuple[Trial, ...]
    tries: int = 0


def grouped(trials: Iterable[Trial]) -> list[tuple[Trial, ...]]:
    """Trials that share a request with the same sample, together; in the order of their first trial.

    Apart, a shared request would be asked for, and paid for, by two workers.
    """
    home: dict[tuple[str, int], list[Trial]] = {}
    groups: list[list[Trial]] = []
    for trial in trials:
        asked = [(request.key, trial.sample) for request in trial.requests]
        found = list({id(home[each]): home[each] for each in asked if each in home}.values())
        if found:
            group = found[0]
            # This trial ties groups that had nothing in common so far.
            for other in found[1:]:
                group += other
                for each in other:
                    home.update({(request.key, each.sample): group for request in each.requests})
                other.clear()
        else:
            group = []
            groups.append(group)
        group.append(trial)
        home.update(dict.fromkeys(asked, group))
    return [tuple(group) for group in groups if group]


class Parts:
    """Hands out parts, sized by how long trials of their condition took so far.

    Args:
        trials: what is to be recorded, in plan order.
        workers: how many there are; near the end parts become smaller, so that all finish at about the same time.
    """

    def __init__(self, trials: Sequence[Trial], *, workers: int = 1) -> None:
        self.total = len(trials)
        self.workers = workers
        self._left: dict[str, deque[tuple[Trial, ...]]] = defaultdict(deque)
        for group in grouped(trials):
            self._left[group[0].condition].append(group)
        self._trials_left = self.total
        self._again: deque[Part] = deque()
        self._spent: dict[str, tuple[float, int]] = {}
        self._number = 0

    def take(self, condition: str = "") -> Part | None:
        """The next part, of this condition while it has trials left; None when all are given out.

        A worker that stays with a condition keeps its model loaded.
        """
        if self._again:
            return self._again.popleft()
        name = (
            condition
            if self._left.get(condition)
            else next((each for each, left in self._left.items() if left), "")
        )
        if not name:
            return None
        left, trials = self._left[name], list[Trial]()
        most = self._size(name)
        while left and (not trials or len(trials) + len(left[0]) <= most):
            trials += left.popleft()
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

    def measured(self, part: Part, seconds: float) -> None:
        """Learn from how long a part took."""
        spent, trials = self._spent.get(part.condition, (0.0, 0))
        self._spent[part.condition] = (spent + seconds, trials + len(part.trials))

    def _size(self, condition: str) -> int:
        if condition not in self._spent:
            return FIRST_TRIALS
        spent, trials = self._spent[condition]
        fitting = MOST_TRIALS if spent <= 0 else int(PART_S * trials / spent)
        share = -(-self._trials_left // (2 * max(1, self.workers)))
        return max(1, min(MOST_TRIALS, fitting, max(FIRST_TRIALS, share)))
