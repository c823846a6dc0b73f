"""Failed requests: stop a run whose requests all fail alike, say what failed most, and what to do about it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from llmxray.cassette import Address, Cassette, Entry
from llmxray.errors import RunFailedError
from llmxray.runner import FIRST, Progress
from llmxray.types import BUDGET_FIELDS, Json, PlannedRequest, Trial
from llmxray.wire import LOGPROB_FIELDS, FieldRefusal, read_interaction, refused_field

# Errors of the same cause differ in ids of requests and counts of tokens: words with a digit are left out.
_WORD, _DIGIT = re.compile(r"\w(?:[\w-]*\w)?"), re.compile(r"\d")


_SHOWN_CHARS = 200
_BY_STATUS = {
    401: "check the API key in the variable that 'key_env:' names",
    402: "the account has no credit left",
    403: "check the API key, and what it may use",
    404: "check 'model:' and the base URL",
    408: "raise 'timeout_s:', or look at the server",
    413: "the prompt is longer than the server takes",
    429: "lower 'concurrency:', or wait until the quota allows more",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """One request without a whole reply.

    Attributes:
        status: HTTP status, None if nothing answered.
        message: status and error on one line.
        advice: what to do about it, as an imperative; "" for none.
    """

    status: int | None
    message: str
    advice: str

    @property
    def kind(self) -> str:
        """A text that failures of the same cause share."""
        words = _WORD.sub(lambda word: "…" if _DIGIT.search(word[0]) else word[0], self.message)
        return f"{self.status} {words}"


def failure_of(cassette: Cassette, entry: Entry, body: Mapping[str, Json]) -> Failure:
    """The failure of an incomplete recording.

    Args:
        body: of the request.
    """
    interaction = cassette.get(entry.address)
    error = read_interaction(interaction).error or interaction.error or "no whole reply"
    status = interaction.status
    message = shorten_error(
        error if status in (None, 200) or error.startswith("HTTP") else f"HTTP {status}: {error}"
    )
    return Failure(status, message, suggest_fix(status, interaction.body, body.keys(), error))


@dataclass(slots=True)
class FailureWatch:
    """Finds conditions whose requests all fail alike.

    Args:
        cassette: the one that is recorded.
    """

    cassette: Cassette
    _first: dict[str, list[Failure]] = field(default_factory=dict)
    _answering: set[str] = field(default_factory=set)

    def check(self, step: Progress) -> None:
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
        if len({failure.kind for failure in failures}) > 1:
            # Mixed failures may come from an overloaded server, so the run continues.
            self._answering.add(condition)
            return
        raise RunFailedError(
            f"{condition}: the first {len(failures)} requests all failed alike: {_failure_sentence(failures[-1])}; "
            "what was recorded is kept, and the same command goes on from there"
        )


@dataclass(frozen=True, slots=True)
class RecordingFailures:
    """Requests without a whole reply after a recording.

    Attributes:
        failed: number of requests without a whole reply; sent: of all.
        most_common: the failure that most of them share, None without any; count: how many share it.
        silent: conditions without any whole reply.
    """

    failed: int = 0
    sent: int = 0
    most_common: Failure | None = None
    count: int = 0
    silent: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """A sentence with the most common error and its count; "" if nothing failed."""
        if self.most_common is None:
            return ""
        share = f"{self.failed} of {self.sent} requests have no whole reply"
        most = "all of them" if self.count == self.failed else f"{self.count} of them"
        return f"{share}; {most}: {_failure_sentence(self.most_common)}"


def failures_in(cassette: Cassette, trials: Sequence[Trial]) -> RecordingFailures:
    """The failures among these trials, as the cassette has them; requests that were never sent do not count."""
    whole: Counter[str] = Counter()
    failed: list[tuple[PlannedRequest, Entry]] = []
    conditions = dict.fromkeys(trial.condition for trial in trials)
    for trial in trials:
        for request in trial.requests:
            tries = cassette.tries(request.key, trial.sample)
            if any(entry.complete for entry in tries):
                whole[trial.condition] += 1
            elif tries:
                failed.append((request, tries[-1]))
    failures = [failure_of(cassette, last_try, request.body) for request, last_try in failed]
    silent = tuple(name for name in conditions if not whole[name])
    if not failures:
        return RecordingFailures(0, whole.total(), silent=silent)
    (kind, count), *_ = Counter(failure.kind for failure in failures).most_common(1)
    most_common = next(failure for failure in failures if failure.kind == kind)
    return RecordingFailures(len(failures), whole.total() + len(failures), most_common, count, silent)


def _failure_sentence(failure: Failure) -> str:
    return f"{failure.message.rstrip('.')}; {failure.advice}" if failure.advice else failure.message


def _entry(cassette: Cassette, address: Address) -> Entry | None:
    tries = cassette.tries(address.key, address.sample)
    return next((entry for entry in tries if entry.address == address), None)


def refusal_message(refusal: FieldRefusal) -> str:
    """A sentence with the server's error about a field and the remedy."""
    verb = "does not take this value of" if refusal.other_value else "refuses"
    return (
        f"the server {verb} '{refusal.field}' ({shorten_error(refusal.message)}): {suggest_change(refusal)}"
    )


def suggest_change(refusal: FieldRefusal) -> str:
    """An imperative: how to drop or change a refused field in the YAML file."""
    field = refusal.field
    if field in BUDGET_FIELDS:
        other = next(name for name in BUDGET_FIELDS if name != field)
        changed = f"write 'budget_field: {other}' beside the model or its endpoint"
        return "change 'budget:'" if refusal.other_value else changed
    if field == "tools":
        return "leave out the suites that declare functions to this model"
    another = "write another value, or leave it" if refusal.other_value else "leave it"
    # Null for either of the two fields of log-probabilities leaves out both.
    line = "top_logprobs" if field in LOGPROB_FIELDS else field
    return f"{another} out with 'sampling: {{{line}: null}}'"


def suggest_fix(status: int | None, body: bytes, sent: Collection[str], says: str) -> str:
    """An imperative: what to do about an error; "" if its text suffices.

    Args:
        status: HTTP status, None if nothing answered.
        body: of the reply.
        sent: names of the fields of the request.
        says: the error on one line.
    """
    refusal = refused_field(status, body, sent) if status is not None else None
    if refusal is not None:
        return suggest_change(refusal)
    if status == 404 and "parameters" in says:
        # OpenRouter answers so if `provider: {require_parameters: true}` is set and no provider takes all fields.
        return "leave out a field that no provider takes, such as 'sampling: {top_logprobs: null}'"
    if status is None:
        return "is the server running?"
    if status >= 500:
        return "look at the server's log, or try again later"
    if status == 200:
        return "the reply breaks off: look at the server, and at what stands before it"
    return _BY_STATUS.get(status, "")


def shorten_error(says: str) -> str:
    """The error, cut to a length that fits into a sentence."""
    return says if len(says) <= _SHOWN_CHARS else says[: _SHOWN_CHARS - 1] + "…"
