"""Correct answers that can be read in two ways: "A" is a letter, and the text of another option."""

from __future__ import annotations

from typing import Any

import made_files as made
import pytest

from llmxray.errors import InputError
from llmxray.interop import read as interop
from llmxray.interop.read import Imported

# Which blood group can be given to anybody? By its letter A, by its text B.
BLOOD = ["O", "A", "B", "AB"]


def one(name: str, data: bytes) -> Imported:
    """The one experiment of a file."""
    (found,) = interop.read([(name, data)])
    return found


def read(found: Imported) -> list[tuple[str, str]]:
    """Correct answer and outcome of each row."""
    return [(row.expected, row.outcome.value) for row in found.results.rows]


def notes(found: Imported) -> list[str]:
    """The notes on correct answers."""
    return [note for note in found.results.notes if "can be read as" in note]


def eee(letter: str, right: bool, n: int, **more: Any) -> dict[str, Any]:
    """A reply to one of several such questions in Every Eval Ever, whose schema says nothing of letters."""
    row = made.eee_row(n, letter, right=right, **more)
    row["input"]["choices"] = BLOOD
    return row


def promptfoo(letter: str, right: bool, n: int) -> dict[str, Any]:
    """The same in promptfoo, where the expected answer is a variable of the user's."""
    row = made.promptfoo_row(n, f"The answer is {letter}.", passed=right)
    row["vars"]["choices"] = BLOOD
    return row


def lm_eval(letter: str, right: bool, n: int, target: Any = "A") -> dict[str, Any]:
    """The same as a written answer of lm-evaluation-harness."""
    row = made.lm_eval_written(n, f"The answer is {letter}.", mark=float(right))
    row["doc"] = {"question": made.question(n), "choices": BLOOD}
    return {**row, "target": target}


FORMATS = {
    "eee_samples.jsonl": (eee, made.lines),
    "results.json": (promptfoo, lambda rows: made.dump(made.promptfoo(rows))),
    "samples_blood_2026-01-01T00-00-00.1.jsonl": (lm_eval, made.lines),
}


@pytest.mark.parametrize("name", FORMATS)
def test_replies_that_are_marked_wrong_speak_against_a_reading(name: str) -> None:
    """Key "A" as a text: nine replies "O", the text of option A, are marked wrong, so that the letter is not meant."""
    row, dump = FORMATS[name]
    found = one(name, dump([*(row("O", False, n) for n in range(9)), row("A", True, 9)]))
    assert [outcome for _, outcome in read(found)].count("correct") == 1
    (note,) = notes(found)
    assert "the tool's marks do not decide" in note


@pytest.mark.parametrize("target", ["A", "a", "(A)"])
def test_a_target_of_inspect_is_a_letter(target: str) -> None:
    """`multiple_choice` says so; the text of an option is only what is no letter of one."""
    samples = [
        made.inspect_sample(n, "A" if n < 10 else "B", choices=BLOOD, target=target) for n in range(12)
    ]
    found = one("x.json", made.dump(made.inspect_log(samples)))
    assert read(found) == [("A", "correct")] * 10 + [("A", "wrong")] * 2
    assert "org/small: Inspect (choice) marks all 12 answers the same way" in found.results.notes
    samples = [made.inspect_sample(n, "D", choices=BLOOD, target="AB") for n in range(2)]
    assert read(one("x.json", made.dump(made.inspect_log(samples)))) == [("D", "correct")] * 2


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("key", ["A", "B"])
def test_marks_decide_where_a_format_does_not_say(name: str, key: str) -> None:
    """For all such questions of a task at once, those that were answered wrongly too."""
    row, file = FORMATS[name]
    found = one(name, file([row(letter, letter == key, n) for n, letter in enumerate("ABCD")]))
    assert read(found) == [(key, "correct" if letter == key else "wrong") for letter in "ABCD"]
    (said,) = notes(found)
    reading = "letter" if key == "A" else "text"
    assert "the correct answers of 4 questions can be read as the text of an option or the letter" in said
    assert said.endswith(f"1 reply shows by the tool's marks that it is the {reading} of an option")


@pytest.mark.parametrize("name", FORMATS)
def test_undecided_answers_count_as_the_tool_marks_them(name: str) -> None:
    """A wrong mark may be a reply that the tool could not read: it decides nothing."""
    row, file = FORMATS[name]
    found = one(name, file([row(letter, letter == "C", n) for n, letter in enumerate("ABCD")]))
    assert [outcome for _, outcome in read(found)] == ["wrong", "wrong", "correct", "wrong"]
    assert {item.choices for item in found.results.plan.items().values()} == {()}
    assert "the tool's marks do not decide" in notes(found)[0]


def test_marks_that_contradict_one_another_decide_nothing() -> None:
    """Half of the replies that are right are so by the letter, half by the text."""
    found = one("eee_samples.jsonl", made.lines([eee("AB"[n % 2], True, n) for n in range(4)]))
    assert [outcome for _, outcome in read(found)] == ["correct"] * 4
    assert "the tool's marks do not decide" in notes(found)[0]


def test_without_marks_nothing_is_scored() -> None:
    """No accuracy under a guess."""
    with pytest.raises(InputError, match="nothing can be scored"):
        one("x_samples.jsonl", made.lines([{**eee("A", True, n), "evaluation": {}} for n in range(3)]))


def test_a_place_and_a_text_are_two_readings_too() -> None:
    """ "1" is the second option by its place, and the fourth by its text."""
    rows = [lm_eval("BD"[n % 2], n % 2 == 0, n, "1") for n in range(4)]
    for row in rows:
        row["doc"]["choices"] = ["3", "2", "0", "1"]
    found = one("samples_sums_2026-01-01T00-00-00.1.jsonl", made.lines(rows))
    assert read(found) == [("B", "correct"), ("B", "wrong")] * 2
    assert "it is the place of an option, counted from 0" in notes(found)[0]


def test_a_target_among_what_was_weighed_is_read_as_the_harness_reads_it() -> None:
    """It looks for a text among what it weighed: here the letters of the options, whose texts are letters too."""
    rows = [made.lm_eval_row(n, (-1.0, -2.0, -3.0, -4.0), target="A", acc=1.0) for n in range(2)]
    for row in rows:
        row["doc"]["choices"] = BLOOD
        for place, letter in enumerate("ABCD"):
            row["arguments"][f"gen_args_{place}"]["arg_1"] = f" {letter}"
    found = one("samples_blood_2026-01-01T00-00-00.1.jsonl", made.lines(rows))
    assert read(found) == [("A", "correct")] * 2
    assert not notes(found)


def test_a_reference_of_helm_is_a_text() -> None:
    """It is told by its tag, and never a letter."""
    state = made.helm_state(1, "B", [])
    state["output_mapping"] = dict(zip("ABCD", BLOOD, strict=True))
    state["instance"]["references"] = [
        {"output": {"text": text}, "tags": ["correct"] if text == "A" else []} for text in BLOOD
    ]
    assert read(one("scenario_state.json", made.dump(made.helm_run([state])))) == [("B", "correct")]


def test_what_llmxray_wrote_is_read_back_as_a_letter() -> None:
    """The aggregate names who wrote the rows."""
    aggregate = made.eee_aggregate()
    aggregate["eval_library"] = {"name": "llmxray", "version": "1.0"}
    rows = [eee(letter, False, n) for n, letter in enumerate("AB")]
    (found,) = interop.read([("x_samples.jsonl", made.lines(rows)), ("x.json", made.dump(aggregate))])
    assert [key for key, _ in read(found)] == ["A", "A"]
    assert not notes(found)
