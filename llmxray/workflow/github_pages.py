"""GitHub Pages: the workflow that publishes a site from its cassettes, and checks that a site will work there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from contextlib import suppress
from html import unescape
from importlib import resources
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.parsers import expat

from llmxray import report
from llmxray.errors import InputError
from llmxray.plain import plain_bytes
from llmxray.workflow import origin
from llmxray.workflow.site_sources import RECORDINGS, Sources

WORKFLOWS = Path(".github/workflows")
PAGES, RELEASE = "pages.yml", "release.yml"
NO_JEKYLL = ".nojekyll"
# GitHub Pages takes a site of at most 1 GB, with files of at most 100 MB.
MOST_SITE_BYTES, MOST_FILE_BYTES = 1_000_000_000, 100_000_000
# Dependencies are installed by their hashes, then llmxray itself from the tree; nothing is fetched to build it.
_OWN = "--require-hashes -r locks/core.txt && python -m pip install --no-deps --no-build-isolation ."
# Steps of the templates that are for recordings only, or for files of other tools only.
_OF_RECORDINGS = ("Verify the cassettes", "Look for keys", "Replay strictly and build the site")
_OF_FILES = "Build the site from the files of other tools"
_READ_LINE = "          llmxray report @READ@ --out site\n"
# The kinds of files that a site may hold. A host tells the browser what a file is by its ending. Files of these kinds
# are checked below, or run nothing when they are opened by themselves.
_PAGE, _DRAWING, _SCRIPT, _STYLE = ".html", ".svg", ".js", ".css"
_READ = (_PAGE, _DRAWING, _SCRIPT, _STYLE)
# Markdown is not among them: a host may make a page of it, with any HTML that is in it.
_TEXTS = (".csv", ".json", ".txt")
# If a host does not know an ending, browsers look at the first bytes. Files of these kinds must begin like this, or
# they could be run as pages.
_BEGINS = {
    **{".parquet": b"PAR1", ".zip": b"PK", ".gif": b"GIF8", ".ico": b"\x00\x00\x01\x00", ".png": b"\x89PNG"},
    **{".jpeg": b"\xff\xd8\xff", ".jpg": b"\xff\xd8\xff", ".webp": b"RIFF"},
}
_LIKE_A_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<|%PDF)")
_KINDS = (*_READ, *_TEXTS, *_BEGINS)
# Endings that may stand before the last one (a pack has `.xray`). If a host does not know the last ending, the one
# before it counts: `a.html.parquet` would be a page.
_BEFORE_LAST = ("", ".xray")
# A host may make a page of any file that begins like this, under the address that it names.
_FRONT_MATTER = re.compile(rb"(?:\xef\xbb\xbf)?---\s")
# A data file passes texts, numbers, lists and mappings to a function of llmxray's; without other names it runs nothing.
_DATA_SCRIPT = re.compile(
    rb"llmxray\.(?:shard|showLedger|showSteps)\("
    rb"(?:'(?:[^'\\\n\r]++|\\.)*+'|\"(?:[^\"\\\n\r]++|\\.)*+\"|-?\d[\d.eE+-]*+|[\[\]{},:\s]|"
    rb"true|false|null|NaN|-?Infinity)*+\);\s*"
)
# A site with a domain of its own has this file with one line of text.
_ADDRESS = "CNAME"
# A host serves drawings as they are, and they can hold no policy. These elements and attributes only draw.
_SVG = "http://www.w3.org/2000/svg"
_SHAPES = {
    *("svg", "g", "defs", "clipPath", "path", "line", "rect", "circle", "ellipse", "polygon", "polyline"),
    *("text", "tspan", "title", "desc"),
}
_ARIA_LABEL = "aria-label"
_LOOKS = frozenset(
    f"""{_ARIA_LABEL}
    role id class version viewBox preserveAspectRatio width height transform d points x y x1 y1 x2 y2 dx dy
    cx cy r rx ry fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-dasharray stroke-dashoffset
    stroke-linecap stroke-linejoin stroke-miterlimit opacity clip-path clip-rule font-family font-size font-style
    font-weight text-anchor dominant-baseline pointer-events""".split()
)
# Browsers read some attributes as styles, in which functions other than these can load files; with a backslash any name
# can be written in other letters.
_FUNCTIONS = re.compile(
    r"(?:translate|scale|rotate|skew[XY]|matrix|rgba?|hsla?)\([^()\\]*\)|(?:url\(#|var\(--)[\w-]+\)"
)
_CALLS = re.compile(r"[(\\]")
_SHOWN = 40
# Faults listed for one drawing or page; the user need not know more to reject it.
_MOST_FAULTS = 20
# The policy of `--single-file` and of slides, in the first characters of the file.
_HANDED_OUT, _HEAD = "; script-src 'sha256-", 1000
# The tags that llmxray's pages hold; browsers and parsers may disagree on anything else. A `<` that begins none of
# these is a fault wherever it stands, so that it does not matter what a browser takes for text or a comment.
_OPENS = re.compile("<")
_AT = r"[A-Za-z0-9_.][A-Za-z0-9_./-]*"
_FIXED = re.compile(
    # Only these names: others could prove ownership of the site to a search engine, or open apps.
    r'<(?:meta (?:charset="utf-8"|(?:name="(?:viewport|color-scheme|description|twitter:card)"|'
    r'property="og:(?:title|description|type|image|image:width|image:height)") content="[^"<>]*"|'
    r'http-equiv="Content-Security-Policy" content="[^"<>]*")>|'
    rf'script src="(?P<script>{_AT}\.js)"></script>|'
    rf'link rel="(?:stylesheet|icon)"(?: type="image/svg\+xml")? href="(?P<link>{_AT}\.(?:css|svg))">)'
)
_TAG = re.compile(
    r"<(?:/[A-Za-z][A-Za-z0-9]*|"
    r'(?P<tag>[A-Za-z][A-Za-z0-9]*)(?P<attributes>(?:[ \r\n\t]+[A-Za-z][A-Za-z0-9:-]*(?:="[^"<]*")?)*+)[ \r\n\t]*/?)>'
)
_ATTRIBUTE = re.compile(r'([A-Za-z][A-Za-z0-9:-]*)(?:="([^"]*)")?')
_ELEMENTS = {
    *("html", "head", "title", "body", "header", "nav", "main", "footer"),
    *("article", "aside", "section", "div"),
    *("h1", "h2", "h3", "h4", "p", "a", "b", "i", "u", "q", "em", "strong", "small", "span", "del", "ins"),
    *("code", "kbd", "pre"),
    *("ul", "ol", "li", "dl", "dt", "dd", "blockquote", "br", "wbr", "figure", "figcaption", "noscript"),
    *("table", "colgroup", "col", "thead", "tbody", "tr", "th", "td", "details", "summary", "dialog"),
    *("form", "fieldset", "legend", "label", "input", "button", "output", "progress"),
    *("select", "optgroup", "option"),
    # HTML spells the names of these elements in small letters.
    *(name.lower() for name in _SHAPES),
}
_ATTRIBUTES = frozenset(
    f"""{_ARIA_LABEL}
    accept autocomplete checked class colspan contenteditable for hidden id inputmode label lang max maxlength method
    min multiple name open placeholder popover popovertarget required role scope selected step tabindex title type
    value aria-controls aria-current aria-describedby aria-expanded aria-hidden aria-labelledby aria-live aria-multiline
    aria-pressed data-action data-all data-bins data-blank data-clear data-condition data-css data-do data-duel
    data-experiment data-first data-for data-guess data-guessed data-id data-label data-measure data-more data-n data-of
    data-part data-places data-preset data-print data-profile data-prompt data-race data-recording data-run data-sample
    data-sort data-step data-student data-suite data-value data-want data-whole data-write""".split()
)
# llmxray's scripts run the files that these attributes name.
_RUNNING = frozenset(("data-file", "data-index", "data-shard"))
# They link to the pages whose addresses these hold.
_LINKING = frozenset(("data-compare", "data-xray"))
# The line of a page that is built from an unfinished recording.
_PARTIAL = re.compile(r'id="partial">([^<]*)<')
_RUN = re.compile(rf"{_AT}\.js")
_INLINE_SHAPES = frozenset(name.lower() for name in _SHAPES)
_INLINE_LOOKS = frozenset((*(name.lower() for name in _LOOKS), "xmlns"))


def workflow_text(root: Path, name: str = PAGES, source: str = "", of: Sources = RECORDINGS) -> str:
    """The text of a workflow for a repository.

    Args:
        of: what the site is built from; steps that are about nothing of it are left out.

    Raises:
        InputError: it is not known where this llmxray was installed from.
    """
    own = (root / "llmxray" / "__init__.py").exists() and (root / "pyproject.toml").exists()
    # Quoted, because the workflow writes it into a shell command.
    return _filled(name, of, _OWN if own and not source else shlex.quote(source or origin.requirement()))


def write_workflow(
    root: Path, name: str = PAGES, source: str = "", of: Sources = RECORDINGS
) -> tuple[Path, bool]:
    """Write a workflow into a repository; returns its path, and whether anything changed.

    A workflow of llmxray's that installs something else, or builds from something else, is overwritten.

    Args:
        root: top folder of the repository.
        of: what the site is built from.
        name: ``pages.yml`` publishes the site, ``release.yml`` attaches it to releases.
        source: what pip installs; "" for what an existing workflow installs, or for the llmxray that writes it.

    Raises:
        InputError: another file of that name is there, the folder cannot hold one, or it is not known where this
            llmxray was installed from.
    """
    if not root.is_dir():
        raise InputError(f"{root} is not a folder: name the top of your repository")
    target = root / WORKFLOWS / name
    # A link in the path could lead outside of the repository.
    for place in (target, *(root / folder for folder in WORKFLOWS.parents if folder.name), root / WORKFLOWS):
        if place.is_symlink():
            raise InputError(f"{place} is a link: remove it")
    if target.exists():
        # Whatever is not ours is refused, also what is no text.
        written = plain_bytes(target).decode("utf-8", "replace")
        installed = _installed_source(written, name)
        if installed is None:
            raise InputError(f"{target} exists and is not ours: move it away, or write the workflow by hand")
        # A source that the user once chose stays; a released version is replaced by the one that writes now.
        stays = not source and not installed.startswith("llmxray==")
        text = _filled(name, of, installed) if stays else workflow_text(root, name, source, of)
        if written == text:
            return target, False
    else:
        text = workflow_text(root, name, source, of)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, "utf-8")
    return target, True


def _installed_source(text: str, name: str) -> str | None:
    """What a workflow of llmxray's installs; None if it differs in another line, so that somebody has changed it."""
    for of in (RECORDINGS, Sources(recorded=False, read=((),)), Sources(read=((),))):
        lines = re.escape(_READ_LINE).replace("@READ@", ".+")
        ours = re.escape(_template(name, of)).replace("@INSTALL@", "(?P<installed>.+)")
        if found := re.fullmatch(ours.replace(re.escape(_READ_LINE), f"(?:{lines})+"), text):
            return found["installed"]
    return None


