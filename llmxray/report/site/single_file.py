"""One HTML file of a small experiment: what students hand in.

The pages of the site are built as always and put one below the other: their styles, scripts and data files
stand in the file itself, allowed by their hashes in the Content-Security-Policy; links between pages become
links within it, and ``results.csv`` a download. Where two pages use the same id, the one without scripts of
its own gives way.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from llmxray.errors import InputError
from llmxray.report.analysis.data import LARGE_QUESTIONS, ExperimentData
from llmxray.report.pages import contents_of
from llmxray.report.site import inline
from llmxray.report.site.build import build, check_names
from llmxray.scratch import scratch_folder

_MAIN = re.compile(r'<main id="main" class="wrap">\n(.*)</main>', re.DOTALL)
_ID = re.compile(r' id="([^"]+)"')
_REFERENCE = re.compile(
    r'( href="#|url\(#| (?:for|id|aria-labelledby|aria-describedby|aria-controls)=")([^")]+)'
)
_LINK = re.compile(r'<a href="(?:\.\./)*(?:([\w-]+)\.html)?(\?[^"#]*)?(#[^"]*)?"')
_OTHER_PAIR = re.compile(r'<a href="pairs\.[^"]*~[^"]*"[^>]*>(.*?)</a>', re.DOTALL)
_TABS = re.compile(r'<nav class="tabs".*?</nav>', re.DOTALL)
# Scripts that look for nothing by id but what the frame of every page has.
_FRAME = {
    *("storage.js", "theme.js", "guesses.js", "dom.js", "url.js", "frame.js", "steps.js", "sort.js"),
    *("svg.js", "radar.js", "categories.js"),
}
# Storage, theme and guesses: they run before anything is painted.
_HEAD = 3


@dataclass(slots=True, kw_only=True)
class _Page:
    """A page taken apart: its name, what it shows, and the scripts it needs, in order."""

    name: str
    main: str
    scripts: list[str]

    @property
    def is_live(self) -> bool:
        """Whether scripts of its own look for its elements by their ids."""
        return any(_plain(script) not in _FRAME for script in self.scripts)


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
        with scratch_folder("single") as folder:
            build([data], Path(folder))
            html = _combined(Path(folder), data)
        # Through no link, and with line feeds on Windows too: a report has the same bytes on any machine.
        target = out / f"{data.name}.html"
        target.unlink(missing_ok=True)
        target.write_text(html, "utf-8", newline="\n")
    return out / f"{experiments[0].name}.html" if len(experiments) == 1 else out


def _combined(site: Path, data: ExperimentData) -> str:
    folder = site / data.name
    texts = {name: (folder / f"{name}.html").read_text("utf-8") for name in _order(folder, data)}
    pages = _without_clashes([_page(name, text) for name, text in texts.items()])
    first = texts["index"]
    scripts = list(dict.fromkeys(script for page in pages for script in page.scripts))
    blocks = [inline.element(text) for text in _sources(site, folder, scripts)]
    styles = list(dict.fromkeys(style for text in texts.values() for style in inline.STYLE.findall(text)))
    style = "\n".join((site / name).read_text("utf-8") for name in styles)
    sections = [
        f'<section class="sheet" id="page-{page.name}">\n{_linked(page.main, pages)}</section>\n'
        for page in pages
    ]
    csv = base64.b64encode((folder / "results.csv").read_bytes()).decode("ascii")
    # The table stands in the file once, behind the last link to it: the downloads under Methods.
    before, _, after = "".join(sections).rpartition('href="results.csv"')
    before = before.replace('href="results.csv"', 'href="#downloads"')
    body = f'{before}download="results.csv" href="data:text/csv;base64,{csv}"{after}'
    body = re.sub(
        r'<a href="results\.(?:json(?:\.gz)?|parquet)">([^<]*)</a>', r"\1 (on the whole site)", body
    )
    # A function, as in a replacement text backslashes of a model would be read as escapes.
    html = _MAIN.sub(lambda _: f'<main id="main" class="wrap">\n{body}</main>', first, count=1)
    html = _TABS.sub(lambda _: _tabs(pages, data), html, count=1)
    html = html.replace('href="../index.html"', 'href="#page-index"').replace("<html", "<html data-whole", 1)
    html = inline.STYLE.sub("", inline.SCRIPT.sub("", html)).replace(
        "</head>", f"<style>{style}</style>\n</head>", 1
    )
    early, later = "\n".join(blocks[:_HEAD]), "\n".join(blocks[_HEAD:])
    html = html.replace("</head>", f"{early}\n</head>", 1).replace("</body>", f"{later}\n</body>", 1)
    return inline.allowing(inline.with_icon(html, site), blocks, [style])


def _order(folder: Path, data: ExperimentData) -> list[str]:
    """Names of the pages in the order of the tabs, methods last; of many pair pages only the first."""
    # A page a pair would make the file many times as long; the rest of the site has them.
    there = {path.stem for path in folder.glob("*.html") if "~" not in path.stem} - {"all-answers"}
    return [entry.name for entry in contents_of(data).entries or () if entry.name in there]


def _page(name: str, text: str) -> _Page:
    main = _MAIN.search(text)
    if main is None:
        raise ValueError(f"the page {name} has no main part")
    return _Page(
        name=name,
        main=main[1],
        scripts=[each for each in inline.SCRIPT.findall(text) if not each.startswith("data/")],
    )


def _without_clashes(pages: Sequence[_Page]) -> list[_Page]:
    """The pages, with ids that are unique in the file.

    Two pages whose scripts look for the same id cannot stand in one file: the later one is left out.
    """
    # The ids of the frame, which the file has once.
    taken = {"main", "keys"}
    kept: set[str] = set()
    for page in sorted(pages, key=lambda page: not page.is_live):
        ids = set(_ID.findall(page.main))
        if page.is_live and ids & taken:
            continue
        renamed = {each: f"{page.name}-{each}" for each in ids & taken}
        page.main = _renamed(page.main, renamed)
        taken |= ids | set(renamed.values())
        kept.add(page.name)
    return [page for page in pages if page.name in kept]


def _renamed(main: str, names: Mapping[str, str]) -> str:
    return _REFERENCE.sub(lambda match: match[1] + names.get(match[2], match[2]), main)


def _linked(main: str, pages: Sequence[_Page]) -> str:
    """Links to pages as links to their sections; states and questions stay as they are."""
    names = {page.name: set(_ID.findall(page.main)) for page in pages}

    def link(match: re.Match[str]) -> str:
        name, query, anchor = match[1], match[2] or "", match[3] or ""
        if name == "all-answers":  # left out: the questions stand in this file already
            return '<a href="#page-answers"'
        if name is None or name not in names:
            return match[0]
        # A question or a state of the table: single.js sets the address and scrolls.
        if query or "=" in anchor:
            return f'<a href="{query or "#"}{anchor.removeprefix("#") if not query else anchor}" data-page="{name}"'
        for target in (anchor[1:], f"{name}-{anchor[1:]}"):
            if target in names[name]:
                return f'<a href="#{target}"'
        return f'<a href="#page-{name}"'

    return _LINK.sub(link, _OTHER_PAIR.sub(r"\1", main))


def _tabs(pages: Sequence[_Page], data: ExperimentData) -> str:
    labels = {entry.name: entry.label for entry in contents_of(data).entries or ()}
    links = [
        f'<a href="#page-{page.name}">{labels.get(page.name) or page.name.capitalize()}</a>' for page in pages
    ]
    return '<nav class="tabs" aria-label="Parts of this report">\n' + "\n".join(links) + "\n</nav>"


def _sources(site: Path, folder: Path, scripts: Sequence[str]) -> Iterable[str]:
    """The text of every script in the order of the pages; data files follow the script that keeps them."""
    for name in scripts:
        yield (site / name).read_text("utf-8")
        if _plain(name) == "shards.js":
            for path in sorted((folder / "data").glob("*.js")):
                yield path.read_text("utf-8")
    yield resources.files("llmxray.report").joinpath("site/single.js").read_text("utf-8")


def _plain(name: str) -> str:
    """``static/frame.1a2b3c4d.js`` is ``frame.js``."""
    stem, _, suffix = name.rpartition("/")[2].rpartition(".")
    return f"{stem.partition('.')[0]}.{suffix}"
