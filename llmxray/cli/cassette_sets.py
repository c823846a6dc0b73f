"""Commands that compare, merge and export cassettes: diff, merge, export."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmxray import cassette as cassette_room
from llmxray import plan as plans
from llmxray import workflow
from llmxray.cli.given import open_cassette
from llmxray.cli.terminal import say
from llmxray.errors import InputError
from llmxray.types import SAME_PROBABILITY

if TYPE_CHECKING:
    from llmxray.cassette.diff import CassetteDiff, ReplyDiff
    from llmxray.types import Row
    from llmxray.workflow import RecordingDiff

_WIDTH = 60
_NONE = "—"

First = Annotated[Path, typer.Argument(help="Directory of the first cassette.")]
Second = Annotated[Path, typer.Argument(help="Directory of the second cassette.")]


def diff(
    first: First,
    second: Second,
    show: Annotated[int, typer.Option(min=0, help="How many of the largest changes to print.")] = 10,
    tolerance: Annotated[
        float, typer.Option(min=0, max=1, help="Ignore probability changes up to this size.")
    ] = SAME_PROBABILITY,
) -> None:
    """Show the differences between two recordings of one experiment. Exit code 0: same, 1: different."""
    for directory in (first, second):
        open_cassette(directory)
    comparison = workflow.diff(first, second)
    for line in _lines(comparison, show, tolerance):
        say(line)
    if not comparison.same(tolerance):
        # The exit code of `diff`, which scripts use.
        raise typer.Exit(1)


def merge(
    cassettes: Annotated[list[Path], typer.Argument(help="Directories of the cassettes.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Directory of the new cassette.")],
    prefer: Annotated[
        Path | None, typer.Option(help="Cassette to take replies from where they differ.")
    ] = None,
) -> None:
    """Merge recordings of one experiment made on several machines (`run --shard I/N`)."""
    for directory in cassettes:
        open_cassette(directory)
    if len({directory.resolve() for directory in cassettes}) < len(cassettes) or len(cassettes) < 2:
        raise InputError("name at least two different cassettes to merge")
    merged = cassette_room.merge.merge(cassettes, out, prefer=prefer, check_plan=plans.check_frozen)
    say(
        f"{out}: {merged.recordings} recordings from {len(cassettes)} cassettes, {merged.shared} of them in several"
        + (f", {merged.preferred} samples taken from {prefer} alone" if merged.preferred else "")
    )


def export(
    directory: Annotated[Path, typer.Argument(help="Directory of the cassette.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="A new directory for the files.")],
) -> None:
    """Write raw replies, and tables of recordings and tokens (JSON lines, and Parquet with pyarrow)."""
    written = cassette_room.export.export(open_cassette(directory), out)
    say(f"{out}: {written.recordings} recordings, {written.tokens} tokens with logprobs")
    if not written.parquet:
        say("no Parquet: that needs pyarrow (pip install pyarrow)", err=True)


def _lines(comparison: RecordingDiff, show: int, tolerance: float) -> Iterator[str]:
    yield from _reply_counts(comparison.replies, tolerance)
    yield from _trial_counts(comparison)
    if comparison.same(tolerance):
        yield "the same: times and ids are not compared"
        return
    yield from _largest(
        f"trials that came out otherwise (first {show})", map(_trial, comparison.trials), show
    )
    changed = [_reply(reply) for reply in comparison.replies.both if not reply.same]
    yield from _largest(f"replies that changed (first {show})", iter(changed), show)
    shifted = [_shift(reply) for reply in comparison.replies.shifted(tolerance)]
    yield from _largest(f"probabilities that changed most (first {show})", iter(shifted), show)
    unmatched = [f"{key}/{sample} only in the first" for key, sample in comparison.replies.only_first]
    unmatched += [f"{key}/{sample} only in the second" for key, sample in comparison.replies.only_second]
    yield from _largest(f"requests only in one (first {show})", iter(unmatched), show)


def _reply_counts(comparison: CassetteDiff, tolerance: float) -> Iterator[str]:
    same = sum(reply.same for reply in comparison.both)
    moved = sum(reply.same for reply in comparison.shifted(tolerance))
    yield (
        f"{len(comparison.both)} samples in both: {same} with the same reply"
        + (f" ({moved} of them with other probabilities)" if moved else "")
        + f", {len(comparison.both) - same} with another"
    )
    if comparison.only_first or comparison.only_second:
        yield f"{len(comparison.only_first)} only in the first, {len(comparison.only_second)} only in the second"


def _trial_counts(comparison: RecordingDiff) -> Iterator[str]:
    if not comparison.n_trials:
        return
    moves = Counter(
        f"{before.outcome} → {after.outcome}"
        for before, after in comparison.trials
        if before.outcome != after.outcome
    )
    text = "; ".join(f"{name} {count}" for name, count in moves.most_common())
    yield (
        f"{comparison.n_trials} trials in both: {sum(moves.values())} with another outcome"
        + (f" ({text})" if text else "")
        + f", {len(comparison.trials) - sum(moves.values())} with another answer of the same outcome"
    )
    if comparison.only_first or comparison.only_second:
        yield f"{len(comparison.only_first)} trials only in the first, {len(comparison.only_second)} only in the second"


def _largest(title: str, lines: Iterator[str], show: int) -> Iterator[str]:
    for number, line in enumerate(lines):
        if number >= show:
            return
        if number == 0:
            yield f"{title}:"
        yield f"  {line}"


def _trial(pair: tuple[Row, Row]) -> str:
    before, after = pair
    confidence = " → ".join(
        _NONE if row.option_confidence is None else f"{row.option_confidence:.3f}" for row in pair
    )
    answers = " → ".join(_short(row.answer) for row in pair)
    return f"{before.trial}: {before.outcome} → {after.outcome}, answer {answers}, option confidence {confidence}"


def _reply(change: ReplyDiff) -> str:
    return f"{change.key}/{change.sample}: {_short(change.first)} → {_short(change.second)}"


def _shift(change: ReplyDiff) -> str:
    shift = change.shift
    if shift is None:
        return ""
    return (
        f"{change.key}/{change.sample} token {shift.position} {_short(shift.token)}: "
        f"{shift.first:.4f} → {shift.second:.4f} ({shift.second - shift.first:+.4f})"
    )


def _short(text: str | None) -> str:
    if text is None:
        return _NONE
    return repr(text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…")
