"""ARC: grade-school science exams, Easy and Challenge.

Labels are A–E or 1–4 and rows have three to five options; they become letters in the order of the row. The
data has no categories: a rule on words gives the subject (see `arc_subjects`), the exam is the subcategory.

Rows come in the hub's schema, or as the authors publish them: ``{"id", "question": {"stem", "choices": [{"text",
"label"}]}, "answerKey"}``. OpenBookQA's own files look the same but for their ids, which name no exam.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from llmxray.errors import SuiteError
from llmxray.suites.arc_subjects import subject
from llmxray.suites.benchmark import Benchmark, RowReader
from llmxray.suites.data_rows import DataRow, decode_cell, list_names, quote_value
from llmxray.suites.own import Schema, other_data_set
from llmxray.types import Item, SuiteCard

# Mercury_7103565, AKDE&ED_2008_8_41, CSZ20680
_EXAM = re.compile(r"[A-Z][A-Za-z&]*[_\d]")


def _read(row: DataRow, reader: RowReader) -> Item:
    name, key = row.filled("id"), row.text("answerKey")
    question, options = ("question", "choices") if row.has("choices") else _own_json(row, name)
    labels, texts = row.texts(f"{options}.label"), row.texts(f"{options}.text")
    if len(labels) != len(texts):
        raise row.error(options, f"{len(labels)} labels for {len(texts)} texts")
    if key not in labels:
        raise row.error("answerKey", f"{quote_value(key)} is not one of the labels {list_names(labels)}")
    choices, letter = reader.options(row, name, options, texts, labels.index(key))
    return Item(
        id=name,
        question=row.filled(question),
        choices=choices,
        answer=letter,
        category=subject(row.filled(question), choices),
        subcategory=name.split("_")[0],
        source=row.place,
    )


def _own_json(row: DataRow, name: str) -> tuple[str, str]:
    """Columns of question and options in the authors' own files, after a check that the row is from one."""
    stem_and_choices = decode_cell(row.value("question"), dict)
    if not isinstance(stem_and_choices, Mapping):
        raise SuiteError(f"{row.place}: there is no column 'choices'; {other_data_set('arc')}")
    foreign = next((key for key in stem_and_choices if key not in ("stem", "choices")), None)
    if foreign is not None:
        raise row.error("question", f"{quote_value(foreign)} is not one of arc's; {other_data_set('arc')}")
    if not _EXAM.match(name):
        raise row.error("id", f"{quote_value(name)} names none of the exams of arc; {other_data_set('arc')}")
    return "question.stem", "question.choices"


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
        "most in question and options, else 'unclassified' (about one in seven). Of our own 176 questions "
        "that it decides, 95% agree with subjects set by hand; so do 25 of 32 of ARC's, read one by one.",
    ),
    hub="allenai/ai2_arc",
    split="test",
    read=_read,
    configs=("ARC-Challenge", "ARC-Easy"),
    choose_config=True,
    shot_split="train",
    schemas=(Schema(("id", "question", "choices", "answerKey")), Schema(("id", "question", "answerKey"))),
)
