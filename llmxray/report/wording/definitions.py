"""What every number on the site means: one record a number, with its formula, its interval and the code behind it.

The tables of the site link to the anchors; docs/methods.md is made from the same records.
"""

from __future__ import annotations

from dataclasses import dataclass

from llmxray.report.wording import tables


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
