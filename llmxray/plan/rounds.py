"""Rounds of a recording that may end early: the seeded order of its questions, and the looks at the answers. Pure.

Every look has the same share of every suite: question k of n of a suite, in its seeded order, stands at (k + ½) / n.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from llmxray.errors import ExperimentError
from llmxray.experiment import Experiment
from llmxray.experiment.until import FEWEST_QUESTIONS
from llmxray.plan.model import Plan, Rounds, item_address
from llmxray.plan.units import dependent_items

_GROWTH = 1.5
# A look that leaves less than this share of the questions saves nothing.
_LAST_BEFORE_END = 0.85


def look_sizes(n: int, first: int) -> tuple[int, ...]:
    """Return the number of units at each look: ``first``, then half as many again each time, then all ``n``."""
    sizes, size = [], float(first)
    while size < _LAST_BEFORE_END * n:
        sizes.append(round(size))
        size *= _GROWTH
    return (*sizes, n)


def rounds_of(experiment: Experiment, plan: Plan) -> Rounds | None:
    """Return the rounds that a file asks for; None where it asks for all questions.

    Raises:
        ExperimentError: there are too few questions.
    """
    if experiment.until is None or experiment.order is None:
        return None
    units = _units(plan, experiment.order.seed)
    if len(units) < FEWEST_QUESTIONS:
        raise ExperimentError(
            f"'until' needs at least {FEWEST_QUESTIONS} independent questions, and these are {len(units)}: leave it out"
        )
    looks = look_sizes(len(units), experiment.until.first)
    return Rounds(units, looks, experiment.order.seed, experiment.until.futility / 100)


def freeze_rounds(rounds: Rounds) -> dict[str, Any]:
    """Return what a frozen plan keeps of its rounds; the order itself follows from the seed."""
    return {
        "seed": rounds.seed,
        "order": _digest(rounds),
        "looks": [*rounds.looks],
        "alpha": 0.05,
        "spending": "Lan-DeMets, Kim-DeMets power 1, Holm",
        "futility": rounds.futility,
    }


def thaw_rounds(plan: Plan, line: Mapping[str, Any]) -> Rounds:
    """Return the rounds that `freeze_rounds` wrote.

    Raises:
        ValueError: the questions in the order of that seed are not those that were frozen, or the looks are none.
    """
    looks = tuple(line["looks"])
    rounds = Rounds(_units(plan, int(line["seed"])), looks, int(line["seed"]), float(line["futility"]))
    if list(looks) != sorted({*looks}) or not looks or looks[0] < 1 or looks[-1] != len(rounds.units):
        raise ValueError("the looks are not those of its questions")
    if freeze_rounds(rounds) != line:
        raise ValueError("its questions were asked in another order than the one it states")
    return rounds


def _units(plan: Plan, seed: int) -> tuple[tuple[str, ...], ...]:
    wordings, groups = dependent_items(plan)
    units: dict[str, list[tuple[str, str]]] = {}
    for suite, item in plan.items():
        address = item_address(suite, item)
        units.setdefault(groups.get(address) or wordings.get(address, address), []).append((suite, address))
    strata: dict[tuple[str, ...], list[str]] = {}
    for name, members in units.items():
        strata.setdefault(tuple(sorted({suite for suite, _ in members})), []).append(name)
    places: dict[str, tuple[float, bytes]] = {}
    for names in strata.values():
        drawn = sorted((_drawn(name, seed), name) for name in names)
        places |= {name: ((rank + 0.5) / len(drawn), key) for rank, (key, name) in enumerate(drawn)}
    return tuple(
        tuple(address for _, address in units[name]) for name in sorted(places, key=lambda name: places[name])
    )


def _drawn(name: str, seed: int) -> bytes:
    # By the name alone, so that the order does not depend on that of the file.
    return hashlib.sha256(f"{seed}/{name}".encode("utf-8", "surrogatepass")).digest()


def _digest(rounds: Rounds) -> str:
    return f"sha256:{hashlib.sha256(json.dumps(rounds.units).encode()).hexdigest()}"
