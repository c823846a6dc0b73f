"""Names of a package that are loaded when they are first asked for (PEP 562).

A script that reads one number need not load the proxy and the charts, nor a command the rooms of the others.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any


def lazy_names(package: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The ``__getattr__`` and ``__dir__`` of a package: for what it imports ``if TYPE_CHECKING``.

    There alone the names stand, where type checkers read them as well.
    """
    module = sys.modules[package]
    tree = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
    home_of = {
        alias.name: str(line.module)
        for block in tree.body
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for line in block.body
        if isinstance(line, ast.ImportFrom)
        for alias in line.names
    }

    def find(name: str) -> Any:
        if name not in home_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        home = home_of[name]
        is_module = home == package
        found = import_module(f"{package}.{name}") if is_module else getattr(import_module(home), name)
        # Kept as a name of the package, so that Python asks here only once.
        setattr(module, name, found)
        return found

    def names() -> list[str]:
        return sorted({*vars(module), *home_of})

    return find, names
