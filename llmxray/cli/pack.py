"""Commands about packs: pack, unpack, reproduce."""

from __future__ import annotations

import asyncio
import filecmp
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import typer

from llmxray import experiment as experiments
from llmxray import packs, workflow
from llmxray.cli import arguments
from llmxray.cli.terminal import command, note, one_line, say, working
from llmxray.errors import InputError, PackError, RunFailedError
from llmxray.keys import is_loopback
from llmxray.scratch import scratch_folder

SUFFIX = ".zip"
Keep = Annotated[Path | None, typer.Option(help="Folder to keep downloaded packs in.")]
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
    # The pack, not the user, names the folder.
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
        with workflow.loopback_only():
            prepared, faults = workflow.prepare_reproduction(path, workspace)
            for fault in faults[:_MOST_SHOWN]:
                say(replace_folder(fault))
            if faults:
                raise RunFailedError("the cassette is not whole")
            with working(f"replaying {prepared.experiment.experiment}"):
                results = asyncio.run(workflow.replay(prepared))
            with working("computing every number again"):
                comparison = workflow.compare_claims(prepared, results, claimed)
                workflow.publish([(prepared, results)], out, settings=own.site())
        changes = [
            f"changed after recording: {label}" for label in workflow.changed_labels(prepared, results)
        ]
    lines = list(map(str, comparison.differences[:_MOST_SHOWN]))
    if len(comparison.differences) > _MOST_SHOWN:
        lines.append(f"… and {len(comparison.differences) - _MOST_SHOWN:,} more")
    # Names come from the pack: a line feed could forge a line of llmxray's output.
    for line in (*lines, *changes, *map(str, prepared.differences)):
        say(one_line(line))
    if n := comparison.figures:
        say(f"{n:,} {"figure of today's pages is" if n == 1 else "figures of today's pages are"} not claimed")
    say(str(comparison))
    if fingerprint:
        say(_FINGERPRINT.format(fingerprint))
    # A pack that claims nothing has reproduced nothing.
    if comparison.differences or not comparison.total:
        raise RunFailedError("not every number is as it was claimed")
    say(out / "index.html")


def is_pack(name: str) -> bool:
    """Whether an argument names a pack: a file or an address."""
    return name.endswith(SUFFIX) or packs.is_address(name)


def pack_file(name: str, keep: Path | None, until: ExitStack) -> Path:
    """The file of a pack, fetched first if an address is given.

    Args:
        name: path or address.
        keep: folder to copy a fetched pack to.
        until: removes the scratch folder of a fetched pack when it closes.

    Raises:
        InputError: the pack cannot be fetched, or ``keep`` holds another pack of its name.
    """
    if not packs.is_address(name):
        return Path(name)
    path = Path(until.enter_context(scratch_folder("fetch"))) / "pack.zip"
    with working(f"fetching {name}"), path.open("xb") as out:
        fetched = asyncio.run(packs.fetch(name, out, proxy=_proxy(name)))
    try:
        manifest = packs.read_manifest(path)
    except PackError as error:
        # The user knows the address and not the scratch folder.
        raise PackError(str(error).replace(str(path), name)) from None
    note(f"{name}: {fetched.size_bytes:,} bytes, SHA-256 {fetched.sha256}")
    note(f"fingerprint of the pack: {packs.fingerprint(manifest)}")
    if keep is not None:
        _keep(path, keep / f"{manifest.experiment}.xray{SUFFIX}")
    return path


def _keep(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        # "x" does not write through a link, even if its target does not exist yet.
        with path.open("rb") as source, target.open("xb") as out:
            shutil.copyfileobj(source, out)
    except FileExistsError:
        if target.is_symlink() or not filecmp.cmp(target, path, shallow=False):
            raise InputError(f"{target} is another file: name another folder with --keep") from None
    note(f"{target}: kept")


def _proxy(address: str) -> str | None:
    """The proxy that the environment or the system names for this address.

    Raises:
        InputError: its value is not an address.
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    named = None if is_loopback(host) or proxy_bypass(host) else getproxies().get(parts.scheme)
    if named is None:
        return None
    # As other clients read it: a host and a port alone are an address too.
    proxy = named if "://" in named else f"http://{named}"
    try:
        _ = urlsplit(proxy).port
    except ValueError:
        # Not its value, which may hold a password.
        raise InputError(
            f"{parts.scheme.upper()}_PROXY names no address of a proxy: unset it, or give it an address"
        ) from None
    return proxy
