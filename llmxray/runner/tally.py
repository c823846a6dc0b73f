"""Counts of a run in progress: by condition and by category, with the accuracy so far.

Accuracy is correct / (done − errors − unread − unscored), as results have it, with Wilson's interval; where questions
are repeated, answers are not independent and no interval is given while running.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from llmxray.metrics.accuracy import share
from llmxray.runner.watch import FinishedTrial
from llmxray.types import UNCOUNTED, Condition, Estimate, Item, Outcome, Trial

FIRST = 20
"""Number of answers that are looked at."""
# A quarter of them: one long question in twenty is no fault of the layout.
_MANY = 5


def cut_off(condition: Condition, outcomes: Iterable[Outcome]) -> str:
    """A warning if many of the first answers were cut off before they answered; "" otherwise.

    Args:
        outcomes: of the first `FIRST` answers of the condition, errors left out.
    """
    first = list(outcomes)
    n_truncated = sum(outcome is Outcome.TRUNCATED for outcome in first)
    if len(first) < FIRST or n_truncated < _MANY:
        return ""
    way_out = "raise 'budget:'"
    if condition.layout.startswith("zero-shot"):
        way_out = "show worked examples with 'layout: few-shot', or raise 'budget:'"
    return (
        f"{condition.id}: {n_truncated} of the first {FIRST} answers were cut off at {condition.max_tokens} tokens "
        f"before they answered; {way_out}"
    )


# More marks than a row ever shows; a run may have tens of thousands.
_KEPT = 200


@dataclass(slots=True)
class Count:
    """Trials of one part of the plan.

    Attributes:
        total: number of trials, done or not; outcomes: number of trials by outcome; marks: the latest outcomes in
            order.
        first: outcomes of the first answers, at most `FIRST`, errors left out.
        repeated: whether questions are asked more than once.
    """

    total: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    marks: deque[Outcome] = field(default_factory=lambda: deque(maxlen=_KEPT))
    first: list[Outcome] = field(default_factory=list)
    repeated: bool = False

    @property
    def done(self) -> int:
        """Number of trials that are done."""
        return self.outcomes.total()

    @property
    def accuracy(self) -> Estimate:
        """Accuracy so far."""
        n = self.done - sum(self.outcomes[outcome] for outcome in UNCOUNTED)
        missing = self.outcomes[Outcome.ERROR] + self.outcomes[Outcome.UNREAD]
        accuracy = share(self.outcomes[Outcome.CORRECT], n, missing)
        return Estimate(accuracy.value, n=n, n_missing=accuracy.n_missing) if self.repeated else accuracy

    def add(self, outcome: Outcome) -> None:
        """Count one more trial."""
        self.outcomes[outcome] += 1
        self.marks.append(outcome)
        if outcome is not Outcome.ERROR and len(self.first) < FIRST:
            self.first.append(outcome)


type Part = tuple[str, str, str]


class Tally:
    """All counts of a run so far.

    Args:
        trials: of this run.
        items: of the plan, by (suite, item id).
    """

    def __init__(self, trials: Sequence[Trial], items: Mapping[tuple[str, str], Item]) -> None:
        self.overall = Count()
        self.conditions: dict[str, Count] = {}
        self.parts: dict[Part, Count] = {}
        self.tokens = 0
        self.last: FinishedTrial | None = None
        self._items = items
        for trial in trials:
            for count in self._counts(trial):
                count.total += 1
                count.repeated |= trial.sample > 0

    def of(self, condition: str) -> dict[tuple[str, str], Count]:
        """Counts of one condition by (suite, category), in plan order."""
        return {part[1:]: count for part, count in self.parts.items() if part[0] == condition}

    def add(self, finished: FinishedTrial) -> None:
        """Count a trial that is done."""
        for count in self._counts(finished.trial):
            count.add(finished.scored.outcome)
        self.tokens += finished.tokens or 0
        self.last = finished

    def _counts(self, trial: Trial) -> tuple[Count, Count, Count]:
        category = self._items[trial.suite, trial.item].category
        return (
            self.overall,
            self.conditions.setdefault(trial.condition, Count()),
            self.parts.setdefault((trial.condition, trial.suite, category), Count()),
        )
