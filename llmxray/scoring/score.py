"""One trial scored: replies in, outcome and confidences out (DESIGN D6).

Outcomes sum to the number of trials: `error` (no complete reply), `refused` (the API's refusal field or a
content filter; words are not read for it), `truncated` (length limit and nothing extracted), `unparsed`,
`wrong`, `correct`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from llmxray.scoring import confidence as conf
from llmxray.scoring import extraction
from llmxray.scoring.confidence import Confidence
from llmxray.types import LETTERS, AnswerKind, Completion, Item, Outcome, TokenLogprob
from llmxray.wire import mark_thinking, split_thinking

_CLOSE = "</think>"


@dataclass(frozen=True, slots=True)
class Scored:
    """What a trial's replies amount to.

    Attributes:
        answer: letter or text extracted, None when there was nothing to extract.
        rule: rule that fired, "" when none did.
        text: the reply without its thinking.
        reasoning: the thinking, from its own field or from inside ``<think>``.
    """

    outcome: Outcome
    answer: str | None = None
    rule: str = ""
    confidence: Confidence = field(default_factory=Confidence)
    text: str = ""
    reasoning: str = ""


def score(
    item: Item,
    kind: AnswerKind,
    replies: Sequence[Completion | None],
    *,
    thinks: bool = False,
    chain: str = "llmxray",
    per_byte: bool = False,
) -> Scored:
    """Score a trial.

    Args:
        item: as shown (options permuted).
        kind: how the answer was asked for.
        replies: one per request of the trial; None where no complete reply exists. Likelihood answers have one
            per option, in option order.
        thinks: the prompt opened the thinking, so that a reply that never closes it is all thinking.
        chain: extraction chain for letters.
        per_byte: choose by logprob per byte (acc_norm) in likelihood answers.
    """
    present = [reply for reply in replies if reply is not None]
    if not present or len(present) < len(replies):
        return Scored(Outcome.ERROR)
    if kind == "likelihood":
        return _likelihood(item, present, per_byte=per_byte)
    return _produced(item, kind, present[0], thinks=thinks, chain=chain)


def thinking_split(reply: Completion, *, thinks: bool = False) -> tuple[str, str, tuple[TokenLogprob, ...]]:
    """(thinking, answer, tokens with their part marked), whether thinking came in a field or inline."""
    if reply.reasoning:
        return reply.reasoning, reply.text, reply.tokens
    if thinks and _CLOSE not in reply.text:
        return reply.text, "", tuple(replace(token, part="reasoning") for token in reply.tokens)
    thinking, answer = split_thinking(reply.text)
    return (thinking, answer, mark_thinking(reply.tokens)) if thinking else ("", reply.text, reply.tokens)


def _likelihood(item: Item, replies: Sequence[Completion], *, per_byte: bool) -> Scored:
    found = conf.of_likelihood([reply.tokens for reply in replies], item, per_byte=per_byte)
    probs = found.probs_per_byte if per_byte else found.probs
    known = [value for value in probs if value is not None]
    if not known:
        return Scored(Outcome.UNPARSED, confidence=found)
    best = known.index(max(known))
    letter = LETTERS[best]
    outcome = Outcome.CORRECT if letter == item.answer else Outcome.WRONG
    rule = "likelihood-per-byte" if per_byte else "likelihood-total"
    return Scored(outcome, letter, rule, found, item.choices[best])


def _produced(item: Item, kind: AnswerKind, reply: Completion, *, thinks: bool, chain: str) -> Scored:
    thinking, text, tokens = thinking_split(reply, thinks=thinks)
    found = _extract(item, kind, text, chain)
    if not item.answer:
        return Scored(Outcome.UNSCORED, None, "", _confidence(item, kind, tokens, None), text, thinking)
    if found is None or (reply.finish_reason == "length" and thinking and not text.strip()):
        return Scored(_nothing_found(reply), None, "", _confidence(item, kind, tokens, None), text, thinking)
    outcome = Outcome.CORRECT if _right(item, kind, found.answer) else Outcome.WRONG
    return Scored(outcome, found.answer, found.rule, _confidence(item, kind, tokens, found.answer), text, thinking)


def _extract(item: Item, kind: AnswerKind, text: str, chain: str) -> extraction.Extracted | None:
    if kind == "letter":
        return extraction.letter(text, item, chain=chain)
    if kind == "number":
        return extraction.number(text)
    if item.choices:
        return extraction.option_text(text, item)
    return extraction.expected(text, (item.answer, *item.accept)) if text.strip() else None


def _nothing_found(reply: Completion) -> Outcome:
    if reply.refusal or reply.finish_reason == "content_filter":
        return Outcome.REFUSED
    return Outcome.TRUNCATED if reply.finish_reason == "length" else Outcome.UNPARSED


def _right(item: Item, kind: AnswerKind, answer: str) -> bool:
    if kind == "number":
        return extraction.same_number(answer, item.answer_text)
    return answer in (item.answer, *item.accept)


def _confidence(item: Item, kind: AnswerKind, tokens: Sequence[TokenLogprob], answer: str | None) -> Confidence:
    if kind == "letter":
        return conf.of_letter(tokens, item, answer)
    if kind == "text" and item.choices:
        return conf.of_text(tokens, item, LETTERS.index(answer) if answer else None)
    return conf.of_open(tokens)
