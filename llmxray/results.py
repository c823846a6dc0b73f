"""Plan + cassette → Results: one row per trial, read from the recordings; `check_receipts` compares what was served."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from importlib import import_module
from importlib.util import find_spec
from itertools import groupby
from typing import Any, Literal

from llmxray.cassette import Address, Cassette, Entry
from llmxray.errors import CassetteError, InputError
from llmxray.experiment.spelling import no_such
from llmxray.parquet import Kind
from llmxray.plan import Plan, reorder_options
from llmxray.scoring import (
    LIKELIHOOD_RULES,
    Scored,
    judge,
    late_stops,
    opens_thinking,
    right_options,
    score,
    shown_calls,
)
from llmxray.scoring.confidence import OPEN_ANSWER
from llmxray.types import (
    LETTERS,
    UNCOUNTED,
    AnswerKind,
    ChainName,
    Completion,
    Condition,
    EndCause,
    Item,
    LikelihoodScore,
    Outcome,
    PlannedRequest,
    Receipt,
    Row,
    TokenLogprob,
    Trial,
)
from llmxray.wire import is_cut

# These rest on what the API's own fields say, or on there being no expected answer: no chain changes them.
_FIXED = (*UNCOUNTED, Outcome.REFUSED, Outcome.TOOL_CALL)
# Answers that are weighed or called, not read: no chain changes them either.
_NOT_READ: tuple[AnswerKind, ...] = ("likelihood", "tool")
TOOL_MARK = "tool-mark"
"""Rule of an answer that counts as the tool marked it which wrote the file: no chain reads it either."""
_BY_RULE: dict[str, LikelihoodScore] = {rule: name for name, rule in LIKELIHOOD_RULES.items()}
# A server counts tokens that it sends none of: the end of text, and all of a stop string.
_UNSENT = 8
# A sure token or two round to 0; so many in a row have been filled in.
_ZEROS = 5


# Other people's scripts read these: new columns go behind, and none is renamed.
# Where else a new value of a reply goes: docs/extend/index.md.
COLUMN_TYPES: Mapping[str, tuple[Kind, str]] = {
    "experiment": ("string", "name of the experiment"),
    "condition": ("string", "one way of asking: model, sampling and prompt layout"),
    "suite": ("string", "the questions' suite"),
    "item_id": ("string", "the question, unique within its suite"),
    "category": ("string", "the suite's own category"),
    "sample": ("int64", "number of the repeat, from 0"),
    "outcome": ("string", ", ".join(Outcome)),
    "answer": ("string", "what was read from the reply: a letter, a number or a text"),
    "expected": ("string", "the correct answer, in the same form"),
    "option_confidence": ("float64", "probability of the chosen option among the options, 0 to 1"),
    "coverage": ("float64", "probability that the options have together, 0 to 1"),
    "sequence_confidence": ("float64", "probability of the answer's tokens together, 0 to 1"),
    "mean_token_probability": ("float64", "mean probability of the answer's tokens, 0 to 1"),
    "ttft_s": ("float64", "seconds to the first token of any kind"),
    "latency_s": ("float64", "seconds to the last byte; of all requests of a likelihood answer"),
    "completion_tokens": ("int64", "tokens generated, thinking included, as the server reported"),
    "prompt_tokens": ("int64", "tokens of the prompt, as the server reported"),
    "rule": ("string", "rule of the extraction chain that found the answer"),
    "finish_reason": ("string", "why the reply ended, in the server's word"),
    "attempts": ("int64", "tries until there was a whole reply"),
    "concurrency": ("int64", "most requests in flight while this one was recorded"),
    "missing_why": ("string", "why there is no option confidence"),
    "error": ("string", "what failed, where there is no whole reply"),
    "rotation": ("int64", "number of the rotation of the options"),
    "order": ("string", "the options as shown, by their places in the item"),
    "right_mass": ("float64", "probability of all correct options together, 0 to 1"),
    "ttfa_s": ("float64", "seconds to the first token of the answer"),
    "logprob_tokens": ("int64", "tokens that came with a log-probability"),
    "reasoning_tokens": ("int64", "tokens of the thinking, as the server reported"),
    "hidden_reasoning": ("int64", "pieces of thinking that came without their text"),
    "calls": ("string", "functions that the reply calls, one a line"),
    "unread": ("string", "parts of the reply that llmxray does not read"),
    "invalid_logprobs": ("int64", "log-probabilities that are not valid"),
    "tool_mark": ("string", "how the tool marked the answer whose file this row was read from"),
}
"""Type and meaning of every column."""


@dataclass(frozen=True, slots=True, repr=False)
class Results:
    """The scored trials of an experiment.

    Attributes:
        rows: one per trial, in plan order.
        notes: what a reader must know of what is missing, one sentence each.
        partial: which share of an unfinished recording they are; "" for a whole one.
        stopped: which share was asked of one that ended early; "" for any other.
        cassette: where the rows were read from, with the replies it remembers.
    """

    plan: Plan
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    cassette: Cassette | None = field(default=None, compare=False)
    partial: str = ""
    stopped: str = ""

    def __repr__(self) -> str:
        return f"<Results: {len(self.rows)} rows, {len(self.notes)} notes; {self.plan!r}>"

    def of(self, condition: str) -> tuple[Row, ...]:
        """The rows of one condition; an unknown id raises InputError."""
        ids = [known.id for known in self.plan.conditions]
        if condition not in ids:
            raise InputError(no_such("condition", condition, ids))
        return tuple(row for row in self.rows if row.condition == condition)

    def frame(self, library: Literal["polars", "pandas"] | None = None) -> Any:
        """The rows as a data frame: one row a trial, a column for each field of `Row`, outcomes as text.

        What is missing is null in polars, NaN or None in pandas. By default it is one of polars where that is
        installed, else of pandas; any other library raises InputError.
        """
        columns = {each.name: [_cell(getattr(row, each.name)) for row in self.rows] for each in fields(Row)}
        return data_frame(columns, library)


def data_frame(columns: Mapping[str, Sequence[Any]], library: str | None) -> Any:
    """Columns as a data frame of a library, see `Results.frame`."""
    known = ("polars", "pandas")
    if library not in (None, *known):
        raise InputError(no_such("library of data frames", library, known))
    names = known if library is None else (library,)
    found = next((name for name in names if find_spec(name)), None)
    if found is None:
        raise InputError(f"a data frame needs {' or '.join(names)}: pip install {names[0]}")
    return import_module(found).DataFrame(columns)


def _cell(value: Any) -> Any:
    if isinstance(value, Outcome):
        return value.value
    return list(value) if isinstance(value, tuple) else value


class Scorer:
    """Scores the trials of a plan; the one scorer of results and of whoever watches a run."""

    def __init__(
        self, plan: Plan, *, chain: ChainName = "llmxray", likelihood: LikelihoodScore = "acc"
    ) -> None:
        self.conditions = {condition.id: condition for condition in plan.conditions}
        self.items = plan.items()
        self._kinds = plan.answer_kinds()
        self._chain, self._likelihood = chain, likelihood

    def kind(self, trial: Trial) -> AnswerKind:
        """How the trial's answer was asked for."""
        return self._kinds[trial.condition, trial.suite]

    def item(self, trial: Trial) -> Item:
        """The trial's question as it was shown."""
        return reorder_options(self.items[trial.suite, trial.item], trial.order)

    def thinks(self, trial: Trial) -> bool:
        """Whether the trial's prompt opened the thinking; one that asks for a call is sent verbatim."""
        return self.kind(trial) != "tool" and opens_thinking(self.conditions[trial.condition].layout)

    def __call__(self, trial: Trial, replies: Sequence[Completion | None]) -> Scored:
        """Score the replies of a trial, one per request, None where there is no whole one."""
        condition, kind = self.conditions[trial.condition], self.kind(trial)
        return score(
            self.item(trial),
            kind,
            replies,
            thinks=self.thinks(trial),
            chain=self._chain,
            likelihood=self._likelihood,
            stops=late_stops(condition, kind),
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """What the cassette has for one request of a trial: the try that counts, with a completion if it is whole.

    Attributes:
        attempts: tries recorded for this sample.
        concurrency: requests in flight at the recorder when it was sent.
    """

    entry: Entry | None
    completion: Completion | None
    attempts: int = 0
    error: str = ""
    concurrency: int = 1


def score_recordings(
    plan: Plan,
    cassette: Cassette,
    *,
    chain: ChainName = "llmxray",
    likelihood: LikelihoodScore = "acc",
) -> Results:
    """Score every trial of the plan from its recordings.

    Args:
        chain: extraction chain, see `llmxray.scoring.chains`.
        likelihood: how likelihood answers are chosen.

    Raises:
        CassetteError: a recording cannot be read.
    """
    rows = tuple(iter_rows(plan, cassette, chain=chain, likelihood=likelihood))
    return Results(plan, rows, tuple(notes(plan.conditions, rows)), cassette)


def iter_rows(
    plan: Plan,
    cassette: Cassette,
    *,
    chain: ChainName = "llmxray",
    likelihood: LikelihoodScore = "acc",
) -> Iterator[Row]:
    """The rows of `score_recordings`, one after the other, for whoever has other things to do in between.

    Raises:
        CassetteError: a recording cannot be read.
    """
    scorer = Scorer(plan, chain=chain, likelihood=likelihood)
    for trial in plan.trials:
        replies = [reply(cassette, request, trial.sample) for request in trial.requests]
        scored = scorer(trial, [each.completion for each in replies])
        yield trial_row(plan.experiment, trial, scorer.item(trial), replies, scored, scorer.kind(trial))


def rescore(
    plan: Plan,
    rows: Sequence[Row],
    *,
    chain: ChainName = "llmxray",
    likelihood: LikelihoodScore | None = "acc",
) -> tuple[Row, ...]:
    """The rows under another chain, or with likelihood answers chosen otherwise: no recording is read.

    Outcome, answer and rule are new; confidences stay those of the answer first read. `score_recordings` does it all.

    Args:
        likelihood: None leaves answers that were weighed as they are.
    """
    items, kinds = plan.items(), plan.answer_kinds()
    conditions = {condition.id: condition for condition in plan.conditions}
    found = []
    for row in rows:
        kind = kinds[row.condition, row.suite]
        item = reorder_options(items[row.suite, row.item_id], row.order)
        is_fixed = row.outcome in _FIXED or row.rule == TOOL_MARK
        if kind == "likelihood" and likelihood is not None and not is_fixed:
            found.append(_weighed_again(row, item, likelihood))
        elif is_fixed or kind in _NOT_READ:
            found.append(row)
        else:
            stopped = bool(late_stops(conditions[row.condition], kind))
            outcome, said = judge(
                item, kind, row.text, cut=is_cut(row.finish_reason), stopped=stopped, chain=chain
            )
            answer, rule = (said.answer, said.rule) if said else (None, "")
            same = (outcome, answer, rule) == (row.outcome, row.answer, row.rule)
            found.append(row if same else replace(row, outcome=outcome, answer=answer, rule=rule))
    return tuple(found)


def option_probs(row: Row, likelihood: LikelihoodScore | None = None) -> tuple[float | None, ...]:
    """Probability of each option, in the order shown.

    Args:
        likelihood: one way to compare likelihood answers; None is the one that the row was scored by.
    """
    by = likelihood or _BY_RULE.get(row.rule, "acc")
    if by == "acc":
        return row.option_probs
    return row.option_probs_per_character if by == "acc_norm" else row.option_probs_per_byte


def _weighed_again(row: Row, item: Item, likelihood: LikelihoodScore) -> Row:
    probs = option_probs(row, likelihood)
    known = [value for value in probs if value is not None]
    # With one option unheard, the likeliest of the others need not be the likeliest.
    if not known or len(known) < len(probs):
        return row
    best, right = known.index(max(known)), right_options(item)
    return replace(
        row,
        outcome=Outcome.CORRECT if best in right else Outcome.WRONG,
        answer=LETTERS[best],
        rule=LIKELIHOOD_RULES[likelihood],
        # Rounding may carry a sum of probabilities past 1.
        right_mass=min(1.0, sum(known[index] for index in right)),
    )


def reply(cassette: Cassette, request: PlannedRequest, sample: int) -> Reply:
    """The first whole try of a request's sample, else its last try without an answer."""
    tries = cassette.tries(request.key, sample)
    if not tries:
        return Reply(None, None, error="not recorded")
    # The first whole try is where a runner stops: a later one is not what it was served.
    entry = next((attempt for attempt in tries if attempt.complete), tries[-1])
    completion = cassette.completion(entry.address)
    head = cassette.head(entry.address)
    # What a stranger's index says may be made up.
    if entry.complete and completion.whole and head.end is EndCause.CLEAN and head.status == 200:
        return Reply(entry, completion, len(tries), concurrency=head.concurrency)
    why = completion.error or head.error or f"the reply was cut ({head.end.value})"
    return Reply(entry, None, len(tries), why, head.concurrency)


def check_receipts(cassette: Cassette, receipts: Iterable[Receipt], served: Mapping[Address, str]) -> None:
    """Refuse to report something else than what was served: the replies that are scored are the cassette's.

    Args:
        served: SHA-256 of each recording that was sent.

    Raises:
        CassetteError: names the first recording whose bytes are not those the runner received.
    """
    for receipt in receipts:
        tries = cassette.tries(receipt.key, receipt.sample)
        entry = next((attempt for attempt in tries if attempt.address.attempt == receipt.attempt), None)
        if entry is None:
            raise CassetteError(f"trial {receipt.trial}: a reply was served that the cassette does not hold")
        if not entry.complete:
            if any(each.complete for each in tries):
                raise CassetteError(
                    f"trial {receipt.trial}: a failed try was served, though a whole reply is recorded"
                )
            continue  # a broken body has no end to compare at
        if served.get(entry.address) != receipt.sha256:
            raise CassetteError(f"trial {receipt.trial}: what was served is not recording {entry.address}")


def trial_row(
    experiment: str, trial: Trial, item: Item, replies: Sequence[Reply], scored: Scored, kind: AnswerKind
) -> Row:
    """The row of a scored trial: of several replies times and counts are summed, texts are those of the first.

    Args:
        item: the question as it was shown.
        replies: one for each request of the trial.
    """
    whole = [each.completion for each in replies if each.completion is not None]
    found = scored.confidence
    # One request per option is one answer: it begins with the first and takes as long as all.
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
        # What is compared with a number is the number, not the letter of its option.
        expected=item.answer_text if kind == "number" else item.answer,
        rule=scored.rule,
        option_confidence=found.option,
        coverage=found.coverage,
        sequence_confidence=found.sequence,
        mean_token_probability=found.mean_token,
        option_probs=found.probs,
        option_probs_per_character=found.probs_per_character,
        option_probs_per_byte=found.probs_per_byte,
        ttft_s=timed.ttft_s if timed else None,
        latency_s=_total([each.latency_s for each in whole]),
        completion_tokens=_total([each.completion_tokens for each in whole]),
        prompt_tokens=_total([each.prompt_tokens for each in whole]),
        # How a forced option ended says what was forced, nothing of the model.
        finish_reason=timed.finish_reason if timed and kind != "likelihood" else None,
        text=scored.text,
        reasoning=scored.reasoning,
        missing_why=_missing(scored, item, kind),
        error=next((each.error for each in replies if each.error), "")
        # The replies are whole, and the trial has no answer all the same.
        or (found.missing_why if scored.outcome is Outcome.ERROR else ""),
        recordings=tuple(str(each.entry.address) for each in replies if each.entry is not None),
        attempts=max((each.attempts for each in replies), default=0),
        order=trial.order,
        concurrency=max((each.concurrency for each in replies), default=1),
        rotation=trial.rotation,
        right_mass=scored.right_mass,
        # A forced option is all answer.
        ttfa_s=timed.ttft_s if timed and kind == "likelihood" else scored.ttfa_s,
        logprob_tokens=_total([len(each.tokens) for each in whole]),
        zero_run=max((_zero_run(each.tokens) for each in whole), default=0),
        reasoning_tokens=_total([each.reasoning_tokens for each in whole]),
        hidden_reasoning=sum(each.hidden_reasoning for each in whole),
        calls="\n".join(filter(None, (shown_calls(each.tool_calls) for each in whole))),
        unread=_unread(whole),
        invalid_logprobs=sum(each.invalid_logprobs for each in whole),
    )


