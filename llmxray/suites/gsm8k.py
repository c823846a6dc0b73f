"""GSM8K: grade-school word problems with a number for an answer.

An answer ends in ``#### 18``; wrong options are generated from its own steps (see `distractors`). Asked as ``number``,
the options are not shown. The category is the number of steps, counted by the calculator marks.
"""

from __future__ import annotations

import re

from llmxray.suites import distractors
from llmxray.suites.base import item_rng
from llmxray.suites.benchmark import Benchmark, RowReader, content_id
from llmxray.suites.data_rows import DataRow
from llmxray.suites.own import Schema
from llmxray.types import LETTERS, Item, SuiteCard

_CALCULATION = re.compile(r"<<([^<>]*)=([^<>=]*)>>")
# Numbers are computed exactly, and 1e999999999 would be written out digit by digit.
_RIGHT = re.compile(r"[-+]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})")


def _read(row: DataRow, reader: RowReader) -> Item:
    question, solution = row.filled("question"), row.filled("answer")
    name = content_id("gsm8k", question)
    working, mark, number = solution.rpartition("####")
    answer = number.strip().replace(",", "").replace("$", "")
    if not mark or not _RIGHT.fullmatch(answer):
        raise row.error("answer", "must end with '####' and a number")
    steps = [(expression.strip(), result.strip()) for expression, result in _CALCULATION.findall(working)]
    rng = item_rng(reader.seed, name)
    options = [answer, *distractors.wrong_numbers(steps, answer, rng)]
    order = rng.permutation(len(options)).tolist()
    return Item(
        id=name,
        question=question,
        choices=tuple(options[index] for index in order),
        answer=LETTERS[order.index(0)],
        category=f"{len(steps)} step{'' if len(steps) == 1 else 's'}" if steps else "no marked steps",
        skill="reasoning",
        source=f"{row.place}; wrong options generated, seed {reader.seed}",
        # Blank lines separate the examples of a prompt, so there must be none inside of one.
        why=re.sub(r"\n\s*\n", "\n", _CALCULATION.sub("", working)).strip(),
    )


GSM8K = Benchmark(
    card=SuiteCard(
        "gsm8k",
        "Grade School Math 8K (GSM8K)",
        "Arithmetic told as a story, two to eight steps.",
        "Mathematics beyond the four operations; public since 2021 and likely in training data.",
        "MIT",
        "https://huggingface.co/datasets/openai/gsm8k",
        "Cobbe et al. (2021), Training Verifiers to Solve Math Word Problems. arXiv:2110.14168",
        chance=0.25,
        departs="With letters, wrong options are slips in the solution's own steps: easier than the paper's "
        "open answers. 'answer: number' asks openly, for the number only; with 'layout: few-shot-cot' the "
        "examples show their working, as in most published scores.",
        categories="The number of calculation steps marked in the reference solution.",
    ),
    hub="openai/gsm8k",
    split="test",
    read=_read,
    configs=("main", "socratic"),
    shot_split="train",
    schemas=(Schema(("question", "answer")),),
)
