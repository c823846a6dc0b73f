"""What is printed: made printable in one place, whoever wrote it."""

import io
import json
import re
import sys
from pathlib import Path

import pytest

from llmxray import workflow
from llmxray.cli import terminal
from llmxray.cli.run import _read

CLI = Path(__file__).parents[2] / "llmxray" / "cli"
HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e[red]\ud800"


@pytest.mark.parametrize(
    ("printed", "between"),
    [
        (terminal.say, " "),
        (terminal.note, " "),
        (lambda text: terminal.say(text, err=True), " "),
        (terminal.say_lines, "\n"),
    ],
)
def test_nothing_printed_drives_the_terminal(printed, between, capsys):
    """Escapes, C1 controls, reordering marks and halves of characters; brackets are no markup."""
    printed(f"a model\n{HOSTILE}")
    output = "".join(capsys.readouterr())
    assert [character for character in output if character != "\n" and not character.isprintable()] == []
    assert f"a model{between}␛]0;owned␇␛[2J\ufffd31m\ufffd[red]\ufffd\n" == output


def test_a_log_cannot_write_lines_of_ours(tmp_path, capsys):
    """A tool's version with line feeds is one line of a remark; what is indented stays so."""
    path = tmp_path / "x.jsonl"
    reply = {"schema_version": "0.2\nllmxray: site/index.html written\r\n$ curl", "evaluation_name": "t"}
    reply |= {"sample_id": "s", "input": {"raw": "q", "reference": "a"}, "output": {"raw": "a"}}
    path.write_text(json.dumps(reply), "utf-8")
    _read([path], workflow.ReadSettings("llmxray", "acc", None))
    first, *others = capsys.readouterr().err.splitlines()
    assert " 0.2 llmxray: site/index.html written $ curl: 1 answer in " in first
    assert not [line for line in others if line.startswith(("llmxray", "$"))]
    terminal.note("  said\nof it")
    assert "  said of it\n" == capsys.readouterr().err


def test_nothing_else_prints():
    """Or what it prints is not made printable."""
    for path in CLI.rglob("*.py"):
        if path.name != "terminal.py":
            matches = re.findall(
                r"typer\.echo|\bprint\(|sys\.std(?:out|err)\.write|\bConsole\(", path.read_text("utf-8")
            )
            assert matches == [], path.name


def test_a_terminal_that_cannot_say_a_character(monkeypatch):
    """It is escaped: an answer in another script must not end a command."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, "latin-1"))
    terminal.prepare_streams()
    terminal.say("Grüße 世界")
    sys.stdout.flush()
    assert b"Gr\xfc\xdfe \\u4e16\\u754c" in raw.getvalue()
