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
from llmxray.plain import plain_bytes
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
_SENDS = "sends"
# Those that send what a reader enters, or that a link was followed.
_SENDING = {("form", "action"), ("button", "formaction"), ("input", "formaction"), ("a", "ping")}
# Each names several files, with a width or a density behind it.
_LISTS = {("img", "srcset"), ("source", "srcset"), ("link", "imagesrcset")}
# What a site may hold. A host tells the browser what a file is by its ending; only these are known to be looked into
# here, or to run nothing when they are opened by themselves.
_PAGE, _DRAWING, _SCRIPT, _STYLE = ".html", ".svg", ".js", ".css"
_READ = (_PAGE, _DRAWING, _SCRIPT, _STYLE)
_DATA = (".csv", ".json", ".md", ".parquet", ".txt", ".zip")
_PICTURES = (".gif", ".ico", ".jpeg", ".jpg", ".pdf", ".png", ".webp")
_KINDS = (*_READ, *_DATA, *_PICTURES)
# Of a pack. Where a host does not know the last ending, the one before it counts: `a.html.parquet` is a page.
_BEFORE_LAST = ("", ".xray")
# A host may make a page of any file that begins like this, under the address that it names.
_FRONT_MATTER = re.compile(rb"(?:\xef\xbb\xbf)?---\s")
# A data file hands texts, numbers, lists and mappings to a function of ours: without other names nothing of it runs.
_DATA_SCRIPT = re.compile(
    rb"llmxray\.[A-Za-z]+\((?:'(?:[^'\\\n\r]++|\\.)*+'|\"(?:[^\"\\\n\r]++|\\.)*+\"|-?\d[\d.eE+-]*+|[\[\]{},:\s]|"
    rb"true|false|null|NaN|-?Infinity)*+\);\s*"
)
# Of a site with an address of its own: one line of text.
_ADDRESS = "CNAME"
# A host hands drawings out as they are, and they can hold no policy: these elements and attributes only draw.
_SVG = "http://www.w3.org/2000/svg"
_SHAPES = {
    *("svg", "g", "defs", "clipPath", "path", "line", "rect", "circle", "ellipse", "polygon", "polyline"),
    *("text", "tspan", "title", "desc"),
}
_SAID = "aria-label"
_LOOKS = frozenset(
    f"""{_SAID} role id class version viewBox preserveAspectRatio width height transform d points x y x1 y1 x2 y2 dx dy
    cx cy r rx ry fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-dasharray stroke-dashoffset
    stroke-linecap stroke-linejoin stroke-miterlimit opacity clip-path clip-rule font-family font-size font-style
    font-weight text-anchor dominant-baseline pointer-events""".split()
)
# Browsers read some attributes as styles, in which other functions load; with a backslash any name can be written in
# other letters.
_FUNCTIONS = re.compile(
    r"(?:translate|scale|rotate|skew[XY]|matrix|rgba?|hsla?)\([^()\\]*\)|(?:url\(#|var\(--)[\w-]+\)"
)
_CALLS = re.compile(r"[(\\]")
_SHOWN = 40
# What a page of ours says of itself. Browsers and parsers of HTML differ over comments, doubled attributes and what
# stands in drawings, so that nothing else may begin like it.
_META = re.compile(
    r'meta (?:charset="utf-8"|(?:name|property)="[\w:-]+" content="[^"<>]*"|'
    r'http-equiv="Content-Security-Policy" content="[^"<>]*")>'
)
_DOCTYPE = re.compile(r"<!doctype html>", re.IGNORECASE)
_BEGUN = re.compile(r"<(?=meta|[!?])", re.IGNORECASE)


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
    every script and style is one of this llmxray's or only data, no file is of another kind than a site has or may
    become a page, no hidden files and no links in the file system, no two names that differ in case only, and Pages'
    limits of size.

    Raises:
        InputError: there is no site, or a file cannot be read.
    """
    if not (site / "index.html").exists():
        raise InputError(f"there is no {site / 'index.html'}: build the site first (llmxray report)")
    paths = sorted(path for path in site.rglob("*") if not path.is_dir() or path.is_symlink())
    return [*_file_faults(site, paths), *_content_faults(site, paths)]


def _file_faults(site: Path, paths: list[Path]) -> Iterator[str]:
    seen: dict[str, Path] = {}
    total = 0
    for path in paths:
        name = path.relative_to(site)
        if not _is_plain(path):
            yield f"{name}: a link of the file system, or a pipe; Pages takes plain files only: remove it"
            continue
        size = path.stat().st_size
        total += size
        if any(part.startswith(".") for part in name.parts):
            if str(name) != NO_JEKYLL:
                yield f"{name}: a hidden file; it would not be published"
        elif path.suffix.lower() not in _KINDS and str(name) != _ADDRESS:
            yield f"{name}: a site holds {' '.join(_KINDS)} only: remove it, or put it into a zip"
        elif path.suffix.lower() not in _READ and Path(path.stem).suffix.lower() not in _BEFORE_LAST:
            yield f"{name}: has two endings, and some hosts heed the first: rename it, or put it into a zip"
        if size > MOST_FILE_BYTES:
            yield f"{name}: {size:,} bytes; Pages takes files of at most {MOST_FILE_BYTES:,}"
        # On a checkout in Windows or macOS one of them would be lost.
        other = seen.setdefault(str(name).casefold(), name)
        if other != name:
            yield f"{name}: differs from {other} in case only"
    if total > MOST_SITE_BYTES:
        yield f"the site has {total:,} bytes; Pages takes at most {MOST_SITE_BYTES:,}"


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _content_faults(site: Path, paths: list[Path]) -> Iterator[str]:
    there = {path.relative_to(site).as_posix() for path in paths}
    for path in paths:
        name, kind = path.relative_to(site), path.suffix.lower()
        # One that is too large was named.
        if _is_plain(path) and path.stat().st_size <= MOST_FILE_BYTES:
            data = plain_bytes(path)
            faults = _page_faults(name, data, there) if kind == _PAGE else _other_faults(kind, data)
            yield from (f"{name}: {fault}" for fault in dict.fromkeys(faults))


def _other_faults(kind: str, data: bytes) -> Iterator[str]:
    if kind == _DRAWING:
        yield from _Drawing().faults_of(data)
    elif kind in (_SCRIPT, _STYLE):
        if not (report.is_own_static(data) or (kind == _SCRIPT and _DATA_SCRIPT.fullmatch(data))):
            yield "is no file of this llmxray: build the whole site again, or remove it"
    elif _FRONT_MATTER.match(data):
        yield "begins with front matter, of which some hosts make a page: remove that, or the file"


def _page_faults(name: Path, data: bytes, there: set[str]) -> Iterator[str]:
    found = _Links()
    try:
        html = data.decode("utf-8")
        found.feed(html)
    # Some versions of the parser assert where a declaration is none.
    except (ValueError, AssertionError) as error:
        yield f"cannot be read as a page ({error}): build it again, or remove it"
        return
    # Scripts, styles and frames within a page reach elsewhere too; the browser stops them, by this policy.
    if not report.has_own_policy(html):
        yield "does not begin with the policy of llmxray's pages: build it again, or move it away"
    for begun in _BEGUN.finditer(html, end.end() if (end := _DOCTYPE.match(html)) else 0):
        if not _META.match(html, begun.end()):
            shown = html[begun.start() :][:_SHOWN]
            yield f"holds {shown!r}, which no page of llmxray does: build it again, or remove it"
    if found.base:
        # Relative addresses are then no longer what they look like.
        yield f"<base href> turns all its links to {found.base}"
    for tag, target in dict.fromkeys(found.links):
        if fault := _fault(name, tag, target, there):
            yield fault


def _fault(page: Path, tag: str, target: str, there: set[str]) -> str:
    try:
        parts = urlsplit(target)
    except ValueError:
        return f"{target} is no address"
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
    # Browsers read a backslash as a slash.
    if parts.path.startswith(("/", "\\")):
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
    """Reads an SVG as a browser does that opens it, and names what does more than draw."""

    def __init__(self) -> None:
        self._faults: list[str] = []

    def faults_of(self, data: bytes) -> list[str]:
        """What is more than shapes and texts."""
        # Whatever it says of its encoding: browsers know others than this parser.
        parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        parser.XmlDeclHandler = self._declared
        parser.StartDoctypeDeclHandler = lambda *_: self._more("<!DOCTYPE>")
        parser.ProcessingInstructionHandler = lambda name, _: self._more(f"<?{name[:_SHOWN]}?>")
        parser.StartElementHandler = self._element
        try:
            parser.Parse(data, True)
        except expat.ExpatError as error:
            self._faults.append(f"is not XML in UTF-8 ({error}): remove it, or build it again")
        return self._faults

    def _more(self, what: str) -> None:
        self._faults.append(f"holds {what}; drawings have shapes and texts only: save it as PNG instead")

    def _declared(self, version: str, encoding: str | None, standalone: int) -> None:
        if encoding is not None and encoding.lower() != "utf-8":
            self._more(f"encoding={encoding[:_SHOWN]}")

    def _element(self, element: str, attributes: dict[str, str]) -> None:
        space, _, tag = element.rpartition(" ")
        if space != _SVG or tag not in _SHAPES:
            self._more(f"<{tag[:_SHOWN]}>")
        for name, value in attributes.items():
            if name not in _LOOKS:
                self._more(f"{name.rpartition(' ')[2][:_SHOWN]}=…")
            elif name != _SAID and _CALLS.search(_FUNCTIONS.sub("", value)):
                self._more(f"{name}={value[:_SHOWN]!r}")


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
        if tag == "base":
            self.base = self.base or values.get("href", "")
        for name, value in values.items():
            if (tag, name) in _SENDING:
                self.links += [(_SENDS, each) for each in value.split()]
            elif (tag, name) in _LOADING or (tag, name) == ("a", "href"):
                self.links.append((tag, value))
            elif (tag, name) in _LISTS:
                self.links += [(tag, each.split()[0]) for each in re.split(r",\s+", value) if each.strip()]
