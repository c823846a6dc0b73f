"""Our own chain of rules that finds the answer in a reply, tried in order; each row records which rule fired.

Within a rule the last match counts, since a reply that weighs options names the chosen one last. Thinking has
been split off before. Nothing is ever guessed: no rule, no answer (`unparsed`). Other people's chains stand in
`chains`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from functools import cache
from itertools import takewhile

from llmxray.scoring.phrases import contained
from llmxray.scoring.wording import folded, named_option, one_to_one
from llmxray.types import LETTERS, Item

_FIRST_LINE_CHARACTERS = 200
# Digits beyond these are no answer; each accepted one is compared.
_LONGEST_NUMBER = 400
# Accepted answers are few as a rule, and replies short: looked for one by one they are found soonest. A reply of
# megabytes is not gone through for each of a thousand.
_FEW_ANSWERS = 16
_SHORT_REPLY = 2000


@dataclass(frozen=True, slots=True)
class Extracted:
    """An answer and the rule that found it.

    Attributes:
        answer: letter of an option, or the text of an open answer.
        rule: name of the rule.
        at: offset of the letter or number in the text searched, where it was first given if it was repeated;
            None when it has no one place.
    """

    answer: str
    rule: str
    at: int | None = None


# Possessive where one repetition could give back what the next takes as well: a reply of a hundred thousand spaces
# would be tried at each pair of places.
_OPEN = r"[\s(\[{*_`\"'“‘$:]*+"
_END = r"(?=[\s)\]}*_`\"'”’$]*(?:[.,;:!?\n]|\Z))"
_OPTION = rf"{_OPEN}(?:(?i:option|choice)\s{_OPEN})?"
# "A is wrong" and "not A" choose nothing; nor does the pronoun.
_NEGATED = r"(?<!\b[Nn]ot\s)(?<!\b[Nn]ot\s\()(?<!not\sbe\s)(?<!not\sbe\s\()"
_DENIED = r"(?![)\]*]*\s+(?:is|was)(?:n['’]t|\s+(?:not|wrong|incorrect|false))\b)"
_PRONOUN = r"(?!(?<=I)\s+(?!is\b)[a-z])"
# ``@`` stands for the letters of the item's own options, ``@@`` for them in small print.
# Quotes and underscores may stand around a letter ('C', __C__), but not join it to a word (I'd, V_C).
_ALONE, _AFTER = r"(?<![^\W_])(?<![^\W_][_'’])", r"(?![^\W_]|[_'’][^\W_])"
_LETTER = rf"{_ALONE}{_NEGATED}(@){_AFTER}{_DENIED}{_PRONOUN}"
_SMALL = rf"{_ALONE}(@@){_AFTER}{_END}"
_IS = r"(?:is|was|would\s+be|should\s+be|must\s+be)\b"
_ANSWER = rf"(?i:\b(?:answer|option|choice)[*_]*(?:\s+(?:to|for)\s[^.:\n]{{0,60}}?)?(?:\s+{_IS}|\s*:))"
_VERDICT = r"(?i:\b(?:so|thus|hence|therefore|choose|pick|option),?\s++(?:it\s++is\s++)?)"
# the reply begins with its letter: B, (B), B. gravity
_LEADING = ("leading", rf"\A{_OPEN}{_LETTER}(?=[)\]}}*_`\"'$.:]|\s*\Z|[^\S\n]*\n)")
# the whole reply is a letter in small print: b, (b)
_LEADING_SMALL = ("leading-small", r"\A[\s(\[*_`\"']*(@@)[\s)\]*_`\"'.]*\Z")
_RULES = (
    # \boxed{C} or \boxed{\text{C}}
    ("boxed", r"\\boxed\{\s*+(?:\\\w++\{)?\s*+\(?(@)\)?\s*+\}"),
    # the answer is (C), the correct option is C, **Answer:** (D)
    ("answer-is", _ANSWER + _OPTION + _LETTER),
    # only where the phrase ends: "the answer is a bit odd" chooses nothing
    ("answer-is-small", _ANSWER + _OPTION + _SMALL),
    # B) is right
    ("right-letter", rf"{_LETTER}[)\]*]*\s+(?i:is\s+(?:the\s+)?(?:right|correct|true|best|answer)\b)"),
    # so B, I choose C
    ("verdict", _VERDICT + _OPTION + _LETTER + _END),
    # a quick check shows C
    ("shows", rf"(?i:\b(?:shows|gives|leaves|means)\s++){_OPTION}{_LETTER}{_END}"),
    _LEADING,
    _LEADING_SMALL,
)
_LONE = re.compile(rf"{_ALONE}[A-Za-z]{_AFTER}")
_TWO_CHARACTERS = re.compile(r"\w\W*\w")
# A capital A before a small letter is an article.
_LAST_LETTER = ("last-letter", rf"{_LETTER}(?!(?<=A)\s+[a-z])")

# LaTeX writes the comma of thousands as {,}.
_DIGITS = r"(?:[0-9]{1,3}(?:(?:,|\{,\})[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+"
# A minus after a digit is a subtraction: "10-3" ends with 3.
_NUMBER = rf"((?:(?<![\w)])[-−])?(?:\\?\$)?(?:(?<=\$)[-−])?(?:{_DIGITS}))"
# The sum that may stand between "answer is" and its result: "3 + 4 = 7".
# No "=" in the class: there is one way to match, so that no hostile reply can stall the scorer.
_WORKING = r"(?:[0-9 .,$+*/×x()−-]*+=)*"
_NUMBER_RULES = (
    ("boxed-number", re.compile(rf"\\boxed\{{\s*{_NUMBER}")),
    ("hash-number", re.compile(rf"####\s*{_NUMBER}")),
    ("answer-number", re.compile(rf"(?i:\banswer)[*_]*+(?:\s++is)?\s*+:?{_WORKING}[\s*_]*+{_NUMBER}")),
    ("last-number", re.compile(_NUMBER)),
)


def letter(text: str, item: Item) -> Extracted | None:
    """The letter a reply chose, None when no rule finds one.

    Args:
        text: the reply without its thinking.
        item: the question as shown; letters beyond its options do not count.
    """
    count = len(item.choices)
    if not count:
        return None
    plain = _without_quoted_options(one_to_one(text), item.choices)
    for name, pattern in _RULES:
        found = _last(name, pattern, plain, count)
        if found is not None:
            first = _last(*_LEADING, plain, count)
            # "A. carbon … the answer is A": the repeat is only as sure as it is of what was said before.
            return replace(found, at=first.at) if first and first.answer == found.answer else found
    # A capital that stands anywhere is the weakest sign: the option's own words go first.
    return option_text(text, item) or _last(*_LAST_LETTER, plain, count)


def _without_quoted_options(plain: str, choices: Sequence[str]) -> str:
    """The reply, as long as before, without the letters inside of an option's words: "A kidney" is no A."""
    lower = plain.lower()
    # Most replies are a letter, shorter than any option.
    told = [(index, choice) for index, choice in enumerate(choices) if len(choice) <= len(plain) + 1]
    for index, choice in sorted(told, key=lambda each: -len(each[1])):
        words = one_to_one(choice).strip().rstrip(".")
        if not _TWO_CHARACTERS.search(words) or words.lower() not in lower:
            continue
        # "A friction" is the first option and its text, "A gravity" an article and the second one's.
        article = "(?:a )?" if index else ""
        quoted = re.compile(rf"(?<!\w){article}{re.escape(words)}(?!\w)", re.IGNORECASE)
        plain = quoted.sub(lambda found: _LONE.sub("\0", found[0]), plain)
    return plain


