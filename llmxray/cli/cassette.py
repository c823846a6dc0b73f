"""Inspect recordings: verify, compare, merge, export, remove."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmxray import cassette as cassettes
from llmxray import wire, workflow
from llmxray.cli import cassette_sets
from llmxray.cli.given import open_cassette, require_cassette
from llmxray.cli.help import group
from llmxray.cli.terminal import say, say_lines
from llmxray.errors import InputError, RunFailedError
from llmxray.numerals import shown, whole_number

if TYPE_CHECKING:
    from llmxray.cassette import Cassette, Entry
    from llmxray.types import Completion, Interaction

app = group(__doc__)
app.command()(cassette_sets.diff)
app.command()(cassette_sets.merge)
app.command()(cassette_sets.export)

Directory = Annotated[
    Path, typer.Argument(help="Directory of the cassette, such as cassettes/model-showdown.")
]
Which = Annotated[
    str, typer.Argument(help="KEY/SAMPLE/ATTEMPT, or the start of a key that only one request has.")
]


@app.command()
def verify(directory: Directory) -> None:
    """Check a cassette against its hashes, and its plan against its requests; list every fault by file and line."""
    # Checked first, because a folder that is no cassette is bad input and not a damaged recording.
    require_cassette(directory)
    faults = workflow.verify_recording(directory)
    for fault in faults:
        say(fault)
    if faults:
        raise RunFailedError(f"{len(faults)} fault(s) in {directory}")
    for note in cassettes.not_covered(directory):
        say(note)
    say(f"{directory}: whole, {len(cassettes.Cassette(directory))} recordings")


@app.command()
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
        places = cassettes.scan(directory)
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
    above = (parent for parent in path.parents if cassettes.is_there(parent))
    return next(above, path)


@app.command()
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


@app.command()
def drop(directory: Directory, which: Which) -> None:
    """Remove one recording; the next replay of it is a miss."""
    cassette = open_cassette(directory)
    entry = _find(cassette, which)
    cassettes.drop(directory, [entry.address])
    say(f"dropped {entry.address}")


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
    """Lines about what a reply holds beside its text."""
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
