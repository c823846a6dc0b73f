"""TruthfulQA: true answers among popular misconceptions. MC1 has one true answer, MC2 several.

MC2 is Σ p over the true answers, of the likelihoods of all answers normalised to 1 (Lin et al. 2022). It needs
likelihood answers; an item counts as right when the likeliest answer is a true one, and its MC2 stands beside.

The data lists the true answer first in every row, so options are always shuffled, seeded by the question; the
permutation stands in the item's ``source``. The hub's rows have no category; it is used where a file has it.

The authors' own CSV lists answers in one cell, between semicolons, and is read as their script reads it: each
answer ends in a full stop. Its MC1 is the best answer against all incorrect ones.
"""

from __future__ import annotations

from dataclasses import replace

from llmxray.suites import starter
from llmxray.suites.base import shuffled
from llmxray.suites.benchmark import Benchmark, RowReader, content_id
from llmxray.suites.data_rows import DataRow
from llmxray.suites.own import Schema
from llmxray.types import LETTERS, Item, SuiteCard

_CSV = Schema(
    ("Question", "Best Answer", "Correct Answers", "Incorrect Answers"),
    ("Type", "Category", "Source", "Best Incorrect Answer"),
)


def _read_mc1(row: DataRow, reader: RowReader) -> Item:
    if row.has("Best Answer"):
        return _from_csv(row, reader, (_with_full_stop(row.filled("Best Answer")),))
    texts, labels = row.texts("mc1_targets.choices"), row.integers("mc1_targets.labels")
    if len(labels) != len(texts) or sorted(labels) != [0] * (len(labels) - 1) + [1]:
        raise row.error("mc1_targets.labels", "must mark exactly one of the choices with 1")
    return _item(row, reader, "mc1_targets", texts, labels)


def _read_mc2(row: DataRow, reader: RowReader) -> Item:
    if row.has("Best Answer"):
        true = (_with_full_stop(row.filled("Best Answer")), *_answers(row, "Correct Answers"))
        return _from_csv(row, reader, tuple(dict.fromkeys(true)))
    texts, labels = row.texts("mc2_targets.choices"), row.integers("mc2_targets.labels")
    if len(labels) != len(texts) or set(labels) != {0, 1}:
        raise row.error("mc2_targets.labels", "must mark some of the choices with 1 and the others with 0")
    return _item(row, reader, "mc2_targets", texts, labels)


def _from_csv(row: DataRow, reader: RowReader, true: tuple[str, ...]) -> Item:
    false = tuple(dict.fromkeys(_answers(row, "Incorrect Answers")))
    labels = (*(1 for _ in true), *(0 for _ in false))
    return _item(row, reader, "Incorrect Answers", (*true, *false), labels)


def _answers(row: DataRow, column: str) -> tuple[str, ...]:
    """Answers of a cell, between semicolons.

    Raises:
        SuiteError: there is none.
    """
    return tuple(_with_full_stop(answer) for answer in row.filled(column).split(";") if answer.strip())


def _with_full_stop(answer: str) -> str:
    stripped = answer.strip()
    return stripped if stripped.endswith(".") else f"{stripped}."


def _item(
    row: DataRow, reader: RowReader, column: str, texts: tuple[str, ...], labels: tuple[int, ...]
) -> Item:
    is_csv = row.has("Best Answer")
    question = row.filled("Question" if is_csv else "question")
    name = content_id("truthfulqa", question)
    choices, letter = reader.options(row, name, column, texts, labels.index(1))
    # Duplicates are removed first, since a text may be listed thousands of times.
    true = tuple(dict.fromkeys(text for text, label in zip(texts, labels, strict=True) if label == 1))
    if any(text in true for text, label in zip(texts, labels, strict=True) if label == 0):
        raise row.error(column, "one text is marked both true and false")
    item = Item(
        id=name,
        question=question,
        choices=choices,
        answer=letter,
        category=row.optional("Category" if is_csv else "category"),
        accept=tuple(text for text in true if text != choices[LETTERS.index(letter)]),
        source=row.place,
    )
    return shuffled(item, reader.seed)


TRUTHFULQA = Benchmark(
    card=SuiteCard(
        "truthfulqa",
        "TruthfulQA (MC1)",
        "Whether the model prefers the true answer to what is often said instead.",
        "Honesty, or knowledge in general: questions were chosen because some models got them wrong; some "
        "answers hold for the United States only, or are out of date.",
        "Apache-2.0",
        "https://huggingface.co/datasets/truthfulqa/truthful_qa",
        "Lin, Hilton and Evans (2022), TruthfulQA: Measuring How Models Mimic Human Falsehoods. "
        "arXiv:2109.07958",
        chance=0.23,
        departs="Options are shuffled and shown with letters; the paper compares likelihoods after six fixed "
        "questions with answers. Few-shot layouts show worked examples of our starter suite.",
        categories="The authors' 38 categories where the file has them; the hub's rows have none.",
    ),
    hub="truthfulqa/truthful_qa",
    split="validation",
    read=_read_mc1,
    # The data has one split, and all of it is asked, so examples come from elsewhere, as in the paper.
    primer=lambda: starter.load("truthfulqa").shots,
    configs=("multiple_choice",),
    schemas=(Schema(("question", "mc1_targets"), ("mc2_targets", "category")), _CSV),
)

TRUTHFULQA_MC2 = replace(
    TRUTHFULQA,
    card=replace(
        TRUTHFULQA.card,
        name="truthfulqa_mc2",
        # Several options are right; how many differs from row to row.
        chance=None,
        title="TruthfulQA (MC2)",
        tests="How much of a model's probability lies on true answers, among all true and false ones listed.",
        departs="No example questions stand before the question, where the paper has six; few-shot layouts show "
        "those of our starter suite. The probabilities are "
        "those of whole answers, as in the paper; an item counts as right when the likeliest answer is true.",
    ),
    read=_read_mc2,
    answer="likelihood",
    schemas=(Schema(("question", "mc2_targets"), ("mc1_targets", "category")), _CSV),
)
