"""What an experiment lends to the front page: questions with two answers, one to try, and one answer token by token.

Each is chosen from the data by a rule, and absent where the data have nothing of the kind. No question is shown whose
right option has the favourite letter of a condition beside it: that one is right there without knowing anything.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations

from llmxray.plan import PROMPTS
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionView
from llmxray.report.analysis.condition_colours import hue_of, model_in
from llmxray.report.analysis.leaders import is_like
from llmxray.report.analysis.near_misses import WrongTurn, most_telling, near_misses
from llmxray.report.analysis.questions import Kind, Question, example_questions, questions_of
from llmxray.report.analysis.reply_tokens import PUBLISHED, entropy_bits, pieces
from llmxray.report.analysis.roads import followed
from llmxray.scoring import right_options
from llmxray.types import LETTERS, Item, Outcome, Row, TokenLogprob

_MOMENTS: tuple[Kind, ...] = ("only one knew", "sure and wrong")
# What a person reads at a glance.
_LONGEST, _MOST_CHOICES, _WORD = 220, 5, 16
# A favourite letter is named in so many more of a condition's answers than it is right in, as a share of them.
_HABIT = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownOption:
    """An option of a question."""

    letter: str
    text: str
    right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownReply:
    """What a condition answered.

    Attributes:
        text: of the option that it named.
        confidence: option confidence, 0–1; None where it is not known.
    """

    label: str
    css: str
    text: str
    right: bool
    confidence: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A question with the answers of the best condition and of its rival.

    Attributes:
        kind: why it was chosen.
        right: text of the right option.
        replies: of the best condition, and of its rival.
    """

    kind: Kind
    question: str
    address: str
    right: str
    replies: tuple[ShownReply, ShownReply]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duel:
    """A question that the conditions disagree about, for the reader to answer."""

    question: str
    address: str
    options: tuple[ShownOption, ...]
    why: str
    replies: tuple[ShownReply, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownToken:
    """A token of a reply.

    Attributes:
        text: with its white space. share: its probability, 0–1. bits: entropy of the alternatives.
        others: the most probable alternatives, each with its probability.
    """

    text: str
    share: float
    bits: float
    others: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """A wrong answer whose right token came second.

    Attributes:
        way: what the condition's label adds to the model; "" for nothing.
        place: of the token at which it went wrong. right: the token that would have been right.
        near, wrong: how many of how many wrong answers of the condition to the suite are such ones; luck: by luck.
        suite: title of the suite. in_sum: it went wrong within a sum.
        followed: tokens from the right one on, where they were recorded. ends_right: whether the answer is right then.
    """

    model: str
    way: str
    css: str
    question: str
    tokens: tuple[ShownToken, ...]
    place: int
    right: str
    near: int
    wrong: int
    luck: float
    suite: str
    in_sum: bool
    followed: tuple[ShownToken, ...] = ()
    ends_right: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoWays:
    """A question that a model answers wrongly by a letter and rightly where every option is scored.

    Attributes:
        letter, scored: probability of each option in either way, 0–1. named: place of the option that it named.
    """

    model: str
    css: str
    question: str
    options: tuple[ShownOption, ...]
    letter: tuple[float, ...]
    scored: tuple[float, ...]
    named: int


def fork(analysis: Analysis) -> Fork | None:
    """The near miss that is read most easily; None without any."""
    turn = most_telling(analysis)
    if turn is None or not analysis.contents.has("xray"):
        return None
    of = next(miss for miss in near_misses(analysis) if turn in miss.turns)
    followed_by, ends_right = shown_branch(analysis, turn)
    return Fork(
        model=model_in(of.view.label, of.view.condition.model) or of.view.label,
        way=of.view.label.partition(", ")[2],
        css=hue_of(of.view.css),
        question=turn.question.short,
        tokens=shown_tokens(turn.tokens),
        place=turn.place,
        right=turn.right,
        near=len(of.near),
        wrong=of.wrong,
        luck=of.luck,
        suite=analysis.label_of_suite(of.suite),
        in_sum=turn.in_sum,
        followed=followed_by,
        ends_right=ends_right,
    )


def shown_branch(analysis: Analysis, turn: WrongTurn) -> tuple[tuple[ShownToken, ...], bool]:
    """The tokens from a wrong turn's right one on, and whether the answer is right then; none without a recording."""
    branch = followed(analysis, turn)
    if branch is None:
        return (), False
    tokens = [token for token in branch.reply.tokens[branch.fork.place :] if token.token]
    return shown_tokens(tokens), branch.scored.outcome is Outcome.CORRECT


def shown_tokens(tokens: Sequence[TokenLogprob]) -> tuple[ShownToken, ...]:
    """Tokens as pages show them."""
    texts = pieces(tokens)
    return tuple(
        ShownToken(
            text=text,
            share=_share(token.logprob_nats),
            bits=round(entropy_bits(token.top) or 0.0, 2),
            others=tuple((each.token, _share(each.logprob_nats)) for each in token.top[:PUBLISHED]),
        )
        for text, token in zip(texts, tokens, strict=True)
    )


def _share(nats: float | None) -> float:
    return round(math.exp(nats), 4) if nats is not None and nats <= 0 else 0.0


def two_ways(analysis: Analysis) -> TwoWays | None:
    """The question on which the two ways differ most surely, of the model that gains most; None without both ways."""
    models = analysis.data.models
    found = []
    for (one, of), (other, also) in permutations(zip(analysis.views, models, strict=True), 2):
        if of == also and one.condition.answer == "letter" and other.condition.answer == "likelihood":
            first, second = one.means("right"), other.means("right")
            gain = sum(second[item] - first[item] for item in first if item in second)
            found.append((gain, one, other))
    for _, letter, scored in sorted(found, key=lambda each: -each[0]):
        pairs = [pair for each in questions_of(analysis) if (pair := _both_ways(letter, scored, each))]
        if pairs:
            return max(pairs, key=lambda pair: pair[0])[1]
    return None


def _both_ways(
    letter: ConditionView, scored: ConditionView, question: Question
) -> tuple[float, TwoWays] | None:
    options = shown_options(question.item)
    long = len(question.item.question) > _LONGEST / 2 or any(len(option.text) > _WORD for option in options)
    if question.mixed or long or not 2 <= len(options) <= _MOST_CHOICES:
        return None
    rows = [_first_row(view, question) for view in (letter, scored)]
    if any(row is None or len(row.option_probs) != len(options) or None in row.option_probs for row in rows):
        return None
    of_letter, of_scored = (
        tuple(numbers.short(prob) or 0.0 for prob in row.option_probs) for row in rows if row
    )
    named = next((at for at, each in enumerate(options) if rows[0] and each.letter == rows[0].answer), None)
    right = next((at for at, each in enumerate(options) if each.right), None)
    if named is None or right in (None, named) or not rows[1] or rows[1].outcome is not Outcome.CORRECT:
        return None
    return of_letter[named] * of_scored[right or 0], TwoWays(
        model=model_in(letter.label, letter.condition.model) or letter.label,
        css=hue_of(letter.css),
        question=question.item.question,
        options=options,
        letter=of_letter,
        scored=of_scored,
        named=named,
    )


def moments(analysis: Analysis) -> tuple[Moment, ...]:
    """What the best condition alone knew, and what it was surest of and got wrong: at most two, in this order.

    Beside it stands the last of those like it, as in the headline.
    """
    best, *others = analysis.ranked
    if not others:
        return ()
    rival = next((view for view in reversed(others) if is_like(view, best)), others[-1])
    letters = _favourites([best, rival])
    found, moments = example_questions(analysis, but=letters), []
    for kind, of in ((kind, found[kind]) for kind in _MOMENTS if kind in found):
        first, second = (_reply(view, of) for view in (best, rival))
        if first is not None and second is not None:
            right = next((option.text for option in shown_options(of.item) if option.right), "")
            said = {"question": of.short, "address": of.address, "right": right}
            moments.append(Moment(kind=kind, replies=(first, second), **said))
    return tuple(moments)


def _favourites(views: Iterable[ConditionView]) -> set[str]:
    """The letter of each condition that names one much more often than it is right."""
    found = set()
    for view in views:
        rows = [row for row in view.rows if row.answer and row.answer in LETTERS]
        named, right = Counter(row.answer or "" for row in rows), Counter(row.expected for row in rows)
        found |= {letter for letter, n in named.items() if n - right[letter] > _HABIT * len(rows)}
    return found


def duel(analysis: Analysis, answered: Sequence[Moment] = ()) -> Duel | None:
    """The question to try, none of those already answered: the surest disagreement that is short enough to read."""
    views = [view for view in analysis.ranked if view.condition.answer in ("letter", "likelihood")]
    shown, letters = {each.address for each in answered}, _favourites(views)
    known = [
        (score, question)
        for question in questions_of(analysis)
        if question.address not in shown
        and question.item.answer not in letters
        and (score := _dispute(question)) is not None
    ]
    if not known:
        return None
    _, question = max(known, key=lambda each: each[0])
    replies = tuple(reply for view in views if (reply := _reply(view, question)) is not None)
    if len(replies) < 2:
        return None
    return Duel(
        question=question.item.question,
        address=question.address,
        options=shown_options(question.item),
        why=question.item.why,
        replies=replies,
    )


def _dispute(question: Question) -> float | None:
    """How sure the conditions are that disagree; None for a question that nobody would read, or that all agree on."""
    item = question.item
    if question.suite == PROMPTS or question.mixed or not 2 <= len(item.choices) <= _MOST_CHOICES:
        return None
    # A reader's letter is compared with the one that is right.
    if len(right_options(item)) != 1 or len(item.question) + sum(map(len, item.choices)) > _LONGEST:
        return None
    hits = [cell.mostly_right for cell in question.cells]
    return question.confidence if True in hits and False in hits else None


def shown_options(item: Item) -> tuple[ShownOption, ...]:
    """The options of a question as pages show them."""
    return tuple(
        ShownOption(letter=letter, text=text, right=letter == item.answer)
        for letter, text in zip(LETTERS, item.choices, strict=False)
    )


def _reply(view: ConditionView, question: Question) -> ShownReply | None:
    """The first answer of a condition; None where it named no option that the page shows."""
    row = _first_row(view, question)
    options = {option.letter: option.text for option in shown_options(question.item)}
    if row is None or row.answer not in options or question.mixed:
        return None
    return ShownReply(
        label=view.label,
        css=view.css,
        text=options[row.answer],
        right=row.outcome is Outcome.CORRECT,
        confidence=row.option_confidence,
    )


def _first_row(view: ConditionView, question: Question) -> Row | None:
    rows = (row for row in view.rows if row.suite == question.suite and row.item_id == question.item.id)
    return next(rows, None)
