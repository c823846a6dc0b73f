"""GitHub Pages: the workflow that publishes a site from its cassettes, and whether a site will stand there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.parsers import expat

from llmxray import report
from llmxray.errors import InputError
from llmxray.workflow import origin

WORKFLOWS = Path(".github/workflows")
PAGES, RELEASE = "pages.yml", "release.yml"
NO_JEKYLL = ".nojekyll"
# What GitHub Pages takes: a site of at most 1 GB, files of at most 100 MB.
MOST_SITE_BYTES, MOST_FILE_BYTES = 1_000_000_000, 100_000_000
# Every file by its hash, then llmxray itself from the tree, with nothing fetched to build it.
_OWN = "--require-hashes -r locks/core.txt && python -m pip install --no-deps --no-build-isolation ."
# (tag, attribute) pairs that load something.
_LOADING = {
    ("script", "src"),
    ("link", "href"),
    ("object", "data"),
    *((tag, "src") for tag in ("img", "iframe", "source", "video", "audio", "track", "embed", "input")),
    ("video", "poster"),
    *((tag, name) for tag in ("image", "use", "feimage") for name in ("href", "xlink:href")),
}
_PAGES = (".html", ".htm", ".xhtml", ".xht")
_SENDS = "sends"
# Those that send what a reader enters, or that a link was followed.
_SENDING = {("form", "action"), ("button", "formaction"), ("input", "formaction"), ("a", "ping")}
# Each names several files, with a width or a density behind it.
_LISTS = {("img", "srcset"), ("source", "srcset"), ("link", "imagesrcset")}
# A host hands them out as they are, and a browser that opens one runs what is in it: they can hold no policy.
_DRAWINGS = (".svg", ".xml", ".xsl", ".rdf")
_XHTML = "http://www.w3.org/1999/xhtml"
# Elements that run code or hold a page.
_ACTIVE = {"script", "foreignobject", "handler", "listener", "iframe", "embed", "object"}
# What styles load begins with one of these; with a backslash any name can be written in other letters.
_STYLED = re.compile(r"url\(\s*+[\"']?+(?!#|data:)|@import|image-set|//|\\", re.IGNORECASE)
# Attributes that hold words; all others may hold a style.
_SAID = ("aria-", "data-", "id", "class", "title", "role", "lang")
# Attributes that an animation must not set, with any prefix.
_CHANGED = re.compile(r"^\s*on|href\s*$", re.IGNORECASE)
_REFRESH = re.compile(r"\s*[\d.]*\s*[;,]?\s*(?:url\s*=\s*)?(.*)", re.IGNORECASE | re.DOTALL)


def workflow_text(root: Path, name: str = PAGES, source: str = "") -> str:
    """A workflow for a repository: llmxray from ``source``, from the tree where that is llmxray, else as here.

    Raises:
        InputError: it is not known where this llmxray can be had.
    """
    own = (root / "llmxray" / "__init__.py").exists() and (root / "pyproject.toml").exists()
    # It stands in a shell command of the workflow.
    install = _OWN if own and not source else shlex.quote(source or origin.requirement())
    return _template(name).replace("@INSTALL@", install)


def write_workflow(root: Path, name: str = PAGES, source: str = "") -> tuple[Path, bool]:
    """Write a workflow into a repository; returns its path, and whether anything changed.

    One of ours that installs something else is written again.

    Args:
        name: ``pages.yml`` publishes the site, ``release.yml`` attaches it to releases.
        source: what pip installs; "" for what a workflow that is there installs, or for the llmxray that writes it.

    Raises:
        InputError: another file of that name is there, the folder is no place for one, or it is not known where
            this llmxray can be had.
    """
    if not root.is_dir():
        raise InputError(f"{root} is not a folder: name the top of your repository")
    target = root / WORKFLOWS / name
    # Through a link in the path it would be written outside of the repository.
    for place in (target, *(root / folder for folder in WORKFLOWS.parents if folder.name), root / WORKFLOWS):
        if place.is_symlink():
            raise InputError(f"{place} is a link: remove it")
    if target.exists():
        there = target.read_text("utf-8")
        installed = _installed(there, name)
        if installed is None:
            raise InputError(f"{target} exists and is not ours: move it away, or write the workflow by hand")
        # What was once asked for stays; only a release gives way to the one that writes it now.
        if not source and not installed.startswith("llmxray=="):
            return target, False
    text = workflow_text(root, name, source)
    if target.exists() and target.read_text("utf-8") == text:
        return target, False
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, "utf-8")
    return target, True


def _installed(text: str, name: str) -> str | None:
    """What a workflow of ours installs; None for one that differs elsewhere, which is somebody's own."""
    before, after = _template(name).split("@INSTALL@")
    ours = text.startswith(before) and text.endswith(after)
    installed = text[len(before) : len(text) - len(after)] if ours else ""
    return installed if installed and "\n" not in installed else None


