"""MMLU-Pro: fourteen subjects, up to ten options.

Options equal to ``N/A`` are fillers and dropped, letters move up. ``answer`` decides where ``answer_index``
disagrees (question 3983), as in the authors' script. The validation rows carry worked reasoning
(``cot_content``) and are the few-shot examples, five for each subject.
"""

from __future__ import annotations

import re

from llmxray.suites.benchmark import Benchmark, RowReader
from llmxray.suites.data_rows import DataRow, quote_value
from llmxray.suites.own import Schema
from llmxray.types import LETTERS, Item, SuiteCard

_FILLER = "N/A"
_OPENING = re.compile(r"\A\s*(?:A:\s*)?(?:Let's think step by step\.\s*)?")
# The closing sentence is removed: letters move where fillers are dropped, and the prompt states the answer itself.
# The lookbehind starts at the first blank of several, since starting at each would take quadratic time.
_CLOSING = re.compile(r"(?<!\s)\s*The answer is \(?[A-J]\)?\.?\s*\Z")


def _read(row: DataRow, reader: RowReader) -> Item:
    name = str(row.integer("question_id"))
    options = row.texts("options")
    real_options = [option for option in options if option.strip() != _FILLER]
    index = _answer_index(row, reader, name, options)
    if options[index] not in real_options:
        raise row.error("answer", f"{LETTERS[index]} is the filler {_FILLER!r}")
    if len(real_options) < len(options):
        reader.fault(
            row, name, "options", f"{_FILLER!r} options left out: {len(options) - len(real_options)}"
        )
    choices, letter = reader.options(row, name, "options", real_options, real_options.index(options[index]))
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


def _answer_index(row: DataRow, reader: RowReader, name: str, options: tuple[str, ...]) -> int:
    answer = row.text("answer")
    letters = LETTERS[: len(options)]
    if len(answer) != 1 or answer not in letters:
        raise row.error("answer", f"{quote_value(answer)} is not one of its {len(options)} options")
    index = letters.index(answer)
    if row.has("answer_index") and row.integer("answer_index") != index:
        stated_index = row.integer("answer_index")
        reader.fault(
            row, name, "answer_index", f"{stated_index} is not answer {answer!r}; the letter is used"
        )
    return index


def _reasoning(text: str) -> str:
    """The steps alone, without blank lines, which separate the examples of a prompt."""
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
        departs="'layout: few-shot-cot' is the paper's prompt: five worked examples of the subject, from the "
        "validation rows, without fillers. Other layouts ask for the letter at once, which lowers scores.",
        categories="The data's own fourteen subjects; the subcategory is the question's origin.",
    ),
    hub="TIGER-Lab/MMLU-Pro",
    split="test",
    read=_read,
    shot_split="validation",
    # All seventy are loaded, of which `Suite.shots_for` picks the five of the item's subject.
    shots=None,
    schemas=(
        Schema(
            ("question_id", "question", "options", "answer", "category"),
            ("answer_index", "cot_content", "src"),
        ),
    ),
)
