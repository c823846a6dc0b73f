"""The only module that prints. Text from files, servers and models is made printable first.

Results and paths go to standard output, which scripts read; everything else goes to standard error.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import typer

from llmxray.safe import safe

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

    console: Console


# A longer message loses its middle, because its beginning says where the fault is and its end what to do.
_MOST_SHOWN = 2_000


def __getattr__(name: str) -> Any:
    """``console``, for standard error, created on first use."""
    if name == "console":
        return _console()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@cache
def _console() -> Console:
    # Imported here, because rich takes a tenth of the start and many commands print only plain lines.
    from rich.console import Console  # noqa: PLC0415

    return Console(stderr=True, highlight=False)


def say(text: object, *, err: bool = False) -> None:
    """Print a text on one line."""
    # A line feed in a name could forge a line of llmxray's output.
    typer.echo(safe(str(text)).replace("\n", " "), err=err)


def say_lines(text: str) -> None:
    """Print a text of several lines, with its line feeds."""
    typer.echo(safe(text))


def note(text: object) -> None:
    """Print one line about the work to standard error, without disturbing a live view."""
    line = str(text)
    indent = " " * (len(line) - len(line.lstrip(" ")))
    # One line, because a line feed in the name of a tool would start what looks like a line of llmxray's. Markup is
    # off, because names of models may hold brackets and colons.
    _console().print(f"{indent}{one_line(line)}", markup=False, emoji=False, soft_wrap=True)


def note_table(title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table to standard error."""
    from rich.table import Table  # noqa: PLC0415  as above
    from rich.text import Text  # noqa: PLC0415

    table = Table(*headings, title=Text(safe(title)), title_justify="left", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(safe(cell)) for cell in row))
    _console().print(table)


def working(title: str) -> Status:
    """A context manager that shows the current task, on a terminal only."""
    from rich.text import Text  # noqa: PLC0415  as above

    # As text: square brackets would be markup.
    return _console().status(Text(safe(title)))


def command(*words: object) -> str:
    """A command to paste into a shell, with quotes where they are needed."""
    return shlex.join(map(str, words))


def one_line(text: str) -> str:
    """A message on one line; a very long one loses its middle."""
    line = " ".join(safe(text).split())
    return line if len(line) <= _MOST_SHOWN else f"{line[: _MOST_SHOWN // 2]} … {line[-_MOST_SHOWN // 2 :]}"


def prepare_streams() -> None:
    """Escape characters missing in the terminal's encoding."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def can_ask() -> bool:
    """Whether a user at a terminal can answer a question."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def choose(question: str, options: Sequence[str]) -> list[int]:
    """Ask which of these options; returns their places from 0, at least one."""
    for number, option in enumerate(options, 1):
        note(f"  {number} {option}")
    while True:
        answer = str(typer.prompt(safe(question), err=True))
        numbers = [int(word) for word in answer.replace(",", " ").split() if word.isdecimal()]
        if numbers and all(1 <= number <= len(options) for number in numbers):
            return [number - 1 for number in dict.fromkeys(numbers)]
        note(f"a number from 1 to {len(options)}, please")


def ask(question: str) -> bool:
    """Ask a question; returns whether the answer is yes. An empty answer means no."""
    return typer.confirm(safe(question), err=True)
