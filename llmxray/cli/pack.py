"""Commands about packs: pack, unpack, reproduce."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from llmxray import experiment as experiments
from llmxray import packs, workflow
from llmxray.cli import options
from llmxray.errors import InputError, RunFailedError
from llmxray.packs import Claim
from llmxray.workflow import Reproduction

SUFFIX = ".zip"
_MOST_SHOWN = 20
_FINGERPRINT = "fingerprint of the pack: {}"
_console = Console(stderr=True, highlight=False)


def pack(
    experiment: Annotated[str, typer.Argument(help="An experiment file, or a name.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The pack; EXPERIMENT.xray.zip by default.")
    ] = None,
    cassettes: options.Cassettes = Path("cassettes"),
    folder: options.Experiments = Path("experiments"),
) -> None:
    """Put an experiment, its cassette and its claimed figures into one file to share."""
    where = options.workspace(cassettes, folder)
    prepared = workflow.prepare(where.find(experiment), where)
    target = out or Path(f"{prepared.experiment.experiment}.xray{SUFFIX}")
    # Other commands know a pack by it.
    if target.suffix != SUFFIX:
        raise InputError(f"a pack's name ends in {SUFFIX}: {target.name} does not")
    with _console.status("packing"):
        manifest = workflow.make_pack(prepared, workflow.read_results(prepared), target)
    unnamed = [each.name for each in manifest.licences if not each.licence]
    if unnamed:
        _console.print(f"no licence is stated for {', '.join(unnamed)}: say it where you share the pack")
    typer.echo(f"{target}: {len(manifest.files)} files, {target.stat().st_size:,} bytes")
    typer.echo(_FINGERPRINT.format(packs.fingerprint(manifest)))


def unpack(
    file: Annotated[Path, typer.Argument(help="A pack.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="A new folder; the experiment's name by default.")
    ] = None,
) -> None:
    """Check a pack and unpack it into a new folder, ready for `llmxray run` in it."""
    manifest = packs.read_manifest(file)
    target = out or Path(manifest.experiment)
    packs.unpack(file, target)
    typer.echo(f"{target}: now  cd {target} && llmxray run {manifest.experiment}")


def reproduce(
    what: Annotated[str, typer.Argument(help="A pack, or the name of an experiment on a site.")],
    out: Annotated[Path, typer.Option(help="Folder of the report; for a name, the published site.")] = Path(
        "site"
    ),
    cassettes: options.Cassettes = Path("cassettes"),
    folder: options.Experiments = Path("experiments"),
) -> None:
    """Replay with the network off, compute every published number again, and say which differ."""
    told: Callable[[str], str] = str
    fingerprint = ""
    with ExitStack() as stack:
        if what.endswith(SUFFIX):
            inside = stack.enter_context(workflow.opened(Path(what)))
            path, where, told = inside.experiment, inside.workspace, inside.told
            fingerprint = packs.fingerprint(inside.manifest)
            claimed = workflow.read_claims(inside.folder)
        else:
            where = options.workspace(cassettes, folder)
            path = where.find(what)
            claimed = workflow.read_claims(out / experiments.load(path).experiment)
        found = _reproduced(path, where, claimed, out)
    for fault in found.faults[:_MOST_SHOWN]:
        typer.echo(told(fault))
    for difference in found.comparison.differences[:_MOST_SHOWN]:
        typer.echo(str(difference))
    if len(found.comparison.differences) > _MOST_SHOWN:
        typer.echo(f"… and {len(found.comparison.differences) - _MOST_SHOWN:,} more")
    typer.echo(str(found.comparison))
    if fingerprint:
        typer.echo(_FINGERPRINT.format(fingerprint))
    if not found.succeeded:
        raise RunFailedError(
            "the cassette is not whole" if found.faults else "not every number is as it was claimed"
        )
    typer.echo(out / "index.html")


def _reproduced(path: Path, where: workflow.Workspace, claimed: list[Claim], out: Path) -> Reproduction:
    with workflow.loopback_only():
        prepared, faults = workflow.prepare_reproduction(path, where)
        if faults:
            # Nothing was found, so every claim differs: the count says so.
            return Reproduction(faults, packs.compare(claimed, ()))
        with _console.status(f"replaying {prepared.experiment.experiment}"):
            results = asyncio.run(workflow.replay(prepared))
        with _console.status("computing every number again"):
            comparison = workflow.judged(prepared, results, claimed)
            workflow.publish([(prepared, results)], out)
    return Reproduction((), comparison)
