"""API keys: which variable a recording sends to which server, and that nothing shaped like a key is passed on."""

from __future__ import annotations

import base64
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from llmxray import report as report_room
from llmxray.cassette import find_keys
from llmxray.cassette.scrub import KEY_SHAPES, SecretGuard
from llmxray.errors import InputError
from llmxray.experiment import Experiment
from llmxray.keys import KeyPermit, KeyUse, check_key, check_value
from llmxray.workflow.preparation import Prepared


def key_uses(prepared: Prepared) -> dict[str, KeyUse]:
    """The keys that a recording would send, by endpoint label; an embedded server needs none."""
    uses = {}
    for label in dict.fromkeys(condition.endpoint for condition in prepared.plan.conditions):
        endpoint = prepared.experiment.endpoints[label]
        if endpoint.key_env is not None and endpoint.base_url is not None:
            uses[label] = KeyUse(endpoint.key_env, endpoint.base_url)
    return uses


def keys_of(prepared: Prepared, environ: Mapping[str, str], permits: Collection[KeyPermit]) -> dict[str, str]:
    """The keys themselves, by endpoint label.

    Args:
        prepared: the experiment.
        environ: the environment with the keys.
        permits: which keys may be sent where.

    Raises:
        InputError: a variable is not set, may not be sent to its server, or is malformed.
    """
    keys = {}
    for label, use in key_uses(prepared).items():
        # Keys are looked up only here, because a replay needs none.
        if not environ.get(use.variable):
            raise InputError(
                f"endpoint {label} needs an API key in the environment variable {use.variable}, which is not set"
            )
        check_key(use, permits)
        check_value(use.variable, environ[use.variable])
        keys[label] = environ[use.variable]
    return keys


def key_guard(experiment: Experiment, environ: Mapping[str, str]) -> SecretGuard:
    """Refuses to write a key that an endpoint of the experiment names and the environment has."""
    names = {endpoint.key_env for endpoint in experiment.endpoints.values() if endpoint.key_env}
    return SecretGuard(environ.get(name, "") for name in names)


def refuse_keys_in_experiment(prepared: Prepared, others: Mapping[str, bytes] | None = None) -> None:
    """Refuse an experiment whose file or cassette holds something shaped like an API key.

    Args:
        prepared: the experiment.
        others: further files by name, such as the members of its pack.

    Raises:
        InputError: names the file and the line.
    """
    places = find_keys(prepared.cassette) if prepared.cassette.is_dir() else []
    files = {f"{prepared.experiment.experiment}.yaml": prepared.source.encode(), **(others or {})}
    places += [
        f"{name}:{line}: something shaped like an API key"
        for name, content in files.items()
        if (line := _key_line(content))
    ]
    if places:
        raise InputError(
            f"{places[0]}: remove it first. `llmxray cassette scan` lists all places in a cassette"
        )


def refuse_keys_in_site(site: Path) -> None:
    """Refuse a site, as the build wrote it, with something shaped like an API key.

    Raises:
        InputError: names the file and the line.
    """
    # Every file is searched, because hosts publish all of them.
    for path in sorted(path for path in site.rglob("*") if path.is_file()):
        for member, text in _texts(path):
            if line := _key_line(text):
                raise InputError(
                    f"{path}:{member}{line}: something shaped like an API key: not published. "
                    "Remove it and build the site again"
                )


def _texts(path: Path) -> Iterator[tuple[str, bytes]]:
    """The bytes of a file, decompressed, and of the members of a zip."""
    data = path.read_bytes()
    yield "", data
    if packed := report_room.PACKED_SCRIPT.fullmatch(data):
        yield "", zlib.decompress(base64.b64decode(packed[1]))
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield f"{name}:", archive.read(name)


def _key_line(text: bytes) -> int:
    """Number of the line with something shaped like a key; 0 for none."""
    key = KEY_SHAPES.search(text)
    return 1 + text.count(b"\n", 0, key.start()) if key else 0
