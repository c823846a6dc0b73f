"""Sentences, definitions and terms; what is data lies in TOML beside the module that reads it."""

from __future__ import annotations

import tomllib
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
