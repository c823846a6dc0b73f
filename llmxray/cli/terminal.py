"""The one place that prints. What files, servers and models wrote is made printable on the way out.

Results and paths go to standard output, which scripts read; everything else goes to standard error.
"""

from __future__ import annotations

import shlex
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

import typer

from llmxray.runner.safe import safe

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

    console: Console


# What to do stands at the end of a message, and where it is wrong at the beginning.
_MOST_SHOWN = 2_000


def __getattr__(name: str) -> Any:
    """``console``, the terminal's standard error, made when it is first asked for."""
    if name == "console":
        return _console()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@cache
def _console() -> Console:
    # A tenth of a start, and many commands print plain lines only.
    from rich.console import Console  # noqa: PLC0415

    return Console(stderr=True, highlight=False)


def say(text: object, *, err: bool = False) -> None:
    """Print a text on a line of its own."""
    # A line feed in the name of a file or model would begin what looks like a line of ours.
    typer.echo(safe(str(text)).replace("\n", " "), err=err)


def say_lines(text: str) -> None:
    """Print a text of several lines, as we laid it out."""
    typer.echo(safe(text))


def note(text: object) -> None:
    """Print one line about the work to standard error; a live view is not disturbed by it."""
    said = str(text)
    indent = " " * (len(said) - len(said.lstrip(" ")))
    # A line feed in the name of a tool would begin what looks like a line of ours. Brackets and colons in the name of a
    # model are no markup.
    _console().print(f"{indent}{one_line(said)}", markup=False, emoji=False, soft_wrap=True)


def working(title: str) -> Status:
    """A context manager that shows what is being done, on a terminal only."""
    return _console().status(safe(title))


def command(*words: object) -> str:
    """A command to paste into a shell, quoted where it must be."""
    return shlex.join(map(str, words))


def one_line(text: str) -> str:
    """A message on one line; one that repeats a long text of a file loses its middle."""
    line = " ".join(safe(text).split())
    return line if len(line) <= _MOST_SHOWN else f"{line[: _MOST_SHOWN // 2]} … {line[-_MOST_SHOWN // 2 :]}"


def prepare_streams() -> None:
    """Let no text fail to be printed: what the terminal's encoding cannot say is escaped."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def can_ask() -> bool:
    """Whether somebody sits at a terminal who can answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask(question: str) -> bool:
    """Whether a question is answered with yes; an empty answer is no."""
    return typer.confirm(safe(question), err=True)
