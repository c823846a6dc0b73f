"""Does the result survive another way of asking, or of scoring? Positions, paraphrases, settings, scoring."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from llmxray.report.analysis import Analysis
from llmxray.report.links import Link
from llmxray.report.pages.robustness import paraphrases, position, rescoring, settings
from llmxray.report.widgets.frame import Values, framed

# The template and the anchor of each part, its title and what makes it.
_PARTS: Mapping[str, tuple[str, Callable[[Analysis], object]]] = {
    "position": ("Position of the right option", position.make),
    "rewording": ("Paraphrases", paraphrases.make),
    "settings": ("One model at two settings", settings.make),
    "rescoring": ("Other ways of scoring", rescoring.make),
}


def make(analysis: Analysis) -> Values:
    """The robustness page of an experiment; a part is None where it has nothing of the kind."""
    found = {name: make(analysis) for name, (_, make) in _PARTS.items()}
    return framed(
        analysis.data,
        "robustness",
        "Robustness",
        lede=f"A score belongs to a question asked in one way and read in one way. {_changed(found)}".rstrip(),
        parts=[Link(text=title, href=f"#{name}") for name, (title, _) in _PARTS.items() if found[name]],
        found=found,
    )


def _changed(found: Mapping[str, object]) -> str:
    """What the parts that there are change: how questions are asked, how replies are read, or either."""
    read = bool(found["rescoring"])
    if any(part for name, part in found.items() if name != "rescoring"):
        return f"This page changes {'one of them at a time' if read else 'how they are asked'}."
    return "This page changes how the replies are read, and nothing else." if read else ""
