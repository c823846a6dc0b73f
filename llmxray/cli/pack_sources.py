"""Packs as arguments of commands: a file, or an address that is fetched first."""

from __future__ import annotations

import asyncio
import filecmp
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import typer

from llmxray import packs
from llmxray.cli.terminal import note, working
from llmxray.errors import InputError, PackError
from llmxray.keys import is_loopback
from llmxray.scratch import scratch_folder

SUFFIX = ".zip"
Keep = Annotated[
    Path | None, typer.Option(help="Folder to keep a pack in that is fetched from an https address.")
]


def is_address(name: str) -> bool:
    """Whether an argument is an address on the web."""
    return name.lower().startswith(("https://", "http://"))


def is_pack(name: str) -> bool:
    """Whether an argument names a pack: a file or an address."""
    return name.endswith(SUFFIX) or is_address(name)


def pack_file(name: str, keep: Path | None, until: ExitStack) -> Path:
    """The file of a pack, fetched first if an address is given.

    Args:
        name: path or address.
        keep: folder to copy a fetched pack to.
        until: removes the scratch folder of a fetched pack when it closes.

    Raises:
        InputError: the pack cannot be fetched, or ``keep`` holds another pack of its name.
    """
    if not is_address(name):
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
        InputError: one is named, by what is not an address.
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
