"""What `llmxray check` and `llmxray suites --preview` show of a data set."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests import commands

ROWS = [
    {"q": "Which river runs through Cairo?", "o": ["Rhine", "Nile", "Thames"], "a": 1},
    {"q": "Which is a metal?", "o": ["tin", "oak", "silk"], "a": 0},
]
EXPERIMENT = """\
experiment: quiz
kind: benchmark
endpoints: {{lab: {{preset: vllm, base_url: "http://127.0.0.1:9/v1"}}}}
models: [{{id: small, endpoint: lab, model: m{model}}}]
suites:
  - suite: rivers
    source: {{file: rows.jsonl, shots: rows2.jsonl}}
    columns: {{question: q, choices: o, answer: a}}
    answer_is: index{more}
"""


class Desk:
    """A folder, and commands in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def rows(self, name: str, rows: list[Any]) -> None:
        """Rows as JSON lines."""
        (self.folder / name).write_text("\n".join(map(json.dumps, rows)), "utf-8")

    def llmxray(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, standard output and standard error."""
        done = commands.llmxray(*arguments, at=self.folder)
        return done.returncode, done.stdout, done.stderr

    def check(self, *, model: str = "", more: str = "") -> str:
        """What `llmxray check` prints of the experiment."""
        (self.folder / "quiz.yaml").write_text(EXPERIMENT.format(model=model, more=more))
        code, out, err = self.llmxray("check", "quiz.yaml")
        assert (0, "") == (code, err)
        return out


@pytest.fixture
def desk(tmp_path):
    """An empty one, with rows."""
    desk = Desk(tmp_path)
    desk.rows("rows.jsonl", ROWS)
    desk.rows("rows2.jsonl", [{**ROWS[1], "q": f"Shown {n}?"} for n in range(8)])
    return desk


def test_check_shows_the_first_question_as_the_model_sees_it(desk):
    """The prompt as it is sent, and the right answer; each sample is a request."""
    shown = """\
  rivers: 2 questions
    the first question, as small sees it (right: B, Nile):
    | Answer the following multiple-choice question with only the letter of the right option.
    |
    | Question: Which river runs through Cairo?
    | A. Rhine
    | B. Nile
    | C. Thames
    |
    | Answer:
"""
    out = desk.check(more="\nsamples: 3")
    assert shown in out
    assert "\n6 requests in all; " in out
    desk.rows("rows.jsonl", ROWS[:1] * 503)
    assert " more\n" not in desk.check(more="\n    limit: 3"), "faults of questions that are not asked"


def test_check_shows_shuffled_options_as_they_are_sent(desk):
    """The letter that is said to be right is the one in the prompt."""
    letters = set()
    for seed in range(8):
        out = desk.check(model=f", shuffle_options: {{seed: {seed}}}")
        right = re.search(r"right: ([ABC]), Nile", out)
        assert f"| {right[1]}. Nile\n" in out
        letters.add(right[1])
    assert len(letters) > 1


def test_check_shows_what_is_weighed(desk):
    """Likelihood answers: the prompt without options, then the replies."""
    out = desk.check(model=", answer: likelihood")
    assert "(right: Nile):" in out
    assert "| A. Rhine" not in out
    assert "    replies weighed: Rhine | Nile | Thames\n" in out


def test_check_shows_the_end_of_a_long_prompt(desk):
    """Roles where there are several messages; the question is at the end."""
    out = desk.check(model=", layout: few-shot")
    assert re.search(r"\| … \d+ lines before\n", out)
    assert "| [assistant] A\n" in out
    assert out.index("| [assistant] A") < out.index("| Question: Which river runs through Cairo?")


def test_the_preview_of_the_docs(root, desk):
    """The file and the command of docs/data.md."""
    page = (root / "docs/data.md").read_text("utf-8")
    table, console = re.findall(r"```csv\n(.*?)```\n+```console\n(.*?)```", page, re.S)[0]
    (desk.folder / "quiz.csv").write_text(table, "utf-8")
    first, printed = console.split("\n", 1)

    assert (0, printed, "") == desk.llmxray(*first.removeprefix("$ llmxray ").split())


def test_a_proposal_can_be_pasted(desk):
    """It is YAML, and checks as it stands; names with spaces, a folder and a split."""
    rows = [
        {
            "Question": f"Is {n} true?",
            "Correct Answer": "null",
            "Incorrect Answer 1": "a: b",
            "Incorrect Answer 2": "x",
        }
        for n in range(3)
    ]
    (desk.folder / "a folder").mkdir()
    desk.rows("a folder/test.jsonl", rows)
    desk.rows("a folder/dev.jsonl", rows)
    code, out, err = desk.llmxray("suites", "--preview", "a folder", "--split", "test")
    assert (0, "") == (code, err)
    head = EXPERIMENT.format(model="", more="").split("suites:")[0]
    (desk.folder / "quiz.yaml").write_text(head + out)

    code, out, err = desk.llmxray("check", "quiz.yaml")
    assert (0, "") == (code, err)
    assert "  a-folder: 3 questions\n" in out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--preview", "gone.jsonl"), "there is no file"),
        (("--preview", "poor.jsonl"), "no column has the name and the texts of a question; it has: n"),
        (("--split", "test"), "--split goes with --preview"),
    ],
)
def test_what_cannot_be_previewed(desk, arguments, says):
    """One line, exit code 2, and nothing before it."""
    desk.rows("poor.jsonl", [{"n": 1}])
    code, out, err = desk.llmxray("suites", *arguments)

    assert (2, "") == (code, out)
    assert says in err
    assert 1 == len(err.strip().split("\n"))
