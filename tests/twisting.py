"""JSON as somebody who means harm, or a bug, would change it."""

import random
from typing import Any

THINGS: list[Any] = [
    *(None, True, False, 0, 1, -1, 10**6, 2**70, 10**30, -(10**400), 0.5, 1e308, float("nan"), float("-inf")),
    *("", "x", "A", "0", "-inf", "\ud800", "\x1b[2J", "<script>alert(1)</script>", "../../evil", "9" * 300),
    *([], [0], [None], [[]], {}, {"a": 1}, {"": ""}, ["A", "B"], {"value": "C"}),
]


def twisted(rng: random.Random, value: Any) -> Any:
    """The value with one part of it replaced, removed, or there twice."""
    places: list[tuple[Any, Any]] = []
    left = [value]
    while left:
        each = left.pop()
        for key, inner in list(each.items()) if isinstance(each, dict) else list(enumerate(each)):
            places.append((each, key))
            if isinstance(inner, dict | list) and inner:
                left.append(inner)
    if not places:
        return value
    holder, key = rng.choice(places)
    match rng.randrange(6):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, list):
            holder.append(holder[key])
        case 2 if isinstance(holder, dict):
            holder[rng.choice(["x", "choices", "resps", "spec", "results", ""])] = holder[key]
        case _:
            holder[key] = rng.choice(THINGS)
    return value
