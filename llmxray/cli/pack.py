"""Commands about packs: pack, unpack, reproduce."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmxray import experiment as experiments
from llmxray import packs, workflow
from llmxray.cli import arguments
from llmxray.cli.pack_sources import SUFFIX, Keep, is_pack, pack_file
from llmxray.cli.terminal import command, note, one_line, say, working
from llmxray.errors import InputError, RunFailedError

if TYPE_CHECKING:
    from llmxray.experiment import Site
    from llmxray.packs import ClaimedValue
    from llmxray.workflow import Reproduction

_MOST_SHOWN = 20
_FINGERPRINT = "fingerprint of the pack: {}"


def pack(
    experiment: Annotated[str, typer.Argument(help="An experiment file, or a name.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The pack; EXPERIMENT.xray.zip by default.")
    ] = None,
    allow_outside: arguments.AllowOutside = False,
) -> None:
    """Pack an experiment, its cassette and its published figures into one file."""
    workspace = arguments.workspace(outside=allow_outside)
    prepared = workflow.prepare(workspace.find(experiment), workspace)
    target = out or Path(f"{prepared.experiment.experiment}.xray{SUFFIX}")
    # Other commands recognise a pack by this suffix.
    if target.suffix != SUFFIX:
        raise InputError(f"a pack's name ends in {SUFFIX}: {target.name} does not")
    with working("packing"):
        manifest = workflow.make_pack(prepared, workflow.read_results(prepared), target)
    unnamed = [licence.name for licence in manifest.licences if not licence.licence]
    if unnamed:
        note(f"no licence is stated for {', '.join(unnamed)}: say it where you share the pack")
    say(f"{target}: {len(manifest.files)} files, {target.stat().st_size:,} bytes")
    say(_FINGERPRINT.format(packs.fingerprint(manifest)))


def unpack(
    file: Annotated[Path, typer.Argument(help="A pack.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="A new folder; the experiment's name by default.")
    ] = None,
) -> None:
    """Check a pack and unpack it into a new folder, ready for `llmxray run` in it."""
    manifest = packs.read_manifest(file)
    target = out or Path(manifest.experiment)
    # The folder that it leads to was not chosen: the pack names it.
    if out is None and target.is_symlink():
        raise InputError(f"{target} is a link: name another folder with --out")
    packs.unpack(file, target)
    say(f"{target}: now  {command('cd', target)} && {command('llmxray', 'run', manifest.experiment)}")


def reproduce(
    what: Annotated[
        str, typer.Argument(help="A pack, its https address, or the name of an experiment on a site.")
    ] = "",
    out: Annotated[Path, typer.Option(help="Folder of the report; for a name, the published site.")] = Path(
        "site"
    ),
    keep: Keep = None,
) -> None:
    """Replay with the network blocked, recompute every published number and list those that differ."""
    if not what:
        arguments.workspace().all()  # raises if the folder holds no experiments at all
        raise InputError("name a pack, or an experiment of the site")
    own = arguments.workspace()
    replace_folder: Callable[[str], str] = str
    fingerprint = ""
    with ExitStack() as stack:
        if is_pack(what):
            inside = stack.enter_context(workflow.open_pack(pack_file(what, keep, stack), what))
            workflow.refuse_other_pages(inside.manifest.experiment, inside.workspace.cassettes, own, out)
            path, workspace, replace_folder = inside.experiment, inside.workspace, inside.replace_folder
            fingerprint = packs.fingerprint(inside.manifest)
            claimed = workflow.read_claims(inside.folder)
        else:
            workspace = own
            path = workspace.find(what)
            claimed = workflow.read_claims(out / experiments.load(path).experiment)
        reproduction = _reproduce(path, workspace, claimed, out, own.site())
    for fault in reproduction.faults[:_MOST_SHOWN]:
        say(replace_folder(fault))
    for difference in reproduction.comparison.differences[:_MOST_SHOWN]:
        # The name comes from the pack: a line feed in it would start what looks like a line of llmxray's.
        say(one_line(str(difference)))
    if len(reproduction.comparison.differences) > _MOST_SHOWN:
        say(f"… and {len(reproduction.comparison.differences) - _MOST_SHOWN:,} more")
    for changed in reproduction.changed_labels:
        say(one_line(f"changed after recording: {changed}"))
    for other in reproduction.other_questions:
        say(one_line(other))
    if n := reproduction.comparison.figures:
        say(f"{n:,} {"figure of today's pages is" if n == 1 else "figures of today's pages are"} not claimed")
    say(str(reproduction.comparison))
    if fingerprint:
        say(_FINGERPRINT.format(fingerprint))
    if not reproduction.succeeded:
        raise RunFailedError(
            "the cassette is not whole" if reproduction.faults else "not every number is as it was claimed"
        )
    say(out / "index.html")


def _reproduce(
    path: Path,
    workspace: workflow.Workspace,
    claimed: list[ClaimedValue],
    out: Path,
    settings: Site,
) -> Reproduction:
    with workflow.loopback_only():
        prepared, faults = workflow.prepare_reproduction(path, workspace)
        if faults:
            # Nothing was recomputed, so every claim counts as different.
            return workflow.Reproduction(faults, packs.compare(claimed, ()))
        with working(f"replaying {prepared.experiment.experiment}"):
            results = asyncio.run(workflow.replay(prepared))
        with working("computing every number again"):
            comparison = workflow.compare_claims(prepared, results, claimed)
            workflow.publish([(prepared, results)], out, settings=settings)
    return workflow.Reproduction(
        (),
        comparison,
        workflow.changed_labels(prepared, results),
        tuple(map(str, prepared.differences)),
    )
