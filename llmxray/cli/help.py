"""Groups of commands, and how they show their help: task by task, each command with its whole sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from importlib import import_module
from itertools import groupby
from typing import Any

import typer
import typer.main
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


class LazyCommands(MutableMapping[str, Any]):
    """The commands of a group, each imported when it is asked for: a command starts without the rooms of the others.

    Args:
        homes: ``module:name`` of each command or group of commands, by task and by the name it is called by.
        package: that the modules are in.
    """

    def __init__(self, homes: Mapping[str, Mapping[str, str]], package: str) -> None:
        self._package = package
        self._homes = {name: (task, home) for task, names in homes.items() for name, home in names.items()}
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            task, home = self._homes[name]
            module, _, attribute = home.partition(":")
            self._made[name] = _command(name, getattr(import_module(f"{self._package}.{module}"), attribute))
            self._made[name].rich_help_panel = task
        return self._made[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._made[name] = command

    def __delitem__(self, name: str) -> None:
        del self._homes[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._homes, **self._made})

    def __len__(self) -> int:
        return len({*self._homes, *self._made})


def _command(name: str, found: typer.Typer | Callable[..., None]) -> Any:
    alone = found if isinstance(found, typer.Typer) else typer.Typer(**_PLAIN)
    if not isinstance(found, typer.Typer):
        alone.command(name)(found)
    made = typer.main.get_command(alone)
    made.name = name
    return made


# Or it would take brackets in help texts for markup, and draw boxes.
_PLAIN: dict[str, Any] = {
    "add_completion": False,
    "pretty_exceptions_enable": False,
    "rich_markup_mode": None,
}


def group(sentence: str, cls: type[TaskGroup] = TaskGroup) -> typer.Typer:
    """A group of commands that shows its help when it is called alone."""
    made = typer.Typer(help=sentence, cls=cls, invoke_without_command=True, **_PLAIN)
    made.callback(help=sentence)(show_help)
    return made


def show_help(context: typer.Context) -> None:
    """Print the help of a group that was called without a command."""
    if context.invoked_subcommand is None:
        say(context.get_help())
