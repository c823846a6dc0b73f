"""GitHub Pages: the workflow that publishes a site from its sources, checks that it will work there, and its zip."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from importlib import metadata, resources
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from llmxray import report
from llmxray.errors import InputError
from llmxray.regular_files import read_regular_file
from llmxray.report.numbers import listed

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
# Of one command; for more, name a folder.
_MOST_NAMED = 20
_NAME_LOGS = "name what holds them in the repository: --logs FOLDER"
_INSTALL_IT = "name what pip installs there: --install git+https://HOST/OWNER/NAME@COMMIT"
# The line of a page that is built from an unfinished recording.
_PARTIAL = re.compile(r'id="partial">([^<]*)<')


@dataclass(frozen=True, slots=True)
class Sources:
    """Sources of a site.

    Attributes:
        recorded: whether there are recordings, replayed by `llmxray run --all`.
        read: commands that read files of other tools: the words that follow `llmxray report`, each.
        to_commit: what must be in the repository beside the workflow, as paths from its top.
    """

    recorded: bool = True
    read: tuple[tuple[str, ...], ...] = ()
    to_commit: tuple[str, ...] = ("experiments", "cassettes")


RECORDINGS = Sources()


def workflow_text(root: Path, name: str = PAGES, source: str = "", of: Sources = RECORDINGS) -> str:
    """The text of a workflow for a repository.

    Args:
        of: the site's sources; other steps are left out.

    Raises:
        InputError: it is not known where this llmxray was installed from.
    """
    own = (root / "llmxray" / "__init__.py").exists() and (root / "pyproject.toml").exists()
    # Quoted, because the workflow writes it into a shell command.
    return _filled(name, of, _OWN if own and not source else shlex.quote(source or requirement()))


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


def requirement() -> str:
    """The requirement with which pip installs this llmxray on another machine.

    Raises:
        InputError: llmxray is not installed, or came from a place that other machines cannot reach.
    """
    try:
        recorded = metadata.distribution("llmxray").read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        raise InputError(f"this llmxray is not installed: {_INSTALL_IT}") from None
    return requirement_of(recorded)


def requirement_of(direct_url: str | None) -> str:
    """The requirement, from the text of ``direct_url.json``; None where llmxray was installed by its name alone.

    Source: the specification "Recording the Direct URL Origin of installed distributions" (PEP 610).

    Raises:
        InputError: as `requirement`.
    """
    if direct_url is None:
        # On the package index anybody may have taken the name.
        raise InputError(
            f"this llmxray was installed by its name alone, which other people may own: {_INSTALL_IT}"
        )
    about = _object(direct_url)
    url, repository = str(about.get("url", "")), about.get("vcs_info")
    parts = urlsplit(url)
    # An address with a password or over ssh needs a secret that the other machine does not have.
    if parts.scheme != "https" or parts.username is not None:
        raise InputError(f"llmxray was installed from a local folder: {_INSTALL_IT}")
    below = f"#subdirectory={about['subdirectory']}" if about.get("subdirectory") else ""
    if isinstance(repository, dict):
        # The commit is named, because a tag or branch can be moved to other code.
        return f"{repository.get('vcs')}+{url}@{repository.get('commit_id')}{below}"
    return f"{url}{below}"


def _object(text: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except ValueError:
        content = None
    return content if isinstance(content, dict) else {}


def sources_of(site: Path, repository: Path, logs: Sequence[Path] = ()) -> Sources:
    """Read a site's sources from the site.

    Args:
        repository: top folder, which the paths begin at.
        logs: where the files of other tools are; by default where they were named when the site was built.

    Raises:
        InputError: it is not known where in the repository the files are, or ``logs`` are not in it.
    """
    known = report.summaries_of(site)
    read = [each for each in known if each.read]
    if not read:
        if logs:
            raise InputError(f"nothing on {site} was built from files of other tools: leave out --logs")
        return RECORDINGS
    if logs:
        options = {each.options for each in read}
        if len(options) > 1:
            names = listed([each.name for each in read])
            raise InputError(f"{names} were read with different options: build {site} with one command")
        commands = [(tuple(_within(path, repository) for path in logs), *options)]
    else:
        commands = [(tuple(_named(each.name, each.read, repository)), each.options) for each in read]
    paths = tuple(dict.fromkeys(path for named, _ in commands for path in named))
    recorded = len(read) < len(known)
    return Sources(
        recorded=recorded,
        read=tuple(dict.fromkeys((*named, *options) for named, options in commands)),
        to_commit=(*(RECORDINGS.to_commit if recorded else ()), *paths),
    )


def _named(experiment: str, names: Sequence[str], repository: Path) -> Iterator[str]:
    if len(names) > _MOST_NAMED:
        raise InputError(f"{experiment} was built from {len(names)} files: {_NAME_LOGS}")
    for name in names:
        # The site lists names without their folders, which are private.
        if not name or not (repository / name).exists():
            raise InputError(
                f"{experiment} was built from {name or 'a whole folder'}, not in {repository}: {_NAME_LOGS}"
            )
        yield _within(repository / name, repository)


def _within(path: Path, repository: Path) -> str:
    """The path from the top of the repository, as a command there names it."""
    if not path.exists():
        raise InputError(f"{path}: there is no such file or folder")
    try:
        found = path.resolve().relative_to(repository.resolve()).as_posix()
    except ValueError:
        raise InputError(
            f"{path} is not in the repository {repository}: copy it there; {_NAME_LOGS}"
        ) from None
    if found == "." or not found.isprintable():
        raise InputError(
            f"{path} cannot be named in a workflow: put the files into a folder of their own; {_NAME_LOGS}"
        )
    # No option, whatever it begins with.
    return f"./{found}" if found.startswith("-") else found


def zip_site(site: Path, target: Path) -> int:
    """Write a site into a zip, in one folder with the zip's name; returns the zip's size in bytes.

    Hidden files are left out. An older zip is replaced only when the new one is complete. With the same zlib, the same
    site gives the same bytes.

    Raises:
        InputError: the site does not exist, or the zip would lie in it.
    """
    from llmxray.packs.writing import add_member  # noqa: PLC0415 (the help of `publish` loads no cassettes)

    if not (site / "index.html").exists():
        raise InputError(f"there is no {site / 'index.html'}: build the site first (llmxray report)")
    # Inside the site, the zip would become part of the next zip, and the site too large to publish.
    if site.resolve() in target.resolve().parents:
        raise InputError(f"{target} lies in the site itself: name a file outside {site}")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    # A leftover part is removed first, because writing would follow a link of that name.
    part.unlink(missing_ok=True)
    with zipfile.ZipFile(part, "x", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        # Links are left out: their targets may be private.
        for path in sorted(path for path in site.rglob("*") if path.is_file() and not path.is_symlink()):
            name = path.relative_to(site)
            if any(part.startswith(".") for part in name.parts):
                continue
            member = f"{target.stem}/{name.as_posix()}"
            add_member(archive, member, read_regular_file(path), zipfile.ZIP_DEFLATED)
    part.replace(target)
    return target.stat().st_size
