"""What changed between two recordings of one experiment: replies, probabilities, and how trials came out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from llmxray import plan as plans
from llmxray import results as results_room
from llmxray.cassette import Cassette
from llmxray.cassette.diff import CassetteDiff
from llmxray.cassette.diff import diff as diff_cassettes
from llmxray.types import SAME_PROBABILITY, Row


@dataclass(frozen=True, slots=True)
class RecordingDiff:
    """Two recordings compared.

    Attributes:
        replies: request by request.
        trials: (before, after) of every trial whose outcome or extracted answer changed, by plan order; empty
            where one of the cassettes has no plan.
        n_trials: trials that both have.
        only_first, only_second: trials that only one has.
    """

    replies: CassetteDiff
    trials: tuple[tuple[Row, Row], ...] = ()
    n_trials: int = 0
    only_first: tuple[str, ...] = ()
    only_second: tuple[str, ...] = ()

    def same(self, tolerance: float = SAME_PROBABILITY) -> bool:
        """Whether nothing changed, times and ids aside."""
        found = self.replies
        lone = (*found.only_first, *found.only_second, *self.only_first, *self.only_second)
        return (
            not lone
            and not self.trials
            and all(each.same for each in found.both)
            and not found.shifted(tolerance)
        )


def diff(first: Path, second: Path) -> RecordingDiff:
    """Compare two cassettes; trials are matched by name, so a changed request is seen as a changed trial.

    Raises:
        CassetteError: one of them is not there or not whole.
    """
    left, right = Cassette.existing(first), Cassette.existing(second)
    replies = diff_cassettes(left, right)
    before, after = _rows(left), _rows(right)
    if not before or not after:
        return RecordingDiff(replies)
    # By name, not by request: a changed prompt has another key, and is what one wants to see.
    common = [trial for trial in before if trial in after]
    changed = [(before[each], after[each]) for each in common if _came(before[each]) != _came(after[each])]
    return RecordingDiff(
        replies,
        tuple(changed),
        len(common),
        tuple(trial for trial in before if trial not in after),
        tuple(trial for trial in after if trial not in before),
    )


def _rows(cassette: Cassette) -> Mapping[str, Row]:
    frozen = cassette.frozen()
    if frozen is None:
        return {}
    return {row.trial: row for row in results_room.read(plans.thaw(frozen), cassette).rows}


def _came(row: Row) -> tuple[object, ...]:
    return row.outcome, row.answer
