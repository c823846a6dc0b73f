"""What every number on the site means: one record a number, with its formula, its interval and the code behind it.

The tables of the site link to the anchors; docs/methods.md is made from the same records.
"""

from __future__ import annotations

from collections.abc import Iterator
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


def methods_document() -> Iterator[str]:
    """docs/methods.md, line by line."""
    yield "# Methods\n"
    yield "Every number that a report shows: what it is, its formula, how its interval is found, the function that"
    yield "computes it, and where it comes from. The same texts stand on each experiment's methods page, which the"
    yield "numbers on the site link to; both are made from `llmxray/report/wording/definitions.toml`.\n"
    yield "Throughout: cᵢ is the confidence of row i and yᵢ whether it is right, N the rows, b a bin of n_b rows;"
    yield "intervals are 95%. Missing values are left out and counted, never replaced. Repeats of a question are"
    yield "averaged within it first. A question that is put in several wordings, rotations or samples is one unit in"
    yield "every interval and test. Questions of two conditions are joined by id; what cannot be joined is listed."
    yield "Random draws are seeded by the names of what they are about, so every build gives the same numbers.\n"
    yield "Functions are below `llmxray.metrics` unless a room is named. Their values are tested against published"
    yield "reference values and, on random input, against scipy, statsmodels, scikit-learn and relplot to 1e-9.\n"
    for each in DEFINITIONS:
        yield f'## <a id="{each.anchor}"></a>{each.term}\n'
        yield f"{each.text}\n"
        if each.formula:
            yield f"- Formula: {each.formula}"
            yield f"- Interval: {each.interval}" if each.interval else "- Interval: none"
            yield f"- Code: `{each.code}`"
        if each.source:
            yield f"- Source: {each.source}"
        yield ""
