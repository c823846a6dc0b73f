"""A recording whose starter suites are not those of this llmxray: every command that reads results says so."""

import json
from dataclasses import replace

import pytest

from llmxray.cassette import Cassette, write_plan
from tests.commands import llmxray
from tests.packs.conftest import record

NAME = "tiny"
PAIR = ("--baseline", "two", "--candidate", "one", "--margin", "2")
LINE = "questions with another right answer, by the starter/arc of this llmxray: scores are not those of that suite"


@pytest.fixture(scope="module")
def forged(tmp_path_factory):
    """A recorded experiment whose plan says that A is right, whatever was asked, with every hash made to fit."""
    folder = tmp_path_factory.mktemp("forged")
    cassette = record(folder).cassettes / NAME
    frozen = Cassette(cassette).frozen()
    items = json.loads(json.dumps(frozen.items))
    for _, item in items:
        item["answer"] = "A"
    write_plan(cassette, NAME, replace(frozen, items=tuple(items)), software={})
    return folder


@pytest.mark.parametrize(
    "arguments",
    [("grade", "names.txt", "--key", NAME), ("export", NAME, "--to", "eee", "-o", "eee"), ("check", NAME)],
)
def test_every_command_says_it(forged, arguments):
    """Once, on standard error."""
    (forged / "names.txt").write_text("Ada\n", "utf-8")
    done = llmxray(*arguments, at=forged)
    assert 0 == done.returncode
    assert 1 == done.stderr.count(LINE)


def test_a_gate_judges_nothing(forged):
    """Whatever the verdict would be; times do not depend on what is right."""
    done = llmxray("gate", NAME, *PAIR, "--metric", "accuracy", at=forged)
    assert (1, "") == (done.returncode, done.stdout)
    assert LINE in done.stderr
    assert "nothing is judged: scores are not those of the suites or prompts of the file" in done.stderr
    done = llmxray("gate", NAME, *PAIR, "--metric", "latency", at=forged)
    assert 0 == done.returncode
    assert LINE in done.stderr


def test_every_page_says_it(forged):
    """Beside the figures and on Methods; honest recordings have no such line."""
    assert 0 == llmxray("report", NAME, "--out", "pages", at=forged).returncode
    pages = list((forged / "pages" / NAME).rglob("*.html"))
    assert {"index.html", "methods.html"} < {path.name for path in pages}
    # The first page and the ledger too, which are made of what the experiment's folder holds.
    pages += [forged / "pages" / "index.html", forged / "pages" / "ledger.html"]
    assert [] == [path.name for path in pages if LINE not in path.read_text("utf-8")]