def _unread(replies: Sequence[Completion]) -> str:
    """What the replies hold and the reader does not know: "content part 'image' (2), audio"."""
    found = Counter[str]()
    for each in replies:
        found.update(dict(each.unread))
    return ", ".join(f"{name} ({n})" if n > 1 else name for name, n in sorted(found.items()))


def _zero_run(tokens: Sequence[TokenLogprob]) -> int:
    runs = groupby(tokens, key=lambda token: token.logprob_nats == 0)
    return max((sum(1 for _ in run) for is_zero, run in runs if is_zero), default=0)


def _missing(scored: Scored, item: Item, kind: AnswerKind) -> str:
    # Counted already, and not a second time as a missing confidence.
    if scored.outcome in (Outcome.ERROR, Outcome.UNREAD):
        return ""
    # A question may have options that were not shown: a number was asked for.
    chosen = item.choices and kind != "number"
    return scored.confidence.missing_why if chosen else OPEN_ANSWER


def _total[N: (int, float)](values: Sequence[N | None]) -> N | None:
    # The sum of some parts would pass for a quick answer.
    known = [value for value in values if value is not None]
    return sum(known) if values and len(known) == len(values) else None


def notes(conditions: Iterable[Condition], rows: Sequence[Row]) -> list[str]:
    """One sentence per condition and kind of gap (row 25 of docs/maintainers/failures.md)."""
    said = []
    for condition in conditions:
        name = condition.label or condition.id
        mine = [row for row in rows if row.condition == condition.id and row.outcome is not Outcome.ERROR]
        # An open answer is known from the suite, so no gap: the notes leave it out.
        reasons = Counter(row.missing_why for row in mine if row.missing_why not in ("", OPEN_ANSWER))
        n_chosen = sum(row.missing_why != OPEN_ANSWER for row in mine)
        said += [
            f"{name}: no option confidence for {n} of {n_chosen} answers: {why}" for why, n in reasons.items()
        ]
        said += _odd_logprobs(name, mine)
        said += _not_read(name, mine)
        without_usage = sum(row.completion_tokens is None for row in mine)
        if without_usage:
            said.append(f"{name}: no token usage reported for {without_usage} of {len(mine)} answers")
        failed = sum(row.outcome is Outcome.ERROR for row in rows if row.condition == condition.id)
        if failed:
            said.append(f"{name}: {failed} trials have no whole reply and count as errors, not as answers")
    return said


