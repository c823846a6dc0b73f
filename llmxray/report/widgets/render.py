"""Templates and files: the only module that imports jinja2.

Every text is escaped by jinja2's autoescape; static files get a piece of their hash into their names, so that
a browser never shows yesterday's style; a file is written only when its bytes change.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache
from html import unescape
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2

from llmxray.errors import InputError
from llmxray.plain import plain_bytes
from llmxray.report import numbers
from llmxray.report.widgets import prose, quantised
from llmxray.report.widgets.breaks import breakable

# What file:// allows and nothing more: no inline script or style, no network at all.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self' file:; style-src 'self' file:; img-src 'self' data: file:; "
    "font-src 'none'; connect-src 'none'; form-action 'none'; base-uri 'none'; object-src 'none'"
)

# How base.html begins. Nothing stands before the policy, for it rules only what comes after it; an attribute of <html>
# with more than letters could be a script.
_BEGINNING = re.compile(
    r'<!doctype html>\s*<html(?: [a-z-]+(?:="[a-z-]*")?)*>\s*<head>\s*<meta charset="utf-8">\s*'
    r'<meta http-equiv="Content-Security-Policy" content="([^"<>]*)">'
)
_SUFFIXES = (".js", ".css", ".svg")
_SHARED = ("static", "lib")
_LOADED = re.compile(r'"(?:\.\./)*static/([^"]+)"')


def has_own_policy(html: str) -> bool:
    """Whether a page begins as ours do: then what follows loads nothing from elsewhere and runs no inline code."""
    found = _BEGINNING.match(html)
    return found is not None and unescape(found[1]) == CONTENT_SECURITY_POLICY


@cache
def _environment() -> jinja2.Environment:
    """One for all sites of a process: compiling the templates takes longer than the pages of a small experiment."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("llmxray.report", "."),
        autoescape=True,
        # A misspelt field fails the build; jinja2's own default would leave a hole on the page.
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        numbers.FILTERS, width=quantised.width, prose=prose.prose, phrase=prose.phrase, note=prose.note
    )
    environment.globals.update(csp=CONTENT_SECURITY_POLICY, explanations=prose.explanations)
    return environment


class Renderer:
    """Renders pages into a site folder.

    Args:
        out: the site's folder; made when absent.
    """

    def __init__(self, out: Path) -> None:
        self.out = out
        self._own: set[Path] = set()
        self._static = {name: hashed for name, (hashed, _) in _static_files().items()}
        for hashed, data in _static_files().values():
            self.write(f"static/{hashed}", data)

    def page(self, path: str, template: str, model: Any, **more: Any) -> None:
        """Write one page.

        Args:
            path: relative to the site, with forward slashes; its depth decides the relative links.
            template: path in ``llmxray/report``.
            model: the page's dataclass, ``page`` in the template.
        """
        root = "../" * path.count("/")
        static = {name: f"{root}static/{hashed}" for name, hashed in self._static.items()}
        with prose.page(path.rpartition("/")[2].removesuffix(".html"), model.nav.methods):
            html = _environment().get_template(template).render(page=model, root=root, static=static, **more)
        html = breakable(html)
        # A lone surrogate in a text has no UTF-8; a reader gets a question mark.
        self.write(path, html.encode("utf-8", "replace"))

    def write(self, path: str, data: bytes) -> None:
        """Write a file of the site unless it is there with these bytes.

        Raises:
            InputError: it would be written through a link.
        """
        self.write_chunks(path, lambda: [data])

    def write_chunks(self, path: str, chunks: Callable[[], Iterable[bytes]]) -> None:
        """Write a file as `write` does, but never have all of it in memory.

        Args:
            chunks: makes the bytes, in order, each time it is called.

        Raises:
            InputError: it would be written through a link.
        """
        target = self._target(path)
        if target.exists():
            if not target.is_file():
                raise InputError(f"{target} is no plain file, and a site has one there: remove it")
            with target.open("rb") as file:
                if all(file.read(len(chunk)) == chunk for chunk in chunks()) and not file.read(1):
                    return
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            file.writelines(chunks())

    def remove_old(self, pattern: str, keep: Collection[str]) -> None:
        """Remove files of an earlier build: names hold a hash of the content, so these would stay for good.

        Args:
            pattern: path relative to the site, the name with wildcards.
            keep: names of those that stay.

        Raises:
            InputError: they lie behind a link.
        """
        folder, _, names = pattern.rpartition("/")
        for old in self._target(folder).glob(names):
            if old.name not in keep:
                old.unlink()

    def _target(self, path: str) -> Path:
        """The file of that path; a site that came from elsewhere may have links in it that lead out of it."""
        target = self.out
        for part in path.split("/"):
            target /= part
            if target not in self._own:
                if target.is_symlink() or target.is_junction():
                    raise InputError(f"{target} is a link, and a site is not written through one: remove it")
                self._own.add(target)
        return target

    def sweep(self) -> None:
        """Remove static files of an earlier llmxray, but for those that a page still loads.

        A rebuild of one experiment leaves the pages of the others as they are, with the files they were made with.
        """
        old = {path.name: path for path in (self.out / "static").iterdir() if path.is_file()}
        for name in self._static.values():
            old.pop(name, None)
        if not old:
            return
        # A site may come from elsewhere, and hold what is no page.
        for page in filter(Path.is_file, self.out.rglob("*.html")):
            for name in _LOADED.findall(plain_bytes(page).decode("utf-8", "replace")):
                old.pop(name, None)
        for path in old.values():
            path.unlink()


def _static_content() -> Iterator[tuple[str, bytes]]:
    """Scripts, styles and the icon: those of a page lie beside its template, and `page.js` is called after it."""
    with resources.as_file(resources.files("llmxray.report")) as room:
        found = [path for suffix in _SUFFIXES for path in room.rglob(f"*{suffix}")]
    # Sorted: the order of a folder differs from machine to machine.
    for source in sorted(found):
        of_page = source.stem == "page" and source.parent.name not in _SHARED
        yield f"{source.parent.name}{source.suffix}" if of_page else source.name, source.read_bytes()
    yield "quantised.css", quantised.css().encode()


@cache
def _static_files() -> Mapping[str, tuple[str, bytes]]:
    """Static files by the names that templates call them: the name with a piece of the hash, and the content."""
    files: dict[str, tuple[str, bytes]] = {}
    for name, data in _static_content():
        if name in files:
            raise ValueError(f"two static files would be called {name}")
        stem, _, suffix = name.rpartition(".")
        files[name] = (f"{stem}.{hashlib.sha256(data).hexdigest()[:8]}.{suffix}", data)
    return files


def is_own_static(data: bytes) -> bool:
    """Whether a script or style is one that this llmxray writes, to the byte."""
    return any(data == ours for _, ours in _static_files().values())
