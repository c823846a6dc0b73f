"""Sentences, definitions and terms; what is data lies in TOML beside the module that reads it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any


def tables(name: str) -> dict[str, dict[str, Any]]:
    """What stands in ``NAME.toml``, by table; the lines of a text are joined."""
    found = tomllib.loads(resources.files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))
    return {
        table: {
            field: value.replace("\n", " ") if isinstance(value, str) else value
            for field, value in fields.items()
        }
        for table, fields in found.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One number, as `definitions.toml` describes it."""

    anchor: str
    term: str
    text: str
    source: str = ""
    formula: str = ""
    interval: str = ""
    code: str = ""


DEFINITIONS = tuple(Definition(anchor=anchor, **fields) for anchor, fields in tables("definitions").items())
"""What every number on the site means, by its anchor on the methods page; docs/methods.md is made of them too."""
