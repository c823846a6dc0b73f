"""GitHub Pages: the workflow that publishes a site from its cassettes, and checks that a site will work there."""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Iterator
from html import unescape
from importlib import resources
from pathlib import Path

from llmxray import report
from llmxray.errors import InputError
from llmxray.regular_files import read_regular_file
from llmxray.workflow import origin
from llmxray.workflow.site_sources import RECORDINGS, Sources

WORKFLOWS = Path(".github/workflows")
PAGES, RELEASE = "pages.yml", "release.yml"
NO_JEKYLL = ".nojekyll"
# Files beside those of the build: `CNAME` names the domain of the site, the workflow adds the zip, and a repository
# may explain the folder.
_ADDED = (NO_JEKYLL, "CNAME", "README.md", "report-site.zip")
# GitHub Pages takes a site of at most 1 GB, with files of at most 100 MB.
MOST_SITE_BYTES, MOST_FILE_BYTES = 1_000_000_000, 100_000_000
# Dependencies are installed by their hashes, then llmxray itself from the tree; nothing is fetched to build it.
_OWN = "--require-hashes -r locks/core.txt && python -m pip install --no-deps --no-build-isolation ."
# Steps of the templates that are for recordings only, or for files of other tools only.
_OF_RECORDINGS = ("Verify the cassettes", "Look for keys", "Replay strictly and build the site")
_OF_FILES = "Build the site from the files of other tools"
_READ_LINE = "          llmxray report @READ@ --out site\n"
# The line of a page that is built from an unfinished recording.
_PARTIAL = re.compile(r'id="partial">([^<]*)<')


def workflow_text(root: Path, name: str = PAGES, source: str = "", of: Sources = RECORDINGS) -> str:
    """The text of a workflow for a repository.

    Args:
        of: the site's sources; other steps are left out.

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
        of: the site's sources.
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
        # Refuse other files, binary ones included.
        written = read_regular_file(target).decode("utf-8", "replace")
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
    """The package that our workflow installs; None if another line was changed."""
    for of in (RECORDINGS, Sources(recorded=False, read=((),)), Sources(read=((),))):
        lines = re.escape(_READ_LINE).replace("@READ@", ".+")
        ours = re.escape(_template(name, of)).replace("@INSTALL@", "(?P<installed>.+)")
        if found := re.fullmatch(ours.replace(re.escape(_READ_LINE), f"(?:{lines})+"), text):
            return found["installed"]
    return None


def _filled(name: str, of: Sources, install: str) -> str:
    """The workflow with its package and files, whose names may be a stranger's."""
    for word in (install, *(word for words in of.read for word in words)):
        # GitHub expands these before the shell sees quotes: the result would run.
        if "${{" in word:
            raise InputError(
                f"{word}: no workflow can name it, since GitHub replaces ${{{{ … }}}}: rename it"
            )
        # A line break would begin another step, even if quoted.
        if not word.isprintable():
            raise InputError(f"{word!a}: no workflow can name it: rename it, with printable characters only")
    # On a key's line, YAML reads these as a comment and as a key.
    if re.search(r"\s#|:(?:\s|$)", install):
        raise InputError(f"{install}: no workflow can install it: leave out ' #' and ': '")
    lines = "".join(_READ_LINE.replace("@READ@", shlex.join(words)) for words in of.read)
    # Both at once: neither can contain the other's placeholder.
    filled = {"@INSTALL@": install, _READ_LINE: lines}
    return re.sub("|".join(map(re.escape, filled)), lambda found: filled[found[0]], _template(name, of))


def _template(name: str, of: Sources) -> str:
    text = resources.files("llmxray.workflow").joinpath(name).read_text("utf-8")
    for step in (*(() if of.recorded else _OF_RECORDINGS), *(() if of.read else (_OF_FILES,))):
        text = re.sub(rf"      - name: {step}\n(?:        .*\n)+", "", text, count=1)
    return text


def site_faults(site: Path) -> Iterator[str]:
    """Faults of a site that is to be published, one line each.

    The site holds the files that the build listed, with the bytes that it wrote, and no others; it shows whole
    recordings only, and keeps within the limits of GitHub Pages.

    Raises:
        InputError: the site or its list is missing, or a file cannot be read.
    """
    if not (site / "index.html").exists():
        raise InputError(f"there is no {site / 'index.html'}: build the site first (llmxray report)")
    listed = report.listed_files(site)
    if not listed:
        raise InputError(f"{site} has no list of its files that can be read: build it again (llmxray report)")
    total = 0
    for path in sorted(path for path in site.rglob("*") if not path.is_dir() or path.is_symlink()):
        name = path.relative_to(site).as_posix()
        digest = listed.pop(name, None)
        if path.is_symlink() or not path.is_file():
            yield f"{name}: a link of the file system, or a pipe; Pages takes plain files only: remove it"
            continue
        size = path.stat().st_size
        total += size
        if size > MOST_FILE_BYTES:
            yield f"{name}: {size:,} bytes; Pages takes files of at most {MOST_FILE_BYTES:,}"
        elif name not in (report.FILE_LIST, *_ADDED):
            yield from (f"{name}: {fault}" for fault in _content_faults(path, digest))
    yield from (f"{name}: is missing: build the site again" for name in sorted(listed))
    if total > MOST_SITE_BYTES:
        yield f"the site has {total:,} bytes; Pages takes at most {MOST_SITE_BYTES:,}"


def _content_faults(path: Path, digest: str | None) -> Iterator[str]:
    if digest is None:
        yield "was not written when the site was built: move it elsewhere, or build the site again"
        return
    data = read_regular_file(path)
    if hashlib.sha256(data).hexdigest() != digest:
        yield "was changed after the site was built: build the site again"
    elif path.name == "index.html" and (share := _PARTIAL.search(data.decode("utf-8", "replace"))):
        yield f"{unescape(share[1])} Record the rest and build the site again"
