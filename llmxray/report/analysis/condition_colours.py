"""What a condition is called and coloured: hue is the model, everywhere on a site; shades are its conditions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile

from llmxray.types import Condition

N_HUES = 8
"""A ninth model shares the hue of the first; its name, which stands beside every mark, identifies it."""
N_COLOURS = 4 * N_HUES
# The shades of a hue: as it is, lighter, darker, darkest. So many conditions of one model, from light to dark.
_SHADES = {1: (0,), 2: (1, 0), 3: (1, 0, 2), 4: (1, 0, 2, 3)}

# Behind it a label says how the model was asked.
_MODEL_ENDS = re.compile(r", | \(")


def label_of(condition: Condition) -> str:
    """Name of a condition for people."""
    return condition.label or condition.id


def colours(
    conditions: Sequence[Condition], models: Sequence[str], hues: Mapping[str, int]
) -> dict[str, str]:
    """Colour class of each condition by its id, ``c0`` to ``c31``: the hue, and eight times its shade.

    Args:
        models: of each condition. hues: of the models, by place; one without a hue gets the next.
    """
    hues = {**hues}
    for model in models:
        hues.setdefault(model, len(hues))
    made: dict[str, str] = {}
    for model in dict.fromkeys(models):
        alike = [each.id for each, of in zip(conditions, models, strict=True) if of == model]
        shades = _SHADES[min(len(alike), 4)]
        for place, name in enumerate(alike):
            made[name] = f"c{hues[model] % N_HUES + N_HUES * shades[place % len(shades)]}"
    return {condition.id: made[condition.id] for condition in conditions}


def hue_of(css: str) -> str:
    """Colour class of the model of a condition's class: its hue as it is."""
    return f"c{int(css.removeprefix('c')) % N_HUES}"


def short_names(labels: Sequence[str]) -> dict[str, str]:
    """Each label without the words that all labels, or all models of its family, begin with.

    Labels are whole where they would not stay apart without those words.
    """

    def shared(names: Iterable[str]) -> int:
        # A last word stays.
        alike = zip(*(name.split()[:-1] for name in names), strict=False)
        return sum(1 for _ in takewhile(lambda words: len(set(words)) == 1, alike))

    short: dict[str, str] = {}
    for label in labels:
        words = label.split()
        family = {_MODEL_ENDS.split(each)[0] for each in labels if each.split()[:1] == words[:1]}
        n = shared(set(labels)) or (shared(family) if len(family) > 1 else 0)
        short[label] = " ".join(words[n:])
    return short if len(set(short.values())) == len(short) else {label: label for label in labels}


def model_in(label: str, model: str) -> str:
    """The model's name for people, as a label begins with it; "" where it begins with something else."""
    name = _MODEL_ENDS.split(label)[0]
    first = _plain(name.split(" ")[0])
    return name if first and first in _plain(model) else ""


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.casefold())
