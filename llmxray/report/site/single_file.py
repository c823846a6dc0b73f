"""One HTML file of a small experiment, or of slides: what students hand in.

The pages of the site stand in it one below the other, as sections: with the same values, but for the addresses that
`OneFile` gives. Their styles, scripts and data files are in the file itself, allowed by their hashes in the
Content-Security-Policy, and so is ``results.csv``.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from markupsafe import Markup

from llmxray.errors import InputError
from llmxray.report import pages
from llmxray.report.analysis import Analysis, ExperimentData
from llmxray.report.analysis.data import LARGE_QUESTIONS
from llmxray.report.files import export
from llmxray.report.links import OneFile
from llmxray.report.site.build import check_names
from llmxray.report.widgets.render import ICON, Asset, Sheet, in_frame, sheet, static_text

# Every answer as text, where scripts are off or for print: the file would be half as long again.
_LEFT_OUT = "all-answers"


class _Pages:
    """An `Output` that keeps the pages, and the data files of their scripts."""

    def __init__(self) -> None:
        self.models: dict[str, Any] = {}
        self.sheets: dict[str, Sheet] = {}
        self.data: dict[str, str] = {}

    def page(self, path: str, template: str, model: Any, **more: Any) -> None:
        """Keep one page by its name."""
        made = sheet(path, template, model, **more)
        self.models[made.name], self.sheets[made.name] = model, made

    def write_chunks(self, path: str, chunks: Callable[[], Iterable[bytes]]) -> None:
        """Keep a data file by its path."""
        self.data[path] = b"".join(chunks()).decode()

    def remove_old(self, pattern: str, keep: Collection[str]) -> None:
        """Nothing is there from an earlier build."""


def single(experiments: Sequence[ExperimentData], out: Path) -> Path:
    """Write ``<experiment>.html`` for each; the path of the only one, or of the folder.

    Raises:
        InputError: an experiment is too large for one file.
    """
    for data in experiments:
        if data.is_large:
            raise InputError(
                f"{data.name}: --single-file is for at most {LARGE_QUESTIONS} questions; publish the site instead"
            )
    check_names([data.name for data in experiments])
    out.mkdir(parents=True, exist_ok=True)
    for data in experiments:
        # Through no link, and with line feeds on Windows too: a report has the same bytes on any machine.
        target = out / f"{data.name}.html"
        target.unlink(missing_ok=True)
        # A lone surrogate in a text has no UTF-8; a reader gets a question mark.
        target.write_bytes(_file(data).encode("utf-8", "replace"))
    return out / f"{experiments[0].name}.html" if len(experiments) == 1 else out


def _file(data: ExperimentData) -> str:
    csv = base64.b64encode(export.as_csv(data.results.rows)).decode("ascii")
    entries = [entry for entry in pages.contents_of(data).entries or () if entry.name != _LEFT_OUT]
    contents = OneFile(entries=tuple(entries), files={"results.csv": f"data:text/csv;base64,{csv}"})
    analysis, found = Analysis(replace(data, contents=contents)), _Pages()
    for page in (page for page in pages.PAGES if contents.has(page.name)):
        page.write(found, analysis)
    # Replies are most of what is in memory.
    data.cassette.clear_cache()
    after = {
        "url.js": [script("single.js", static_text("single.js"))],
        "shards.js": [script(*file) for file in sorted(found.data.items())],
    }
    return whole(found.models["index"], [found.sheets[entry.name] for entry in entries], after)


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
