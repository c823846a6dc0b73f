"""Groups of commands, and how they show their help: task by task, each command with its whole sentence."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import typer
from typer.core import TyperGroup

from llmxray.cli.terminal import say


class TaskGroup(TyperGroup):
    """Lists its commands under their tasks (``rich_help_panel``), in the order of registration.

    Typer's own list cuts each sentence at the width of the terminal, and what tells two commands apart often
    stands behind the cut.
    """

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands, task by task."""
        for task, rows in groupby(self._sentences(ctx), key=lambda row: row[0]):
            with formatter.section(task):
                formatter.write_dl([(name, sentence) for _, name, sentence in rows])

    def _sentences(self, ctx: Any) -> Iterator[tuple[str, str, str]]:
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            if command is not None and not command.hidden:
                task = getattr(command, "rich_help_panel", None)
                sentence = (command.help or "").split("\n\n")[0]
                yield (task if isinstance(task, str) else "Commands", name, sentence)


def group(sentence: str) -> typer.Typer:
    """A group of commands that shows its help when it is called alone."""
    made = typer.Typer(
        help=sentence,
        cls=TaskGroup,
        invoke_without_command=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        # Or it would take brackets in help texts for markup, and draw boxes.
        rich_markup_mode=None,
    )
    made.callback(help=sentence)(show_help)
    return made


def show_help(context: typer.Context) -> None:
    """Print the help of a group that was called without a command."""
    if context.invoked_subcommand is None:
        say(context.get_help())
