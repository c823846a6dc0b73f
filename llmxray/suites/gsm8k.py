"""GSM8K: grade-school word problems with a number for an answer.

An answer ends in ``#### 18``; wrong options are generated from its own steps (see `wrong_numbers`). Asked as
``number``, the options are not shown. The category is the number of steps, counted by the calculator marks.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

import numpy as np

from llmxray.suites.base import item_rng
from llmxray.suites.benchmark import Benchmark, RowReader, content_id
from llmxray.suites.data_rows import DataRow
from llmxray.suites.own import Schema
from llmxray.types import LETTERS, Item, SuiteCard

WRONG = 3
_OPERATORS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_MISTAKEN = {"+": "-*", "-": "+", "*": "+/", "/": "*-"}
# Expressions of data files are parsed, never evaluated; the length bounds the parser's work.
_MOST_CHARACTERS = 120
_EXPRESSION = re.compile(rf"[0-9.+\-*/() ]{{1,{_MOST_CHARACTERS}}}")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+")
_TOO_FAR = 50
# Each mistake is carried through all later steps; solutions have fewer than ten.
_MOST_STEPS = 30


def wrong_numbers(steps: Sequence[tuple[str, str]], right: str, rng: np.random.Generator) -> list[str]:
    """Return three distinct wrong answers, likely slips first.

    A slip is a step with one operator mistaken for another, carried through the steps that use its result, or the
    result of an earlier step taken for the answer. Where the steps do not yield three, small miscounts fill up.

    Args:
        steps: (expression, result) of each step, such as ``("16-3-4", "9")``.
        right: the right answer as a decimal number.
        rng: draws among the slips; the same state gives the same numbers.
    """
    answer = Fraction(right)
    # Longer steps have no value, and copying them for each sign could take hours.
    is_too_long = any(len(part) > _MOST_CHARACTERS for step in steps for part in step)
    slips = () if is_too_long else _slips(steps[:_MOST_STEPS])
    plausible = list(dict.fromkeys(value for value in slips if _is_plausible(value, answer)))
    miscounts = [
        answer + 1,
        answer - 1,
        answer * 2,
        answer + 10,
        answer - 10,
        answer * 10,
        answer + 2,
        answer + 5,
    ]
    filler = [value for value in dict.fromkeys(miscounts) if _is_plausible(value, answer)]
    filler = [value for value in filler if value not in plausible]
    picked = [plausible[index] for index in rng.permutation(len(plausible))[:WRONG]]
    picked += [filler[index] for index in rng.permutation(len(filler))[: WRONG - len(picked)]]
    return [text for value in picked if (text := _decimal(value)) is not None]


def value_of(expression: str) -> Fraction | None:
    """Return the exact value of an expression in the four operations; None for any other text."""
    if not _EXPRESSION.fullmatch(expression):
        return None
    try:
        return _evaluate(ast.parse(expression.strip(), mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError):
        return None


def _slips(steps: Sequence[tuple[str, str]]) -> Iterator[Fraction]:
    results = [value_of(result) for _, result in steps]
    yield from (result for result in results[:-1] if result is not None)
    for index, (expression, _) in enumerate(steps):
        for position, sign in enumerate(expression):
            for mistaken_sign in _MISTAKEN.get(sign, ""):
                wrong = value_of(f"{expression[:position]}{mistaken_sign}{expression[position + 1 :]}")
                final = _carry_through(steps[index + 1 :], results[index], wrong)
                if final is not None:
                    yield final


def _carry_through(
    later: Sequence[tuple[str, str]], correct: Fraction | None, wrong: Fraction | None
) -> Fraction | None:
    """Result of the last step when ``wrong`` replaces ``correct`` in the later steps; None if it has no effect."""
    for expression, result in later:
        text = _decimal(wrong) if wrong is not None else None
        if text is None or correct is None:
            return None
        mistaken = _replace_number(expression, correct, text)
        # A step that does not use the result hides the slip.
        if mistaken == expression:
            return None
        correct, wrong = value_of(result), value_of(mistaken)
    return wrong


def _replace_number(expression: str, right: Fraction, text: str) -> str:
    replacement = f"({text})" if text.startswith("-") else text
    return _NUMBER.sub(lambda match: replacement if Fraction(match[0]) == right else match[0], expression)


def _is_plausible(value: Fraction, answer: Fraction) -> bool:
    """Return whether a value differs from the answer, has its sign and kind, and is not far larger."""
    if value == answer or value < 0 <= answer or value == 0 < answer:
        return False
    if abs(value) > _TOO_FAR * abs(answer) + 10:
        return False
    return value.denominator == 1 if answer.denominator == 1 else _decimal(value) is not None


def _decimal(value: Fraction) -> str | None:
    """The number as a decimal text; None when it has more than two decimals."""
    if (value * 100).denominator != 1:
        return None
    if value.denominator == 1:
        return str(value.numerator)
    return f"{float(value):.2f}".rstrip("0")


def _evaluate(node: ast.expr) -> Fraction:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        # The digits are used, because Fraction(0.1) is the nearest binary number and not 1/10.
        return Fraction(str(node.value))
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_evaluate(node.left), _evaluate(node.right))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_evaluate(node.operand)
    raise ValueError("not one of the four operations")


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
    options = [answer, *wrong_numbers(steps, answer, rng)]
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
        "open answers. 'answer: number' asks openly; with 'layout: few-shot-cot' the examples show their working, "
        "as in most published scores.",
        categories="The number of calculation steps marked in the reference solution.",
    ),
    hub="openai/gsm8k",
    split="test",
    read=_read,
    configs=("main", "socratic"),
    shot_split="train",
    schemas=(Schema(("question", "answer")),),
)
