"""Score of one trial: replies in, outcome and confidences out.

Outcomes sum to the number of trials: `error` (no complete reply), `unread` (the reply holds a part that the reader
does not know, so that it cannot be judged), `refused` (the API's refusal field, a content filter, or a whole reply
that is a sentence of refusal), `tool_call` (the reply calls a function where an answer in words was asked for),
`truncated` (length limit before an answer was stated), `unparsed`, `wrong`, `correct`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from llmxray.scoring import confidence as conf
from llmxray.scoring import extraction
from llmxray.scoring.chains import extract
from llmxray.scoring.confidence import Confidence
from llmxray.scoring.extraction import Extracted
from llmxray.scoring.layouts import cut_at_stop
from llmxray.scoring.wording import is_refusal
from llmxray.types import (
    LETTERS,
    AnswerKind,
    ChainName,
    Completion,
    Item,
    Json,
    LikelihoodScore,
    Outcome,
    TokenLogprob,
    ToolCall,
)
from llmxray.wire import call_text, closes_thinking, is_cut, is_filtered, mark_thinking, split_thinking

# Models trained in Nous Research's format write these tags, which some servers do not parse as a call.
_OPEN, _CLOSE = "<tool_call>", "</tool_call>"


def shown_calls(calls: Sequence[ToolCall]) -> str:
    """Return the calls for display, one per line, with their arguments as sent."""
    return "\n".join(f"{call.name}({call.arguments})" for call in calls)


def read_call(reply: Completion, text: str) -> Extracted | None:
    """Return the call that a reply makes; None without a call, or when its arguments are no JSON object.

    Several calls are joined by "; ", which equals no single one.

    Args:
        text: the reply without its thinking, looked through where the server found no call.
    """
    calls, rule = reply.tool_calls, "tool-call"
    if not calls:
        calls, rule = tuple(_parse_written_calls(text)), "tool-call-text"
    texts = [call_text(call) for call in calls]
    if not texts or None in texts:
        return None
    return Extracted("; ".join(filter(None, texts)), rule)


def is_expected(answer: str, item: Item) -> bool:
    """Return whether a call is the expected one, or another that the item accepts."""
    return answer in (item.answer, *item.accept)


def _parse_written_calls(text: str) -> Iterator[ToolCall]:
    """Calls written into the text as ``<tool_call>{"name": …, "arguments": {…}}</tool_call>``."""
    start = text.find(_OPEN)
    while start >= 0:
        end = text.find(_CLOSE, start)
        if end < 0:
            return
        # An unreadable call still counts as a call, and then equals none that is expected.
        yield _parse_call(text[start + len(_OPEN) : end]) or ToolCall("", "")
        start = text.find(_OPEN, end)


def _parse_call(text: str) -> ToolCall | None:
    try:
        call = json.loads(text)
        if isinstance(call, dict) and isinstance(call.get("name"), str):
            return ToolCall(call["name"], json.dumps(call.get("arguments", {})))
    except (ValueError, RecursionError):
        pass
    return None


LIKELIHOOD_RULES: Mapping[LikelihoodScore, str] = {
    "acc": "likelihood-total",
    "acc_norm": "likelihood-per-character",
    "acc_bytes": "likelihood-per-byte",
}
"""Rule of a row by how its options were compared."""
CHOSEN: frozenset[AnswerKind] = frozenset({"letter", "likelihood"})
"""Kinds of answer that choose among the options of a question."""
_UNKNOWN_FORM = "the log-probabilities came in a form that is not read"


@dataclass(frozen=True, slots=True)
class Scored:
    """Outcome of a trial, with the answer and its confidence.

    Attributes:
        answer: letter, text or call extracted, None when there was nothing to extract.
        rule: rule that fired, "" when none did.
        text: the reply without its thinking; the refusal where there is nothing else.
        reasoning: the thinking, from its own field or from inside ``<think>``.
        right_mass: probability on all right options together (likelihood answers), None where there is none.
        ttfa_s: arrival of the first token of the answer, None where there is no answer, or no telling it apart.
    """

    outcome: Outcome
    answer: str | None = None
    rule: str = ""
    confidence: Confidence = field(default_factory=Confidence)
    text: str = ""
    reasoning: str = ""
    right_mass: float | None = None
    ttfa_s: float | None = None


def score(
    item: Item,
    kind: AnswerKind,
    replies: Sequence[Completion | None],
    *,
    thinks: bool = False,
    chain: ChainName = "llmxray",
    likelihood: LikelihoodScore = "acc",
    stops: Sequence[Json] = (),
) -> Scored:
    """Score a trial.

    Args:
        item: as shown (options permuted).
        kind: how the answer was asked for.
        replies: one per request of the trial; None where no complete reply exists. Likelihood answers have
            one per option, in option order.
        thinks: the prompt opened the thinking, so that a reply that never closes it is all thinking.
        chain: extraction chain.
        likelihood: how likelihood answers are chosen.
        stops: stop strings that the request of a thinking model could not carry; they cut its answer here.
    """
    present = [reply for reply in replies if reply is not None]
    # One option without a reply makes the trial an error, since it may have been the most probable.
    if not present or len(present) < len(replies):
        return Scored(Outcome.ERROR)
    if any(reply.unread for reply in present):
        thinking, text, _ = thinking_split(present[0], thinks=thinks)
        # The part that was read may be the smaller one, so no answer is extracted from it.
        why = Confidence(missing_why="the reply holds a part that is not read")
        return Scored(Outcome.UNREAD, confidence=why, text=text, reasoning=thinking)
    if kind == "likelihood":
        return _score_likelihood(item, present, likelihood)
    if kind == "tool":
        return _score_call(item, present[0], thinks=thinks)
    return _score_produced(item, kind, present[0], thinks=thinks, chain=chain, stops=stops)


def thinking_split(reply: Completion, *, thinks: bool = False) -> tuple[str, str, tuple[TokenLogprob, ...]]:
    """Return (thinking, answer, tokens marked by part), for thinking in a field or inline."""
    # The field takes precedence over tags, the order in which servers are known to send thinking.
    if reply.reasoning:
        return reply.reasoning, reply.text, reply.tokens
    if thinks and not closes_thinking(reply.text):
        return reply.text, "", tuple(replace(token, part="reasoning") for token in reply.tokens)
    thinking, answer = split_thinking(reply.text)
    return thinking, answer, mark_thinking(reply.tokens)


def _score_call(item: Item, reply: Completion, *, thinks: bool) -> Scored:
    """The outcome of a question that asks for a function to be called."""
    thinking, text, tokens = thinking_split(reply, thinks=thinks)
    call = read_call(reply, text)
    text_shown, confidence = text or reply.refusal or "", conf.of_open(tokens)
    if call is None or _is_refused(reply):
        no_call = Outcome.TRUNCATED if is_cut(reply.finish_reason) else Outcome.UNPARSED
        outcome = Outcome.REFUSED if _is_refused(reply) else no_call
        return Scored(outcome, confidence=confidence, text=text_shown, reasoning=thinking)
    outcome = Outcome.CORRECT if is_expected(call.answer, item) else Outcome.WRONG
    return Scored(outcome, call.answer, call.rule, confidence, text_shown, thinking, ttfa_s=reply.ttfa_s)


def _is_refused(reply: Completion) -> bool:
    return bool(reply.refusal) or is_filtered(reply.finish_reason)


def _score_likelihood(item: Item, replies: Sequence[Completion], likelihood: LikelihoodScore) -> Scored:
    # A server that ignores the grammar writes another text, whose logprobs say nothing about the option.
    unforced = [
        reply
        for reply, choice in zip(replies, item.choices, strict=True)
        # Raw layouts force a space in front of the option.
        if reply.text.split() != choice.split()
    ]
    if unforced:
        outcome = Outcome.TRUNCATED if is_cut(unforced[0].finish_reason) else Outcome.UNPARSED
        return Scored(outcome, confidence=Confidence(missing_why="the server did not say the forced option"))
    confidence = conf.of_likelihood([reply.tokens for reply in replies], item, likelihood)
    probs = [value for value in confidence.by(likelihood) if value is not None]
    # The fault of the server, or of the file that asked for no log-probabilities: no model is wrong there.
    if not probs:
        return Scored(Outcome.ERROR, confidence=confidence)
    best = probs.index(max(probs))
    right_indices = right_options(item)
    outcome = Outcome.CORRECT if best in right_indices else Outcome.WRONG
    mass = min(1.0, sum(probs[index] for index in right_indices))
    rule = LIKELIHOOD_RULES[likelihood]
    return Scored(outcome, LETTERS[best], rule, confidence, item.choices[best], right_mass=mass)


def guess_rate(item: Item, kind: AnswerKind) -> float | None:
    """Return the accuracy of blind guessing at a question.

    Args:
        kind: how its answer is asked for.

    Returns:
        Right options over all options, 0–1; None for numbers, texts and calls, which are not chosen among options,
        even where the question has options that were not shown.
    """
    if kind not in CHOSEN or not item.choices:
        return None
    return max(1, len(right_options(item))) / len(item.choices)


def right_options(item: Item) -> tuple[int, ...]:
    """Return the indices of the right options; several where the suite marks several (TruthfulQA's MC2)."""
    right_texts = (item.answer_text, *item.accept)
    return tuple(index for index, choice in enumerate(item.choices) if choice in right_texts)


def _score_produced(
    item: Item, kind: AnswerKind, reply: Completion, *, thinks: bool, chain: ChainName, stops: Sequence[Json]
) -> Scored:
    thinking, text, tokens = thinking_split(reply, thinks=thinks)
    text = cut_at_stop(text, stops)
    called, cut = bool(reply.tool_calls), is_cut(reply.finish_reason)
    outcome, extracted = judge(
        item,
        kind,
        text,
        refused=_is_refused(reply),
        called=called,
        cut=cut,
        stopped=bool(stops),
        chain=chain,
    )
    answer, rule = (extracted.answer, extracted.rule) if extracted else (None, "")
    begins_s = _answer_start_s(reply, tokens) if text.strip() else None
    confidence = _confidence(item, kind, tokens, extracted)
    if not tokens and reply.logprobs_unread:
        confidence = Confidence(missing_why=_UNKNOWN_FORM)
    text_shown = text or reply.refusal or ""
    return Scored(outcome, answer, rule, confidence, text_shown, thinking, ttfa_s=begins_s)


def _answer_start_s(reply: Completion, tokens: Sequence[TokenLogprob]) -> float | None:
    """Arrival of the answer's first token, in seconds; None where it is unknown."""
    if reply.reasoning or not closes_thinking(reply.text):
        return reply.ttfa_s
    # Thinking between tags is part of the content, so only the tokens show where it ended.
    tokens_with_text = (token for token in conf.answer_tokens(tokens) if token.token.strip())
    first_token = next(tokens_with_text, None)
    return first_token.t_s if first_token else None


def judge(
    item: Item,
    kind: AnswerKind,
    text: str,
    *,
    refused: bool = False,
    called: bool = False,
    cut: bool = False,
    stopped: bool = False,
    chain: ChainName = "llmxray",
) -> tuple[Outcome, Extracted | None]:
    """Return the outcome of a produced answer, and the extracted answer where it is right or wrong.

    Args:
        text: the reply without its thinking.
        refused: the server marked the reply as refused or filtered.
        called: the reply calls a function, and so gives no answer of its own.
        cut: the reply ended at the length limit.
        stopped: stop strings may have ended the text before that.
    """
    if not item.answer:
        return Outcome.UNSCORED, None
    if refused or is_refusal(text):
        return Outcome.REFUSED, None
    if called:
        return Outcome.TOOL_CALL, None
    extracted = extract(text, item, kind, chain=chain, cut=cut and not stopped)
    if extracted is None:
        return (Outcome.TRUNCATED if cut else Outcome.UNPARSED), None
    return (Outcome.CORRECT if is_right(item, kind, extracted.answer) else Outcome.WRONG), extracted


def is_right(item: Item, kind: AnswerKind, answer: str) -> bool:
    """Return whether an extracted answer is right."""
    if kind == "number":
        return any(extraction.same_number(answer, expected) for expected in (item.answer_text, *item.accept))
    if item.choices:
        return answer in {LETTERS[index] for index in right_options(item)}
    return answer in (item.answer, *item.accept)


def _confidence(
    item: Item, kind: AnswerKind, tokens: Sequence[TokenLogprob], extracted: extraction.Extracted | None
) -> Confidence:
    # Tokens of thinking that was cut before the answer are no evidence on an answer.
    if tokens and not conf.answer_tokens(tokens):
        return Confidence(missing_why="the answer is empty")
    if kind == "letter":
        letter, offset = (extracted.answer, extracted.at) if extracted else (None, None)
        return conf.of_letter(tokens, item, letter, offset)
    if kind == "text" and item.choices:
        return conf.of_text(tokens, item, LETTERS.index(extracted.answer) if extracted else None)
    return conf.of_open(tokens)
