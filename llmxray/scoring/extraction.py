"""Our own chain of extraction rules, tried in order; each row records which rule fired.

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

from llmxray.scoring.wording import find_named_option, fold, in_digits, to_plain_characters
from llmxray.types import LETTERS, Item

_FIRST_LINE_CHARACTERS = 200
# Longer numbers are not parsed, because each is compared with every accepted answer.


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


# Quantifiers are possessive where two repetitions match the same characters: otherwise a reply of a hundred thousand
# spaces would take quadratic time.
_OPEN = r"[\s(\[{*_`\"'“‘$:]*+"
_END = r"(?=[\s)\]}*_`\"'”’$]*(?:[.,;:!?\n]|\Z))"
_OPTION = rf"{_OPEN}(?:(?i:option|choice)\s{_OPEN})?"
# "A is wrong" and "not A" choose nothing; nor does the pronoun.
_NEGATED = r"(?<!\b[Nn]ot\s@)(?<!\b[Nn]ot\s\(@)(?<!not\sbe\s@)(?<!not\sbe\s\(@)"
_DENIED = r"(?![)\]*]*\s+(?:is|was)(?:n['’]t|\s+(?:not|wrong|incorrect|false))\b)"
_PRONOUN = r"(?!(?<=I)\s+(?!is\b)[a-z])"
# What stands before the letter is looked at after it: so a search can skip to the next such letter, which is some fifty
# times as fast.
# ``@`` stands for the letters of the item's own options, ``@@`` for them in small print.
# Quotes and underscores may stand around a letter ('C', __C__), but not join it to a word (I'd, V_C).
_ALONE, _AFTER = r"(?<![^\W_])(?<![^\W_][_'’])", r"(?![^\W_]|[_'’][^\W_])"
_LETTER = rf"(@)(?<![^\W_]@)(?<![^\W_][_'’]@){_NEGATED}{_AFTER}{_DENIED}{_PRONOUN}"
_SMALL = rf"{_ALONE}(@@){_AFTER}{_END}"
_IS = r"(?:is|was|would\s+be|should\s+be|must\s+be)\b"
_ANSWER = rf"(?i:\b(?:answer|option|choice)[*_]*(?:\s+(?:to|for)\s[^.:\n]{{0,60}}?)?(?:\s+{_IS}|\s*:))"
_VERDICT = r"(?i:\b(?:so|thus|hence|therefore|choose|pick|option),?\s++(?:it\s++is\s++)?)"
# the reply begins with its letter: B, (B), B. gravity
_LEADING = ("leading", rf"\A{_OPEN}{_LETTER}(?=[)\]}}*_`\"'$.:]|\s*\Z|[^\S\n]*\n)")
# the whole reply is a letter in small print: b, (b)
_LEADING_SMALL = ("leading-small", r"\A[\s(\[*_`\"']*(@@)[\s)\]*_`\"'.]*\Z")
# Name and pattern of each rule.
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
# "The answer is carbon dioxide.", "Vitamin C is correct."
_STATED_TEXT = re.compile(
    r"(?i:\banswer[*_]*(?:\s+is|\s*:)\s+)(\S[^\n]*)|^([^\n]{1,400}?) is (?:the )?(?:correct|right)\b",
    re.MULTILINE,
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
_LAST_NUMBER = re.compile(_NUMBER)
_NUMBER_RULES = (
    ("boxed-number", re.compile(rf"\\boxed\{{\s*{_NUMBER}")),
    ("hash-number", re.compile(rf"####\s*{_NUMBER}")),
    ("answer-number", re.compile(rf"(?i:\banswer)[*_]*+(?:\s++is)?\s*+:?{_WORKING}[\s*_]*+{_NUMBER}")),
)
# What ends a text that may break off inside of a number.
_GOES_ON = frozenset("0123456789,")
_SENTENCE_END = re.compile(r"[.!?][\"'”’)]*\s|\n")


def letter(text: str, item: Item, *, cut: bool = False) -> Extracted | None:
    """Return the letter that a reply chooses; None when no rule finds one.

    Args:
        text: the reply without its thinking.
        item: the question as shown; letters beyond its options do not count.
        cut: the reply broke off at its limit, so that a letter counts only where it is stated as the answer.
    """
    count = len(item.choices)
    if not count:
        return None
    searched = _blank_quoted_options(to_plain_characters(text), item.choices)
    for name, pattern in _RULES:
        extracted = _last_match(name, pattern, searched, count)
        if extracted is not None:
            leading = _last_match(*_LEADING, searched, count)
            # In "A. carbon … the answer is A" the model decides at the first A; at the repeat it only copies.
            return (
                replace(extracted, at=leading.at)
                if leading and leading.answer == extracted.answer
                else extracted
            )
    # A capital anywhere in the text is the weakest evidence, so the option's own words are tried first.
    return option_text(text, item) or (None if cut else _last_match(*_LAST_LETTER, searched, count))


def _blank_quoted_options(plain: str, choices: Sequence[str]) -> str:
    """The reply, equally long, without the letters inside of an option's words: "A kidney" is not option A."""
    lower = plain.lower()
    # Options longer than the reply are skipped, because most replies are a single letter.
    candidates = [(index, choice) for index, choice in enumerate(choices) if len(choice) <= len(plain) + 1]
    for index, choice in sorted(candidates, key=lambda candidate: -len(candidate[1])):
        words = to_plain_characters(choice).strip().rstrip(".")
        if not _TWO_CHARACTERS.search(words) or words.lower() not in lower:
            continue
        # In "A friction" the A is the letter of the first option; in "A gravity" it is an article before the second.
        article = "(?:a )?" if index else ""
        quoted = re.compile(rf"(?<!\w){article}{re.escape(words)}(?!\w)", re.IGNORECASE)
        plain = quoted.sub(lambda match: _LONE.sub("\0", match[0]), plain)
    return plain


