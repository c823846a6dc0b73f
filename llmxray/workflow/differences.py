"""Differences between two recordings of one experiment: replies, probabilities and outcomes of trials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
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
        replies: compared request by request.
        trials: (before, after) of every trial whose outcome or extracted answer changed, in plan order, without their
            texts; empty if one of the cassettes has no plan.
        n_trials: number of trials that both have.
        only_first, only_second: trials that only one has.
    """

    replies: CassetteDiff
    trials: tuple[tuple[Row, Row], ...] = ()
    n_trials: int = 0
    only_first: tuple[str, ...] = ()
    only_second: tuple[str, ...] = ()

    def same(self, tolerance: float = SAME_PROBABILITY) -> bool:
        """Whether nothing changed except times and ids.

        Args:
            tolerance: largest probability change that counts as none.
        """
        replies = self.replies
        unmatched = (*replies.only_first, *replies.only_second, *self.only_first, *self.only_second)
        return (
            not unmatched
            and not self.trials
            and all(reply.same for reply in replies.both)
            and not replies.probability_changes(tolerance)
        )


def diff(first: Path, second: Path) -> RecordingDiff:
    """Compare two cassettes. Trials are matched by name, so that a changed request shows as a changed trial.

    Raises:
        CassetteError: a cassette is missing or not whole.
    """
    left, right = Cassette.existing(first), Cassette.existing(second)
    replies = diff_cassettes(left, right)
    before, after = _rows(left), _rows(right)
    if not before or not after:
        return RecordingDiff(replies)
    # Matched by name, because a changed prompt has another request key and must still be compared.
    common = [trial for trial in before if trial in after]
    changed = [
        (before[trial], after[trial]) for trial in common if _result(before[trial]) != _result(after[trial])
    ]
    return RecordingDiff(
        replies,
        tuple(changed),
        len(common),
        tuple(trial for trial in before if trial not in after),
        tuple(trial for trial in after if trial not in before),
    )


def _rows(cassette: Cassette) -> Mapping[str, Row]:
    """Trials by name."""
    frozen = cassette.frozen()
    if frozen is None:
        return {}
    # Without their texts, which `ReplyDiff` is about: both recordings are in memory.
    rows = results_room.iter_rows(plans.thaw(frozen), cassette)
    return {row.trial: replace(row, text="", reasoning="") for row in rows}


def _result(row: Row) -> tuple[object, ...]:
    return row.outcome, row.answer