def _template(name: str) -> str:
    return resources.files("llmxray.workflow").joinpath(name).read_text("utf-8")


def site_faults(site: Path) -> list[str]:
    """What would break on GitHub Pages, one line each: an empty list means that the site is fit to publish.

    Checked: every link and resource is relative and leads to a file of the site (so it works under any
    sub-path), every page begins with our policy and loads from or sends to nowhere else, every drawing only draws,
    no hidden files and no links in the file system, no two names that differ in case only, and Pages' limits of size.

    Raises:
        InputError: there is no site.
    """
    if not (site / "index.html").exists():
        raise InputError(f"there is no {site / 'index.html'}: build the site first (llmxray report)")
    paths = sorted(path for path in site.rglob("*") if not path.is_dir() or path.is_symlink())
    return [*_file_faults(site, paths), *_link_faults(site, paths), *_drawing_faults(site, paths)]


def _file_faults(site: Path, paths: list[Path]) -> Iterator[str]:
    seen: dict[str, Path] = {}
    total = 0
    for path in paths:
        name = path.relative_to(site)
        if path.is_symlink():
            yield f"{name}: a link of the file system; Pages takes files only"
            continue
        size = path.stat().st_size
        total += size
        if any(part.startswith(".") for part in name.parts) and str(name) != NO_JEKYLL:
            yield f"{name}: a hidden file; it would not be published"
        if size > MOST_FILE_BYTES:
            yield f"{name}: {size:,} bytes; Pages takes files of at most {MOST_FILE_BYTES:,}"
        # On a checkout in Windows or macOS one of them would be lost.
        other = seen.setdefault(str(name).casefold(), name)
        if other != name:
            yield f"{name}: differs from {other} in case only"
    if total > MOST_SITE_BYTES:
        yield f"the site has {total:,} bytes; Pages takes at most {MOST_SITE_BYTES:,}"


def _link_faults(site: Path, paths: list[Path]) -> Iterator[str]:
    there = {path.relative_to(site).as_posix() for path in paths}
    for path in paths:
        if path.suffix.lower() in _PAGES and not path.is_symlink():
            name = path.relative_to(site)
            html = path.read_text("utf-8")
            # Scripts, styles and frames within a page reach elsewhere too; the browser stops them, by this policy.
            if not report.has_own_policy(html):
                yield f"{name}: does not begin with the policy of llmxray's pages: build it again, or move it away"
            found = _Links()
            found.feed(html)
            if found.base:
                # Relative addresses are then no longer what they look like.
                yield f"{name}: <base href> turns all its links to {found.base}"
            for tag, target in dict.fromkeys(found.links):
                fault = _fault(name, tag, target, there)
                if fault:
                    yield f"{name}: {fault}"


