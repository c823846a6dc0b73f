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


def _trimmed(tokens: Sequence[ShownToken], least: int = 0) -> Sequence[ShownToken]:
    """Without white space at the end, which would stand alone in a line."""
    return tokens[
        : max((at for at, each in enumerate(tokens) if each.text.strip() or at == least), default=0) + 1
    ]


def forked(
    tokens: Sequence[ShownToken],
    place: int,
    right: str,
    said: Finding,
    followed: Sequence[ShownToken] = (),
    *,
    ends_right: bool = False,
) -> TemplateValues:
    """The answer that went wrong at a place; ``data`` is JSON for the script.

    Args:
        followed: the tokens from the right one on, where they were recorded.
        ends_right: whether the answer is right then.
    """
    tokens, followed = _trimmed(tokens, place), _trimmed(followed)
    # In the order in which the page has them.
    columns = [asdict(each) for each in (*tokens, *followed)]
    data = {"tokens": columns, "place": place, "right": right, "said": said.plain}
    shown = tuple(
        TemplateValues(
            **column,
            css=doubt_of(column["share"]),
            level=f"e{round(_LEVELS * min(_MOST_BITS, column['bits']) / _MOST_BITS)}",
        )
        for column in columns
    )
    return TemplateValues(
        tokens=shown[: len(tokens)],
        followed=shown[len(tokens) :],
        ends_right=ends_right,
        place=place,
        right=right,
        said=said,
        data=json.dumps(data, ensure_ascii=False),
    )
