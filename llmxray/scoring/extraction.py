"""Finding the answer in a reply: a named chain of rules, tried in order; each row records which rule fired.

Within a rule the last match counts, since a reply that weighs options names the chosen one last. Thinking has
been split off before. Nothing is ever guessed: no rule, no answer (`unparsed`).

References: the chain of MMLU-Pro's own evaluation (TIGER-AI-Lab/MMLU-Pro, ``extract_answer``) is `MMLU_PRO`;
ours adds the traps listed in CONVENTIONS, "Extraction".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from llmxray.types import LETTERS, Item


@dataclass(frozen=True, slots=True)
class Extracted:
    """An answer and the rule that found it.

    Attributes:
        answer: letter of an option, or the text of an open answer.
        rule: name of the rule.
        at: character offset of the answer in the text searched, None when it has no one place.
    """

    answer: str
    rule: str
    at: int | None = None


# A letter standing for an option: (B), B), **B**, B. — but not the article in "a quick check".
_MARK = r"[\(\[\*_`\"']*"
_CLOSED = r"(?=[\)\]\*_`\"'.,:;!?]|\s|$)"
_RULES: tuple[tuple[str, str, re.RegexFlag | int], ...] = (
    ("boxed", r"\\boxed\{\s*(?:\\text\{)?\(?([A-J])\)?\}?\s*\}", 0),
    ("answer-is", rf"\banswer\s+(?:is|would be|must be)\s*:?\s*(?:option\s+)?{_MARK}([A-Ja-j]){_CLOSED}", re.I),
    ("answer-colon", rf"\banswer\**\s*:\s*(?:option\s+)?{_MARK}([A-Ja-j]){_CLOSED}", re.I),
    ("verdict", rf"\b(?:so|thus|hence|therefore|choose|pick|option)\s*,?\s*(?:it is\s+)?{_MARK}([A-J])[\)\]\*]*"
                r"(?:\s+is\s+(?:right|correct|true|the answer)|[.!]?\s*$)", re.I | re.M),
    ("right-letter", rf"{_MARK}\b([A-J])[\)\]\*]*\s+is\s+(?:the\s+)?(?:right|correct|true|answer)", 0),
    ("shows", rf"\b(?:shows|gives|leaves|means)\s+(?:option\s+)?{_MARK}([A-J]){_CLOSED}", 0),
    ("leading", rf"^\s*{_MARK}([A-J])(?=[\)\]\*_.:,]|\s*$|\s*\n)", 0),
)
_MMLU_PRO: tuple[tuple[str, str, re.RegexFlag | int], ...] = (
    ("mmlu-pro-1", r"answer is \(?([A-J])\)?", 0),
    ("mmlu-pro-2", r".*[aA]nswer:\s*([A-J])", 0),
    ("mmlu-pro-3", r"\b([A-J])\b(?!.*\b[A-J]\b)", re.S),
)
CHAINS = ("llmxray", "mmlu-pro")
_NUMBER = re.compile(r"[-−]?\$?\d[\d,]*(?:\.\d+)?")


def letter(text: str, item: Item, *, chain: str = "llmxray") -> Extracted | None:
    """The letter a reply chose, None when no rule of the chain finds one.

    Args:
        text: the reply without its thinking.
        item: the question as shown; letters beyond its options do not count.
        chain: one of `CHAINS`.
    """
    allowed = LETTERS[: len(item.choices)]
    plain = unicodedata.normalize("NFKC", text)
    for name, pattern, flags in _MMLU_PRO if chain == "mmlu-pro" else _RULES:
        found = [match for match in re.finditer(pattern, plain, flags) if match[1].upper() in allowed]
        if found:
            return Extracted(found[-1][1].upper(), name, found[-1].start(1))
    if chain == "mmlu-pro":
        return None
    by_text = option_text(text, item)
    if by_text is not None:
        return by_text
    lone = [match for match in re.finditer(r"(?<![\w'’])([A-J])(?![\w'’])", plain) if match[1] in allowed]
    lone = [match for match in lone if not (match[1] in "AI" and re.match(r"\s+[a-z]", plain[match.end() :]))]
    return Extracted(lone[-1][1], "last-letter", lone[-1].start(1)) if lone else None


def option_text(text: str, item: Item) -> Extracted | None:
    """The one option whose text the reply states, as the whole of it or else inside it."""
    said = _folded(text)
    whole = [index for index, choice in enumerate(item.choices) if _folded(choice) == said]
    if len(whole) == 1:
        return Extracted(LETTERS[whole[0]], "option-text")
    inside = [index for index, choice in enumerate(item.choices) if _has_words(said, _folded(choice))]
    # "carbon dioxide" names that option and not "carbon": a longer option that contains a shorter one wins.
    inside = [i for i in inside if not any(i != j and _has_words(_folded(item.choices[j]), _folded(item.choices[i]))
                                           for j in inside)]
    return Extracted(LETTERS[inside[0]], "option-text-inside") if len(inside) == 1 else None


def number(text: str) -> Extracted | None:
    """The last number of a reply, preferring one after "answer"; commas and currency signs are stripped."""
    marked = list(re.finditer(rf"answer(?:\s+is)?\s*:?\s*\**\s*({_NUMBER.pattern})", text, re.I))
    if marked:
        return Extracted(_plain_number(marked[-1][1]), "answer-number", marked[-1].start(1))
    found = list(_NUMBER.finditer(text))
    return Extracted(_plain_number(found[-1][0]), "last-number", found[-1].start()) if found else None


def same_number(left: str, right: str) -> bool:
    """Whether two number texts are the same decimal number ("1,200.0" is "1200")."""
    try:
        return Decimal(_plain_number(left)) == Decimal(_plain_number(right))
    except InvalidOperation:
        return False


def expected(text: str, answers: Sequence[str]) -> Extracted | None:
    """An open answer: the accepted text that the reply contains as whole words, else its first line.

    None when the reply is empty.
    """
    said = _folded(text)
    for answer in answers:
        if _has_words(said, _folded(answer)):
            return Extracted(answer, "expected-text")
    first = next((line.strip() for line in text.split("\n") if line.strip()), "")
    return Extracted(first[:200], "first-line") if first else None


def _plain_number(text: str) -> str:
    return text.replace(",", "").replace("$", "").replace("−", "-").strip()


def _folded(text: str) -> str:
    words = re.findall(r"[^\W_]+(?:[.'’-][^\W_]+)*", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(word for word in words if word not in ("a", "an", "the"))


def _has_words(text: str, words: str) -> bool:
    return bool(words) and f" {words} " in f" {text} "
