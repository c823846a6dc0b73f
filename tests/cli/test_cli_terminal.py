"""What is printed: made printable in one place, whoever wrote it."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import pytest

from llmxray.cli import terminal
from llmxray.cli.app import main

CLI = Path(__file__).parents[2] / "llmxray" / "cli"
HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e[red]\ud800"


@pytest.mark.parametrize("printed", [terminal.say, terminal.note, lambda text: terminal.say(text, err=True)])
def test_nothing_printed_drives_the_terminal(printed, capsys: pytest.CaptureFixture[str]) -> None:
    """Escapes, C1 controls, reordering marks and halves of characters; brackets are no markup."""
    printed(f"a model\n{HOSTILE}")
    said = "".join(capsys.readouterr())
    assert [each for each in said if each != "\n" and not each.isprintable()] == []
    assert "a model\n␛]0;owned␇␛[2J\ufffd31m\ufffd[red]\ufffd\n" == said


def test_nothing_else_prints() -> None:
    """Or what it prints is not made printable."""
    for path in CLI.rglob("*.py"):
        if path.name != "terminal.py":
            found = re.findall(
                r"typer\.echo|\bprint\(|sys\.std(?:out|err)\.write|\bConsole\(", path.read_text("utf-8")
            )
            assert found == [], path.name


def test_commands_are_quoted() -> None:
    """What is offered for pasting means one command, whatever its words are."""
    assert "llmxray run tiny" == terminal.command("llmxray", "run", "tiny")
    assert "cd 'a b; rm -rf ~'" == terminal.command("cd", Path("a b; rm -rf ~"))


def test_a_terminal_that_cannot_say_a_character(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is escaped: an answer in another script must not end a command."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, "latin-1"))
    terminal.prepare_streams()
    terminal.say("Grüße 世界")
    sys.stdout.flush()
    assert b"Gr\xfc\xdfe \\u4e16\\u754c" in raw.getvalue()


def test_a_message_that_repeats_a_long_text_is_shortened(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A key of a megabyte: where it stands is said, and what to do."""
    path = tmp_path / "long.yaml"
    path.write_text(f"experiment: long\n? {'a' * 900_000}\n: 1\n")
    with pytest.raises(SystemExit):
        main(["check", str(path)])
    said = capsys.readouterr().err
    assert len(said) < 2_100
    assert said.startswith(f"llmxray: {path}:2:3: aaa")
    assert said.endswith("analysis, prices\n")
