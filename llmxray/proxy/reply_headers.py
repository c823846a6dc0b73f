"""Which headers a reply of the proxy has, whichever way it is sent. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from llmxray.cassette.scrub import is_kept

# A browser that is led to a reply shows it as a page of the proxy's own origin, which the door lets in: whatever is
# recorded, none of it runs there, and none is taken for another type than it says.
CONFINED = {"Content-Security-Policy": "sandbox; default-src 'none'", "X-Content-Type-Options": "nosniff"}


def reply_headers(recorded: Iterable[tuple[str, str]], ours: Mapping[str, str]) -> list[tuple[str, str]]:
    """Those of a recording that may be sent, in its order, and ours.

    A recording may come from anybody: a redirect would lead a client elsewhere, and what we say of a reply only we
    may say. None of ours is among those that are kept, so none stands twice.
    """
    return [*((name, value) for name, value in recorded if is_kept(name)), *ours.items()]
