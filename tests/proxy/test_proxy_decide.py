"""The decision table of the proxy."""

from typing import Any

import pytest

from llmxray.cassette import Address, Entry
from llmxray.proxy.decide import Cursors, Forward, Refuse, Serve, count_unserved, decide, note_recorded

KEY = "k"


def entry(sample: int, attempt: int, complete: bool = True) -> Entry:
    """A recording of the one key."""
    return Entry(Address(KEY, sample, attempt), complete, 200 if complete else 429, "f", 0)


def ask(
    mode: Any, entries: list[Entry], samples: list[int | None], cursors: Cursors | None = None
) -> list[Any]:
    """Decisions on one request after the other, as short tuples."""
    cursors = cursors or Cursors()
    out: list[Any] = []
    for sample in samples:
        match decide(mode, KEY, sample, entries, cursors):
            case Serve(address, more):
                out.append(("serve", address.sample, address.attempt, more))
            case Forward(None):
                out.append("pass")
            case Forward(address):
                out.append(("forward", address.sample, address.attempt))
            case Refuse(reason):
                out.append(reason)
    return out


FAILED_THEN_WHOLE = [entry(0, 0, False), entry(0, 1), entry(1, 0)]


@pytest.mark.parametrize(
    ("mode", "entries", "samples", "expected"),
    [
        ("replay", [], [None, 0], ["miss", "miss"]),
        ("replay", [entry(0, 0)], [None, None], [("serve", 0, 0, False), "exhausted"]),
        (
            "replay",
            FAILED_THEN_WHOLE,
            [None] * 4,
            [("serve", 0, 0, True), ("serve", 0, 1, False), ("serve", 1, 0, False), "exhausted"],
        ),
        ("replay", FAILED_THEN_WHOLE, [0, 0, 0], [("serve", 0, 0, True), *[("serve", 0, 1, False)] * 2]),
        ("record", [], [None, None], [("forward", 0, 0), ("forward", 1, 0)]),
        ("record", [entry(0, 0, False)], [None], [("forward", 0, 1)]),
        ("auto", [], [0], [("forward", 0, 0)]),
        ("auto", [entry(0, 0, False)], [0, None], [("forward", 0, 1), ("forward", 1, 0)]),
        ("auto", FAILED_THEN_WHOLE, [0, 0, 1], [*[("serve", 0, 1, False)] * 2, ("serve", 1, 0, False)]),
        (
            "auto",
            FAILED_THEN_WHOLE,
            [None, None, None],
            [("serve", 0, 1, False), ("serve", 1, 0, False), ("forward", 2, 0)],
        ),
    ],
)
def test_table(mode, entries, samples, expected):
    """Mode by mode: what is served, forwarded where, refused why."""
    assert expected == ask(mode, entries, samples)


def test_a_recorded_answer_is_not_served_to_who_had_it():
    """In auto mode an unnamed client that was just answered gets a new repeat next."""
    cursors, entries = Cursors(), [entry(0, 0)]
    note_recorded("auto", entries[0], None, cursors)
    assert [("forward", 1, 0)] == ask("auto", entries, [None], cursors)


def test_leftovers():
    """Recordings nobody asked for."""
    cursors = Cursors()
    ask("replay", FAILED_THEN_WHOLE, [0, 0, 0], cursors)
    key = FAILED_THEN_WHOLE[0].address.key
    assert 1 == count_unserved({key: len(FAILED_THEN_WHOLE)}, cursors)
    assert 5 == count_unserved({key: len(FAILED_THEN_WHOLE), "other": 4}, cursors)
    assert 0 == count_unserved({}, cursors)
