"""Figures quoted in the docs: each stands before a comment that names it, and is written from the recordings.

``50%<!--how-you-ask|accuracy/smollm2-likelihood|%-->`` quotes a figure of the report by its name in
``figures.json``. Forms: ``%`` per cent, ``x`` a ratio with one decimal, ``n`` a whole number, ``s`` seconds,
``f`` two decimals, ``d`` a difference in signed points, ``p`` a p value. A figure stands after a space; in
a table ``·`` takes the place of ``|``.
Run it to refresh the pages; with ``--check`` it says which figures are out of date.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from llmxray import report, workflow
from llmxray.report import numbers
from llmxray.workflow import Workspace, coursework

DOCS = Path(__file__).parent
_QUOTED = re.compile(
    r"((?:\S|\u00a0)+?)(<!--(?P<experiment>[a-z-]+)[|·](?P<name>[^|·]+?)[|·](?P<form>[%xnsfdp])-->)"
)
_FORMS = {
    "%": numbers.percent,
    "x": lambda value: numbers.decimal(value, 1),
    "n": lambda value: numbers.MISSING if value is None else f"{value:.0f}",
    "s": numbers.seconds,
    "f": numbers.decimal,
    "d": numbers.points,
    "p": numbers.p_value,
}


@cache
def figures(experiment: str) -> Mapping[str, float | None]:
    """The figures of a shipped experiment, from its cassette."""
    where = Workspace(DOCS.parent / "cassettes", DOCS.parent / "experiments")
    prepared = workflow.prepare(where.find(experiment), where)
    found: Mapping[str, float | None] = json.loads(report.figures_of(coursework.recorded_data(prepared)))
    return found


def written(text: str) -> str:
    """The page with every quoted figure as the recordings give it.

    Raises:
        KeyError: a comment names a figure that there is not.
    """
    return _QUOTED.sub(
        lambda match: _FORMS[match["form"]](figures(match["experiment"])[match["name"]]) + match[2], text
    )


def main() -> int:
    """Refresh or check; returns the exit code."""
    stale = []
    for path in sorted(DOCS.glob("**/*.md")):
        text = path.read_text("utf-8")
        fresh = written(text)
        if fresh != text:
            stale.append(path.relative_to(DOCS).as_posix())
            if "--check" not in sys.argv:
                path.write_text(fresh, "utf-8")
    if stale and "--check" in sys.argv:
        sys.stderr.write(f"figures out of date in docs/: {', '.join(stale)}: run python docs/figures.py\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