def option_text(text: str, item: Item) -> Extracted | None:
    """Return the one option whose text is the whole reply, or what the reply says its answer is."""
    if (index := find_named_option(text, item.choices)) is not None:
        return Extracted(LETTERS[index], "option-text")
    stated = (match[1] or match[2] for match in _STATED_TEXT.finditer(text))
    named = [index for words in stated if (index := find_named_option(words, item.choices)) is not None]
    return Extracted(LETTERS[named[-1]], "answer-is-text") if named else None


def number(text: str, *, cut: bool = False) -> Extracted | None:
    """Return the last number of a reply, preferring a marked one, without commas and currency signs.

    Args:
        cut: the reply broke off at its limit. Only a marked number counts then: another may belong to a step. One that
            touches the end may be the beginning of a longer one, and is not read.
    """
    plain = to_plain_characters(text)
    is_torn = cut and plain[-1:] in _GOES_ON
    for name, pattern in _NUMBER_RULES:
        matches = list(pattern.finditer(plain))
        if not matches:
            continue
        # A comma at the end may be that of thousands, which the number does not hold yet.
        whole = matches[:-1] if is_torn and matches[-1].end(1) >= len(plain) - 1 else matches
        return Extracted(_plain_number(whole[-1][1]), name, whole[-1].start(1)) if whole else None
    if cut:
        return None
    matches = list(_LAST_NUMBER.finditer(plain))
    return Extracted(_plain_number(matches[-1][1]), "last-number", matches[-1].start(1)) if matches else None


def same_number(number_a: str, number_b: str) -> bool:
    """Return whether two number texts are the same decimal number ("1,200.0" is "1200")."""
    try:
        return Decimal(_plain_number(number_a)) == Decimal(_plain_number(number_b))
    except InvalidOperation:
        return False


def expected(text: str, answers: Sequence[str], *, cut: bool = False) -> Extracted | None:
    """Return an open answer: the accepted text that the reply contains as whole words, else its first line.

    None when the reply is empty, or broke off at its limit within its first sentence.
    """
    # As written first: "one" in "one of them" is 1 only where nothing else fits.
    for reading in (fold, lambda words: in_digits(fold(words))):
        folded = f" {reading(text)} "
        for answer in answers:
            if (words := reading(answer)) and f" {words} " in folded:
                return Extracted(answer, "expected-text")
    if cut and not _SENTENCE_END.search(text.strip()):
        return None
    first_line = next((line.strip() for line in text.split("\n") if line.strip()), "")
    return Extracted(first_line[:_FIRST_LINE_CHARACTERS], "first-line") if first_line else None


def _last_match(name: str, pattern: str, text: str, count: int) -> Extracted | None:
    compiled = _compile(pattern, count)
    # A pattern for the beginning is not tried anywhere else.
    found = filter(None, [compiled.match(text)]) if pattern.startswith(r"\A") else compiled.finditer(text)
    matches = [(match[1].upper(), match.start(1)) for match in found]
    if not matches:
        return None
    answer = matches[-1][0]
    # The first of repeated letters counts, for the reason given in `letter`.
    repeats = list(takewhile(lambda match: match[0] == answer, reversed(matches)))
    # Interning keeps one string per letter in large tables.
    return Extracted(sys.intern(answer), name, repeats[-1][1])


@cache
def _compile(pattern: str, count: int) -> re.Pattern[str]:
    letters = LETTERS[:count]
    return re.compile(pattern.replace("@@", f"[{letters.casefold()}]").replace("@", f"[{letters}]"))


def _plain_number(text: str) -> str:
    return re.sub(r"[,$\\{}]", "", text).replace("−", "-").strip()
