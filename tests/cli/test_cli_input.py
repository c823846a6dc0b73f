"""Bad input gives one clear line, exit code 2, and loses nothing (rows 22 and 24 of docs/maintainers/failures.md)."""

import pytest

from tests.commands import llmxray
from tests.refusals import GOOD, refused


@pytest.mark.parametrize("text", ["", "# nothing\n", "[1, 2]\n"])
def test_an_empty_or_shapeless_file_is_refused(tmp_path, text):
    """An empty file, or one that is no mapping, is one clear line."""
    (tmp_path / "demo.yaml").write_text(text, "utf-8")
    assert "demo.yaml" in refused(llmxray("check", "demo.yaml", at=tmp_path))


def test_a_missing_file_is_refused(tmp_path):
    """The line names the file."""
    assert "gone.yaml" in refused(llmxray("check", "gone.yaml", at=tmp_path))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("run", "demo.yaml", "--shard", "4/3", "--mode", "record"), "--shard"),
        (("run", "demo.yaml", "--endpoint", "lab"), "NAME=VALUE"),
        (("run", "demo.yaml", "--endpoint", "other=http://127.0.0.1:1/v1"), "no endpoint 'other'"),
        (("run", "demo.yaml", "--mode", "rekord"), "--mode"),
        (("proxy", "--cassette", "c", "--mode", "record"), "--upstream"),
        (("proxy", "--cassette", "nowhere"), "no cassette in nowhere"),
        (
            ("proxy", "--cassette", "demo.yaml", "--mode", "record", "--upstream", "http://127.0.0.1:9/v1"),
            "demo.yaml is a file",
        ),
        (("local", "gpt-5"), "smollm2-135m-instruct"),
        (("ledger", "gone"), "no such folder"),
    ],
)
def test_bad_arguments_are_one_line(tmp_path, arguments, says):
    """Arguments that cannot be used are refused before anything happens."""
    (tmp_path / "demo.yaml").write_text(GOOD, "utf-8")
    assert says in refused(llmxray(*arguments, at=tmp_path))
