"""Permits for API keys: before a key is sent, name it and its server, ask once for each pair, remember the answer.

Answers are kept in the user's own configuration and never in a project, where a stranger's file could bring them along.
``--allow-key`` permits a key for that command only.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import typer

from llmxray.cli.terminal import ask, can_ask, note
from llmxray.errors import InputError
from llmxray.keys import KeyPermit, KeyUse, check_key, check_value, parse_permit


def collect_permits(uses: Iterable[KeyUse], allowed: Iterable[str]) -> frozenset[KeyPermit]:
    """Name every key that is about to be sent, and ask for the permits that are missing.

    Args:
        uses: keys to be sent. A key whose variable is not set is skipped; the code that reads it reports that.
        allowed: ``VAR@HOST``, from the command line.

    Returns:
        All permits: from the command line, remembered, and given now.

    Raises:
        InputError: a key may not be sent, or the user cannot be asked; the message says what to add.
    """
    path = Path(typer.get_app_dir("llmxray"), "allowed-keys.txt")
    permits = {*map(parse_permit, allowed), *_read(path)}
    for use in dict.fromkeys(uses):
        if not os.environ.get(use.variable):
            continue
        if not use.is_allowed(permits) and use.may_be_asked and can_ask():
            if not ask(f"Send {use}? (asked once; the answer is kept in {path})"):
                raise InputError(f"{use.variable} is not sent to {use.host}: nothing was asked of it")
            _remember(path, use.permit)
            permits.add(use.permit)
        check_key(use, permits)
        note(f"sending {use}")
    return frozenset(permits)


def key_for(variable: str | None, url: str, allowed: list[str] | None) -> str:
    """The key in an environment variable, after checking that it may be sent to that server; "" for none."""
    if variable is None:
        return ""
    if not os.environ.get(variable):
        raise InputError(f"the environment variable {variable} is not set")
    collect_permits([KeyUse(variable, url)], allowed or ())
    check_value(variable, os.environ[variable])
    return os.environ[variable]


def _read(path: Path) -> set[KeyPermit]:
    if not path.is_file():
        return set()
    permits = set()
    for line in path.read_text("utf-8", "replace").splitlines():
        # A line that is not a permit is skipped.
        with suppress(InputError):
            permits.add(parse_permit(line.strip()))
    return permits


def _remember(path: Path, permit: KeyPermit) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8"
        ) as file:
            file.write(f"{permit}\n")
    except OSError as error:
        note(f"{path} cannot be written ({error.strerror}): you will be asked again")
