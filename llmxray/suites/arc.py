"""ARC: grade-school science exams, Easy and Challenge.

Labels are A–E or 1–4 and rows have three to five options; they become letters in the order of the row. The
data has no categories: a rule on words gives the subject (see `arc_subjects`), the exam is the subcategory.
"""

from __future__ import annotations

from llmxray.suites.arc_subjects import subject
from llmxray.suites.benchmark import Benchmark, Reading
from llmxray.suites.rows import Row
from llmxray.types import Item, SuiteCard


def _read(row: Row, reading: Reading) -> Item:
    name = row.filled("id")
    labels, key = row.texts("choices.label"), row.text("answerKey")
    texts = row.texts("choices.text")
    if len(labels) != len(texts):
        raise row.error("choices", f"{len(labels)} labels for {len(texts)} texts")
    if key not in labels:
        raise row.error("answerKey", f"{key!r} is not one of the labels {', '.join(labels)}")
    choices, letter = reading.options(row, name, "choices", texts, labels.index(key))
    return Item(
        id=name,
        question=row.filled("question"),
        choices=choices,
        answer=letter,
        category=subject(row.filled("question"), choices),
        subcategory=name.split("_")[0],
        source=row.place,
    )


ARC = Benchmark(
    card=SuiteCard(
        "arc",
        "AI2 Reasoning Challenge (ARC)",
        "Grade-school science exams: facts and short reasoning. The Challenge set holds those questions that "
        "word association and retrieval got wrong.",
        "Experiments, figures, or science beyond school; public since 2018 and likely in training data.",
        "CC BY-SA 4.0",
        "https://huggingface.co/datasets/allenai/ai2_arc",
        "Clark et al. (2018), Think you have Solved Question Answering? Try ARC. arXiv:1803.05457",
        chance=0.25,
        departs="Options are shown with letters; published scores are mostly likelihoods of the option's "
        "text, without the other options in sight. Likelihood answers come closest to them.",
        categories="Subjects by a rule on words, because the data has none: the subject whose listed words occur "
        "most in question and options, else 'unclassified' (about one in seven). Against subjects set by hand it "
        "agrees in 95% of our own 176 questions that it decides, and in 25 of 32 of ARC's read one by one.",
    ),
    hub="allenai/ai2_arc",
    split="test",
    read=_read,
    configs=("ARC-Challenge", "ARC-Easy"),
    choose_config=True,
    shot_split="train",
)
