"""Suites by columns: what is read, what is ignored, what is refused and what is left out."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from llmxray import suites
from llmxray.errors import SuiteError
from llmxray.experiment import SuiteRef
from llmxray.suites import Suite

type LoadRows = Callable[..., Suite]

COLUMNS = {"question": "q", "choices": "opts", "answer": "a"}


def row(**changes: Any) -> dict[str, Any]:
    """A row with more columns than anyone asks for."""
    return {"q": "Which is red?", "opts": ["sky", "blood", "grass"], "a": "B", "extra": {"x": [1]}, **changes}


def test_columns_that_are_not_named_are_ignored(load_rows):
    """An item, and a card that says where it came from."""
    suite = load_rows("my-quiz", [row()], columns=COLUMNS)
    (item,) = suite.items

    assert ("Which is red?", ("sky", "blood", "grass"), "B") == (item.question, item.choices, item.answer)
    assert "rows.jsonl, row 1" == item.source
    assert ("my-quiz", "my-quiz: rows.jsonl", "") == (suite.name, suite.card.title, suite.card.example)
    assert pytest.approx(1 / 3) == suite.card.chance
    assert suite.answer is None


def test_everything_that_can_be_named(load_rows):
    """Numbers become texts; blank lines leave the explanation; lists of lines become lines."""
    columns = {
        **COLUMNS,
        **{key: key for key in ("context", "category", "subcategory", "id", "difficulty", "why")},
    }
    cells = {
        "context": ["One line.", "Another."],
        "category": 7,
        "subcategory": None,
        "id": 12,
        "difficulty": "Hard",
        "why": "So.\n\nThus.",
    }
    (item,) = load_rows("custom", [row(**cells)], columns=columns).items

    assert "One line.\nAnother.\nWhich is red?" == item.question
    assert ("12", "7", "", 3, "So.\nThus.") == (
        item.id,
        item.category,
        item.subcategory,
        item.difficulty,
        item.why,
    )


BLOOD = {"q": "Who gives to all?", "opts": ["O", "A", "B", "AB"]}


def test_an_answer_that_may_be_a_letter_or_a_text_is_not_guessed(load_rows):
    """The experiment says which; left out with other rows that cannot be asked, until it does."""
    rows = [{**BLOOD, "a": "A", "q": "One?"}, row()]
    with pytest.raises(
        SuiteError, match="row 1, column 'a': 'A' is the letter of option A and the text of option B; "
    ):
        load_rows("blood", rows, columns=COLUMNS)
    assert [item.answer for item in load_rows("blood", rows, columns=COLUMNS, bad_rows="skip").items] == ["B"]
    for kind, letter in (("letter", "A"), ("text", "B")):
        suite = load_rows("blood", rows, columns=COLUMNS, answer_is=kind, bad_rows="skip")
        assert suite.items[0].answer == letter


def test_ids_rest_on_what_is_asked(load_rows):
    """Not on the place, the category or the answer."""
    one, two = row(), row(q="Which is green?")
    names = {item.id for item in load_rows("custom", [one, two], columns=COLUMNS).items}

    assert names == {item.id for item in load_rows("x", [two, {**one, "a": "A"}], columns=COLUMNS).items}
    assert 2 == len(names)


def test_a_question_that_comes_twice(load_rows):
    """Asked twice, as the data has it, and said; ids of the data's own must differ."""
    rows = [row(), row(q="Else?"), row(), row(a="A")]
    suite = load_rows("custom", rows, columns=COLUMNS)

    first = suite.items[0].id
    assert [first, suite.items[1].id, f"{first}-2", f"{first}-3"] == [item.id for item in suite.items]
    assert [
        f"row 3 ({first}-2), column 'q': the same question and options as row 1; asked again",
        f"row 4 ({first}-3), column 'q': the same question and options as row 1; asked again",
    ] == [str(fault) for fault in suite.faults]
    with pytest.raises(SuiteError, match=r"row 2, column 'id': '7' is already the id of row 1; without 'id'"):
        load_rows("custom", [row(id=7), row(q="Else?", id="7")], columns={**COLUMNS, "id": "id"})


