"""What to do with a request: serve a recording, forward it, or refuse. Pure.

=============  =====================================  ===========================================
mode           the cassette has it                    the cassette does not
=============  =====================================  ===========================================
replay         serve                                  refuse (a miss)
record         forward, as the next sample            forward
auto           serve                                  forward
passthrough    forward, unrecorded                    forward, unrecorded
=============  =====================================  ===========================================

A client that names its sample (the runner) is served that sample's tries in recorded order, then the last one
again, because trials may share a recording. Any other client is served all recordings of its request in recorded
order, once each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from llmxray.cassette import Address, Entry

Mode = Literal["replay", "record", "auto", "passthrough"]


@dataclass(frozen=True, slots=True)
class Serve:
    """Answer from the cassette; ``more`` says that a later try of the same sample is recorded too."""

    address: Address
    more: bool = False


@dataclass(frozen=True, slots=True)
class Forward:
    """Ask upstream; ``address`` is where the reply will be recorded, None for not at all."""

    address: Address | None


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer with an error: "miss" was never recorded, "exhausted" was, but less often than asked."""

    reason: Literal["miss", "exhausted"]


@dataclass(slots=True)
class Cursors:
    """How far each request has been served, and which addresses are being recorded now."""

    served: dict[tuple[str, int | None], int] = field(default_factory=dict)
    in_flight: set[Address] = field(default_factory=set)


def decide(
    mode: Mode, key: str, sample: int | None, entries: Sequence[Entry], cursors: Cursors
) -> Serve | Forward | Refuse:
    """The decision; advances ``cursors`` when serving, reserves addresses when forwarding.

    Args:
        sample: the sample the client names, None when it names none.
        entries: recordings of this key, by sample and attempt.
    """
    if mode == "passthrough":
        return Forward(None)
    known = [entry for entry in entries if sample is None or entry.address.sample == sample]
    if mode in ("replay", "auto"):
        found = _next_recording(mode, key, sample, known, cursors)
        if found is not None:
            if len(known) == 1:
                # Nearly always; comparing addresses costs as much as all the rest.
                return Serve(found.address)
            last = max(entry.address for entry in known if entry.address.sample == found.address.sample)
            return Serve(found.address, more=found.address < last)
        if mode == "replay":
            return Refuse("exhausted" if known else "miss")
    address = _next_address(key, sample, entries, cursors)
    cursors.in_flight.add(address)
    return Forward(address)


def _next_recording(
    mode: Mode, key: str, sample: int | None, known: Sequence[Entry], cursors: Cursors
) -> Entry | None:
    if mode == "auto":
        # Ask again for missing or failed replies: only whole ones are served.
        known = [entry for entry in known if entry.complete]
    position = cursors.served.get((key, sample), 0)
    if position < len(known):
        cursors.served[key, sample] = position + 1
        return known[position]
    return known[-1] if sample is not None and known else None


def _next_address(key: str, sample: int | None, entries: Sequence[Entry], cursors: Cursors) -> Address:
    pending = [address for address in cursors.in_flight if address.key == key]
    taken = [(entry.address.sample, entry.address.attempt) for entry in entries]
    taken += [(address.sample, address.attempt) for address in pending]
    if sample is None:
        last = max(taken, default=None)
        if last is None:
            return Address(key, 0, 0)
        # With others in flight, the failing one is unknown.
        if not pending and not entries[-1].complete:
            return Address(key, last[0], last[1] + 1)  # the same client trying again after a failure
        return Address(key, last[0] + 1, 0)
    # Tries under way count too, or two of them would be recorded at one address.
    tries = [attempt for each, attempt in taken if each == sample]
    return Address(key, sample, max(tries, default=-1) + 1)


def note_recorded(mode: Mode, entry: Entry, sample: int | None, cursors: Cursors) -> None:
    """Note that a forwarded request was answered: asked again, it is the next repeat, as it will be in replay."""
    if mode == "auto" and sample is None and entry.complete:
        key = entry.address.key
        cursors.served[key, None] = cursors.served.get((key, None), 0) + 1


def count_unserved(recorded: Mapping[str, int], cursors: Cursors) -> int:
    """How many recordings were never served.

    Args:
        recorded: how many there are of each key.
    """
    served: Counter[str] = Counter()
    for (key, _), count in cursors.served.items():
        served[key] += count
    return sum(max(0, n - served[key]) for key, n in recorded.items())