def _odd_logprobs(name: str, rows: Sequence[Row]) -> Iterator[str]:
    """What makes the log-probabilities of a condition doubtful although there are some."""
    told = [row for row in rows if row.logprob_tokens and row.completion_tokens]
    short = sum(_is_short(row) for row in told)
    if short:
        yield (
            f"{name}: {short} of {len(told)} answers lack the log-probabilities of more than {_UNSENT} of the tokens "
            "that the server counted"
        )
    filled = sum(row.zero_run >= _ZEROS for row in rows)
    if filled:
        yield (
            f"{name}: {filled} of {len(rows)} answers have {_ZEROS} tokens or more in a row with a log-probability of "
            "exactly 0: some servers write that where they know none"
        )


def _not_read(name: str, rows: Sequence[Row]) -> Iterator[str]:
    """What the replies of a condition hold that is not shown."""
    kinds = Counter(row.unread for row in rows if row.unread)
    for what, n in sorted(kinds.items()):
        yield (
            f"{name}: {n} of {len(rows)} replies hold what llmxray does not read ({what}): they are counted as unread, "
            "and in no accuracy"
        )
    invalid = [row.invalid_logprobs for row in rows if row.invalid_logprobs]
    if invalid:
        yield (
            f"{name}: {len(invalid)} of {len(rows)} replies hold log-probabilities that are not valid (null, text, NaN "
            f"or above 0), {sum(invalid)} in all: they are missing, and so is what would be computed from them"
        )
    hidden = sum(bool(row.hidden_reasoning) for row in rows)
    if hidden:
        yield f"{name}: {hidden} of {len(rows)} replies hold thinking without its text (encrypted or redacted)"


def _is_short(row: Row) -> bool:
    requests = max(1, len(row.recordings))
    # Thinking is mostly sent without log-probabilities, if at all.
    counted = (row.completion_tokens or 0) - (row.reasoning_tokens or 0)
    return counted - (row.logprob_tokens or 0) > _UNSENT * requests
