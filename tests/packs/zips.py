"""Packs taken apart and put together again, honestly or as a forger would."""

import hashlib
import json
import zipfile
from pathlib import Path

type Members = dict[str, bytes]


def members_of(pack: Path) -> Members:
    """The members of a pack by name."""
    with zipfile.ZipFile(pack) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def written(data: object) -> bytes:
    """The bytes of a `pack.json` with those fields, as `pack` writes them."""
    return (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass")


def rezipped(
    target: Path, members: Members, *, relist: bool = False, method: int = zipfile.ZIP_STORED
) -> Path:
    """A zip of those members; with ``relist`` the manifest lists them truthfully, as a forger would."""
    if relist:
        data = json.loads(members["pack.json"])
        data["files"] = [
            {"name": name, "sha256": hashlib.sha256(raw).hexdigest(), "bytes": len(raw)}
            for name, raw in members.items()
            if name != "pack.json"
        ]
        members = {**members, "pack.json": written(data)}
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, raw in members.items():
            archive.writestr(name, raw)
    return target
