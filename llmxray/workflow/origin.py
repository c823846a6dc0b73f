"""Where this llmxray was installed from, so that another machine can install the same."""

from __future__ import annotations

import json
from importlib import metadata
from typing import Any
from urllib.parse import urlsplit

from llmxray import __version__
from llmxray.errors import InputError

_ADVICE = "name what pip installs there: --install git+https://HOST/OWNER/NAME@COMMIT"


def requirement() -> str:
    """What pip installs to have this llmxray again.

    Raises:
        InputError: it came from a place that other machines cannot reach.
    """
    try:
        recorded = metadata.distribution("llmxray").read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        raise InputError(f"this llmxray is not installed: {_ADVICE}") from None
    return requirement_of(recorded)


def requirement_of(direct_url: str | None) -> str:
    """The same from the text of ``direct_url.json``; without one it was installed from an index.

    Source: the specification "Recording the Direct URL Origin of installed distributions" (PEP 610).

    Raises:
        InputError: as `requirement`.
    """
    if direct_url is None:
        return f"llmxray=={__version__}"
    about = _object(direct_url)
    url, repository = str(about.get("url", "")), about.get("vcs_info")
    parts = urlsplit(url)
    # An address with a password or over ssh needs a secret that the other machine does not have.
    if parts.scheme != "https" or parts.username is not None:
        raise InputError(
            f"this llmxray was installed from a place that no other machine can reach: {_ADVICE}"
        )
    below = f"#subdirectory={about['subdirectory']}" if about.get("subdirectory") else ""
    if isinstance(repository, dict):
        # The commit, not the tag or branch that was asked for: those can be moved to other code.
        return f"{repository.get('vcs')}+{url}@{repository.get('commit_id')}{below}"
    return f"{url}{below}"


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}
