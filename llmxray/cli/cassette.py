"""Inspect recordings: verify, compare, merge, export, remove."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmxray import cassette as cassettes
from llmxray import plan as plans
from llmxray import wire, workflow
from llmxray.cli.arguments import open_cassette, require_cassette
from llmxray.cli.help import group
from llmxray.cli.terminal import say, say_lines
from llmxray.errors import InputError, RunFailedError
from llmxray.numerals import shown, whole_number
from llmxray.types import SAME_PROBABILITY

if TYPE_CHECKING:
    from llmxray.cassette import Cassette, Entry
    from llmxray.cassette.diff import CassetteDiff, ReplyDiff
    from llmxray.types import Completion, Interaction, Row
    from llmxray.workflow import RecordingDiff

_WIDTH = 60
_NONE = "—"

_COMMANDS = ("verify", "scan", "show", "diff", "merge", "drop", "export")
_PLACES = {"list": "cassette:list_recordings", **{name: f"cassette:{name}" for name in _COMMANDS}}
app = group(__doc__, {"Commands": _PLACES})

Directory = Annotated[Path, typer.Argument(help="The cassette, such as cassettes/model-showdown.")]
Which = Annotated[str, typer.Argument(help="KEY/SAMPLE/ATTEMPT, or the unique start of a key.")]


def verify(directory: Directory) -> None:
    """Check a cassette against its hashes, and its plan against its requests; list every fault by file and line."""
    # Checked first, because a folder without a cassette is bad input, not a damaged recording.
    require_cassette(directory)
    faults = workflow.verify_recording(directory)
    for fault in faults:
        say(fault)
    if faults:
        raise RunFailedError(f"{len(faults)} fault(s) in {directory}")
    for note in cassettes.harmless_leftovers(directory):
        say(note)
    say(f"{directory}: whole, {len(cassettes.Cassette(directory))} recordings")


def scan(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="DIRECTORY...", help="Cassettes, or files in them, as pre-commit names them."),
    ],
) -> None:
    """Look for anything shaped like an API key, compressed files included."""
    n_found = 0
    for directory in dict.fromkeys(map(_cassette_of, paths)):
        require_cassette(directory)
        places = cassettes.find_keys(directory)
        for place in places:
            say(place)
        if not places:
            say(f"{directory}: nothing shaped like an API key")
        n_found += len(places)
    if n_found:
        raise RunFailedError(f"{n_found} place(s) look like an API key")


def _cassette_of(path: Path) -> Path:
    """The cassette that a file is in; a directory as it is."""
    if path.is_dir():
        return path
    above = (parent for parent in path.parents if cassettes.is_cassette(parent))
    return next(above, path)


def list_recordings(directory: Directory) -> None:
    """List the recordings: key, route, model and the first words of the reply."""
    cassette = open_cassette(directory)
    for entry in cassette.all_entries():
        interaction = cassette.read(entry)
        address, route = entry.address, interaction.route
        words = " ".join(wire.read_interaction(interaction).text.split())[:_WIDTH] or _NONE
        key = f"{address.key.removeprefix('v1:')[:12]}/{address.sample}/{address.attempt}"
        say(f"{key}  {route.method} {route.path}  {interaction.request.get('model', _NONE)}  {words}")


def show(directory: Directory, which: Which) -> None:
    """Print one recording in readable form."""
    cassette = open_cassette(directory)
    interaction = cassette.get(_find(cassette, which).address)
    say_lines(json.dumps(dict(interaction.request), indent=1, ensure_ascii=False))
    say_lines(_summary(interaction))
    reply = wire.read_interaction(interaction)
    if reply.reasoning:
        say_lines(f"reasoning: {reply.reasoning}")
    say_lines(f"answer: {reply.text}")
    for line in _other_parts(reply):
        say(line)
    say(_measures(reply))
    for token in reply.tokens:
        others = ", ".join(
            f"{alternative.token!r} {alternative.logprob_nats:.2f}" for alternative in token.top[:5]
        )
        nats = "       —" if token.logprob_nats is None else f"{token.logprob_nats:8.3f}"
        say(f"  {token.t_s:8.3f} s  {nats}  {token.token!r}  [{others}]")


def drop(directory: Directory, which: Which) -> None:
    """Remove one recording; the next replay of it is a miss."""
    cassette = open_cassette(directory)
    entry = _find(cassette, which)
    cassettes.remove_recordings(directory, [entry.address])
    say(f"dropped {entry.address}")


def diff(
    first: Annotated[Path, typer.Argument(help="The first cassette.")],
    second: Annotated[Path, typer.Argument(help="The second cassette.")],
    show: Annotated[int, typer.Option(min=0, help="Number of changes to print, largest first.")] = 10,
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
    directories: Annotated[list[Path], typer.Argument(metavar="CASSETTE", help="The cassettes.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Directory of the new cassette.")],
    prefer: Annotated[
        Path | None, typer.Option(help="Cassette to take replies from where they differ.")
    ] = None,
) -> None:
    """Merge recordings of one experiment made on several machines (`run --shard I/N`)."""
    for directory in directories:
        open_cassette(directory)
    if len({directory.resolve() for directory in directories}) < max(2, len(directories)):
        raise InputError("name at least two different cassettes to merge")
    merged = cassettes.merge.merge(directories, out, prefer=prefer, check_plan=plans.check_frozen)
    say(
        f"{out}: {merged.recordings} recordings from {len(directories)} cassettes, {merged.shared} of them in several"
        + (f", {merged.preferred} samples taken from {prefer} alone" if merged.preferred else "")
    )


def export(
    directory: Directory,
    out: Annotated[Path, typer.Option("--out", "-o", help="A new directory for the files.")],
) -> None:
    """Write raw replies, and tables of recordings and tokens (JSON lines, and Parquet with pyarrow)."""
    written = cassettes.export.export(open_cassette(directory), out)
    say(f"{out}: {written.recordings} recordings, {written.tokens} tokens with logprobs")
    if not written.parquet:
        say("no Parquet: that needs pyarrow (pip install pyarrow)", err=True)


def _find(cassette: Cassette, which: str) -> Entry:
    key, _, sample_and_attempt = which.partition("/")
    keys = {entry.address.key for entry in cassette.all_entries()}
    matching = [
        recorded
        for recorded in keys
        if recorded == key or recorded.removeprefix("v1:").startswith(key.removeprefix("v1:"))
    ]
    if len(matching) != 1:
        raise InputError(f"{len(matching)} recorded requests have a key that starts with {key!r}; one must")
    entries = cassette.entries(matching[0])
    if not sample_and_attempt:
        if len(entries) > 1:
            raise InputError(f"that request has {len(entries)} recordings; say which: KEY/SAMPLE/ATTEMPT")
        return entries[0]
    first, _, second = sample_and_attempt.partition("/")
    sample, attempt = whole_number(first), whole_number(second)
    if sample is None or attempt is None:
        raise InputError(f"{shown(which)!r} is not KEY/SAMPLE/ATTEMPT")
    address = cassettes.Address(matching[0], sample, attempt)
    match = next((entry for entry in entries if entry.address == address), None)
    if match is None:
        raise InputError(f"no recording {address}")
    return match


def _other_parts(reply: Completion) -> Iterator[str]:
    """Lines about parts of a reply other than its text."""
    if reply.refusal:
        yield f"refusal: {reply.refusal}"
    for call in reply.tool_calls:
        yield f"call: {call.name}({call.arguments})"
    for kind, count in reply.unread:
        yield f"not read: {kind} ({count})"


def _measures(reply: Completion) -> str:
    known = {
        "finish reason": reply.finish_reason,
        "first token": None if reply.ttft_s is None else f"{reply.ttft_s:.3f} s",
        "last byte": None if reply.latency_s is None else f"{reply.latency_s:.3f} s",
        "prompt tokens": reply.prompt_tokens,
        "completion tokens": reply.completion_tokens,
        "of them thinking": reply.reasoning_tokens,
        "pieces of hidden thinking": reply.hidden_reasoning or None,
        "invalid log-probabilities": reply.invalid_logprobs or None,
        "model": reply.model,
        "error": reply.error,
    }
    return ", ".join(f"{name} {value}" for name, value in known.items() if value not in (None, ""))


def _summary(interaction: Interaction) -> str:
    lines = [f"{interaction.key}/{interaction.sample}/{interaction.attempt} at {interaction.started_at}"]
    lines.append(
        f"status {interaction.status}, {len(interaction.chunks)} chunks, {len(interaction.body)} bytes, "
        f"ended {interaction.end.value}{f' ({interaction.error})' if interaction.error else ''}"
    )
    return "\n".join(lines)


def _lines(comparison: RecordingDiff, show: int, tolerance: float) -> Iterator[str]:
    yield from _reply_counts(comparison.replies, tolerance)
    yield from _trial_counts(comparison)
    if comparison.same(tolerance):
        yield "the same: times and ids are not compared"
        return
    replies = comparison.replies
    unmatched = [f"{key}/{sample} only in the first" for key, sample in replies.only_first]
    unmatched += [f"{key}/{sample} only in the second" for key, sample in replies.only_second]
    largest = {
        "trials that came out otherwise": map(_trial, comparison.trials),
        "replies that changed": (_reply(reply) for reply in replies.both if not reply.same),
        "probabilities that changed most": map(_shift, replies.probability_changes(tolerance)),
        "requests only in one": iter(unmatched),
    }
    for title, lines in largest.items():
        if listed := [*islice(lines, show)]:
            yield f"{title} (first {show}):"
            yield from (f"  {line}" for line in listed)


def _reply_counts(comparison: CassetteDiff, tolerance: float) -> Iterator[str]:
    same = sum(reply.same for reply in comparison.both)
    moved = sum(reply.same for reply in comparison.probability_changes(tolerance))
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
