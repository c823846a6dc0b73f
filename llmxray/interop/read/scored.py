"""Records scored by the same code as recordings, and held against the marks of the tool that wrote them.

Questions with options, and questions whose answers are numbers, are read by llmxray. An open answer counts as the tool
marks it: llmxray could only look for the expected words in it. Where there is no mark, that is what it does; where
there are grades only, the answer is not scored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from llmxray.interop.read.marks import deciding
from llmxray.interop.read.naming import shortened
from llmxray.interop.read.record import Mark, Record
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
_LONGEST_ANSWER = 200


def kind_of(records: Sequence[Record]) -> AnswerKind:
    """How the answers of one condition to one suite are read."""
    if any(record.option_nats for record in records):
        return "likelihood"
    if any(record.choices for record in records):
        return "letter"
    right = [record.answer for record in records if record.answer]
    return "number" if right and all(map(_is_number, right)) else "text"


def _is_number(text: str) -> bool:
    try:
        Decimal(text.replace(",", "").replace("$", "").strip())
    except InvalidOperation:
        return False
    return True


def completion_of(record: Record) -> Completion:
    """What the reply says; nothing of when it came, beyond the times that the file states."""
    return Completion(
        text=record.text or record.given or "",
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
) -> tuple[Row, Outcome | None]:
    """The row of a record, marked as its tool does, and what a search for the expected text says of an open answer.

    That is None where there was no such search; of an answer that counts as marked though it was read, it is the
    outcome as read.

    Args:
        item: options in the suite's order.
        kind: how answers of this condition to this suite are read.
    """
    asked = reorder_options(item, trial.order)
    searched = None
    if record.error:
        row = _failed(record, trial, item, experiment)
    elif kind == "likelihood" and record.option_nats:
        row = _weighed(record, trial, asked, experiment, likelihood)
    else:
        mine = _own_kind(kind, item)
        scored = score(asked, mine, [completion], chain=chain)
        row = trial_row(experiment, trial, asked, [Reply(None, completion)], scored, mine)
        searched = row.outcome if mine == "text" and not item.choices else None
    mark = deciding(record)
    if mark is None and record.marks and _is_read_open(row, item, kind):
        # A grade says more of an open answer than a search for words, but neither correct nor wrong.
        row, searched = replace(row, outcome=Outcome.UNSCORED, rule=""), None
    if mark is not None and not record.error and _counts_as_marked(row, item, kind):
        row = replace(
            row,
            outcome=Outcome.CORRECT if mark.right else Outcome.WRONG,
            answer=(mark.given or record.given or row.answer or record.text.strip()[:_LONGEST_ANSWER])
            or None,
            rule=TOOL_MARK,
        )
    if record.as_marked and mark is not None and _is_otherwise(row, item, mark):
        row, searched = _as_marked(row, asked, mark), row.outcome
    why = row.missing_why
    silent = not record.tokens and not record.option_nats
    if item.choices and row.option_confidence is None and silent and why != AS_MARKED:
        why = "" if row.outcome is Outcome.ERROR else record.tokens_why or NO_LOGPROBS
    told = replace(
        row,
        latency_s=record.latency_s,
        concurrency=0,
        attempts=0,
        missing_why=why,
        tool_mark="; ".join(
            f"{record.run.tool} {each.scorer}: {shortened(each.value)}" for each in record.marks
        ),
    )
    return told, searched


def _own_kind(kind: AnswerKind, item: Item) -> AnswerKind:
    """How a written answer is read: the odd one without options, or without sums, is not like the others."""
    if kind in ("letter", "likelihood"):
        return "letter" if item.choices else "text"
    return kind


def _counts_as_marked(row: Row, item: Item, kind: AnswerKind) -> bool:
    if row.outcome is Outcome.UNSCORED:
        return True
    if row.outcome in (Outcome.REFUSED, Outcome.TOOL_CALL):
        return False
    return _is_open(item, kind) or (kind == "likelihood" and row.outcome is Outcome.UNPARSED)


def _is_otherwise(row: Row, item: Item, mark: Mark) -> bool:
    """Whether a reply that was read here is right by the mark and not by us, or the other way round."""
    read = row.outcome not in (*UNCOUNTED, Outcome.REFUSED, Outcome.TOOL_CALL)
    return read and (outcome_beside(row, item, mark) is Outcome.CORRECT) != mark.right


def _as_marked(row: Row, asked: Item, mark: Mark) -> Row:
    """The row by the tool's mark, without the confidence of the answer that was read here."""
    return replace(
        row,
        outcome=Outcome.CORRECT if mark.right else Outcome.WRONG,
        answer=asked.answer if mark.right else None,
        rule=TOOL_MARK,
        option_confidence=None,
        coverage=None,
        option_probs=(),
        option_probs_per_byte=(),
        option_probs_per_character=(),
        right_mass=None,
        missing_why=AS_MARKED if asked.choices else "",
    )


def _is_open(item: Item, kind: AnswerKind) -> bool:
    return not item.choices and kind != "number"


def _is_read_open(row: Row, item: Item, kind: AnswerKind) -> bool:
    """Whether a reply was searched for the words of an open answer."""
    read = row.outcome not in (Outcome.ERROR, Outcome.REFUSED, Outcome.TOOL_CALL, Outcome.UNREAD)
    return _is_open(item, kind) and read


def _failed(record: Record, trial: Trial, item: Item, experiment: str) -> Row:
    return Row(
        experiment=experiment,
        trial=trial.id,
        condition=trial.condition,
        suite=trial.suite,
        item_id=trial.item,
        category=item.category,
        sample=trial.sample,
        outcome=Outcome.ERROR,
        answer=None,
        expected=item.answer,
        error=record.error,
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


def outcome_beside(row: Row, item: Item, mark: Mark) -> Outcome:
    """Our outcome in the terms of a mark: likelihood answers are chosen as the metric of that name does."""
    name = mark.scorer.split(",")[0]
    probs = next((option_probs(row, each) for each in LIKELIHOOD_RULES if each == name), ())
    if row.rule not in LIKELIHOOD_RULES.values() or not probs or None in probs:
        return row.outcome
    known = [value or 0.0 for value in probs]
    best = known.index(max(known))
    return Outcome.CORRECT if best in right_options(reorder_options(item, row.order)) else Outcome.WRONG
