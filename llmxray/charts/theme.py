"""From an altair chart to an SVG that belongs to the page it stands on.

Vega knows neither CSS variables nor the page's type, so charts are drawn in stand-in colours, which are then
exchanged in the SVG text.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

import vl_convert

# The picture of a shared link needs the colours alone.
if TYPE_CHECKING:
    import altair as alt

INK, MUTED, FAINT, LINE, PAPER = "#1c1b19", "#59554e", "#716c63", "#e3ded4", "#fdfcfa"
HUES = ("#1668b8", "#c9720a", "#7a3ea3", "#c94b8c", "#8a5a2b", "#2a7f96", "#4b4bb0", "#77770f")


def _mixed(colour: str, other: str, share: float) -> str:
    """A colour with another one, of which it keeps that share."""
    pairs = ((int(colour[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(share * one + (1 - share) * two):02x}" for one, two in pairs)


# The hues of models, and three shades of each: lighter, darker, darkest.
CONDITIONS = (
    *HUES,
    *(_mixed(each, PAPER, 0.66) for each in HUES),
    *(_mixed(each, INK, 0.7) for each in HUES),
    *(_mixed(each, INK, 0.45) for each in HUES),
)
# As small as text on the pages gets.
TEXT = 12

# No frame, gridlines barely there, small grey labels.
CONFIG: Mapping[str, Any] = {
    # The paper is the page's, light or dark.
    "background": "transparent",
    "padding": {"left": 2, "right": 14, "top": 4, "bottom": 2},
    "view": {"stroke": None},
    "text": {"fontSize": TEXT, "color": INK},
    "axis": {
        "domain": False,
        "ticks": False,
        "gridColor": LINE,
        "labelColor": MUTED,
        "labelFontSize": TEXT,
        "titleColor": MUTED,
        "titleFontSize": TEXT,
    },
}

_VARIABLES = {
    INK: "currentColor",
    MUTED: "var(--muted)",
    FAINT: "var(--faint)",
    LINE: "var(--line)",
    PAPER: "var(--paper)",
    **{colour: f"var(--c{index})" for index, colour in enumerate(CONDITIONS)},
}
_DROPPED = re.compile(
    r' (?:class|style|role|aria-[a-z]+|font-family|pointer-events|version|xmlns:xlink)="[^"]*"'
)
# vl-convert ends the whole process on a control character and refuses half a surrogate pair, which it makes
# itself where it cuts a long label within an emoji.
_UNDRAWABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\U00010000-\U0010ffff]"
)
_ID = re.compile(r' id="([^"]*)"')


def colour_of(css: str) -> str:
    """Stand-in colour of a condition's class, ``c0`` to ``c31``."""
    return CONDITIONS[int(css.removeprefix("c"))]


def svg(chart: alt.Chart | alt.LayerChart, name: str, description: str) -> str:
    """The SVG of a chart.

    Args:
        name: unique on its page; prefix of every id inside.
        description: what a reader who cannot see the chart is told.
    """
    # Set on the finished specification: altair's own configure methods copy the whole chart each time.
    spec = {**chart.to_dict(validate=False), "config": CONFIG}
    text = json.dumps(drawable(spec), ensure_ascii=False)
    return dressed(str(vl_convert.vegalite_to_svg(text)), name, description)


# Vega keeps texts as keys of a JavaScript object, which has these already: a chart of a model of such a name fails.
_INHERITED = re.compile(
    "constructor|hasOwnProperty|isPrototypeOf|propertyIsEnumerable|toLocaleString|toString|valueOf|__proto__|"
    "__(?:define|lookup)[GS]etter__"
)


def drawable(value: Any) -> Any:
    """The specification with a sign in place of every character that cannot be drawn, and no text or number that breaks
    Vega."""
    if isinstance(value, str):
        # The space is not seen.
        return f"{value} " if _INHERITED.fullmatch(value) else _UNDRAWABLE.sub("\ufffd", value)
    if isinstance(value, Mapping):
        return {drawable(key): drawable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [drawable(each) for each in value]
    # JSON has no infinity, and there is no place on an axis for it.
    return None if isinstance(value, float) and not math.isfinite(value) else value


def dressed(drawn: str, name: str, description: str) -> str:
    """Vega's SVG with the page's colours and type, its own ids, and a description."""
    head, _, inside = drawn.partition(">")
    width, height = re.findall(r' (?:width|height)="([\d.]+)"', head)
    # Vega counts its ids on from chart to chart of one process: counted anew, a chart is the same in any build.
    ids = {old: f"{name}-{place}" for place, old in enumerate(dict.fromkeys(_ID.findall(inside)))}
    inside = re.sub(r"<[a-z][^>]*>", lambda match: _tag(match[0], ids), inside)
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(description)}" '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
    )
    return opening + inside


def _tag(tag: str, ids: Mapping[str, str]) -> str:
    tag = _DROPPED.sub("", tag)
    tag = _ID.sub(lambda match: f' id="{ids[match[1]]}"', tag)
    tag = re.sub(r"url\(#([^)]*)\)", lambda match: f"url(#{ids.get(match[1], match[1])})", tag)
    tag = re.sub(r' xlink:href="#([^"]*)"', lambda match: f' href="#{ids.get(match[1], match[1])}"', tag)
    return re.sub(r'(fill|stroke)="(#[0-9a-f]{6})"', lambda m: f'{m[1]}="{_VARIABLES.get(m[2], m[2])}"', tag)
