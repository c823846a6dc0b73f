"""Records scored by the same code as recordings, beside the marks of the tool that wrote them.

Where the tool's scorer of correctness decides, its mark counts, also of a reply that failed; what is read here stands
beside it. Where the file scores the task and not this reply (a grade, partial credit, no mark), it is not scored. Only
where the file holds no scores of a task, what is read here counts: a letter, a number, or the expected text in an open
answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from llmxray.interop.read.marks import deciding_mark, metric_of
from llmxray.interop.read.record import Record, ToolMark, shortened
from llmxray.plan import reorder_options
from llmxray.results import TOOL_MARK, Reply, option_probs, trial_row
from llmxray.scoring import LIKELIHOOD_RULES, right_options, score
from llmxray.types import (
    UNCOUNTED,
    AnswerKind,
    ChainName,
    Completion,
    Item,
    LikelihoodScore,
    Outcome,
    Row,
    TokenLogprob,
    Trial,
)

AS_MARKED = "the answer counts as the tool marks it, which read another one"
NO_LOGPROBS = "the file holds no log-probabilities"
_LONGEST_ANSWER, _LONGEST_ERROR = 200, 2_000
# It stands in each row of tables.
_LONGEST_TOLD = 2_000


def kind_of(records: Sequence[Record]) -> AnswerKind:
    """How the answers of one condition to one suite are read."""
    if any(record.option_nats for record in records):
        return "likelihood"
    if any(record.choices for record in records):
        return "letter"
    right = [record.answer for record in records if record.answer]
    return "number" if right and all(map(is_number, right)) else "text"


def is_number(text: str | None) -> bool:
    """Whether a text is a number, maybe with a currency or commas."""
    try:
        Decimal((text or "").replace(",", "").replace("$", "").strip())
    except InvalidOperation:
        return False
    return True


def completion_of(record: Record) -> Completion:
    """What the reply says; nothing of when it came, beyond the times that the file states."""
    return Completion(
        text=record.text or record.extracted or "",
        reasoning=record.reasoning,
        tokens=record.tokens,
        finish_reason=record.finish_reason,
        prompt_tokens=record.prompt_tokens,
        completion_tokens=record.completion_tokens,
        reasoning_tokens=record.reasoning_tokens,
        model=record.run.model,
        ttft_s=record.ttft_s,
        latency_s=record.latency_s,
        whole=True,
    )


def row_of(
    record: Record,
    completion: Completion,
    trial: Trial,
    item: Item,
    kind: AnswerKind,
    *,
    experiment: str,
    chain: ChainName,
    likelihood: LikelihoodScore,
) -> tuple[Row, Row | None]:
    """The row of a record as it counts, and as it is read here; None for a reply that is not read.

    Args:
        item: options in the suite's order.
        kind: how answers of this condition to this suite are read.
    """
    asked, mine = reorder_options(item, trial.order), kind_of_item(kind, item)
    read: Row | None = None
    if record.error:
        row = _failed(record, trial, item, experiment, deciding_mark(record) if record.scored else None)
    else:
        if kind == "likelihood" and record.option_nats:
            read = _weighed(record, trial, asked, experiment, likelihood)
        else:
            found = score(asked, mine, [completion], chain=chain)
            read = trial_row(experiment, trial, asked, [Reply(None, completion)], found, mine)
        row = _counted(record, read, asked, mine)
    counts_as_read = row is read
    silent = not record.tokens and not record.option_nats
    if (
        item.choices
        and row.option_confidence is None
        and silent
        and row.missing_why != AS_MARKED
        and row.outcome is not Outcome.UNSCORED
    ):
        why = "" if row.outcome is Outcome.ERROR else record.tokens_why or NO_LOGPROBS
        row = replace(row, missing_why=why)
    marks = (f"{record.run.tool} {mark.scorer}: {shortened(mark.value)}" for mark in record.marks)
    told = replace(
        row,
        latency_s=record.latency_s,
        concurrency=0,
        attempts=0,
        tool_mark=shortened("; ".join(marks), _LONGEST_TOLD),
    )
    return told, told if counts_as_read else read


def kind_of_item(kind: AnswerKind, item: Item) -> AnswerKind:
    """How a written answer is read: the odd one without options, or without sums, is not like the others."""
    if kind in ("letter", "likelihood"):
        return "letter" if item.choices else "text"
    return kind


def _counted(record: Record, read: Row, asked: Item, kind: AnswerKind) -> Row:
    if not record.scored:
        return read
    mark = deciding_mark(record)
    if mark is None:
        return _without_confidence(replace(read, outcome=Outcome.UNSCORED, rule=""), "")
    agrees = (read.outcome is Outcome.CORRECT) == mark.right
    if agrees and read.outcome in (Outcome.REFUSED, Outcome.TOOL_CALL):
        return read
    if kind == "text" and not asked.choices:
        given = mark.extracted or record.extracted or read.answer or record.text.strip()[:_LONGEST_ANSWER]
        return replace(read, outcome=_as(mark), answer=given or None, rule=TOOL_MARK)
    nothing_read = read.outcome in UNCOUNTED or (record.option_nats and read.outcome is Outcome.UNPARSED)
    if agrees and not nothing_read:
        return read
    # An option that is marked wrong is not the answer that the tool took; a number is what the reply says.
    wrong = None if asked.choices else read.answer
    row = replace(read, outcome=_as(mark), answer=asked.answer if mark.right else wrong, rule=TOOL_MARK)
    return _without_confidence(row, AS_MARKED if asked.choices else "")


def _as(mark: ToolMark) -> Outcome:
    return Outcome.CORRECT if mark.right else Outcome.WRONG


def _without_confidence(row: Row, why: str) -> Row:
    """The row without the confidence of an answer that does not count."""
    return replace(
        row,
        option_confidence=None,
        coverage=None,
        option_probs=(),
        option_probs_per_byte=(),
        option_probs_per_character=(),
        right_mass=None,
        missing_why=why,
    )


def _failed(record: Record, trial: Trial, item: Item, experiment: str, mark: ToolMark | None) -> Row:
    """A row without a whole reply, which the tool may have marked all the same: at a limit, with what there was."""
    said = (mark.extracted if mark else None) or record.extracted
    return Row(
        experiment=experiment,
        trial=trial.id,
        condition=trial.condition,
        suite=trial.suite,
        item_id=trial.item,
        category=item.category,
        sample=trial.sample,
        outcome=_as(mark) if mark else Outcome.ERROR,
        answer=None if mark is None else (item.answer if mark.right else None) if item.choices else said,
        expected=item.answer,
        rule=TOOL_MARK if mark else "",
        text=record.text if mark else "",
        reasoning=record.reasoning if mark else "",
        error=record.error[:_LONGEST_ERROR],
        order=trial.order,
    )


def _weighed(record: Record, trial: Trial, asked: Item, experiment: str, likelihood: LikelihoodScore) -> Row:
    """A row from one summed log-probability an option."""
    weighed = as_weighed(asked, record.forced)
    sums = [
        Completion(text=text, tokens=(TokenLogprob(text, None, nats, invalid=nats is None),), whole=True)
        for text, nats in zip(weighed.choices, record.option_nats, strict=True)
    ]
    scored = score(weighed, "likelihood", sums, likelihood=likelihood)
    row = trial_row(experiment, trial, asked, (), scored, "likelihood")
    # One number is the sum over an option's tokens: how many they are, and so their mean, is not known.
    return replace(row, mean_token_probability=None, logprob_tokens=None)


def as_weighed(asked: Item, forced: tuple[str, ...]) -> Item:
    """The item with the texts that were weighed: maybe letters of its options, by whose length `acc_norm` divides."""
    if not forced:
        return asked
    accept = tuple(text for text, choice in zip(forced, asked.choices, strict=True) if choice in asked.accept)
    return replace(asked, choices=forced, accept=accept)


def outcome_beside(row: Row, item: Item, mark: ToolMark) -> Outcome:
    """Our outcome in the terms of a mark: likelihood answers are chosen as the metric of that name does."""
    probs = next((option_probs(row, each) for each in LIKELIHOOD_RULES if each == metric_of(mark)), ())
    if row.rule not in LIKELIHOOD_RULES.values() or not probs or None in probs:
        return row.outcome
    known = [value or 0.0 for value in probs]
    best = known.index(max(known))
    return Outcome.CORRECT if best in right_options(reorder_options(item, row.order)) else Outcome.WRONG
