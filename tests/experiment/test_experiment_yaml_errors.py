"""Syntax errors are said in a student's words, at the place to mend."""

import pytest

from llmxray.errors import ExperimentError
from llmxray.experiment.yaml_loader import read_yaml

TAB = "a tab in the indentation; YAML is indented with spaces"


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        ("a:\n\tb: 1\n", 2, 1, TAB),
        ("a:\tb\n", 1, 3, "a tab stands here; use spaces"),
        ("title: Foo: bar\n", 1, 11, "a ':' cannot stand here"),
        ("a: b\nfoo\nc: d\n", 2, 1, "a line here has no ':' after its key"),
        ("a: 'abc\nb: 1\n", 1, 4, "a quote is opened here and never closed"),
        ("a: @x\n", 1, 4, "text that begins with '@' needs quotes"),
        ("a: [1, 2\nb: 3\n", 2, 2, "a ',' or ']' is missing before this"),
        ("a: {b: 1\n", 2, 1, "the file ends inside a bracket"),
        ("a: |\n  x\n y\nz: 1\n", 3, 2, "this line does not fit the lines above"),
        ('a: "\\q"\n', 1, 6, "an unknown \\-escape"),
        ("a: - b\n", 1, 4, "a '- ' cannot stand here"),
        ("a: 1\nb: \x01\n", 2, 4, "the character U+0001 is not allowed in YAML"),
    ],
)
def test_syntax_errors_are_placed_and_plain(text, line, column, reason):
    """Line and column are where the reader must look."""
    with pytest.raises(ExperimentError) as caught:
        read_yaml(text, file="x.yaml")
    error = caught.value
    assert (line, column) == (error.line, error.column)
    assert error.reason.startswith(reason), error.reason
    assert "\n" not in str(error)


def test_tabs_inside_a_block_text_are_kept():
    """Only indentation must not have tabs; a prompt may quote a Makefile."""
    assert read_yaml("a: |\n  all:\n  \techo\n").data == {"a": "all:\n\techo\n"}
