"""Requests that fail: stopping a run whose requests all fail alike, and saying afterwards what failed most."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from llmxray.cassette import Address, Cassette, Entry
from llmxray.errors import RunFailedError
from llmxray.runner import FIRST, Progress
from llmxray.types import Json, PlannedRequest, Trial
from llmxray.wire import read_interaction
from llmxray.workflow.advice import advice, shortened

# Names of requests and counts of tokens differ from error to error that is the same.
_WORD, _DIGIT = re.compile(r"\w(?:[\w-]*\w)?"), re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Failure:
    """One request without a whole reply.

    Attributes:
        status: HTTP status, None where nothing answered.
        says: status and error on one line.
        advice: what to do about it, "" where its own words must do.
    """

    status: int | None
    says: str
    advice: str

    @property
    def kind(self) -> str:
        """What failures of the same cause share."""
        said = _WORD.sub(lambda word: "…" if _DIGIT.search(word[0]) else word[0], self.says)
        return f"{self.status} {said}"


def failure_of(cassette: Cassette, entry: Entry, body: Mapping[str, Json]) -> Failure:
    """Why a recording is no answer.

    Args:
        body: of the request.
    """
    interaction = cassette.get(entry.address)
    error = read_interaction(interaction).error or interaction.error or "no whole reply"
    status = interaction.status
    says = shortened(
        error if status in (None, 200) or error.startswith("HTTP") else f"HTTP {status}: {error}"
    )
    return Failure(status, says, advice(status, interaction.body, body.keys(), error))


@dataclass(slots=True)
class FailureWatch:
    """Looks at what a run has recorded, trial by trial.

    Args:
        cassette: the one that grows.
    """

    cassette: Cassette
    _first: dict[str, list[Failure]] = field(default_factory=dict)
    _answering: set[str] = field(default_factory=set)

    def look(self, step: Progress) -> None:
        """Count a trial that is done.

        Raises:
            RunFailedError: the first requests of its condition have all failed alike.
        """
        condition = step.trial.condition
        if condition in self._answering:
            return
        failures = self._first.setdefault(condition, [])
        for request, receipt in zip(step.trial.requests, step.receipts, strict=True):
            entry = _entry(self.cassette, Address(receipt.key, receipt.sample, receipt.attempt))
            if entry is None or entry.complete:
                self._answering.add(condition)
                return
            failures.append(failure_of(self.cassette, entry, request.body))
        if len(failures) < FIRST:
            return
        if len({each.kind for each in failures}) > 1:
            # Fails in several ways, but fails at something: it may be a server that has a bad hour.
            self._answering.add(condition)
            return
        raise RunFailedError(
            f"{condition}: the first {len(failures)} requests all failed alike: {_told(failures[-1])}; "
            "what was recorded is kept, and the same command goes on from there"
        )


@dataclass(frozen=True, slots=True)
class RecordingFailures:
    """What has no whole reply after a recording.

    Attributes:
        failed: requests that were asked and have no whole reply; asked: all that were asked.
        commonest: the failure that most of them share, None without any; count: how many share it.
        silent: conditions of which nothing has a whole reply.
    """

    failed: int = 0
    asked: int = 0
    commonest: Failure | None = None
    count: int = 0
    silent: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The commonest error once, with its count; "" where nothing failed."""
        if self.commonest is None:
            return ""
        share = f"{self.failed} of {self.asked} requests have no whole reply"
        most = "all of them" if self.count == self.failed else f"{self.count} of them"
        return f"{share}; {most}: {_told(self.commonest)}"


def failures_in(cassette: Cassette, trials: Sequence[Trial]) -> RecordingFailures:
    """What failed of these trials, as the cassette has them; those that were never asked do not count."""
    whole: Counter[str] = Counter()
    failed: list[tuple[PlannedRequest, Entry]] = []
    conditions = dict.fromkeys(trial.condition for trial in trials)
    for trial in trials:
        for request in trial.requests:
            tries = cassette.tries(request.key, trial.sample)
            if any(each.complete for each in tries):
                whole[trial.condition] += 1
            elif tries:
                failed.append((request, tries[-1]))
    found = [failure_of(cassette, entry, request.body) for request, entry in failed]
    silent = tuple(name for name in conditions if not whole[name])
    if not found:
        return RecordingFailures(0, whole.total(), silent=silent)
    kind, count = _commonest(found)
    commonest = next(each for each in found if each.kind == kind)
    return RecordingFailures(len(found), whole.total() + len(found), commonest, count, silent)


def _commonest(failures: Iterable[Failure]) -> tuple[str, int]:
    return Counter(each.kind for each in failures).most_common(1)[0]


def _told(failure: Failure) -> str:
    return f"{failure.says.rstrip('.')}; {failure.advice}" if failure.advice else failure.says


def _entry(cassette: Cassette, address: Address) -> Entry | None:
    tries = cassette.tries(address.key, address.sample)
    return next((each for each in tries if each.address == address), None)
