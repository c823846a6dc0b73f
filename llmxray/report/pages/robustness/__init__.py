"""Does the result survive another way of asking, or of scoring? Positions, paraphrases, settings, scoring."""

from __future__ import annotations

from llmxray.report.analysis import Analysis
from llmxray.report.links import Link
from llmxray.report.pages.robustness import paraphrases, position, rescoring, settings
from llmxray.report.widgets.frame import Values, framed


def make(analysis: Analysis) -> Values:
    """The robustness page of an experiment; a part is None where it has nothing of the kind."""
    found = (position.make(analysis), paraphrases.make(analysis), settings.make(analysis))
    named = (
        ("Position of the right option", "position"),
        ("Paraphrases", "paraphrases"),
        ("One model at two settings", "settings"),
    )
    parts = [Link(title, f"#{anchor}") for (title, anchor), part in zip(named, found, strict=True) if part]
    return framed(
        analysis.data,
        "robustness",
        "Robustness",
        lede="A score belongs to a question asked in one way and read in one way. This page changes one of them at a "
        "time.",
        parts=(*parts, Link("Other ways of scoring", "#rescoring")),
        position=found[0],
        paraphrases=found[1],
        settings=found[2],
        rescoring=rescoring.make(analysis),
    )
