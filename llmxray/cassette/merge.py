"""Merge recordings from several machines (``run --shard``) into one cassette.

==================================  =============================================================
a recording that                    is
==================================  =============================================================
only one cassette has               kept
several have, the same reply        kept once, the one recorded first (its times are kept with it)
several have, different replies     refused, or all tries of that sample come from the preferred one
==================================  =============================================================

The cassettes must agree in plan, items, requests, hypothesis and predictions; a comment or title in the experiment
file may differ, and so may the day on which each recording began: the first one counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from llmxray.cassette import journal
from llmxray.cassette.address import Address, Entry
from llmxray.cassette.sealing import seal_from, write_plan
from llmxray.cassette.staging import fresh_directory
from llmxray.cassette.store import Cassette, Frozen
from llmxray.cassette.verification import verify
from llmxray.errors import CassetteError, InputError
from llmxray.types import Interaction

# Parts of one recording are begun on different days.
_DATED = ("stated_on", "earlier", "earlier_left_out")
# And what it says of labels that were changed after recording.
_LABELS = "recorded_labels"


@dataclass(frozen=True, slots=True)
class MergeSummary:
    """What became of the recordings.

    Attributes:
        recordings: in the merged cassette.
        shared: recordings that several cassettes had with the same reply.
        preferred: samples with different replies, taken from the preferred cassette.
    """

    recordings: int
    shared: int
    preferred: int


def merge(
    sources: Sequence[Path],
    target: Path,
    *,
    prefer: Path | None = None,
    check_plan: Callable[[Frozen], object] = lambda _: None,
) -> MergeSummary:
    """Write the union of sealed or unsealed cassettes as a new sealed one.

    Args:
        target: a directory that does not exist yet.
        prefer: the source that decides where replies differ.
        check_plan: reads the common plan before anything is written; this package does not read plans.

    Raises:
        InputError: the plans differ, replies differ and none is preferred, ``target`` is there already or in a source.
        CassetteError: a source is not whole; it is named with its first fault. Or the plan is refused.
    """
    if prefer is not None and prefer not in sources:
        raise InputError(f"--prefer {prefer}: that is not one of the cassettes to merge")
    if any(source.resolve() in target.resolve().parents for source in sources):
        raise InputError(f"{target} lies in one of the cassettes to merge: choose a folder beside them")
    for source in sources:
        # Sealed again, a damaged recording would get checksums that fit.
        faults = verify(source)
        if faults:
            raise CassetteError(f"{source} is not whole, so nothing was merged: {faults[0]}")
    cassettes = [Cassette.existing(source) for source in sources]
    frozen = _common_plan(cassettes)
    if frozen is not None:
        check_plan(frozen)
    chosen = _Choice(cassettes, None if prefer is None else cassettes[list(sources).index(prefer)])
    kept = chosen.recordings()
    names = [cassette.manifest.experiment for cassette in cassettes if cassette.manifest] or [target.name]
    with fresh_directory(target) as part:
        with journal.lock_cassette(part):
            if frozen is not None:
                write_plan(part, names[0], frozen, software=_software(cassettes))
            # Straight from where they are: a journal would repeat the request of every sample.
            seal_from(part, kept, experiment=names[0], facts=_facts(cassettes), software=_software(cassettes))
        # The lock is a file that its library leaves behind.
        (part / journal.LOCK_NAME).unlink(missing_ok=True)
    return MergeSummary(len(kept), chosen.shared, chosen.preferred)


class _Choice:
    """Which cassette each recording comes from."""

    def __init__(self, cassettes: Sequence[Cassette], prefer: Cassette | None) -> None:
        self._cassettes, self._prefer = cassettes, prefer
        self.shared = self.preferred = 0

    def recordings(self) -> list[tuple[Entry, Cassette]]:
        """Every recording of the union and its cassette, in the order of the cassettes."""
        samples: dict[tuple[str, int], list[Cassette]] = {}
        for cassette in self._cassettes:
            for entry in cassette.all_entries():
                owners = samples.setdefault((entry.address.key, entry.address.sample), [])
                if not owners or owners[-1] is not cassette:
                    owners.append(cassette)
        return [
            taken
            for (key, sample), owners in samples.items()
            for taken in self._of_sample(key, sample, owners)
        ]

    def _of_sample(
        self, key: str, sample: int, owners: Sequence[Cassette]
    ) -> Iterable[tuple[Entry, Cassette]]:
        taken: dict[Address, tuple[Entry, Cassette]] = {}
        shared = 0
        for owner in owners:
            for entry in owner.tries(key, sample):
                if entry.address not in taken:
                    taken[entry.address] = entry, owner
                    continue
                known, known_owner = taken[entry.address]
                first, second = known_owner.read(known), owner.read(entry)
                if _reply(first) != _reply(second):
                    return self._decided(entry.address, owners)
                shared += 1
                # Text will do: ISO 8601 in UTC sorts as time does.
                if second.started_at < first.started_at:
                    taken[entry.address] = entry, owner
        # Only now, for a sample that a preference decides shares nothing.
        self.shared += shared
        return taken.values()

    def _decided(self, address: Address, owners: Sequence[Cassette]) -> list[tuple[Entry, Cassette]]:
        # Tries of one sample belong together: a refusal of one machine must not precede another's answer.
        if self._prefer is None or not any(owner is self._prefer for owner in owners):
            names = " and ".join(str(owner.directory) for owner in owners)
            raise InputError(
                f"{names} hold different replies for {address}: say which counts with --prefer, "
                "or remove one with `llmxray cassette drop`"
            )
        self.preferred += 1
        return [(entry, self._prefer) for entry in self._prefer.tries(address.key, address.sample)]


def _reply(interaction: Interaction) -> tuple[object, ...]:
    """The reply as a client gets it, without times."""
    pieces = tuple(chunk.raw for chunk in interaction.chunks)
    return interaction.status, interaction.headers, pieces, interaction.end, interaction.error


def _common_plan(cassettes: Sequence[Cassette]) -> Frozen | None:
    """The plan of them all; None when none has one.

    Raises:
        InputError: they differ.
    """
    plans = [_planned(each.frozen()) for each in cassettes]
    first = plans[0]
    for cassette, plan in zip(cassettes, plans, strict=True):
        if (plan is None) != (first is None) or (plan and first and _comparable(plan) != _comparable(first)):
            raise InputError(
                f"{cassettes[0].directory} and {cassette.directory} were recorded from different plans "
                f"({_difference(first, plan)}): only recordings of one experiment can be merged"
            )
    return first and _with_first_date(first, [plan for plan in plans if plan])


def _planned(frozen: Frozen | None) -> Frozen | None:
    """The plan without the requests behind its own, such as branches: each part has those of its own answers."""
    count = frozen.plan[0].get("planned") if frozen and frozen.plan else None
    return replace(frozen, requests=frozen.requests[:count]) if frozen and type(count) is int else frozen


def _comparable(frozen: Frozen) -> tuple[Any, ...]:
    """All of a plan but the text of the experiment file, whose comments change nothing, and its date."""
    header, *trials = frozen.plan or ({},)
    rest = {
        key: value for key, value in header.items() if key not in ("source", "stated_in", _LABELS, *_DATED)
    }
    return rest, trials, frozen.items, frozen.requests


def _with_first_date(first: Frozen, plans: Sequence[Frozen]) -> Frozen:
    """The plan with the date of the recording that began first, and the earlier statements known to it."""
    headers = [plan.plan[0] for plan in plans if plan.plan]
    # ISO 8601 dates sort as text; parts without one are skipped.
    dated = [header for header in headers if header.get("stated_on")]
    changed = [header[_LABELS] for header in reversed(headers) if isinstance(header.get(_LABELS), dict)]
    labels = {name: label for each in changed for name, label in each.items()}
    if not dated and not labels:
        return first
    begun: Mapping[str, Any] = min(dated, key=lambda header: str(header["stated_on"]), default={})
    header = {**first.plan[0], **{key: begun[key] for key in _DATED if key in begun}}
    if labels:
        header[_LABELS] = labels
    return replace(first, plan=(header, *first.plan[1:]))


def _difference(first: Frozen | None, second: Frozen | None) -> str:
    sizes = _size(first), _size(second)
    if first is None or second is None or sizes[0] != sizes[1]:
        return " and ".join(sizes)
    if first.items != second.items:
        return "other questions"
    pairs = zip(first.requests, second.requests, strict=False)
    if fields := {name for a, b in pairs for name in _differing(a.body, b.body)}:
        return f"their requests differ in {', '.join(sorted(fields))}"
    stated = sorted(_differing(_comparable(first)[0], _comparable(second)[0]))
    return f"they differ in {', '.join(stated)}" if stated else "other conditions"


def _differing(a: Mapping[str, Any], b: Mapping[str, Any]) -> set[str]:
    return {name for name in a.keys() | b.keys() if a.get(name) != b.get(name)}


def _size(frozen: Frozen | None) -> str:
    return "no plan" if frozen is None else f"{len(frozen.plan) - 1} trials"


def _facts(cassettes: Sequence[Cassette]) -> dict[str, Any]:
    """The servers' facts of all; where two know a server differently, the second is numbered."""
    facts: dict[str, Any] = {}
    for cassette in cassettes:
        for name, known in (cassette.manifest.facts if cassette.manifest else {}).items():
            number, unique = 1, name
            while unique in facts and facts[unique] != known:
                number += 1
                unique = f"{name} ({number})"
            facts[unique] = known
    return facts


def _software(cassettes: Sequence[Cassette]) -> Mapping[str, str]:
    """The versions of all, each once, in the order in which they come."""
    versions: dict[str, dict[str, None]] = {}
    for cassette in cassettes:
        for name, version in (cassette.manifest.software if cassette.manifest else {}).items():
            versions.setdefault(name, {}).update(dict.fromkeys(version.split(", ")))
    return {name: ", ".join(known) for name, known in versions.items()}