def _drawing_faults(site: Path, paths: list[Path]) -> Iterator[str]:
    there = {path.relative_to(site).as_posix() for path in paths}
    for path in paths:
        if path.suffix.lower() in _DRAWINGS and not path.is_symlink():
            name, drawing = path.relative_to(site), _Drawing()
            try:
                drawing.read(path.read_bytes())
            except expat.ExpatError as error:
                yield f"{name}: is not XML ({error}): remove it, or build it again"
            faults = [*drawing.faults, *(_fault(name, tag, to, there) for tag, to in drawing.links)]
            yield from (f"{name}: {fault}" for fault in dict.fromkeys(faults) if fault)


def _fault(page: Path, tag: str, target: str, there: set[str]) -> str:
    parts = urlsplit(target)
    if parts.scheme == "data" or (not parts.path and not parts.netloc):
        return ""
    if parts.scheme or parts.netloc:
        # A reader may follow a link to elsewhere; a page may load nothing from there.
        return (
            ""
            if tag == "a" and parts.scheme in ("https", "http", "mailto")
            else f"sends to {target}"
            if tag == _SENDS
            else f"loads {target} from elsewhere"
        )
    if parts.path.startswith("/"):
        return f"{target} is not relative: it breaks under a sub-path"
    place: list[str] = list(page.parent.parts)
    for part in unquote(parts.path).split("/"):
        if part == "..":
            if not place:
                return f"{target} leads out of the site"
            place.pop()
        elif part not in (".", ""):
            place.append(part)
    return "" if "/".join(place) in there else f"{target} leads to no file"


class _Drawing:
    """Reads XML as a browser does that opens it.

    Attributes:
        faults: what does more than draw. links: what it loads and links to, as (tag, target).
    """

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.links: list[tuple[str, str]] = []
        self._style: list[str] | None = None

    def read(self, data: bytes) -> None:
        """Look through a file.

        Raises:
            ExpatError: it is no XML.
        """
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._element
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.ProcessingInstructionHandler = lambda name, _: self.faults.append(f"holds <?{name}?>")
        parser.EntityDeclHandler = lambda name, *_: self.faults.append(f"defines &{name};")
        parser.Parse(data, True)

    def _element(self, element: str, attributes: dict[str, str]) -> None:
        space, _, tag = element.rpartition(" ")
        tag = tag.lower()
        if tag in _ACTIVE or space == _XHTML:
            self.faults.append(f"holds <{tag}>, which may do more than draw")
        if tag == "style":
            self._style = []
        for name, value in attributes.items():
            local = name.rpartition(" ")[2].lower()
            if local.startswith("on"):
                self.faults.append(f"holds {local}=…, which runs code")
            elif local == "attributename" and _CHANGED.search(value):
                self.faults.append(f"changes {value.strip()} by an animation")
            elif local in ("href", "src", "base"):
                self.links.append((tag, value))
            elif not local.startswith(_SAID):
                self._look(value)

    def _text(self, text: str) -> None:
        if self._style is not None:
            self._style.append(text)

    def _end(self, element: str) -> None:
        if self._style is not None and element.lower().endswith("style"):
            self._look("".join(self._style))
            self._style = None

    def _look(self, text: str) -> None:
        if found := _STYLED.search(text):
            self.faults.append(f"holds {found[0]}, by which styles load")


class _Links(HTMLParser):
    """Gathers what a page links to, loads and sends to, as (tag, target).

    Attributes:
        base: what its relative addresses are relative to; "" for its own place.
    """

    def __init__(self) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self.base = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember the target of a tag that has one."""
        # The parser hands out names in lower case.
        values = {name: value for name, value in attrs if value}
        if tag == "meta" and values.get("http-equiv", "").lower() == "refresh":
            self.links.append((tag, _REFRESH.sub(r"\1", values.get("content", "")).strip("\"' ")))
        if tag == "base":
            self.base = self.base or values.get("href", "")
        for name, value in values.items():
            if (tag, name) in _SENDING:
                self.links += [(_SENDS, each) for each in value.split()]
            elif (tag, name) in _LOADING or (tag, name) == ("a", "href"):
                self.links.append((tag, value))
            elif (tag, name) in _LISTS:
                self.links += [(tag, each.split()[0]) for each in re.split(r",\s+", value) if each.strip()]
