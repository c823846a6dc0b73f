"""The picture that a shared link shows: a question and a few bars, as a PNG of 1200 × 630 pixels."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from typing import Any

import vl_convert

from llmxray.charts import theme

WIDTH, HEIGHT = 1200, 630
_MARGIN, _TITLE, _TEXT, _STEP, _LETTERS = 70, 60, 30, 84, 34
# More than there is room for; Vega takes milliseconds for each character that it cuts off.
_LONGEST = 200
# vl-convert brings this one, so that the picture does not depend on the fonts of a machine.
_FONT = "Liberation Sans"

type CardBar = tuple[str, str, float, str]
"""Name, colour class, share of the axis (0–1), number as printed."""


def draw(title: str, bars: Sequence[CardBar], measure: str, source: str) -> bytes:
    """The picture's bytes, the same for the same data.

    Args:
        title: the question, on at most two lines.
        measure: what the bars show. source: where the reader is led.
    """
    lines = textwrap.wrap(title, _LETTERS, max_lines=2, placeholder=" …")
    top = _MARGIN + _TITLE * len(lines) + 50
    left, right = _MARGIN, WIDTH - _MARGIN - 120
    marks = [
        *(
            _text(line, left, _MARGIN + _TITLE * (place + 0.5), _TITLE * 0.85)
            for place, line in enumerate(lines)
        ),
        _text(measure, left, top, _TEXT, theme.MUTED),
        _text(source, left, HEIGHT - _MARGIN / 2, _TEXT * 0.8, theme.MUTED),
    ]
    for place, (name, css, share, number) in enumerate(bars[:4]):
        y = top + 45 + _STEP * place
        end = left + (right - left) * share
        marks += [
            _text(name, left, y, _TEXT * 0.9),
            _bar(left, right, y + 22, theme.LINE),
            _bar(left, end, y + 22, theme.colour_of(css) if css else theme.FAINT),
            _text(number, right + 20, y + 36, _TEXT * 1.2),
        ]
    layers = [{"data": {"values": [{}]}, "mark": mark} for mark in marks]
    spec = {
        "width": WIDTH,
        "height": HEIGHT,
        "padding": 0,
        "background": theme.PAPER,
        "layer": layers,
        "config": {"view": {"stroke": None}},
    }
    return bytes(vl_convert.vegalite_to_png(json.dumps(theme.drawable(spec), ensure_ascii=False)))


def _text(text: str, x: float, y: float, size: float, colour: str = theme.INK) -> dict[str, Any]:
    return {
        **{"type": "text", "text": text[:_LONGEST], "x": x, "y": y, "align": "left", "baseline": "middle"},
        **{"font": _FONT, "fontSize": size, "color": colour, "limit": WIDTH - _MARGIN - x},
    }


def _bar(x: float, x2: float, y: float, colour: str) -> dict[str, Any]:
    return {"type": "rect", "x": x, "x2": x2, "y": y, "y2": y + 28, "color": colour}
