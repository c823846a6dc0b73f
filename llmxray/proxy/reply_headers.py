"""Which headers a reply of the proxy has, whichever way it is sent. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from llmxray.cassette.scrub import is_kept


def reply_headers(recorded: Iterable[tuple[str, str]], ours: Mapping[str, str]) -> list[tuple[str, str]]:
    """Those of a recording that may be sent, in its order, and ours.

    A recording may come from anybody: a `location` would lead a client elsewhere, and what we say of a reply only we
    may say. None of ours is among those that are kept, so none stands twice.
    """
    return [*((name, value) for name, value in recorded if is_kept(name)), *ours.items()]
