"""MMLU-Pro: fourteen subjects, up to ten options.

Options equal to ``N/A`` are fillers and dropped, letters move up. ``answer`` decides where ``answer_index``
disagrees (question 3983), as in the authors' script. The validation rows carry worked reasoning
(``cot_content``) and are the few-shot examples, five for each subject.
"""

from __future__ import annotations

import re

from llmxray.suites.benchmark import Benchmark, Reading
from llmxray.suites.own import Schema
from llmxray.suites.rows import Row, shown
from llmxray.types import LETTERS, Item, SuiteCard

_FILLER = "N/A"
_OPENING = re.compile(r"\A\s*(?:A:\s*)?(?:Let's think step by step\.\s*)?")
# Letters move where fillers are dropped, and the prompt states the answer itself.
# From the first blank of several: from each of them the search began anew.
_CLOSING = re.compile(r"(?<!\s)\s*The answer is \(?[A-J]\)?\.?\s*\Z")


def _read(row: Row, reading: Reading) -> Item:
    name = str(row.integer("question_id"))
    options = row.texts("options")
    kept = [option for option in options if option.strip() != _FILLER]
    index = _right(row, reading, name, options)
    if options[index] not in kept:
        raise row.error("answer", f"{LETTERS[index]} is the filler {_FILLER!r}")
    if len(kept) < len(options):
        reading.fault(row, name, "options", f"{_FILLER!r} options left out: {len(options) - len(kept)}")
    choices, letter = reading.options(row, name, "options", kept, kept.index(options[index]))
    return Item(
        id=name,
        question=row.filled("question"),
        choices=choices,
        answer=letter,
        category=row.filled("category"),
        subcategory=row.optional("src"),
        source=f"{row.place}, question_id {name}",
        why=_reasoning(row.optional("cot_content")),
    )


def _right(row: Row, reading: Reading, name: str, options: tuple[str, ...]) -> int:
    answer = row.text("answer")
    letters = LETTERS[: len(options)]
    if len(answer) != 1 or answer not in letters:
        raise row.error("answer", f"{shown(answer)} is not one of its {len(options)} options")
    index = letters.index(answer)
    if row.has("answer_index") and row.integer("answer_index") != index:
        stated = row.integer("answer_index")
        reading.fault(row, name, "answer_index", f"{stated} is not answer {answer!r}; the letter is used")
    return index


def _reasoning(text: str) -> str:
    """The steps alone; blank lines would end a prompt's example."""
    return re.sub(r"\n\s*\n", "\n", _CLOSING.sub("", _OPENING.sub("", text, count=1))).strip()


MMLU_PRO = Benchmark(
    card=SuiteCard(
        "mmlu_pro",
        "MMLU-Pro",
        "Knowledge and reasoning in fourteen subjects at college level, with up to ten options.",
        "Open-ended work, languages other than English; public since 2024, likely in training data.",
        "MIT",
        "https://huggingface.co/datasets/TIGER-Lab/MMLU-Pro",
        "Wang et al. (2024), MMLU-Pro: A More Robust and Challenging Multi-Task Language "
        "Understanding Benchmark. arXiv:2406.01574",
        chance=0.111,
        departs="'layout: few-shot-cot' is the paper's prompt: five worked examples of the subject with their "
        "reasoning, from the validation rows; fillers are left out of their options. The other layouts ask for "
        "the letter at once, which lowers scores.",
        categories="The data's own fourteen subjects; the subcategory is the question's origin.",
    ),
    hub="TIGER-Lab/MMLU-Pro",
    split="test",
    read=_read,
    shot_split="validation",
    # All seventy: `Suite.shots_for` picks the five of the item's subject.
    shots=None,
    schemas=(
        Schema(
            ("question_id", "question", "options", "answer", "category"),
            ("answer_index", "cot_content", "src"),
        ),
    ),
)
