"""Widths in whole per cent as CSS classes: the Content-Security-Policy allows no inline styles."""

from __future__ import annotations

import math

from llmxray.report.analysis.legend import N_COLOURS, N_HUES


def css() -> str:
    """The text of quantised.css: widths, and the shades of hues as `charts.theme` mixes them."""
    lines = [f".w-{n}{{width:{n}%}}" for n in range(101)]
    mixed = ("66%,var(--paper)", "70%,var(--ink)", "45%,var(--ink)")
    shades = (
        f"--c{N_HUES * (shade + 1) + hue}:color-mix(in srgb,var(--c{hue}) {mix})"
        for shade, mix in enumerate(mixed)
        for hue in range(N_HUES)
    )
    lines.append(f":root{{{';'.join(shades)}}}")
    for n in range(N_COLOURS):
        c = f"c{n}"
        lines.append(f".{c}{{--c:var(--{c});--ct:var(--c{n % N_HUES}t)}}")
    return "\n".join(lines) + "\n"


def width(share: float | None) -> str:
    """Class of a width: 0.523 is ``w-52``; nothing is ``w-0``."""
    return f"w-{_whole(share)}"


def _whole(share: float | None) -> int:
    # A class beyond 0–100 is not in the style sheet; a share of something infinite is none.
    return 0 if share is None or math.isnan(share) else round(min(max(share, 0.0), 1.0) * 100)
