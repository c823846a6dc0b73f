"""Sources of a site, for a workflow: recordings, files of other tools, or both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from llmxray import report
from llmxray.errors import InputError
from llmxray.report.numbers import listed

# Of one command; for more, name a folder.
_MOST_NAMED = 20
_ADVICE = "name what holds them in the repository: --logs FOLDER"


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
        raise InputError(f"{experiment} was built from {len(names)} files: {_ADVICE}")
    for name in names:
        # The site lists names without their folders, which are private.
        if not name or not (repository / name).exists():
            raise InputError(
                f"{experiment} was built from {name or 'a whole folder'}, not in {repository}: {_ADVICE}"
            )
        yield _within(repository / name, repository)


def _within(path: Path, repository: Path) -> str:
    """The path from the top of the repository, as a command there names it."""
    if not path.exists():
        raise InputError(f"{path}: there is no such file or folder")
    try:
        found = path.resolve().relative_to(repository.resolve()).as_posix()
    except ValueError:
        raise InputError(f"{path} is not in the repository {repository}: copy it there; {_ADVICE}") from None
    if found == "." or not found.isprintable():
        raise InputError(
            f"{path} cannot be named in a workflow: put the files into a folder of their own; {_ADVICE}"
        )
    # No option, whatever it begins with.
    return f"./{found}" if found.startswith("-") else found
