"""Where a wrong answer first went wrong, and whether the right token was the model's second choice there.

The place is known in two kinds of answer: a letter, and a text with sums in it, of which the first one that is false is
the wrong turn ("2 + 5 = 7. 7 + 1 = 9"). A number without sums went wrong at its first digit that differs. Elsewhere,
as where all sums are true and the wrong ones were chosen, no single token is to blame, and the answer is no near miss.

It needs the alternatives of each token, and nothing that was not recorded.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from itertools import accumulate

import numpy as np

from llmxray.metrics import accuracy
from llmxray.metrics.columns import FloatArray
from llmxray.metrics.verdict import ALPHA
from llmxray.report.analysis import Analysis, ConditionView, address, memoized
from llmxray.report.analysis.questions import Question, questions_of
from llmxray.report.analysis.reply_tokens import marked, pieces, replies
from llmxray.report.analysis.rows import means_of
from llmxray.types import LETTERS, Estimate, Outcome, Row, TokenLogprob

# 4 + 5 - 2 = 7, 3 x 4 = 12; a number that the sum begins with is no part of another one.
_SUM = re.compile(r"(?<![\d.])(\d+(?: ?[-+*/×÷x] ?\d+)+) ?= ?[$€]?(\d+)(?![\d.]*\d)")
_PARTS = re.compile(r"[-+*/×÷x]|\d+")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongTurn:
    """The token at which a wrong answer left the right way.

    Attributes:
        row: the trial. question: that it answers.
        tokens: of the answer, without its thinking. place: of the token among them.
        right: text of the right token, "" where it was not among the alternatives.
        rest: what should have been written from there on.
        has_way: something was written before it.
        is_near: the right token was the second choice.
        in_sum: it is a false sum within the answer.
        written, instead: probabilities of the token that was written, and of the right one; 0–1.
    """

    row: Row
    question: Question
    tokens: tuple[TokenLogprob, ...]
    place: int
    right: str
    rest: str
    has_way: bool
    is_near: bool
    in_sum: bool
    written: float
    instead: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMisses:
    """The wrong answers of a condition to a suite.

    Attributes:
        wrong: how many those are.
        share: of them those whose right token came second, with its interval over questions.
        luck: how many would be if the second choice knew nothing of the question. p_value: of so many or more then.
        turns: every wrong turn that is known, in plan order.
    """

    view: ConditionView
    suite: str
    wrong: int
    share: Estimate
    luck: float
    p_value: float
    turns: tuple[WrongTurn, ...]

    @property
    def near(self) -> tuple[WrongTurn, ...]:
        """Those whose right token came second."""
        return tuple(turn for turn in self.turns if turn.is_near)


def most_telling(analysis: Analysis) -> WrongTurn | None:
    """The near miss to show first: a sum, or else an answer that wrote something before it went wrong.

    Of several, one that is read at a glance, and whose right token was the clearest second of more than two.
    """
    found = near_misses(analysis)
    near = [turn for each in [*filter(beyond_luck, found)] or found for turn in each.near]
    return max(near, key=_telling, default=None)


def beyond_luck(found: NearMisses) -> bool:
    """Whether more second choices are right than luck explains."""
    return found.p_value < ALPHA


# Fewer near misses say little of a condition.
_FEW = 3
# Tokens and characters of an answer and its question that are read at a glance.
_GLANCE, _ASKED = 32, 90


def _telling(turn: WrongTurn) -> tuple[bool, bool, bool, bool, bool, float]:
    item, third = turn.question.item, turn.tokens[turn.place].top[2:3]
    # Words behind a letter may be those of another option.
    is_plain = turn.has_way or len(turn.tokens) < _FEW
    is_short = len(turn.tokens) <= _GLANCE and len(item.question) <= _ASKED
    clear = turn.instead - sum(math.exp(each.logprob_nats) for each in third)
    return turn.in_sum, turn.has_way and is_short, is_plain, is_short, len(item.choices) != 2, clear


@memoized
def near_misses(analysis: Analysis) -> tuple[NearMisses, ...]:
    """By condition and suite, where a wrong answer has a known turn; the largest share of near misses first."""
    questions = {question.address: question for question in questions_of(analysis)}
    found = []
    for view in analysis.views:
        for suite in analysis.suites:
            wrong = [row for row in view.of(suite=suite) if row.outcome is Outcome.WRONG]
            turns = [turn for row in wrong if (turn := _turn(analysis, view, row, questions[address(row)]))]
            if turns:
                near = {id(turn.row) for turn in turns if turn.is_near}
                means = means_of((address(row), float(id(row) in near)) for row in wrong)
                share = accuracy.averaged_share(
                    [*means.values()], [analysis.design.unit(item) for item in means]
                )
                luck = [_luck(turn, turns) for turn in turns]
                found.append(
                    NearMisses(
                        view=view,
                        suite=suite,
                        wrong=len(wrong),
                        share=share,
                        luck=sum(luck),
                        p_value=float(reduce(_or_not, luck, np.ones(1))[len(near) :].sum()),
                        turns=tuple(turns),
                    )
                )
    return tuple(sorted(found, key=lambda each: (len(each.near) < _FEW, -(each.share.value or 0.0))))


def _luck(turn: WrongTurn, turns: Sequence[WrongTurn]) -> float:
    """How often the second choice would be right by luck, 0–1: one of the other letters, or as what should have been
    written in the other wrong answers has it, where that is not what was written here.
    """
    choices, token = turn.question.item.choices, turn.tokens[turn.place]
    if choices and turn.row.expected in LETTERS:
        return 1 / (len(choices) - 1)
    second = "".join(each.token for each in token.top[1:2])
    rests = [each.rest for each in turns if each is not turn and not _leads_to(token.token, each.rest)]
    return sum(_leads_to(second, rest) for rest in rests) / max(1, len(rests))


def _or_not(distribution: FloatArray, p: float) -> FloatArray:
    """Distribution of a number of hits with one more that happens with probability p."""
    return np.convolve(distribution, [1 - p, p])


def _turn(analysis: Analysis, view: ConditionView, row: Row, question: Question) -> WrongTurn | None:
    read = replies(analysis.data.cassette, row)
    if len(read) != 1 or view.condition.answer == "likelihood":
        return None
    tokens = tuple(each for each in marked(read[0], view.condition) if each.part != "reasoning")
    if not any(each.top for each in tokens):
        return None
    divergence = _divergence(tokens, row)
    if divergence is None:
        return None
    place, rest, in_sum = divergence
    token = tokens[place]
    ranked = [each for each in token.top if _leads_to(each.token, rest)]
    right = max(ranked, key=lambda each: (each.logprob_nats, len(each.token)), default=None)
    return WrongTurn(
        row=row,
        question=question,
        tokens=tokens,
        place=place,
        right=right.token if right else "",
        rest=rest,
        has_way=any(each.token.strip() for each in tokens[:place]),
        is_near=right is not None and token.top.index(right) == 1,
        in_sum=in_sum,
        written=math.exp(token.logprob_nats) if token.logprob_nats is not None else 0.0,
        instead=math.exp(right.logprob_nats) if right else 0.0,
    )


def _divergence(tokens: Sequence[TokenLogprob], row: Row) -> tuple[int, str, bool] | None:
    """The first token that is not on the right way, what should have been written from there, whether in a sum."""
    texts = pieces(tokens)
    if row.answer and row.expected and {row.answer, row.expected} <= {*LETTERS}:
        place = next((at for at, text in enumerate(texts) if text.strip() == row.answer), None)
        return None if place is None else (place, row.expected, False)
    text = "".join(texts)
    sums = list(_SUM.finditer(text))
    for found in sums:
        value = _value(found[1])
        if value is not None and value.denominator == 1 and str(value) != found[2]:
            return _first_wrong(texts, found.start(2), found[2], str(value), in_sum=True)
    if not sums and row.expected.isdigit():
        numbers = list(_NUMBER.finditer(text))
        if numbers and numbers[-1][0] == row.answer:
            return _first_wrong(texts, numbers[-1].start(), numbers[-1][0], row.expected, in_sum=False)
    return None


def _value(sum_: str) -> Fraction | None:
    """What a sum of whole numbers makes, dot before dash; None where it is no number."""
    total, term, sign = Fraction(0), Fraction(0), "+"
    for part in _PARTS.findall(sum_):
        if not part.isdigit():
            sign = part
            continue
        number = Fraction(part)
        if sign in "+-":
            total, term = total + term, number if sign == "+" else -number
        elif sign in "*×x":
            term *= number
        elif not number:
            return None
        else:
            term /= number
    return total + term


def _first_wrong(
    texts: Sequence[str], start: int, written: str, right: str, *, in_sum: bool
) -> tuple[int, str, bool] | None:
    """The token in which a number leaves the right one, and the right digits from the token's first on."""
    begins = [0, *accumulate(map(len, texts))]
    same = next(
        (at for at, (one, other) in enumerate(zip(written, right, strict=False)) if one != other),
        min(len(written), len(right)),
    )
    at = start + same
    place = next((place for place in range(len(texts)) if begins[place] <= at < begins[place + 1]), None)
    if place is None:
        return None
    return place, right[max(0, begins[place] - start) :], in_sum


def _leads_to(token: str, rest: str) -> bool:
    """Whether a token begins what should have been written; where nothing should, one that is no digit."""
    text = token.strip()
    return rest.startswith(text) if text and rest else bool(text) and not text[0].isdigit() and not rest
