"""Labels that conditions had when their answers were recorded.

A plan that is frozen again has the labels of that day. Of conditions that were recorded under others, its first line
keeps those under `recorded_labels`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from llmxray.errors import CassetteError, ExperimentError
from llmxray.experiment import parse
from llmxray.plan.builder import conditions_of

if TYPE_CHECKING:
    from llmxray.cassette import Cassette
    from llmxray.plan.model import Plan

KEY = "recorded_labels"


def recorded_labels(header: Mapping[str, Any]) -> dict[str, str]:
    """Return the labels that a plan's conditions had when recorded, by id, from the first line of a frozen plan.

    Those that were kept when the plan was frozen again, else those of the experiment file that was frozen with it,
    where it can be read and names the model that was asked (``--model`` asks another one): earlier versions put a
    condition's label together in another way. Where nothing names a condition, its label is "".

    Raises:
        CassetteError: the line is not one that `freeze` wrote.
    """
    try:
        frozen = {str(entry["id"]): str(entry.get("label") or "") for entry in header["conditions"]}
        kept_labels = {str(name): str(label) for name, label in header.get(KEY, {}).items()}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CassetteError(f"the frozen conditions cannot be read ({error})") from error
    try:
        stated = {condition.id: condition for _, condition in conditions_of(parse(str(header["source"])))}
    except (KeyError, ExperimentError):
        stated = {}
    asked = {str(entry["id"]): entry.get("model") for entry in header["conditions"]}
    file_labels = {
        name: condition.label for name, condition in stated.items() if condition.model == asked.get(name)
    }
    return {condition: file_labels.get(condition, label) for condition, label in frozen.items()} | kept_labels


def labels_to_keep(cassette: Cassette, plan: Plan) -> dict[str, str]:
    """Return the labels under which a cassette's answers were recorded, where the plan to be frozen has others.

    Raises:
        CassetteError: the frozen plan is not one that `freeze` wrote.
    """
    header = next(cassette.lines("plan"), None)
    if header is None or not len(cassette):
        return {}
    today = {condition.id: condition.label or condition.id for condition in plan.conditions}
    changed = {
        name: label for name, label in recorded_labels(header).items() if today.get(name) != (label or name)
    }
    kept_ids = header.get(KEY, {}).keys()
    new_ids = changed.keys() - kept_ids
    answered = _conditions_with_entries(cassette, header, new_ids) if new_ids else set()
    return {name: label for name, label in changed.items() if name in kept_ids or name in answered}


def _conditions_with_entries(
    cassette: Cassette, header: Mapping[str, Any], names: Collection[str]
) -> set[str]:
    """Ids among ``names`` whose conditions have a recording."""
    keys = [key for key, _ in cassette.frozen_requests()]
    answered = set[str]()
    lines = cassette.lines("plan")
    next(lines)
    try:
        ids = [str(entry["id"]) for entry in header["conditions"]]
        for condition, _, _, _, _, numbers, *_ in lines:
            name = ids[condition]
            if name in names and name not in answered and any(cassette.entries(keys[n]) for n in numbers):
                answered.add(name)
                if len(answered) == len(names):
                    break
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise CassetteError(f"the frozen trials cannot be read ({error})") from error
    return answered
