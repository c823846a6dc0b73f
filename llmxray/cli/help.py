"""Groups of commands whose help lists commands task by task, each with its whole first paragraph."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pkgutil import get_data
from typing import Any, override

import typer
import typer.main
from typer.core import TyperGroup

from llmxray.cli.terminal import say_lines

_PACKAGE = "llmxray.cli"
# Settings that keep Typer from reading brackets in help texts as markup, and from drawing boxes.
_PLAIN: dict[str, Any] = {
    "add_completion": False,
    "pretty_exceptions_enable": False,
    "rich_markup_mode": None,
}


class LazyCommands(dict[str, Any]):
    """Commands by name, each imported when called, to start fast.

    Args:
        homes: ``module:name`` of each command or group of commands in this package.
    """

    def __getitem__(self, name: str) -> Any:
        return _command(name, super().__getitem__(name))

    @override
    def get(self, name: str, default: Any = None) -> Any:
        home = super().get(name)
        return default if home is None else _command(name, home)


class TaskGroup(TyperGroup):
    """A group that lists its commands under their tasks, without importing them.

    Typer's own list cuts each sentence at the width of the terminal, and the words that tell two commands apart are
    often cut off.

    Attributes:
        homes: ``module:name`` of each command, by task and by the command's name.
    """

    homes: Mapping[str, Mapping[str, str]] = {}

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = LazyCommands(
            {name: home for names in self.homes.values() for name, home in names.items()}
        )

    @override
    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands, task by task, each with the first paragraph of its docstring."""
        for task, names in self.homes.items():
            with formatter.section(task):
                formatter.write_dl(
                    [(name, _docstring(home).partition("\n\n")[0]) for name, home in names.items()]
                )


def _docstring(home: str) -> str:
    """Docstring of a function, read from the source; for a group, of its module."""
    module, _, name = home.partition(":")
    tree = ast.parse(get_data(_PACKAGE, f"{module}.py") or b"")
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name)
    return ast.get_docstring(next(functions, tree)) or ""


@cache
def _command(name: str, home: str) -> Any:
    # Made once: a program that calls `main` again would wait for Typer to read all the annotations again.
    module, _, attribute = home.partition(":")
    command: typer.Typer | Callable[..., None] = getattr(import_module(f"{_PACKAGE}.{module}"), attribute)
    if not isinstance(command, typer.Typer):
        function, command = command, typer.Typer(**_PLAIN)
        command.command(name)(function)
    click_command = typer.main.get_command(command)
    click_command.name = name
    return click_command


def group(sentence: str, homes: Mapping[str, Mapping[str, str]]) -> typer.Typer:
    """A group of commands that shows its help when it is called alone; ``homes`` as for `TaskGroup`."""
    tasks = type("Tasks", (TaskGroup,), {"homes": homes})
    commands = typer.Typer(help=sentence, cls=tasks, invoke_without_command=True, **_PLAIN)
    commands.callback(help=sentence)(show_help)
    return commands


def show_help(context: typer.Context) -> None:
    """Print the help of a group that was called without a command."""
    if context.invoked_subcommand is None:
        say_lines(context.get_help())
