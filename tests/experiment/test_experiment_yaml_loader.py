"""YAML becomes plain values with positions, and its traps are refused or defused."""

import pytest

from llmxray import limits
from llmxray.errors import ExperimentError
from llmxray.experiment.yaml_loader import read_yaml


def failure(text: str) -> ExperimentError:
    """The error that reading ``text`` ends in."""
    with pytest.raises(ExperimentError) as caught:
        read_yaml(text, file="x.yaml")
    return caught.value


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1e-3", 0.001),
        ("-2", -2),
        ("1:30", "1:30"),
        ("1_000", "1_000"),
        (".inf", ".inf"),
        ("no", "no"),
        ("true", True),
        ("", None),
        ("2024-01-02", "2024-01-02"),
        ('"true"', "true"),
        ("<<", "<<"),
        ("9007199254740991", 2**53 - 1),
    ],
)
def test_scalars_follow_yaml_1_2(written, read):
    """No sexagesimals, dates or Norway; exponents without a dot are numbers."""
    value = read_yaml(f"key: {written}\n").data["key"]
    assert (read, type(read)) == (value, type(value))


def test_keys_are_always_text():
    """Token ids and country codes stay the text they are written as."""
    assert read_yaml("50256: -100\nno: 1\ntrue: 2\n").data == {"50256": -100, "no": 1, "true": 2}


def test_every_path_has_its_place():
    """Positions are 1-based and count characters, not bytes."""
    document = read_yaml("a: ü\nmödels:\n  - {id: x, n: 1}\n  -\n    id: y\n")
    assert document.keys[("mödels",)] == (2, 1)
    assert document.values[("mödels",)] == (3, 3)
    assert document.values[("mödels", 0)] == (3, 5)
    assert document.keys[("mödels", 0, "n")] == (3, 13)
    assert document.values[("mödels", 0, "n")] == (3, 16)
    assert document.position(("mödels", 1, "id")) == (5, 9)


@pytest.mark.parametrize("text", ["", "# only a comment\n", "~\n"])
def test_an_empty_file_is_said_to_be_empty(text):
    """Blank, commented out, or null: nothing to read."""
    assert str(failure(text)) == "x.yaml: the file is empty; begin with 'experiment: a-name'"


@pytest.mark.parametrize("text", ["- a\n- b\n", "hello\n"])
def test_the_top_level_must_be_a_mapping(text):
    """A list or a text is placed and named."""
    error = failure(text)
    assert (error.line, error.column) == (1, 1)
    assert "the top level must be a mapping" in error.reason


@pytest.mark.parametrize(
    ("text", "place", "path"),
    [("a: 1\nb: 2\na: 3\n", (3, 1), "a: "), ("m:\n  - {id: x, id: y}\n", (2, 13), "m[0].id: ")],
)
def test_a_duplicate_key_is_refused(text, place, path):
    """At any depth, however quoted, at the second of the two."""
    error = failure(text)
    assert place == (error.line, error.column)
    assert error.reason.startswith(f"{path}this key stands twice; it is already on line ")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a: &x 1\nb: *x\n", "anchors"),
        ("a: *x\n", "aliases"),
        ("a: !!python/object/apply:os.system [true]\n", "tags"),
    ],
)
def test_anchors_aliases_and_tags_are_refused(text, word):
    """Nothing in the file can be shared, typed or executed."""
    error = failure(text)
    assert f"{word} (" in error.reason
    assert error.line == 1


@pytest.mark.parametrize("text", ["a: " + "[" * 100_000, "- " * 100_000])
def test_deep_nesting_is_refused(text):
    """A nesting bomb ends at the depth limit, not in a crash."""
    assert f"nested deeper than {limits.YAML_DEPTH} levels" in failure(text).reason


@pytest.mark.parametrize("number", ["9007199254740992", "1e999", "010", "0x1F"])
def test_numbers_that_would_be_written_otherwise_are_refused(number):
    """Beyond 2^53 a server may read another number than was written; a postcode is text."""
    error = failure(f"seed: {number}\n")
    assert (error.line, error.column) == (1, 7)
    assert "put it in quotes" in error.reason
