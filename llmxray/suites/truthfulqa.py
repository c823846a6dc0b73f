"""TruthfulQA, MC1: one true answer among popular misconceptions.

The data lists the true answer first in every row, so options are always shuffled, seeded by the question; the
permutation stands in the item's ``source``. The hub's rows have no category; it is used where a file has it.
"""

from __future__ import annotations

from llmxray.suites.base import item_rng
from llmxray.suites.benchmark import Benchmark, Reading, content_id
from llmxray.suites.rows import Row
from llmxray.types import LETTERS, Item, SuiteCard


def _read(row: Row, reading: Reading) -> Item:
    question = row.filled("question")
    name = content_id("truthfulqa", question)
    texts, labels = row.texts("mc1_targets.choices"), row.integers("mc1_targets.labels")
    if len(labels) != len(texts) or sorted(labels) != [0] * (len(labels) - 1) + [1]:
        raise row.error("mc1_targets.labels", "must mark exactly one of the choices with 1")
    choices, letter = reading.options(row, name, "mc1_targets", texts, labels.index(1))
    order = item_rng(reading.seed, name).permutation(len(choices)).tolist()
    shuffled = tuple(choices[index] for index in order)
    return Item(
        id=name,
        question=question,
        choices=shuffled,
        answer=LETTERS[order.index(LETTERS.index(letter))],
        category=row.optional("category"),
        source=f"{row.place}; option order {' '.join(map(str, order))} of the data, seed {reading.seed}",
    )


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
        departs="Options are shuffled and shown with letters; the paper compares likelihoods after a fixed "
        "set of example questions.",
    ),
    hub="truthfulqa/truthful_qa",
    split="validation",
    read=_read,
    configs=("multiple_choice",),
)
