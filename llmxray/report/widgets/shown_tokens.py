"""A wrong answer token by token, as `tokens.html` draws it and `strip.js` makes it answer to the pointer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from llmxray.report.analysis.front_examples import ShownToken
from llmxray.report.sentences import Finding
from llmxray.report.widgets.frame import TemplateValues

# As in strip.js.
_DOUBTS = ((0.6, ""), (0.35, "d1"), (0.12, "d2"), (0.03, "d3"), (0.0, "d4"))
_MOST_BITS, _LEVELS = 4.0, 12


def doubt_of(share: float) -> str:
    """Class of a token by its probability: "" for sure, ``d1`` to ``d4`` for more and more doubt."""
    return next(css for least, css in _DOUBTS if share >= least)


def forked(tokens: Sequence[ShownToken], place: int, right: str, said: Finding) -> TemplateValues:
    """The answer that went wrong at a place; ``data`` is JSON for the script."""
    # White space at the end would stand alone in a line.
    end = max(at for at, each in enumerate(tokens) if each.text.strip() or at == place) + 1
    columns = [asdict(each) for each in tokens[:end]]
    data = {"tokens": columns, "place": place, "right": right, "said": said.plain}
    return TemplateValues(
        tokens=tuple(
            TemplateValues(
                **column,
                css=doubt_of(column["share"]),
                level=f"e{round(_LEVELS * min(_MOST_BITS, column['bits']) / _MOST_BITS)}",
            )
            for column in columns
        ),
        place=place,
        right=right,
        said=said,
        data=json.dumps(data, ensure_ascii=False),
    )
