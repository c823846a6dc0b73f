"""Which questions are one question: words that differ by little, and equal words under several ids."""

import random
from collections.abc import Sequence

import made_files as made
import pytest

from llmxray.interop import read as interop
from llmxray.interop.read import Imported


def log(model: str, asked: Sequence[tuple[str, str, list[str], str]], said: Sequence[str]) -> bytes:
    """An Inspect log of (id, question, options, key), with the letter that was said to each."""
    samples = [
        made.inspect_sample(
            0, letter, p=None, id=id_, input=question, choices=options, target=key, metadata={}
        )
        | {"scores": {"choice": {"value": "C" if letter == key else "I", "answer": letter}}}
        for (id_, question, options, key), letter in zip(asked, said, strict=True)
    ]
    return made.dump(made.inspect_log(samples, model=model))


def joined(*files: bytes) -> Imported:
    """The one experiment of some logs."""
    (found,) = interop.read_files([(f"{n}.json", data) for n, data in enumerate(files)])
    return found


def agrees(found: Imported) -> bool:
    """Whether each outcome is what the tool's own mark says."""
    return all(
        (row.outcome.value == "correct") == row.tool_mark.endswith(": C") for row in found.results.rows
    )


@pytest.mark.parametrize("options", [["AA", "Aa", "aa", "none"], ["x²", "x2", "2x", "4"]])
def test_options_that_differ_by_capitals_or_forms_only_stay_apart(options):
    """Turned round in the second file: the same questions, and both models are right."""
    turned = options[::-1]
    one = [(f"q{n}", f"Which is it in case {n}?", options, "A") for n in range(10)]
    two = [(id_, question, turned, "D") for id_, question, _, _ in one]
    found = joined(log("org/one", one, "A" * 10), log("org/two", two, "D" * 10))
    assert len(found.results.plan.items()) == 10
    assert agrees(found)


def test_correct_answers_that_differ_by_capitals_only_are_different_questions():
    """AA is right in one file, and aa in the other."""
    options = ["AA", "Aa", "aa", "none"]
    files = [
        log(model, [(f"q{n}", f"Which is it in case {n}?", options, key) for n in range(10)], key * 10)
        for model, key in (("org/one", "A"), ("org/two", "C"))
    ]
    found = joined(*files)
    assert len(found.results.plan.items()) == 20
    assert agrees(found)


def test_equal_words_under_several_ids_are_paired_by_id():
    """Sixty pictures, one question: the second file holds them in another order, and both models answer alike."""
    asked = [(f"img{n:02d}", "Which animal is in it?", ["cat", "dog", "hen"], "A") for n in range(60)]
    shuffled = random.Random(1).sample(asked, len(asked))

    def said(order: Sequence[tuple[str, str, list[str], str]]) -> list[str]:
        return ["AB"[int(id_[3:]) % 2] for id_, *_ in order]

    found = joined(log("org/one", asked, said(asked)), log("org/two", shuffled, said(shuffled)))
    outcomes: dict[str, list[str]] = {}
    for row in found.results.rows:
        outcomes.setdefault(row.item_id, []).append(row.outcome.value)
    assert outcomes == {f"img{n:02d}": ["correct" if n % 2 == 0 else "wrong"] * 2 for n in range(60)}
    # One of them alone is the same one.
    alone = joined(log("org/one", asked, said(asked)), log("org/two", asked[7:8], "B"))
    assert [row.item_id for row in alone.results.rows if row.condition == "org-two"] == ["img07"]


def pictures(model: str, task: str) -> bytes:
    """A log of one question on different pictures, which files count from 0."""
    samples = [
        made.inspect_sample(0, "A", p=None, id=number, input="Which animal is in it?", metadata={})
        for number in range(6)
    ]
    return made.dump(made.inspect_log(samples, model=model, task=task))


def test_equal_words_under_equal_ids_of_two_tasks_are_different_questions():
    """Each task counts its own pictures from 0: picture 3 of the one is not picture 3 of the other."""
    found = joined(pictures("org/one", "cats"), pictures("org/two", "zoo"), pictures("org/three", "zoo"))
    assert set(found.results.plan.suites) == {"cats", "zoo"}
    assert len(found.results.plan.items()) == 12
    assert {row.suite for row in found.results.of("org-three")} == {"zoo"}