def test_open_questions(load_rows):
    """Without options: numbers as numbers, words as text, and never by letter."""
    columns = {"question": "q", "answer": "a"}

    assert "number" == load_rows("custom", [row(a=4), row(q="Else?", a="2.5")], columns=columns).answer
    suite = load_rows("custom", [row(a="blood")], columns=columns)
    assert ("text", None, ()) == (suite.answer, suite.card.chance, suite.items[0].choices)
    with pytest.raises(SuiteError, match="custom: answer 'letter' needs options: name their column"):
        load_rows("custom", [row()], columns=columns, answer="letter")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"q": None}, "row 2, column 'q': is empty"),
        ({"a": "D"}, "row 2, column 'a': 'D' is not a letter from A to C"),
        ({"level": "extreme"}, "row 2, column 'level': 'extreme' must be 1, 2 or 3, or easy, medium or hard"),
    ],
)
def test_rows_that_cannot_be_asked(load_rows, changes, message):
    """An error that says how to leave them out; left out, they are listed, and the others stay."""
    rows = [row(level=1), row(**{"q": "Else?", "level": 2, **changes}), row(q="Third?", level=3)]
    columns = {**COLUMNS, "difficulty": "level"}
    with pytest.raises(SuiteError) as caught:
        load_rows("custom", rows, columns=columns)
    assert message in str(caught.value)
    assert str(caught.value).endswith("; leave such rows out with 'bad_rows: skip'")
    assert "\n" not in str(caught.value)

    suite = load_rows("custom", rows, columns=columns, bad_rows="skip")
    assert ["Which is red?", "Third?"] == [item.question for item in suite.items]
    (fault,) = suite.faults
    assert message in str(fault)
    assert str(fault).endswith("; left out")


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {**COLUMNS, "question": "Q"},
            "rows.jsonl, row 1: there is no column 'Q'; it has: q, opts, a, extra",
        ),
        ({**COLUMNS, "choices": "opts.text"}, "row 1, column 'opts': must be a mapping, not text"),
    ],
)
@pytest.mark.parametrize("bad_rows", ["refuse", "skip"])
def test_columns_that_are_not_there(load_rows, columns, message, bad_rows):
    """Every row fails: the names are wrong, and leaving out rows is no advice."""
    with pytest.raises(SuiteError) as caught:
        load_rows("custom", [row(), row(q="Else?")], columns=columns, bad_rows=bad_rows)
    assert message in str(caught.value)
    assert "leave such rows out" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_worked_examples(tmp_path):
    """From a split or a file; five of each category at most; none that is asked; ids may be the same."""
    columns = {**COLUMNS, "id": "n", "category": "c"}
    asked = [row(q=f"Asked {n}?", n=n, c="x") for n in range(3)]
    worked = [{**asked[0], "n": 99}, *(row(q=f"Shown {n}?", n=n, c="xy"[n % 2]) for n in range(14))]
    for name, rows in (("test", asked), ("dev", worked)):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)))

    for source in (
        {"file": "test.jsonl", "shots": "dev.jsonl"},
        {"folder": ".", "split": "test", "shots": "dev"},
    ):
        entry = {"suite": "mine", "source": source, "columns": columns}
        suite = suites.load(SuiteRef.model_validate(entry), tmp_path)
        assert [f"Shown {n}?" for n in range(10)] == [shot.question for shot in suite.shots]
        assert ["0", "1", "2"] == [item.id for item in suite.items]
        assert {"x"} == {shot.category for shot in suite.shots_for(suite.items[0])}


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            {"suite": "arc", "source": {"file": "rows.jsonl"}, "columns": COLUMNS},
            "arc knows its own columns; for other rows give the suite a name of its own, such as 'suite: my-arc'",
        ),
        (
            {"suite": "starter/arc", "source": {"file": "rows.jsonl"}, "columns": COLUMNS},
            "starter/arc brings its own questions",
        ),
        (
            {"suite": "mmlu-pro", "source": {"file": "rows.jsonl"}},
            "no suite named 'mmlu-pro'; did you mean 'mmlu_pro'?",
        ),
        (
            {"suite": "my-quiz", "source": {"file": "rows.jsonl"}},
            "unknown key 'extra'; known here: id, question, choices",
        ),
    ],
)
def test_entries_that_do_not_fit(tmp_path, entry, message):
    """One line that says what to write."""
    wrong = {"question": "?", "choices": ["x", "y"], "answer": "A", "id": "1", "extra": 1}
    (tmp_path / "rows.jsonl").write_text(json.dumps(wrong))
    with pytest.raises(SuiteError) as caught:
        suites.load(SuiteRef.model_validate(entry), tmp_path)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
