"""The starter bank: right, balanced, and without give-aways."""

import json
import re
from collections import Counter
from fractions import Fraction
from importlib import resources
from statistics import mean
from typing import Any

import pytest

from llmxray.suites import names, starter
from llmxray.suites.arc import UNCLASSIFIED, subject
from llmxray.suites.catalogue import example
from llmxray.types import LETTERS, Item

BANK = ("arc", "mmlu-pro", "hellaswag", "gsm8k", "truthfulqa", "facts")
CHOSEN = tuple(name for name in BANK if name != "facts")
ASKED_TWICE = {
    "which simple machine is a seesaw",
    "which metal is liquid at room temperature",
    "which of these animals is a mammal",
    "which planet is the largest in our solar system",
    "what is the capital of japan",
}


def _rows(name: str) -> list[dict[str, Any]]:
    text = resources.files("llmxray.suites").joinpath("bank", f"{name}.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.split("\n") if line]


def _folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def test_word_problems_come_out_as_their_steps_say():
    """Each step is recomputed, and the last one gives the right option."""
    rows = _rows("gsm8k")
    assert rows
    for row in rows:
        for step in row["steps"]:
            left, right = step.split("=")
            assert re.fullmatch(r"[0-9.+\-*/() ]+", left), row["id"]
            assert Fraction(right) == pytest.approx(eval(left)), (row["id"], step)
        assert Fraction(row["steps"][-1].split("=")[1]) == Fraction(row["choices"][row["answer"]]), row["id"]


@pytest.mark.parametrize("name", CHOSEN)
def test_right_answers_are_spread_over_the_positions(name):
    """A model that always says the same letter gets what blind guessing gets, give or take four points."""
    items = starter.load(name).items
    chance = mean(1 / len(item.choices) for item in items)
    share = Counter(item.answer for item in items).most_common(1)[0][1] / len(items)

    assert share == pytest.approx(chance, abs=0.04)


def _guessed_by(items: tuple[Item, ...], extreme: Any) -> float:
    """Accuracy of naming the longest (or shortest) option, ties shared."""
    scores = []
    for item in items:
        sizes = [len(choice) for choice in item.choices]
        named = [LETTERS[index] for index, size in enumerate(sizes) if size == extreme(sizes)]
        scores.append((item.answer in named) / len(named))
    return mean(scores)


@pytest.mark.parametrize("name", CHOSEN)
@pytest.mark.parametrize("extreme", [max, min])
def test_length_does_not_give_the_answer_away(name, extreme):
    """Always naming the longest or the shortest option stays within chance's own spread (two deviations)."""
    items = starter.load(name).items
    chance = mean(1 / len(item.choices) for item in items)
    deviation = (chance * (1 - chance) / len(items)) ** 0.5

    assert _guessed_by(items, extreme) == pytest.approx(chance, abs=2 * deviation)


def test_no_question_is_asked_twice():
    """Within a suite none; across suites only those known to be, since recordings rest on the bank."""
    asked = Counter((name, _folded(row["question"])) for name in BANK for row in _rows(name))
    suites_of = Counter(question for _, question in asked)

    assert {1} == {*asked.values()}
    assert ASKED_TWICE == {question for question, count in suites_of.items() if count > 1}


@pytest.mark.parametrize("name", starter.CARDS)
def test_worked_examples_are_not_among_the_items(name):
    """Neither by id nor by question; each explains its answer."""
    suite = starter.load(name)

    assert not {item.id for item in suite.items} & {shot.id for shot in suite.shots}
    assert not {item.question for item in suite.items} & {shot.question for shot in suite.shots}
    assert all(shot.why for shot in suite.shots)


def test_reworded_questions_ask_the_same_in_other_words():
    """Each has its twin's id, options, answer and examples, another question, and a source that names the twin."""
    reworded, twins = starter.load("arc-paraphrased"), {item.id: item for item in starter.load("arc").items}

    assert 100 <= len(reworded.items)
    assert {item.id for item in twins.values() if item.category != "earth and space"} == {
        item.id for item in reworded.items
    }
    assert starter.load("arc").shots == reworded.shots
    for item in reworded.items:
        twin = twins[item.id]
        assert (twin.choices, twin.answer, twin.category) == (item.choices, item.answer, item.category)
        assert f"reworded from starter/arc {item.id}" == item.source
        assert _folded(twin.question) != _folded(item.question)
        words, old = set(_folded(item.question).split()), set(_folded(twin.question).split())
        assert len(words & old) / len(words | old) < 0.75, item.id
    questions = [_folded(item.question) for item in (*reworded.items, *twins.values())]
    assert len(questions) == len({*questions})


def test_reworded_questions_do_not_give_the_answer_away():
    """The right option does not stand in the question unless other options do as well."""
    for item in starter.load("arc-paraphrased").items:
        question = f" {_folded(item.question)} "
        if f" {_folded(item.answer_text)} " in question:
            assert sum(f" {_folded(choice)} " in question for choice in item.choices) > 1, item.id


def test_sums_are_right_and_distinct():
    """The answer is the sum of the addends; no two items are the same sum."""
    items = starter.sums()

    assert 200 == len(items) == len({item.question for item in items}) == len({item.id for item in items})
    for item in items:
        addends = [int(number) for number in re.findall(r"\d+", item.question)]
        assert str(sum(addends)) == item.answer
        assert all(1 <= addend <= 9 for addend in addends)
        assert {"three addends": 3, "four addends": 4}[item.category] == len(addends)


def test_examples_have_the_length_of_the_question():
    """Five of each; a model copies the number of steps it is shown."""
    suite = starter.load("sums")

    for item in suite.items:
        shots = suite.shots_for(item)
        assert 5 == len(shots)
        assert {item.question.count("+")} == {shot.question.count("+") for shot in shots}
        assert item.question not in {shot.question for shot in shots}


def test_steps_end_in_the_answer():
    """``why`` holds one true step per plus sign."""
    for shot in starter.worked_sums():
        steps = re.findall(r"(\d+) \+ (\d) = (\d+)\.", shot.why)
        assert shot.question.count("+") == len(steps)
        assert all(int(before) + int(addend) == int(after) for before, addend, after in steps)
        assert shot.answer == steps[-1][2]


def test_it_agrees_with_subjects_set_by_hand():
    """On our own questions, as its docstring and ARC's card say."""
    pairs = [(item.category, subject(item.question, item.choices)) for item in starter.load("arc").items]
    decided = [(own, found) for own, found in pairs if found != UNCLASSIFIED]

    assert len(decided) / len(pairs) >= 0.90
    assert sum(own == found for own, found in decided) / len(decided) >= 0.90


def test_nothing_and_ties_are_not_decided():
    """A question without a listed word, or with as many of two subjects, gets none."""
    assert UNCLASSIFIED == subject("What is best?", ("this", "that"))
    assert UNCLASSIFIED == subject("Is the magnet like a frog?", ("yes", "no"))


def test_examples_are_ours_and_no_item():
    """A worked example of the starter bank in the suite's format: never a question that is asked."""
    asked = {item.question for name in starter.CARDS for item in starter.load(name).items}
    assert asked
    for name in names():
        text = example(name)
        assert bool(text) is (name != "custom"), name
        assert not any(text.startswith(question) for question in asked)


def test_options_and_answer_are_shown():
    """Letters, and the right one with its text; open questions have their answer alone."""
    assert " A. " in example("arc")
    assert example("arc") == example("starter/arc")
    assert example("starter/sums").endswith("→ 11")
