"""Templates and files: the only module that imports jinja2.

Every text is escaped by jinja2's autoescape; static files get a piece of their hash into their names, so that
a browser never shows yesterday's style; a file is written only when its bytes change.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Protocol

import jinja2
from markupsafe import Markup

from llmxray.errors import InputError
from llmxray.regular_files import read_regular_file
from llmxray.report import numbers
from llmxray.report.analysis.condition_colours import N_COLOURS, N_HUES
from llmxray.report.sentences import terms

# What file:// allows and nothing more: no inline script or style, no network at all.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self' file:; style-src 'self' file:; img-src 'self' data: file:; "
    "font-src 'none'; connect-src 'none'; form-action 'none'; base-uri 'none'; object-src 'none'"
)

_SUFFIXES = (".js", ".css", ".svg")
_LOADED = re.compile(r'"(?:\.\./)*static/([^"]+)"')
# What every page loads. The first hold up painting: a page in the wrong theme would flash.
_FIRST = ("style.css", "quantised.css", "storage.js", "theme.js", "guesses.js")
_LAST = ("dom.js", "url.js", "frame.js", "take.js", "steps.js")
ICON = "favicon.svg"
# A script is a module, as node has them: what it exports is a part of `llmxray`, by its name.
_SCRIPT = b'"use strict";(function (module) {\n%sllmxray.%s = module.exports;\n})({ exports: {} });\n'
# No experiment can have the name, and no page: names of experiments have no dot.
FILE_LIST = "files.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A script, a style or the icon of a page: an address, or the text of a script or style in the page itself."""

    name: str
    href: str = ""
    text: str = ""

    @property
    def is_style(self) -> bool:
        """Whether it is a style, and no script."""
        return self.name.endswith(".css")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a page shows between header and footer, and what its template asks for around it.

    Attributes:
        name: of the page's file, without ``.html``.
        styles, early, scripts: what it loads beside `_FIRST` and `_LAST`, by name: styles and scripts that run before
            anything is painted, and scripts at its end, among which may be data files by their paths.
        head: further elements of ``<head>``.
    """

    name: str
    html: Markup
    styles: Sequence[str]
    early: Sequence[str]
    scripts: Sequence[str]
    head: str


class Output(Protocol):
    """What the pages of an experiment are written to: the folder of a site, or one file that holds them all."""

    def page(self, path: str, template: str, model: Any, **more: Any) -> None:
        """Write one page; see `Renderer.page`."""

    def write_chunks(self, path: str, chunks: Callable[[], Iterable[bytes]]) -> None:
        """Write a file; see `Renderer.write_chunks`."""

    def remove_old(self, pattern: str, keep: Collection[str]) -> None:
        """Remove files of an earlier build; see `Renderer.remove_old`."""


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
    environment.filters.update(numbers.FORMATS)
    environment.globals["explanations"] = terms.explanations
    for name in ("charts", "tokens"):
        environment.globals[name] = environment.get_template(f"widgets/{name}.html").module
    return environment


def sheet(path: str, template: str, model: Any, **more: Any) -> Sheet:
    """What a page shows, without its frame.

    Args:
        path: relative to the site, with forward slashes.
        template: path in ``llmxray/report``.
        model: the page's values, ``page`` in the template; ``pages`` are those that it may link to.
    """
    name, contents = path.rpartition("/")[2].removesuffix(".html"), model.nav.contents
    explained = terms.Page(name=name, explains=bool(contents.href("methods")))
    with terms.on_page(explained):
        made = _environment().get_template(template).make_module({"page": model, "pages": contents, **more})
        html = Markup(str(made))
    asked = {part: getattr(made, part, "") for part in ("styles", "early", "scripts", "head")}
    return Sheet(name=name, html=html, **asked)


def in_frame(
    model: Any,
    sheets: Sequence[Sheet],
    load: Callable[[Iterable[str]], Sequence[Asset]],
    policy: Callable[[Iterable[Asset]], str],
    root: str = "",
) -> str:
    """A whole page: header and footer around sheets.

    Args:
        model: what the header and the footer show.
        load: assets by their names, or paths of data files.
        policy: the Content-Security-Policy under which they may be loaded.
        root: way to the site's folder.
    """
    styles = dict.fromkeys(f"{name}.css" for each in sheets for name in each.styles)
    early = dict.fromkeys(f"{name}.js" for each in sheets for name in each.early)
    scripts = dict.fromkeys(name for each in sheets for name in each.scripts)
    parts = {
        "first": load(_FIRST),
        "early": load([*styles, *early]),
        # A page names its scripts, and the data files that are to be there before the scripts that read them.
        "last": load([*_LAST, *(name if name.endswith(".js") else f"{name}.js" for name in scripts)]),
    }
    return (
        _environment()
        .get_template("widgets/frame.html")
        .render(
            page=model,
            sheets=sheets,
            icon=load([ICON])[0],
            policy=policy(asset for part in parts.values() for asset in part),
            home=model.nav.contents.home(root),
            **parts,
        )
    )


class Renderer:
    """Renders pages into a site folder.

    Args:
        out: the site's folder; made when absent.
    """

    def __init__(self, out: Path) -> None:
        self.out = out
        self._own: set[Path] = set()
        self._written: set[str] = set()
        self._static = {name: hashed for name, (hashed, _) in _static_files().items()}
        for hashed, data in _static_files().values():
            self.write(f"static/{hashed}", data)

    def page(
        self, path: str, template: str, model: Any, *, policy: str = CONTENT_SECURITY_POLICY, **more: Any
    ) -> None:
        """Write one page.

        Args:
            path: relative to the site, with forward slashes; its depth decides the relative links.
            template: path in ``llmxray/report``.
            model: the page's values, ``page`` in the template.
            policy: its Content-Security-Policy.
        """
        root = "../" * path.count("/")

        def load(names: Iterable[str]) -> list[Asset]:
            return [
                Asset(name=name, href=f"{root}static/{self._static[name]}" if name in self._static else name)
                for name in names
            ]

        shown = sheet(path, template, model, **more)
        html = in_frame(model, [shown], load, lambda _: policy, root)
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
        self._written.add(path)
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

    def list_files(self, folder: str = "") -> None:
        """Write the list of the files in a folder of the site, with their SHA-256, into that folder.

        It names what was written since the last list, what an earlier build listed and is still there, and the lists
        of the folders within. Files that the user put there are not on it.

        Raises:
            InputError: a file was replaced by a link.
        """
        root, prefix = self._target(folder), folder and f"{folder}/"
        paths = {path.relative_to(self.out).as_posix() for path in root.rglob("*")}
        files = {
            f"{prefix}{name}": digest
            for name, digest in _read_list(self._target(f"{prefix}{FILE_LIST}")).items()
            if f"{prefix}{name}" in paths
        }
        self._written.update(path.relative_to(self.out).as_posix() for path in root.glob(f"*/{FILE_LIST}"))
        for path in sorted(self._written & paths):
            self._written.remove(path)
            with self._target(path).open("rb") as file:
                files[path] = hashlib.file_digest(file, "sha256").hexdigest()
        listed = {path.removeprefix(prefix): digest for path, digest in files.items()}
        self.write(f"{prefix}{FILE_LIST}", f"{json.dumps(listed, indent=0, sort_keys=True)}\n".encode())

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
            for name in _LOADED.findall(read_regular_file(page).decode("utf-8", "replace")):
                old.pop(name, None)
        for path in old.values():
            path.unlink()


def listed_files(site: Path) -> dict[str, str]:
    """The SHA-256 of each file that a build of the site wrote, by its path; nothing without a list that can be read."""
    listed = _read_list(site / FILE_LIST)
    for path in [path for path in listed if path.endswith(f"/{FILE_LIST}")]:
        folder = path.removesuffix(FILE_LIST)
        listed |= {f"{folder}{name}": digest for name, digest in _read_list(site / path).items()}
    return listed


def _read_list(path: Path) -> dict[str, str]:
    # A damaged list is as good as none: what it should name is then said to be changed, or not to be listed.
    with suppress(InputError, ValueError, RecursionError):
        listed = json.loads(read_regular_file(path))
        return listed if isinstance(listed, dict) else {}
    return {}


@cache
def _static_files() -> Mapping[str, tuple[str, bytes]]:
    """Scripts, styles and the icon by the names that templates call them: name with a piece of the hash, and content.

    Those of a page lie beside its template, and `page.js` is called after it.
    """
    with resources.as_file(resources.files("llmxray.report")) as room:
        found = [path for suffix in _SUFFIXES for path in room.rglob(f"*{suffix}")]
    contents = {"quantised.css": _quantised_css().encode()}
    # Sorted: the order of a folder differs from machine to machine.
    for source in sorted(found):
        name = source.parent.name if source.stem == "page" else source.stem
        # Browsers hash a script with line feeds, whatever the file has.
        text = source.read_bytes().replace(b"\r\n", b"\n")
        contents[f"{name}{source.suffix}"] = (
            _SCRIPT % (text, name.encode()) if source.suffix == ".js" else text
        )
    return {
        name: (f"{Path(name).stem}.{hashlib.sha256(data).hexdigest()[:8]}{Path(name).suffix}", data)
        for name, data in contents.items()
    }


def static_text(name: str) -> str:
    """The text of a static file, by the name that templates call it."""
    return _static_files()[name][1].decode()


def _quantised_css() -> str:
    """The shades of hues, and each colour as a class."""
    mixed = ("66%,var(--paper)", "70%,var(--ink)", "45%,var(--ink)")
    shades = (
        f"--c{N_HUES * (shade + 1) + hue}:color-mix(in srgb,var(--c{hue}) {mix})"
        for shade, mix in enumerate(mixed)
        for hue in range(N_HUES)
    )
    classes = (f".c{n}{{--c:var(--c{n});--ct:var(--c{n % N_HUES}t)}}" for n in range(N_COLOURS))
    return "\n".join((f":root{{{';'.join(shades)}}}", *classes, ""))