def _filled(name: str, of: Sources, install: str) -> str:
    """The workflow with what it installs and reads; what names these may come with a site from elsewhere."""
    for word in (install, *(word for words in of.read for word in words)):
        # GitHub fills these in before a shell sees any quotes: what it puts there would run.
        if "${{" in word:
            raise InputError(
                f"{word}: no workflow can name it, since GitHub replaces ${{{{ … }}}}: rename it"
            )
        # A line break would begin a step of its own, whatever quotes it for a shell.
        if not word.isprintable():
            raise InputError(f"{word!a}: no workflow can name it: rename it, with printable characters only")
    # It stands in the line of its key, where YAML takes these for a comment and for a key.
    if re.search(r"\s#|:(?:\s|$)", install):
        raise InputError(f"{install}: no workflow can install it: leave out ' #' and ': '")
    lines = "".join(_READ_LINE.replace("@READ@", shlex.join(words)) for words in of.read)
    # Both at once, so that neither can name the place of the other.
    filled = {"@INSTALL@": install, _READ_LINE: lines}
    return re.sub("|".join(map(re.escape, filled)), lambda found: filled[found[0]], _template(name, of))


def _template(name: str, of: Sources) -> str:
    text = resources.files("llmxray.workflow").joinpath(name).read_text("utf-8")
    for step in (*(() if of.recorded else _OF_RECORDINGS), *(() if of.read else (_OF_FILES,))):
        text = re.sub(rf"      - name: {step}\n(?:        .*\n)+", "", text, count=1)
    return text


