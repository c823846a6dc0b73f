"""The source that this llmxray was installed from, for other machines."""

from __future__ import annotations

import json
from importlib import metadata
from typing import Any
from urllib.parse import urlsplit

from llmxray.errors import InputError

_ADVICE = "name what pip installs there: --install git+https://HOST/OWNER/NAME@COMMIT"


def requirement() -> str:
    """The requirement with which pip installs this llmxray on another machine.

    Raises:
        InputError: llmxray is not installed, or came from a place that other machines cannot reach.
    """
    try:
        recorded = metadata.distribution("llmxray").read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        raise InputError(f"this llmxray is not installed: {_ADVICE}") from None
    return requirement_of(recorded)


def requirement_of(direct_url: str | None) -> str:
    """The requirement, from the text of ``direct_url.json``; None where llmxray was installed by its name alone.

    Source: the specification "Recording the Direct URL Origin of installed distributions" (PEP 610).

    Raises:
        InputError: as `requirement`.
    """
    if direct_url is None:
        # On the package index anybody may have taken the name.
        raise InputError(
            f"this llmxray was installed by its name alone, which other people may own: {_ADVICE}"
        )
    about = _object(direct_url)
    url, repository = str(about.get("url", "")), about.get("vcs_info")
    parts = urlsplit(url)
    # An address with a password or over ssh needs a secret that the other machine does not have.
    if parts.scheme != "https" or parts.username is not None:
        raise InputError(f"llmxray was installed from a local folder: {_ADVICE}")
    below = f"#subdirectory={about['subdirectory']}" if about.get("subdirectory") else ""
    if isinstance(repository, dict):
        # The commit is named, because a tag or branch can be moved to other code.
        return f"{repository.get('vcs')}+{url}@{repository.get('commit_id')}{below}"
    return f"{url}{below}"


def _object(text: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except ValueError:
        content = None
    return content if isinstance(content, dict) else {}
