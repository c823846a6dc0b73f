"""Terms of the field: what pages explain where a term first stands, and the glossary lists."""

from __future__ import annotations

from dataclasses import dataclass

from llmxray.report.wording import tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A term of the field, as `terms.toml` describes it."""

    name: str
    said: str
    anchor: str = ""
    pattern: str = ""


TERMS = tuple(Term(name=name, **fields) for name, fields in tables("terms").items())


def said(name: str) -> str:
    """What the glossary says of a term."""
    return next(term.said for term in TERMS if term.name == name)


def glossary_document() -> list[str]:
    """All terms from A to Z, as Markdown."""
    lines = [
        "# Glossary\n",
        "What the pages take for known, in a sentence or two. Numbers link to their definitions under Methods.\n",
        "| term | meaning |",
        "|---|---|",
    ]
    for term in sorted(TERMS, key=lambda each: each.name.casefold()):
        name = f"[{term.name}](methods.md#{term.anchor})" if term.anchor else term.name
        lines.append(f"| {name} | {term.said} |")
    return lines
