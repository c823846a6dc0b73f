"""Correct answers that can be read in two ways: "A" is a letter, and the text of another option."""

from typing import Any

import made_files as made
import pytest
from made_files import one

from llmxray.errors import InputError
from llmxray.interop import read as interop
from llmxray.interop.read import Imported

# Which blood group can be given to anybody? By its letter A, by its text B.
BLOOD = ["O", "A", "B", "AB"]


def read(found: Imported) -> list[tuple[str, str]]:
    """Correct answer and outcome of each row."""
    return [(row.expected, row.outcome.value) for row in found.results.rows]


def notes(found: Imported) -> list[str]:
    """The notes on correct answers."""
    return [note for note in found.results.notes if "do not show what the correct" in note]


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


@pytest.mark.parametrize("target", ["A", "a", "(A)"])
def test_a_target_of_inspect_is_a_letter(target):
    """`multiple_choice` says so; the text of an option is only what is no letter of one."""
    samples = [
        made.inspect_sample(n, "A" if n < 10 else "B", choices=BLOOD, target=target) for n in range(12)
    ]
    found = one(("x.json", made.dump(made.inspect_log(samples))))
    assert read(found) == [("A", "correct")] * 10 + [("A", "wrong")] * 2
    assert "org/small: Inspect (choice) marks all 12 answers the same way" in found.results.notes
    samples = [made.inspect_sample(n, "D", choices=BLOOD, target="AB", scores={}) for n in range(2)]
    assert read(one(("x.json", made.dump(made.inspect_log(samples))))) == [("D", "correct")] * 2


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("key", ["A", "B"])
def test_marks_decide_where_a_format_does_not_say(name, key):
    """For all such questions of a task at once, those that were answered wrongly too."""
    row, file = FORMATS[name]
    found = one((name, file([row(letter, letter == key, n) for n, letter in enumerate("ABCD")])))
    assert read(found) == [(key, "correct" if letter == key else "wrong") for letter in "ABCD"]
    assert not notes(found)


@pytest.mark.parametrize("name", FORMATS)
def test_undecided_answers_count_as_the_tool_marks_them(name):
    """A wrong mark may be a reply that the tool could not read: it decides nothing."""
    row, file = FORMATS[name]
    found = one((name, file([row(letter, letter == "C", n) for n, letter in enumerate("ABCD")])))
    assert [outcome for _, outcome in read(found)] == ["wrong", "wrong", "correct", "wrong"]
    assert {item.choices for item in found.results.plan.items().values()} == {()}
    assert len(notes(found)) == 1


COLOURS = ["red", "green", "blue", "grey"]


def keyed(key: str, letter: str, n: int, *, right: bool = True) -> dict[str, Any]:
    """A reply to a question of promptfoo with any key."""
    row = made.promptfoo_row(n, f"The answer is {letter}.", passed=right)
    row["vars"] = {"question": f"Which {n}?", "answer": key, "choices": COLOURS}
    return row


def asked(*rows: dict[str, Any]) -> bytes:
    """A file of promptfoo."""
    return made.dump(made.promptfoo(rows))


def test_places_may_be_counted_from_1():
    """Marks show it; where a 4 of four options is among them, nothing else is possible."""
    found = one(("r.json", asked(*(keyed(str(n % 3 + 1), "ABC"[n % 3], n) for n in range(12)))))
    assert read(found) == [("A", "correct"), ("B", "correct"), ("C", "correct")] * 4
    found = one(("r.json", asked(*(keyed(str(n % 4 + 1), "A", n, right=n % 4 == 0) for n in range(8)))))
    assert [key for key, _ in read(found)] == list("ABCD") * 2
    assert not notes(found)


def test_a_key_with_one_reading_is_held_against_the_marks():
    """The user's letters are not those of the options: no reading fits."""
    found = one(("r.json", asked(*(keyed("A", "C", n) for n in range(9)))))
    assert read(found) == [("", "correct")] * 9
    assert len(notes(found)) == 1
    assert {item.choices for item in found.results.plan.items().values()} == {()}


def test_without_marks_nothing_is_scored():
    """No accuracy under a guess."""
    with pytest.raises(InputError, match="nothing can be scored"):
        one(("x_samples.jsonl", made.lines([{**eee("A", True, n), "evaluation": {}} for n in range(3)])))


def test_a_reference_of_helm_is_a_text():
    """It is told by its tag, and never a letter."""
    state = made.helm_state(1, "B", [])
    state["output_mapping"] = dict(zip("ABCD", BLOOD, strict=True))
    state["instance"]["references"] = [
        {"output": {"text": text}, "tags": ["correct"] if text == "A" else []} for text in BLOOD
    ]
    assert read(one(("scenario_state.json", made.dump(made.helm_run([state]))))) == [("B", "correct")]


def test_what_llmxray_wrote_is_read_back_as_a_letter():
    """The aggregate names who wrote the rows."""
    aggregate = made.eee_aggregate()
    aggregate["eval_library"] = {"name": "llmxray", "version": "1.0"}
    rows = [eee(letter, False, n) for n, letter in enumerate("AB")]
    (found,) = interop.read_files([("x_samples.jsonl", made.lines(rows)), ("x.json", made.dump(aggregate))])
    assert [key for key, _ in read(found)] == ["A", "A"]
    assert not notes(found)
