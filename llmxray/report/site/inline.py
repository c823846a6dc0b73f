"""A page with its styles and scripts in itself, allowed by their hashes in the Content-Security-Policy."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from markupsafe import Markup

from llmxray.report.widgets.render import ICON, Asset, Sheet, in_frame, static_text


def whole(model: Any, sheets: Sequence[Sheet], after: Mapping[str, Sequence[Asset]] | None = None) -> str:
    """A page that needs none of a site's files: it can be sent alone.

    Args:
        model: what the header and the footer show.
        after: scripts that follow one of the site, by its name; data files that a page names are among them.

    Raises:
        ValueError: a script would end its own element.
    """
    return in_frame(model, sheets, partial(_assets, after=after or {}), _policy)


def script(name: str, text: str) -> Asset:
    """A script in the page itself.

    Raises:
        ValueError: it would end its own element.
    """
    # "<!--" as well: after it HTML lets a "<script" swallow the end of the element.
    if "</script" in text.lower() or "<!--" in text:
        raise ValueError(f"the script {name} would end its own element")
    return Asset(name=name, text=text)


def _assets(names: Iterable[str], after: Mapping[str, Sequence[Asset]]) -> list[Asset]:
    return [asset for name in names for asset in (*_asset(name), *after.get(name, ()))]


def _asset(name: str) -> Iterator[Asset]:
    if name == ICON:
        yield Asset(
            name=name,
            href=f"data:image/svg+xml;base64,{base64.b64encode(static_text(name).encode()).decode()}",
        )
    elif name.endswith(".css"):
        yield Asset(name=name, text=static_text(name))
    # Steps are those of the lesson, and no lesson lies beside the page.
    elif name != "steps.js" and "/" not in name:
        yield script(name, static_text(name))


def _policy(assets: Iterable[Asset]) -> Markup:
    """Under which these scripts run, these styles hold, and nothing else."""
    hashes: dict[bool, list[str]] = {True: [], False: []}
    for asset in assets:
        digest = base64.b64encode(hashlib.sha256(asset.text.encode()).digest()).decode("ascii")
        hashes[asset.is_style].append(f"'sha256-{digest}'")
    # No 'unsafe-inline': what a model wrote would run as well. Not escaped: it stands between double quotes.
    return Markup(
        f"default-src 'none'; script-src {' '.join(hashes[False])}; style-src {' '.join(hashes[True])}; "
        "img-src data:; base-uri 'none'; form-action 'none'; object-src 'none'"
    )