def site_faults(site: Path) -> list[str]:
    """Faults that would break the site on GitHub Pages, one line each; an empty list means fit to publish.

    Checked: every link and resource is relative and leads to a file of the site (so it works under any
    sub-path), every page begins with our policy and loads from or sends to nowhere else, every drawing only draws,
    every script and style is one of this llmxray's or only data, no file has a kind that a site does not hold or may
    become a page, there are no hidden files, no links in the file system and no two names that differ only in case, and
    the sizes are within the limits of GitHub Pages.

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
        # A checkout on Windows or macOS would lose one of two such files.
        other = seen.setdefault(str(name).casefold(), name)
        if other != name:
            yield f"{name}: differs from {other} in case only"
    if total > MOST_SITE_BYTES:
        yield f"the site has {total:,} bytes; Pages takes at most {MOST_SITE_BYTES:,}"


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _content_faults(site: Path, paths: list[Path]) -> Iterator[str]:
    files = {path.relative_to(site).as_posix() for path in paths}
    for path in paths:
        name, kind = path.relative_to(site), path.suffix.lower()
        # A file that is too large is reported already.
        if _is_plain(path) and path.stat().st_size <= MOST_FILE_BYTES:
            data = plain_bytes(path)
            faults = _page_faults(name, data, files) if kind == _PAGE else _other_faults(kind, data)
            yield from (f"{name}: {fault}" for fault in _first(faults))


def _first(faults: Iterator[str]) -> Sequence[str]:
    """The first different ones: a page may have a fault in each of its characters, and one is reason enough."""
    found: dict[str, None] = {}
    for fault in faults:
        found[fault] = None
        if len(found) >= _MOST_FAULTS:
            break
    return [*found]


def _other_faults(kind: str, data: bytes) -> Iterator[str]:
    if kind == _DRAWING:
        yield from _Drawing().faults_of(data)
    elif kind in (_SCRIPT, _STYLE):
        if not (report.is_own_static(data) or (kind == _SCRIPT and _is_data_script(data))):
            yield "is no file of this llmxray: build the whole site again, or remove it"
    elif not data.startswith(_BEGINS.get(kind, b"")) or (kind in _TEXTS and _LIKE_A_PAGE.match(data)):
        yield "does not begin as a file of its kind does, and a browser may take it for a page: remove it"
    elif _FRONT_MATTER.match(data):
        yield "begins with front matter, of which some hosts make a page: remove that, or the file"


def _is_data_script(data: bytes) -> bool:
    return (_DATA_SCRIPT.fullmatch(data) or report.PACKED_SCRIPT.fullmatch(data)) is not None


def _page_faults(name: Path, data: bytes, files: set[str]) -> Iterator[str]:
    try:
        html = data.decode("utf-8")
    except ValueError as error:
        yield f"cannot be read as a page ({error}): build it again, or remove it"
        return
    # A browser applies this policy to all that follows it, so that what is overlooked here cannot load or send.
    if _HANDED_OUT in html[:_HEAD]:
        yield "has its scripts in itself, to be handed out and not published: move it out of the folder of the site"
        return
    if not report.has_own_policy(html):
        yield "does not begin with the policy of llmxray's pages: build it again, or move it away"
        return
    if name.name == "index.html" and (share := _PARTIAL.search(html)):
        yield f"{unescape(share[1])} Record the rest and build the site again"
    # The search starts behind the first `<`, which begins the document type before the policy.
    for at in (match.start() for match in _OPENS.finditer(html, 1)):
        if fixed := _FIXED.match(html, at):
            yield from _address_faults(name, fixed["script"] or fixed["link"] or "", files)
        elif (tag := _TAG.match(html, at)) and (not tag["tag"] or tag["tag"].lower() in _ELEMENTS):
            if tag["attributes"]:
                yield from _tag_faults(name, tag["tag"].lower(), tag["attributes"], files)
        else:
            yield _foreign_markup(repr(html[at : html.find(">", at, at + _SHOWN) + 1 or at + _SHOWN]))


def _foreign_markup(what: str) -> str:
    return f"holds {what}, which no page of llmxray does: build it again, or remove it"


def _tag_faults(page: Path, tag: str, attributes: str, files: set[str]) -> Iterator[str]:
    for attribute in _ATTRIBUTE.finditer(attributes):
        name, value = attribute[1].lower(), unescape(attribute[2] or "")
        is_link = (tag, name) == ("a", "href") or name in _LINKING
        if tag in _INLINE_SHAPES:
            if name not in _INLINE_LOOKS or _calls_function(name, value):
                yield _foreign_markup(f"{name}={value[:_SHOWN]!r} in <{tag}>")
        elif is_link or (name in _RUNNING and _RUN.fullmatch(attribute[2] or "")):
            yield from _address_faults(page, value, files)
        elif name not in _ATTRIBUTES:
            yield _foreign_markup(f"{name}={value[:_SHOWN]!r} in <{tag}>")


def _address_faults(page: Path, target: str, files: set[str]) -> Iterator[str]:
    if fault := _address_fault(page, target, files):
        yield fault


def _address_fault(page: Path, target: str, files: set[str]) -> str:
    try:
        parts = urlsplit(target)
    except ValueError:
        return f"{target} is no address"
    if parts.scheme or parts.netloc:
        # Only links for the reader may lead elsewhere; files that a page loads have neither scheme nor host.
        is_web = parts.scheme in ("https", "http", "mailto")
        return "" if is_web else f"{target} is neither in the site nor on the web: link to https://… instead"
    if not parts.path:
        return ""
    # Browsers read a backslash as a slash.
    if parts.path.startswith(("/", "\\")):
        return f"{target} is not relative: it breaks under a sub-path"
    folders: list[str] = list(page.parent.parts)
    for part in unquote(parts.path).split("/"):
        if part == "..":
            if not folders:
                return f"{target} leads out of the site"
            folders.pop()
        elif part not in (".", ""):
            folders.append(part)
    return "" if "/".join(folders) in files else f"{target} leads to no file"


class _EnoughError(Exception):
    """Stops reading a drawing: so much is wrong that the rest need not be read."""


class _Drawing:
    """Reads an SVG as a browser does, and lists what does more than draw."""

    def __init__(self) -> None:
        self._faults: list[str] = []

    def faults_of(self, data: bytes) -> list[str]:
        """Faults of a drawing: everything but shapes and texts."""
        # Always read as UTF-8, whatever the file declares: browsers know encodings that this parser does not.
        parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        parser.XmlDeclHandler = self._xml_declaration
        parser.StartDoctypeDeclHandler = self._doctype
        parser.ProcessingInstructionHandler = lambda name, _: self._add_fault(f"<?{name[:_SHOWN]}?>")
        parser.StartElementHandler = self._element
        try:
            with suppress(_EnoughError):
                parser.Parse(data, True)
        except expat.ExpatError as error:
            self._faults.append(f"is not XML in UTF-8 ({error}): remove it, or build it again")
        return self._faults

    def _add_fault(self, what: str) -> None:
        self._faults.append(f"holds {what}; drawings have shapes and texts only: save it as PNG instead")
        if len(self._faults) >= _MOST_FAULTS:
            raise _EnoughError

    def _doctype(self, *_: object) -> None:
        self._add_fault("<!DOCTYPE>")
        # A document type can add attributes to every element that follows: a small file would fill the memory.
        raise _EnoughError

    def _xml_declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() != "utf-8":
            self._add_fault(f"encoding={encoding[:_SHOWN]}")

    def _element(self, element: str, attributes: dict[str, str]) -> None:
        space, _, tag = element.rpartition(" ")
        if space != _SVG or tag not in _SHAPES:
            self._add_fault(f"<{tag[:_SHOWN]}>")
        for name, value in attributes.items():
            if name not in _LOOKS:
                self._add_fault(f"{name.rpartition(' ')[2][:_SHOWN]}=…")
            elif _calls_function(name, value):
                self._add_fault(f"{name}={value[:_SHOWN]!r}")


def _calls_function(name: str, value: str) -> bool:
    """Whether an attribute of a drawing calls a function that may load something."""
    return name != _ARIA_LABEL and _CALLS.search(_FUNCTIONS.sub("", value)) is not None
