"""Extraction chains by name: ours and those of other benchmarks, so that scores of both kinds can be compared.

==================  =====================  ======================================================================
chain               decides for            rules
==================  =====================  ======================================================================
llmxray             letter, number, text   ours (`extraction`): the last match of the best rule; nothing is guessed
mmlu-pro            letter                 the three steps of MMLU-Pro's ``extract_answer``, less its random guess:
                                           no match is unparsed, and counts as not right
mmlu-pro-two-steps  letter                 the first two of them, as many published rows were made: the third adds
                                           0.4 to 3.9 points
official-compat     letter, number         as the benchmarks' authors count: MMLU-Pro's steps and then a guess
                                           among the options (seeded by the question's id); GSM8K's
                                           ``#### number`` only
first-letter        letter                 the first capital letter that stands alone, as many home-made scripts do
last-number         number                 the last number, as "flexible-extract" of EleutherAI's harness
==================  =====================  ======================================================================

MMLU-Pro's steps take linear time here. A kind of answer for which a chain says nothing
is read by our own. Sources: TIGER-AI-Lab/MMLU-Pro
``evaluate_from_local.py``; openai/grade-school-math ``dataset.py``; EleutherAI/lm-evaluation-harness ``gsm8k.yaml``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from llmxray.scoring import extraction
from llmxray.scoring.extraction import Extracted
from llmxray.types import LETTERS, AnswerKind, ChainName, Item


@dataclass(frozen=True, slots=True)
class Chain:
    """Kinds of answer that a chain reads, and a short description of its rules."""

    kinds: tuple[AnswerKind, ...]
    manner: str


CHAINS: Mapping[ChainName, Chain] = {
    "llmxray": Chain(("letter", "number", "text"), "the last match of the best rule; nothing is guessed"),
    "mmlu-pro": Chain(("letter",), "MMLU-Pro's three steps; no match is unparsed"),
    "mmlu-pro-two-steps": Chain(("letter",), "MMLU-Pro's first two steps; no match is unparsed"),
    "official-compat": Chain(
        ("letter", "number"), "as the authors count: MMLU-Pro's steps, then a guess; GSM8K's #### only"
    ),
    "first-letter": Chain(("letter",), "the first capital letter that stands alone"),
    "last-number": Chain(("number",), "the last number, whatever stands before it"),
}
_OFFICIAL_1 = re.compile(r"answer is \(?([A-J])\)?")
# A lookahead leaves the letter unconsumed, because it may begin the next "Answer:".
_OFFICIAL_2 = re.compile(r"[aA]nswer:(?=\s*+([A-J]))")
# What stands before a letter is looked at after it, so that a search can skip to the next letter.
_OFFICIAL_3 = re.compile(r"[A-J](?<!\w[A-J])\b")
_ALONE = re.compile(r"([A-Z])(?<!\w[A-Z])(?<!\w['’][A-Z])(?!\w|['’]\w)")
_HASHES = re.compile(r"#### (-?[0-9.,]+)")
_FLEXIBLE = re.compile(r"-?[$0-9.,]{2,}|-?[0-9]+")


def extract(
    text: str, item: Item, kind: AnswerKind, *, chain: ChainName = "llmxray", cut: bool = False
) -> Extracted | None:
    """Return the answer that a chain extracts from a reply without its thinking; None when it finds none.

    Args:
        item: the question as shown.
        kind: how the answer was asked for; likelihood answers are weighed, not read.
        cut: the text broke off at the length limit. Only our own chain heeds it; the others read as their authors do.
    """
    name = chain if kind in CHAINS[chain].kinds else "llmxray"
    if kind == "letter":
        return _extract_letter(text, item, name, cut=cut)
    if kind == "number":
        return _extract_number(text, name, cut=cut)
    if item.choices:
        return extraction.option_text(text, item)
    return extraction.expected(text, (item.answer, *item.accept), cut=cut)


def _extract_letter(text: str, item: Item, chain: ChainName, *, cut: bool) -> Extracted | None:
    if chain == "llmxray":
        return extraction.letter(text, item, cut=cut)
    if chain == "first-letter":
        letters = LETTERS[: len(item.choices)]
        alone = next((match for match in _ALONE.finditer(text) if match[1] in letters), None)
        return Extracted(alone[1], "first-letter", alone.start(1)) if alone else None
    extracted = _extract_official(text, steps=2 if chain == "mmlu-pro-two-steps" else 3)
    if extracted is None and chain == "official-compat" and item.choices:
        return Extracted(_guess(item), "official-guess")
    return extracted


def _extract_official(text: str, *, steps: int) -> Extracted | None:
    """MMLU-Pro's chain as its authors wrote it, any letter up to J, no clean-up; in linear time.

    Theirs, each tried where the one before finds nothing: ``answer is \\(?([A-J])\\)?``,
    ``.*[aA]nswer:\\s*([A-J])``, and ``\\b[A-J]\\b(?!.*\\b[A-J]\\b)``. The second takes the last match of the first
    line that has one, the third the last letter; written like that they try every place anew.
    """
    if match := _OFFICIAL_1.search(text):
        return Extracted(match[1], "mmlu-pro-1", match.start(1))
    first_match = _OFFICIAL_2.search(text)
    if first_match:
        # The letter may be on a later line than the first "answer:", further "answer:" may not.
        line_end, last_match = text.find("\n", first_match.start()), first_match
        for match in _OFFICIAL_2.finditer(text, first_match.end()):
            if 0 <= line_end < match.start():
                break
            last_match = match
        return Extracted(last_match[1], "mmlu-pro-2", last_match.start(1))
    letters = list(_OFFICIAL_3.finditer(text)) if steps > 2 else []
    return Extracted(letters[-1][0], "mmlu-pro-3", letters[-1].start()) if letters else None


def _guess(item: Item) -> str:
    # The authors seed Python's generator; a hash is as random, and does not depend on earlier questions.
    digest = hashlib.sha256(item.id.encode("utf-8", "surrogatepass")).digest()
    return LETTERS[int.from_bytes(digest[:8]) % len(item.choices)]


def _extract_number(text: str, chain: ChainName, *, cut: bool) -> Extracted | None:
    if chain == "llmxray":
        return extraction.number(text, cut=cut)
    if chain == "official-compat":
        marked = _HASHES.search(text)
        return Extracted(marked[1].replace(",", ""), "gsm8k-hashes", marked.start(1)) if marked else None
    last_match = list(_FLEXIBLE.finditer(text))[-1:]
    # The harness ignores commas, dollar signs and a full stop at the end when it compares.
    cleaned = [
        (match[0].replace(",", "").replace("$", "").rstrip("."), match.start()) for match in last_match
    ]
    return next((Extracted(value, "last-number-any", offset) for value, offset in cleaned if value), None)
