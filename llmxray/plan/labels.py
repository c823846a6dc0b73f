"""The labels that conditions had when their answers were recorded.

A plan that is frozen again has the labels of that day. Of conditions that were recorded under others, its first line
keeps those under `recorded_labels`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from llmxray.errors import CassetteError, ExperimentError
from llmxray.experiment import parse

if TYPE_CHECKING:
    from llmxray.cassette import Cassette
    from llmxray.plan.model import Plan

KEY = "recorded_labels"
# Conditions of all versions of an experiment, and characters of a label: of a model and its variant together.
_MOST, _LONGEST = 1_000, 1_000


def recorded_labels(header: Mapping[str, Any]) -> dict[str, str]:
    """The labels of a plan's conditions by their ids when they were recorded, from the first line of a frozen plan.

    Those that were kept when the plan was frozen again, else those of the experiment file that was frozen with it,
    where it can be read: earlier versions put a condition's label together in another way. Where nothing names a
    condition, its label is "".

    Raises:
        CassetteError: the line is not one that `freeze` wrote.
    """
    try:
        frozen = {str(each["id"]): str(each.get("label") or "") for each in header["conditions"]}
        kept = {str(name): _label(label) for name, label in header.get(KEY, {}).items()}
        if len(kept) > _MOST:
            raise ValueError(f"{len(kept):,} labels; at most {_MOST:,} are read")
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CassetteError(f"the frozen conditions cannot be read ({error})") from error
    try:
        stated = parse(str(header["source"])).condition_labels()
    except (KeyError, ExperimentError):
        stated = {}
    return {condition: stated.get(condition, label) for condition, label in frozen.items()} | kept


def labels_to_keep(cassette: Cassette, plan: Plan) -> dict[str, str]:
    """The labels under which answers of a cassette were recorded, where the plan to be frozen has others.

    Raises:
        CassetteError: the frozen plan is not one that `freeze` wrote.
    """
    header = next(cassette.lines("plan"), None)
    if header is None or not len(cassette):
        return {}
    today = {each.id: each.label or each.id for each in plan.conditions}
    changed = {
        name: label for name, label in recorded_labels(header).items() if today.get(name) != (label or name)
    }
    kept = header.get(KEY, {}).keys()
    answered = _answered(cassette, header, changed.keys() - kept) if changed.keys() - kept else set()
    return dict([each for each in changed.items() if each[0] in kept or each[0] in answered][-_MOST:])


def _label(value: object) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise ValueError("a label is none")
    return value


def _answered(cassette: Cassette, header: Mapping[str, Any], names: Collection[str]) -> set[str]:
    """The conditions of some names that have a recording."""
    keys = [key for key, _ in cassette.frozen_requests()]
    found = set[str]()
    lines = cassette.lines("plan")
    next(lines)
    try:
        ids = [str(each["id"]) for each in header["conditions"]]
        for condition, _, _, _, _, numbers, *_ in lines:
            name = ids[condition]
            if name in names and name not in found and any(cassette.entries(keys[each]) for each in numbers):
                found.add(name)
                if len(found) == len(names):
                    break
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise CassetteError(f"the frozen trials cannot be read ({error})") from error
    return found
