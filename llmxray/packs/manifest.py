"""``pack.json``: the files of a pack, their licences, and the software that made them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, ClassVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from llmxray import names
from llmxray.cassette.codec import loads_strictly
from llmxray.errors import PackError
from llmxray.experiment.fields import Name

FORMAT = 1
NAME = "pack.json"
_CLOSED = ConfigDict(extra="forbid")
_SHOWN = 40

_MemberName = Annotated[str, Field(pattern=names.MEMBER.pattern, max_length=names.MEMBER.longest)]
_Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
_Size = Annotated[int, Field(strict=True, ge=0)]


@dataclass(frozen=True, slots=True)
class PackedFile:
    """One member of the zip: its name, SHA-256 (hex) and size."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    name: _MemberName
    sha256: _Sha256
    bytes: _Size


@dataclass(frozen=True, slots=True)
class Licence:
    """The licence under which questions, or the output of a model, may be passed on.

    Attributes:
        what: "questions" or "model".
        name: of the suite or model.
        licence: "" if the server or the suite states none.
        source: where it comes from.
        citation: how to cite it, "" if there is nothing to cite.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    what: str
    name: str
    licence: str
    source: str = ""
    citation: str = ""


@dataclass(frozen=True, slots=True)
class PackManifest:
    """The contents of a pack.

    Attributes:
        experiment: name of the experiment, and of its cassette.
        files: every member except ``pack.json`` itself, in the order of the zip.
        licences: of the questions and of the models.
        software: versions of the software that recorded, and under ``packed_with`` of the one that packed.
        recorded: first and last time of the recordings, ISO 8601 UTC.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    experiment: Name
    title: str
    files: tuple[PackedFile, ...]
    licences: tuple[Licence, ...] = ()
    software: Mapping[str, str] = field(default_factory=dict)
    recorded: Mapping[str, str] = field(default_factory=dict)


_MANIFEST = TypeAdapter(PackManifest)


def render(manifest: PackManifest) -> bytes:
    """The bytes of pack.json."""
    data = {"format": FORMAT, **asdict(manifest)}
    # "surrogatepass", because facts of a server may hold half of a surrogate pair.
    return (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass")


def fingerprint(manifest: PackManifest) -> str:
    """The fingerprint of a pack, such as "3f2a 9c01 77be 0d4e": short enough to be written on a board.

    It is the first 64 bits of the SHA-256 of ``pack.json``. That file is refused unless `render` writes the same bytes,
    and it has the SHA-256 of every other member. The way in which members are zipped does not change the fingerprint.
    """
    digits = hashlib.sha256(render(manifest)).hexdigest()
    return " ".join(digits[at : at + 4] for at in range(0, 16, 4))


def parse(data: bytes, *, file: str) -> PackManifest:
    """Read a manifest, and check every field of it, because a stranger may have written it.

    Args:
        data: content of ``pack.json``, exactly as `render` writes it.
        file: name of the pack, for errors.

    Raises:
        PackError: the data are no manifest, or a newer llmxray wrote it.
    """
    fields = _fields(data, file)
    try:
        manifest = _MANIFEST.validate_python(fields)
    except ValidationError as error:
        # The value is not repeated: it may be of any length and content.
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(_printable, first["loc"]))
        raise _not_a_manifest(file, f"{where}: {first['msg']}") from None
    except UnicodeError:
        # JSON can spell half of a surrogate pair, which UTF-8 cannot encode.
        raise _not_a_manifest(file, "it holds half of a character") from None
    fault = names.reserved(manifest.experiment) or _listing_fault(manifest)
    if fault:
        raise _not_a_manifest(file, fault)
    if render(manifest) != data:
        # Other bytes with the same fields are refused, so that each fingerprint stands for one file only.
        raise _not_a_manifest(file, "it is written in another way than a pack's is")
    return manifest


def _fields(data: bytes, file: str) -> dict[str, Any]:
    """The JSON object in ``data`` without its format version; refuses a version that this llmxray cannot read."""
    try:
        fields = loads_strictly(data)
        version = fields.pop("format")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _not_a_manifest(file, f"{type(error).__name__}: {error}") from error
    if type(version) is not int or version < 1:
        raise _not_a_manifest(file, "its format is no number")
    if version != FORMAT:
        raise PackError(f"{file}: pack format {version}; this llmxray reads {FORMAT}: install a newer one")
    return dict(fields)


def _listing_fault(manifest: PackManifest) -> str:
    listed = {record.name for record in manifest.files}
    if len(listed) < len(manifest.files):
        return "it lists a file twice"
    about = f"experiments/{manifest.experiment}.yaml"
    return "" if about in listed else f"it lists no {about}, the experiment it is about"


def _printable(part: str | int) -> str:
    """A key in a form that can be printed: a stranger's may be long, or hold control characters."""
    text = str(part)[:_SHOWN]
    return text if text.isascii() and text.replace("_", "").isalnum() else ascii(text)


def _not_a_manifest(file: str, why: str) -> PackError:
    return PackError(f"{file}: {NAME} is not a pack's manifest ({why})")
