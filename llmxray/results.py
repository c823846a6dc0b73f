"""Plan + cassette → Results: one row per trial, read from the recordings and checked against the receipts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from llmxray.cassette import Cassette, Entry
from llmxray.errors import CassetteError
from llmxray.plan import Plan, shown
from llmxray.scoring import Scored, opens_thinking, score
from llmxray.types import (
    AnswerKind,
    Completion,
    Condition,
    Item,
    Outcome,
    PlannedRequest,
    Receipt,
    Row,
    Trial,
)

_OPEN = "an open answer has no options"


@dataclass(frozen=True, slots=True)
class Results:
    """The scored trials of an experiment.

    Attributes:
        rows: one per trial, in plan order.
        notes: what a reader must know of what is missing, one sentence each.
    """

    plan: Plan
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    def of(self, condition: str) -> tuple[Row, ...]:
        """The rows of one condition."""
        return tuple(row for row in self.rows if row.condition == condition)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the cassette has for one request of a trial: the try that counts.

    Attributes:
        entry: None when nothing is recorded.
        completion: None when no try is a whole answer.
        attempts: tries recorded for this sample.
        concurrency: requests in flight at the recorder when it was sent.
    """

    entry: Entry | None
    completion: Completion | None
    attempts: int = 0
    error: str = ""
    concurrency: int = 1


def read(
    plan: Plan,
    cassette: Cassette,
    *,
    chain: str = "llmxray",
    per_byte: bool = False,
    receipts: Iterable[Receipt] = (),
) -> Results:
    """Score every trial of the plan from its recordings.

    Args:
        chain: extraction chain for letters, see `llmxray.scoring.extraction.CHAINS`.
        per_byte: choose likelihood answers by logprob per byte.
        receipts: of the run these results are about; each must match what the cassette holds.

    Raises:
        CassetteError: a receipt and the cassette disagree about what was served.
    """
    check_receipts(cassette, receipts)
    items = plan.items()
    conditions = {condition.id: condition for condition in plan.conditions}
    rows = []
    for trial in plan.trials:
        item = shown(items[trial.suite, trial.item], trial.order)
        replies = [reply(cassette, request, trial.sample) for request in trial.requests]
        kind = plan.suites[trial.suite].answer or conditions[trial.condition].answer
        scored = score(
            item,
            kind,
            [each.completion for each in replies],
            thinks=opens_thinking(conditions[trial.condition].layout),
            chain=chain,
            per_byte=per_byte,
        )
        rows.append(_row(plan.experiment, trial, item, replies, scored, kind))
    return Results(plan, tuple(rows), tuple(_notes(conditions, rows)))


def reply(cassette: Cassette, request: PlannedRequest, sample: int) -> Reply:
    """The first whole try of a request's sample, else its last try without an answer."""
    tries = [entry for entry in cassette.entries(request.key) if entry.address.sample == sample]
    if not tries:
        return Reply(None, None, error="not recorded")
    entry = next((each for each in tries if each.complete), tries[-1])
    completion = cassette.completion(entry.address)
    if entry.complete:
        return Reply(entry, completion, len(tries), concurrency=cassette.concurrency(entry.address))
    interaction = cassette.get(entry.address)
    why = completion.error or interaction.error or f"the reply was cut ({interaction.end.value})"
    return Reply(entry, None, len(tries), why, interaction.concurrency)


def check_receipts(cassette: Cassette, receipts: Iterable[Receipt]) -> None:
    """Refuse to report something else than what was served.

    Raises:
        CassetteError: names the first recording whose bytes are not those the runner received.
    """
    for receipt in receipts:
        entry = next(
            (
                each
                for each in cassette.entries(receipt.key)
                if (each.address.sample, each.address.attempt) == (receipt.sample, receipt.attempt)
            ),
            None,
        )
        if entry is None:
            raise CassetteError(f"trial {receipt.trial}: a reply was served that the cassette does not hold")
        if not entry.complete:
            if any(
                each.complete and each.address.sample == receipt.sample
                for each in cassette.entries(receipt.key)
            ):
                raise CassetteError(
                    f"trial {receipt.trial}: a failed try was served, though a whole reply is recorded"
                )
            continue  # a broken body has no end to compare at
        if hashlib.sha256(cassette.get(entry.address).body).hexdigest() != receipt.sha256:
            raise CassetteError(f"trial {receipt.trial}: what was served is not recording {entry.address}")


def _row(
    experiment: str, trial: Trial, item: Item, replies: Sequence[Reply], scored: Scored, kind: AnswerKind
) -> Row:
    whole = [each.completion for each in replies if each.completion is not None]
    found = scored.confidence
    timed = whole[0] if whole else None
    return Row(
        experiment=experiment,
        trial=trial.id,
        condition=trial.condition,
        suite=trial.suite,
        item_id=trial.item,
        category=item.category,
        sample=trial.sample,
        outcome=scored.outcome,
        answer=scored.answer,
        expected=item.answer,
        rule=scored.rule,
        option_confidence=found.option,
        coverage=found.coverage,
        sequence_confidence=found.sequence,
        mean_token_probability=found.mean_token,
        option_probs=found.probs,
        option_probs_per_byte=found.probs_per_byte,
        ttft_s=timed.ttft_s if timed else None,
        latency_s=_sum([each.latency_s for each in whole]) if whole else None,
        completion_tokens=_total([each.completion_tokens for each in whole]),
        prompt_tokens=_total([each.prompt_tokens for each in whole]),
        finish_reason=timed.finish_reason if timed and kind != "likelihood" else None,
        text=scored.text,
        reasoning=scored.reasoning,
        missing_why=_missing(scored, item),
        error=next((each.error for each in replies if each.error), ""),
        recordings=tuple(str(each.entry.address) for each in replies if each.entry is not None),
        attempts=max((each.attempts for each in replies), default=0),
        order=trial.order,
        concurrency=max((each.concurrency for each in replies), default=1),
    )


def _missing(scored: Scored, item: Item) -> str:
    if scored.outcome is Outcome.ERROR:
        return ""
    return scored.confidence.missing_why if item.choices else _OPEN


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _total(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if values and len(known) == len(values) else None


def _notes(conditions: Mapping[str, Condition], rows: Sequence[Row]) -> list[str]:
    """One sentence per condition and kind of gap (FAILURES 25: not an error, but said)."""
    notes = []
    for name in conditions:
        mine = [row for row in rows if row.condition == name and row.outcome is not Outcome.ERROR]
        reasons: dict[str, int] = {}
        for row in mine:
            if row.missing_why not in ("", _OPEN):
                reasons[row.missing_why] = reasons.get(row.missing_why, 0) + 1
        notes += [
            f"{name}: no option confidence for {n} of {len(mine)} answers: {why}"
            for why, n in reasons.items()
        ]
        without_usage = sum(row.completion_tokens is None for row in mine)
        if without_usage:
            notes.append(f"{name}: no token usage reported for {without_usage} of {len(mine)} answers")
        failed = sum(row.outcome is Outcome.ERROR for row in rows if row.condition == name)
        if failed:
            notes.append(f"{name}: {failed} trials have no whole reply and count as errors, not as answers")
    return notes
