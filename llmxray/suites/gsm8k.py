"""GSM8K: grade-school word problems with a number for an answer.

Two schemas: the original (``question``, ``answer`` ending in ``#### 18``), whose wrong options are generated
from its own steps (see `slips`), and the multiple-choice variant (``Question, A, B, C, D, Answer``). Asked as
``number``, the options are not shown. The category is the number of steps, counted by the calculator marks.
"""

from __future__ import annotations

import re

from llmxray.suites import distractors
from llmxray.suites.base import item_rng
from llmxray.suites.benchmark import Benchmark, Reading, content_id
from llmxray.suites.own import Schema
from llmxray.suites.rows import Row, shown
from llmxray.types import LETTERS, Item, SuiteCard

_CALCULATION = re.compile(r"<<([^<>]*)=([^<>=]*)>>")
# Reckoned with exactly: of 1e999999999 every digit would be written out.
_RIGHT = re.compile(r"[-+]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})")
_LETTERED = "ABCD"


def _read(row: Row, reading: Reading) -> Item:
    return _lettered(row, reading) if row.has("Question", *_LETTERED) else _original(row, reading)


def _lettered(row: Row, reading: Reading) -> Item:
    question, answer = row.filled("Question"), row.filled("Answer").strip()
    if answer not in tuple(_LETTERED):
        raise row.error("Answer", f"{shown(answer)} is not one of {', '.join(_LETTERED)}")
    name = content_id("gsm8k", question)
    # An option that is null would else be the word "None".
    texts = ["" if row.data[letter] is None else str(row.data[letter]) for letter in _LETTERED]
    choices, letter = reading.options(row, name, "A–D", texts, _LETTERED.index(answer))
    return Item(name, question, choices, letter, source=row.place)


def _original(row: Row, reading: Reading) -> Item:
    question, solution = row.filled("question"), row.filled("answer")
    name = content_id("gsm8k", question)
    working, mark, number = solution.rpartition("####")
    right = number.strip().replace(",", "").replace("$", "")
    if not mark or not _RIGHT.fullmatch(right):
        raise row.error("answer", "must end with '####' and a number")
    steps = [(left.strip(), result.strip()) for left, result in _CALCULATION.findall(working)]
    rng = item_rng(reading.seed, name)
    shown = [right, *distractors.wrong_numbers(steps, right, rng)]
    order = rng.permutation(len(shown)).tolist()
    return Item(
        id=name,
        question=question,
        choices=tuple(shown[index] for index in order),
        answer=LETTERS[order.index(0)],
        category=f"{len(steps)} step{'' if len(steps) == 1 else 's'}" if steps else "no marked steps",
        skill="reasoning",
        source=f"{row.place}; wrong options generated, seed {reading.seed}",
        # A blank line would end the prompt's example.
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
    schemas=(Schema(("question", "answer")), Schema(("Question", *_LETTERED, "Answer"))),
)
