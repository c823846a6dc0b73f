"""Every real row of the five benchmarks: loaded, prompted, answered rightly and wrongly, scored."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from llmxray import suites
from llmxray.experiment import SuiteRef
from llmxray.scoring import messages, score
from llmxray.suites import Suite
from llmxray.types import LETTERS, AnswerKind, Completion, Item, Outcome


@dataclass(frozen=True)
class Real:
    """A file of real rows and what must come of it."""

    suite: str
    file: str
    items: int
    options: dict[int, int]
    config: str | None = None
    faults: int = 0
    shots: int = 0
    categories: int = 1


FILES = (
    Real("arc", "arc_easy/validation.jsonl", 570, {3: 1, 4: 567, 5: 2}, "ARC-Easy", categories=5),
    Real("arc", "arc_challenge/validation.jsonl", 299, {3: 3, 4: 295, 5: 1}, "ARC-Challenge", categories=5),
    Real("gsm8k", "gsm8k/test_400.jsonl", 400, {4: 400}, categories=9),
    Real("hellaswag", "hellaswag/validation_500.jsonl", 500, {4: 500}, categories=2),
    Real(
        "truthfulqa",
        "truthfulqa/multiple_choice_with_category_400.jsonl",
        400,
        {2: 22, 3: 47, 4: 107, 5: 95, 6: 71, 7: 30, 8: 13, 9: 9, 10: 3, 11: 3},
        categories=38,
        shots=4,  # of our own bank
    ),
    Real(
        "mmlu_pro",
        "mmlu_pro/test_slice_420.jsonl",
        420,
        {4: 31, 5: 1, 6: 4, 7: 3, 8: 15, 9: 31, 10: 335},
        shots=70,
        categories=14,
    ),
    Real(
        "mmlu_pro",
        "mmlu_pro/test_full.parquet",
        12_032,
        {3: 20, 4: 607, 5: 52, 6: 92, 7: 158, 8: 320, 9: 802, 10: 9_981},
        faults=2,
        shots=70,
        categories=14,
    ),
    Real("mmlu_pro", "mmlu_pro/validation_70.jsonl", 70, {}, faults=21, categories=14),
)


def _load(data: Path, real: Real, **entry: Any) -> Suite:
    if real.file.endswith("parquet"):
        pytest.importorskip("pyarrow")
    ref = {"suite": real.suite, "source": {"file": real.file}, "config": real.config, **entry}
    return suites.load(SuiteRef.model_validate({k: v for k, v in ref.items() if v is not None}), data)


def _outcome(item: Item, kind: AnswerKind, text: str) -> Outcome:
    return score(item, kind, [Completion(text, finish_reason="stop")]).outcome


@pytest.mark.parametrize("real", FILES, ids=lambda real: real.file)
def test_every_row_is_loaded(data, real):
    """Counts of items, options, categories, faults and worked examples; the card states the chance before."""
    suite = _load(data, real)

    assert real.items == len(suite.items)
    assert real.categories == len({item.category for item in suite.items})
    assert real.faults == len(suite.faults)
    assert real.shots == len(suite.shots)
    if real.options:
        assert real.options == Counter(len(item.choices) for item in suite.items)
        stated = next(card.chance for card in suites.cards() if card.name == real.suite)
        assert suite.card.chance == pytest.approx(stated, abs=0.01)
    assert not {shot.question for shot in suite.shots} & {item.question for item in suite.items}


@pytest.mark.parametrize("real", FILES, ids=lambda real: real.file)
def test_every_row_is_prompted_and_scored(data, real):
    """The right letter is correct, another one wrong; the prompt shows the question and each option."""
    suite = _load(data, real)
    outcomes: Counter[Outcome] = Counter()

    for item in suite.items:
        prompt = str(messages("zero-shot", item, "letter", (), completion=suite.completion)[0]["content"])  # type: ignore[index,call-overload]
        assert item.question in prompt
        assert all(f"\n{LETTERS[i]}. {choice}" in prompt for i, choice in enumerate(item.choices))
        letters = LETTERS[: len(item.choices)]
        wrong = letters[(letters.index(item.answer) + 1) % len(letters)]
        outcomes[_outcome(item, "letter", item.answer)] += 1
        outcomes[_outcome(item, "letter", f"The answer is ({wrong}).")] += 1

    assert {Outcome.CORRECT: real.items, Outcome.WRONG: real.items} == outcomes
