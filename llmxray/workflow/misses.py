"""What a replay misses, said by the request of the plan that comes nearest to a recorded one.

The proxy explains the request that it was asked. The first one that misses may ask a question that was never recorded,
though what the user changed is one setting of all the others: then one of those says it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from llmxray.cassette import Cassette
from llmxray.proxy.front import HOW
from llmxray.types import Json
from llmxray.wire import FieldDiff, encode_body, miss_message, nearest
from llmxray.workflow.preparation import Prepared

# Compared with one another: recordings of one prompt, and requests until one differs in a single field.
_MOST_ALIKE, _MOST_COMPARED = 50, 2000

type _Body = Mapping[str, Json]
type _Found = tuple[str, tuple[FieldDiff, ...]]


def nearest_miss(prepared: Prepared) -> str | None:
    """The message about the missing request whose messages were recorded, and that differs in the fewest fields.

    None where no request of the plan has the messages of a recorded one.
    """
    cassette, plan = Cassette.existing(prepared.cassette), prepared.plan
    recorded: dict[bytes, list[tuple[str, _Body]]] = {}
    for each in cassette.requests():
        alike = recorded.setdefault(_messages(each.body), [])
        if len(alike) < _MOST_ALIKE and cassette.entries(each.key):
            alike.append((each.key, each.body))
    best: tuple[str, _Found] | None = None
    n_missing = n_others = n_compared = 0
    for request in (request for trial in plan.trials for request in trial.requests):
        if cassette.entries(request.key):
            continue
        n_missing += 1
        alike = recorded.get(_messages(request.body), [])
        n_others += not alike
        if alike and n_compared < _MOST_COMPARED and (best is None or len(best[1][1]) > 1):
            n_compared += 1
            found = nearest(request.body, alike, ignored=plan.ignored)
            if found is not None and (best is None or len(found[1]) < len(best[1][1])):
                best = request.key, found
    if best is None:
        return None
    return miss_message(cassette.directory.name, *best, how=_how(n_missing, n_others))


def _how(n_missing: int, n_others: int) -> str:
    if not n_others:
        return HOW
    return f"{n_others:,} of the {n_missing:,} missing requests have a prompt that was never recorded. {HOW}"


def _messages(body: _Body) -> bytes:
    messages: Sequence[Json] = [body.get("messages"), body.get("prompt")]
    return encode_body({"messages": list(messages)})
