"""Does the result survive another way of asking, or of scoring? Positions, paraphrases, scoring."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from llmxray.report.analysis import Analysis, applies
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.analysis.rescoring import readings_of, scored_otherwise
from llmxray.report.links import Link
from llmxray.report.pages.robustness import paraphrases, position, rescoring
from llmxray.report.widgets.frame import Values, framed
from llmxray.report.wording.in_short import in_short

# The template and the anchor of each part, its title and what makes it.
_PARTS: Mapping[str, tuple[str, Callable[[Analysis], object]]] = {
    "position": ("Position of the right option", position.make),
    "rewording": ("Paraphrases", paraphrases.make),
    "rescoring": ("Other ways of scoring", rescoring.make),
}


def has_parts(data: ExperimentData) -> bool:
    """Whether there is anything to say: something was asked in two ways, or another rule changes a score."""
    asked_twice = applies.has_rotations(data) or applies.has_paraphrases(data)
    return asked_twice or scored_otherwise(data, readings_of(data))


def make(analysis: Analysis) -> Values:
    """The robustness page of an experiment; a part is None where it has nothing of the kind."""
    found = {name: make(analysis) for name, (_, make) in _PARTS.items()}
    return framed(
        analysis.data,
        "robustness",
        "Robustness",
        # The sentence on the card is of the rotations or the paraphrases, where there are any.
        headline=in_short(analysis).sentence
        if found["position"] or found["rewording"]
        else "What another way of reading the same replies changes",
        parts=[Link(text=title, href=f"#{name}") for name, (title, _) in _PARTS.items() if found[name]],
        found=found,
    )