def option_text(text: str, item: Item) -> Extracted | None:
    """The one option whose text the reply states, as the whole of it or else inside it."""
    named = named_option(text, item.choices)
    if named is None:
        return None
    index, whole = named
    return Extracted(LETTERS[index], "option-text" if whole else "option-text-inside")


def number(text: str) -> Extracted | None:
    """The number a reply ends on, preferring a marked one; commas and currency signs are stripped."""
    plain = one_to_one(text)
    for name, pattern in _NUMBER_RULES:
        found = list(pattern.finditer(plain))
        if found:
            return Extracted(_plain_number(found[-1][1]), name, found[-1].start(1))
    return None


def same_number(left: str, right: str) -> bool:
    """Whether two number texts are the same decimal number ("1,200.0" is "1200")."""
    if max(len(left), len(right)) > _LONGEST_NUMBER:
        return left == right
    try:
        return Decimal(_plain_number(left)) == Decimal(_plain_number(right))
    except InvalidOperation:
        return False


def expected(text: str, answers: Sequence[str]) -> Extracted | None:
    """An open answer: the accepted text that the reply contains as whole words, else its first line.

    None when the reply is empty.
    """
    if (answer := _first_said(f" {folded(text)} ", answers)) is not None:
        return Extracted(answer, "expected-text")
    first = next((line.strip() for line in text.split("\n") if line.strip()), "")
    return Extracted(first[:_FIRST_LINE_CHARACTERS], "first-line") if first else None


def _first_said(said: str, answers: Sequence[str]) -> str | None:
    """The first answer whose words stand in a folded text that has a space at both ends."""
    alone = len(answers) if len(said) <= _SHORT_REPLY else _FEW_ANSWERS
    for answer in answers[:alone]:
        # As `contains_words`, which would copy a reply of megabytes for each answer.
        if (words := folded(answer)) and f" {words} " in said:
            return answer
    if not (others := answers[alone:]):
        return None
    found = contained(said.split(), [folded(answer).split() for answer in others])
    return next((answer for answer, is_said in zip(others, found, strict=True) if is_said), None)


def _last(name: str, pattern: str, text: str, count: int) -> Extracted | None:
    matches = [(match[1].upper(), match.start(1)) for match in _compiled(pattern, count).finditer(text)]
    if not matches:
        return None
    answer = matches[-1][0]
    # Of a letter said over and over, the first place counts, for the reason given in `letter`.
    said = list(takewhile(lambda match: match[0] == answer, reversed(matches)))
    # One string each time: large tables keep one an answer.
    return Extracted(sys.intern(answer), name, said[-1][1])


@cache
def _compiled(pattern: str, count: int) -> re.Pattern[str]:
    letters = LETTERS[:count]
    return re.compile(pattern.replace("@@", f"[{letters.casefold()}]").replace("@", f"[{letters}]"))


def _plain_number(text: str) -> str:
    return re.sub(r"[,$\\{}]", "", text).replace("−", "-").strip()
