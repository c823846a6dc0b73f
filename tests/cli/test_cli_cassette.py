"""`llmxray cassette …` from the outside: what it prints, how it exits, what it refuses."""

from pathlib import Path

import pytest
from recordings import interaction, recorded, stream

from tests import commands


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Work in a folder with two cassettes that share one request and differ in another."""
    monkeypatch.chdir(tmp_path)
    recorded(Path("a"), interaction("same"), interaction("other"), interaction("left"))
    recorded(Path("b"), interaction("same"), interaction("other", body=stream("hullo")))


def llmxray(*arguments: str) -> tuple[int, str, str]:
    """(exit code, standard output, standard error)."""
    done = commands.llmxray("cassette", *arguments, at=Path())
    return done.returncode, done.stdout, done.stderr


def test_diff_of_the_same():
    """Exit code 0, and what is not compared is said."""
    code, out, _ = llmxray("diff", "a", "a")
    assert 0 == code
    assert "3 samples in both: 3 with the same reply, 0 with another" in out
    assert "the same: times and ids are not compared" in out


def test_diff_of_others():
    """Exit code 1: counts first, then the largest changes, then what only one has."""
    code, out, _ = llmxray("diff", "a", "b")
    lines = out.splitlines()
    assert 1 == code
    assert "2 samples in both: 1 with the same reply, 1 with another" == lines[0]
    assert "1 only in the first, 0 only in the second" == lines[1]
    key = interaction("other").key
    assert f"  {key}/0: 'hello' → 'hullo'" in lines
    assert not any("token" in line for line in lines)  # the made-up streams give every token one probability
    assert f"  {interaction('left').key}/0 only in the first" in lines
    assert "→" not in llmxray("diff", "a", "b", "--show", "0")[1]


def test_merge():
    """Refused with what to do; with a preference it says what it took."""
    code, _, err = llmxray("merge", "a", "b", "-o", "out")
    assert (2, 1) == (code, len(err.splitlines()))
    assert "--prefer" in err
    code, out, _ = llmxray("merge", "a", "b", "-o", "out", "--prefer", "b")
    assert (0, "out: 3 recordings from 2 cassettes, 1 of them in several, 1 samples taken from b alone\n") == (
        code, out
    )  # fmt: skip
    assert 0 == llmxray("verify", "out")[0]


def test_export():
    """Counts what it wrote."""
    code, out, _ = llmxray("export", "a", "-o", "tables")
    assert (0, "tables: 3 recordings, 15 tokens with logprobs\n") == (code, out)
    assert 3 == len(list(Path("tables/raw").iterdir()))


def test_list_and_show():
    """What the list calls a recording leads to it: request, address, answer, measures, tokens with alternatives."""
    key = interaction("left").key
    listed = {line.split()[0]: line for line in llmxray("list", "a")[1].splitlines()}
    assert 3 == len(listed)
    name = f"{key.removeprefix('v1:')[:12]}/0/0"
    assert listed[name].endswith("  hello")
    code, out, _ = llmxray("show", "a", name)
    assert 0 == code
    assert f"{key}/0/0 at 2026-01-01T00:00:00.000Z" in out
    assert "answer: hello\nfinish reason stop, first token 0.250 s, last byte 0.500 s\n" in out
    assert 5 == sum("  [" in line for line in out.splitlines())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("diff", "a", "nowhere"), "no cassette in nowhere"),
        (("merge", "a", "a", "-o", "out"), "at least two different"),
        (("merge", "a", "b", "-o", "b", "--prefer", "b"), "b is there already"),
        (("export", "a", "-o", "b"), "b is there already"),
        (("show", "a", "v1:zz"), "0 recorded requests"),
        (("show", "a", f"{interaction('left').key}/7/0"), "no recording"),
        (("drop", "a", f"{interaction('left').key}/x"), "KEY/SAMPLE/ATTEMPT"),
        (("show", "a", f"{interaction('left').key}/{'9' * 5_000}/0"), "KEY/SAMPLE/ATTEMPT"),
    ],
)
def test_bad_input(arguments, says):
    """One line, exit code 2, and nothing new on disk."""
    before = sorted(Path().rglob("*"))
    code, _, err = llmxray(*arguments)
    assert (2, 1) == (code, len(err.splitlines())), err
    assert says in err
    assert before == [
        path for path in sorted(Path().rglob("*")) if path.name != "journal.lock" or path in before
    ]
