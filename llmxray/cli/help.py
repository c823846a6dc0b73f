"""Groups of commands whose help lists commands task by task, each with its whole first paragraph."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from functools import cache
from importlib import import_module
from itertools import groupby
from pkgutil import get_data
from typing import Any, override

import typer
import typer.main
from typer.core import TyperGroup

from llmxray.cli.terminal import say_lines


class TaskGroup(TyperGroup):
    """A group that lists its commands under their tasks, in the order of registration.

    Typer's own list cuts each sentence at the width of the terminal, and the words that tell two commands apart are
    often cut off.
    """

    @override
    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands, task by task."""
        for task, rows in groupby(self.sentences(), key=lambda row: row[0]):
            with formatter.section(task):
                formatter.write_dl([(name, _first_paragraph(text)) for _, name, text in rows])

    def sentences(self) -> Iterator[tuple[str, str, str]]:
        """Task, name and help of each command."""
        for name, command in self.commands.items():
            yield "Commands", name, command.help or ""


class LazyGroup(TaskGroup):
    """A group whose commands are imported when they are called, and listed without being imported.

    Attributes:
        homes: ``module:name`` of each command or group of commands, by task and by the command's name.
        package: the package of the modules.
    """

    homes: Mapping[str, Mapping[str, str]] = {}
    package = ""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = LazyCommands(self.homes, self.package)

    def sentences(self) -> Iterator[tuple[str, str, str]]:
        """Task, name and docstring of each command, read from the source."""
        for task, names in self.homes.items():
            for name, home in names.items():
                module, _, attribute = home.partition(":")
                yield task, name, _docstring(self.package, module, attribute)


@cache
def _source(package: str, module: str) -> ast.Module:
    return ast.parse(get_data(package, f"{module}.py") or b"")


def _docstring(package: str, module: str, name: str) -> str:
    """Docstring of a function; for a group, which is no function, the docstring of its module."""
    tree = _source(package, module)
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name)
    return ast.get_docstring(next(functions, tree)) or ""


def _first_paragraph(text: str) -> str:
    return text.split("\n\n")[0]


class LazyCommands(MutableMapping[str, Any]):
    """The commands of a group, each imported when it is called, so that it starts without the imports of the others.

    Args:
        homes, package: as for `LazyGroup`.
    """

    def __init__(self, homes: Mapping[str, Mapping[str, str]], package: str) -> None:
        self._package = package
        self._homes = {name: home for names in homes.values() for name, home in names.items()}
        self._imported: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._imported:
            module, _, attribute = self._homes[name].partition(":")
            self._imported[name] = _command(
                name, getattr(import_module(f"{self._package}.{module}"), attribute)
            )
        return self._imported[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._imported[name] = command

    def __delitem__(self, name: str) -> None:
        del self._homes[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._homes, **self._imported})

    def __len__(self) -> int:
        return len({*self._homes, *self._imported})


@cache
def _command(name: str, command: typer.Typer | Callable[..., None]) -> Any:
    # Made once: a program that calls `main` again would wait for Typer to read all the annotations again.
    alone = command if isinstance(command, typer.Typer) else typer.Typer(**_PLAIN)
    if not isinstance(command, typer.Typer):
        alone.command(name)(command)
    click_command = typer.main.get_command(alone)
    click_command.name = name
    return click_command


# Settings that keep Typer from reading brackets in help texts as markup, and from drawing boxes.
_PLAIN: dict[str, Any] = {
    "add_completion": False,
    "pretty_exceptions_enable": False,
    "rich_markup_mode": None,
}


def group(sentence: str, cls: type[TaskGroup] = TaskGroup) -> typer.Typer:
    """A group of commands that shows its help when it is called alone."""
    commands = typer.Typer(help=sentence, cls=cls, invoke_without_command=True, **_PLAIN)
    commands.callback(help=sentence)(show_help)
    return commands


def show_help(context: typer.Context) -> None:
    """Print the help of a group that was called without a command."""
    if context.invoked_subcommand is None:
        say_lines(context.get_help())
