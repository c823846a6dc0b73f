"""What was stated when recording began survives freezing, later recordings and fresh ones."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from planned import TEXT, built

from llmxray import plan as plans
from llmxray.errors import CassetteError
from llmxray.experiment import parse
from llmxray.plan import Statement, frozen_statement, statement_of

STATED = """hypothesis: It guesses.
predictions: [{claim: No better than guessing., metric: accuracy, of: m, below: chance}]
"""
FROZEN = {
    "claim": "No better than guessing.",
    "metric": "accuracy",
    "of": "m",
    "below": "chance",
    "on": "all",
    "margin": 0.0,
}


def header(text: str, statement: Statement) -> dict[str, Any]:
    """The first line of a plan frozen from an experiment file."""
    plan = built(text)
    line: dict[str, Any] = plans.freeze(plan, text, statement=statement).plan[0]
    return line


def test_it_is_frozen_and_read_back():
    """Hypothesis, predictions as plain values, the day, and what was stated before."""
    earlier = Statement("It knows.", (), "2030-01-01")
    today = statement_of(parse(TEXT + STATED), "2030-02-01").with_history_of(earlier)
    assert ("It guesses.", (FROZEN,)) == (today.hypothesis, today.predictions)
    assert today == frozen_statement(header(TEXT + STATED, today))
    assert (earlier,) == today.earlier


def test_nothing_stated_differs_from_nothing_known():
    """A file without a hypothesis states none; a plan frozen without a statement does not tell."""
    assert Statement("", (), None) == statement_of(parse(TEXT), None)
    assert Statement() == frozen_statement(header(TEXT, Statement()))


def test_what_is_stated_is_what_the_frozen_file_states():
    """Anybody can fit hashes to a reworded claim, or to a date before which nothing can have been seen."""
    today = statement_of(parse(TEXT + STATED), "2026-02-01", TEXT + STATED)
    line = header(TEXT + STATED, today)
    assert today == frozen_statement(line, "2026-02-01")
    reworded = {
        **line,
        "hypothesis": "It knew.",
        "predictions": [{**FROZEN, "claim": "Better than guessing."}],
    }
    assert today == frozen_statement(reworded)
    with pytest.raises(CassetteError, match="frozen on 2026-02-01, which is after the first recording"):
        frozen_statement(line, "2026-01-31")
    # A file that is edited between two recordings keeps the first statement, with the file that states it.
    edited = TEXT + STATED.replace("No better than", "Worse than")
    again = header(edited, frozen_statement(line))
    assert (today, TEXT + STATED) == (frozen_statement(again), again["stated_in"])
    # Without a file to compare with, there is no date.
    assert frozen_statement({**line, "source": "no: experiment"}).stated_on is None


def test_the_fingerprint_is_known_before_recording():
    """A reworded claim or another question changes it; the day, an anchor and a title do not."""

    def fingerprint(text: str) -> str:
        return plans.plan_fingerprint(parse(text), built(text))

    class Recorded:
        manifest = None
        frozen = plans.freeze(
            built(TEXT + STATED),
            TEXT + STATED,
            statement=statement_of(parse(TEXT + STATED), "2026-02-01", TEXT + STATED),
        )

        def lines(self, role: str) -> Iterator[Any]:
            lines = self.frozen.plan if role == "plan" else self.frozen.items
            return iter(json.loads(json.dumps(lines)))

    before = fingerprint(TEXT + STATED)
    assert before == plans.recorded_fingerprint(Recorded())
    assert before == fingerprint(
        TEXT + STATED + 'title: T\nanchor: {at: "https://osf.io/abcde", date: 2026-01-31}\n'
    )
    changed = [STATED.replace("No better", "Better"), STATED + "analysis: {chain: mmlu-pro}\n"]
    others = {fingerprint(TEXT + text) for text in changed} | {fingerprint((TEXT + STATED).replace("3", "4"))}
    assert len(others - {before}) == 3


def test_fresh_recordings_keep_what_differs():
    """The same words on another day are no other statement, and nothing is lost on the way."""
    first = Statement("One.", (), "2030-01-01")
    second = Statement("Two.", (), "2030-01-02").with_history_of(first)
    again = replace(second, stated_on="2030-01-03", earlier=()).with_history_of(second)
    third = Statement("Three.", (), "2030-01-04").with_history_of(again)
    assert (first,) == again.earlier
    assert ["One.", "Two."] == [each.hypothesis for each in third.earlier]
    assert {()} == {each.earlier for each in third.earlier}


def test_many_recordings_stay_readable():
    """The first statement and the newest are kept, the others counted."""
    today = Statement("h0", (), "2030-01-01")
    for n in range(1, 151):
        today = Statement(f"h{n}", (), "2030-01-02").with_history_of(today)
    assert (100, 50) == (len(today.earlier), today.left_out)
    assert ("h0", "h51", "h149") == tuple(today.earlier[place].hypothesis for place in (0, 1, -1))
    stated = "".join([TEXT, "hypothesis: h150\n"])
    assert today == frozen_statement({**today.as_header(stated), "source": stated})
    # The next recording counts on.
    assert 51 == Statement("now", (), None).with_history_of(today).left_out


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"stated_on": "20300102"}, "not a date such as"), ({"earlier_left_out": "some"}, "invalid literal")],
)
def test_a_statement_that_cannot_be_read_is_one_line(changed, said):
    """Whoever made it can make every hash fit."""
    with pytest.raises(CassetteError, match=f"frozen predictions cannot be read .*{said}"):
        frozen_statement({**Statement("", (FROZEN,), None).as_header(""), **changed})
