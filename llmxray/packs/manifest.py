"""``pack.json``: what a pack holds, who may use it, what made it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from llmxray.errors import PackError

FORMAT = 1
NAME = "pack.json"


@dataclass(frozen=True, slots=True)
class PackedFile:
    """One member of the zip: its name, SHA-256 (hex) and size."""

    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Licence:
    """Who made something in the pack, and under which licence it may be passed on.

    Attributes:
        what: "questions" or "model".
        name: suite or model.
        licence: "" when the server or the suite states none.
        source: where it comes from.
        citation: how to cite it, "" when there is nothing to cite.
    """

    what: str
    name: str
    licence: str
    source: str = ""
    citation: str = ""


@dataclass(frozen=True, slots=True)
class PackManifest:
    """The contents of a pack.

    Attributes:
        experiment: its name; also the name of its cassette.
        files: every member but ``pack.json`` itself, in the order of the zip.
        licences: of the questions and of the models.
        software: versions of what recorded, and under ``packed_with`` of what packed.
        recorded: first and last time of the recordings, ISO 8601 UTC.
    """

    experiment: str
    title: str
    files: tuple[PackedFile, ...]
    licences: tuple[Licence, ...] = ()
    software: Mapping[str, str] = field(default_factory=dict)
    recorded: Mapping[str, str] = field(default_factory=dict)


def render(manifest: PackManifest) -> bytes:
    """The bytes of pack.json."""
    data = {"format": FORMAT, **asdict(manifest)}
    # Half a surrogate pair may stand in what a server says of itself.
    return (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass")


def fingerprint(manifest: PackManifest) -> str:
    """What a pack is known by, such as "3f2a 9c01 77be 0d4e": short enough to be written on a board.

    The first 64 bits of the SHA-256 of its manifest, which has the SHA-256 of every other member: any change of the
    pack gives another.
    """
    digits = hashlib.sha256(render(manifest)).hexdigest()
    return " ".join(digits[at : at + 4] for at in range(0, 16, 4))


def parse(data: bytes, *, file: str) -> PackManifest:
    """The manifest that `render` wrote.

    Raises:
        PackError: it is not one, or a newer llmxray wrote it.
    """
    try:
        fields: dict[str, Any] = json.loads(data)
        made_for = fields.pop("format")
        if made_for != FORMAT:
            raise PackError(
                f"{file}: pack format {made_for}; this llmxray reads {FORMAT}: install a newer one"
            )
        files = tuple(PackedFile(**each) for each in fields.pop("files"))
        licences = tuple(Licence(**each) for each in fields.pop("licences"))
        return PackManifest(files=files, licences=licences, **fields)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PackError(f"{file}: {NAME} is not a pack's manifest ({error})") from error
