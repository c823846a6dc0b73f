"""Names of a package that are loaded when they are first asked for (PEP 562).

A script that reads one number need not load the proxy and the charts, nor a command the rooms of the others.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any


def lazy_names(
    package: str, homes: Mapping[str, Iterable[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The ``__getattr__`` and ``__dir__`` of a package.

    Args:
        homes: names by the module of the package that they come from; under "" those of modules themselves.
    """
    home_of = {name: home for home, names in homes.items() for name in names}

    def find(name: str) -> Any:
        if name not in home_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        home = home_of[name]
        found = (
            getattr(import_module(f"{package}.{home}"), name) if home else import_module(f"{package}.{name}")
        )
        # Kept as a name of the package, so that Python asks here only once.
        setattr(sys.modules[package], name, found)
        return found

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *home_of})

    return find, names
