"""Tests of promptfoo: told by their variables, wherever they stand; and what a variable with a usual name may be."""

from typing import Any

import made_files as made
import pytest

from llmxray.errors import InputError
from llmxray.interop import read as interop
from llmxray.interop.read import Imported
from llmxray.types import Outcome


def row(n: int, reply: str, variables: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A result of a test with these variables and an assertion, unless it is said otherwise."""
    told: dict[str, Any] = {
        "prompt": {"raw": f"Is it good? {variables}", "label": "plain"},
        "vars": variables,
        "testCase": {"vars": variables, "assert": [{"type": "javascript", "value": "check()"}]},
        "gradingResult": {"pass": reply == "yes", "componentResults": []},
        **more,
    }
    return made.promptfoo_row(n, reply, **told)


def joined(*files: list[dict[str, Any]]) -> Imported:
    """The one experiment of some results."""
    (found,) = interop.read_files(
        [(f"{n}.json", made.dump(made.promptfoo(rows))) for n, rows in enumerate(files)]
    )
    return found


def paired(found: Imported) -> list[tuple[Outcome, Outcome]]:
    """The outcomes of two conditions on the questions that both answered."""
    one, two = (
        {row.item_id: row.outcome for row in found.results.of(each.id)}
        for each in found.results.plan.conditions
    )
    return [(one[item], two[item]) for item in one if item in two]


def review(n: int) -> dict[str, Any]:
    """Variables of which the question is always the same."""
    return {"question": "Is the review good?", "review": f"Review {n}", "topic": "films"}


def test_a_test_that_is_put_in_front_shifts_no_pair():
    """Both answer each review alike; a category may stand among the variables."""
    said = ["yes" if n % 3 else "no" for n in range(12)]
    old = [row(n, said[n], review(n), provider="old") for n in range(12)]
    new = [row(n + 1, said[n], review(n), provider="new") for n in range(12)]
    found = joined(old, [row(0, "yes", review(99), provider="new"), *new])
    pairs = paired(found)
    assert (len(pairs), len(found.results.plan.items())) == (12, 13)
    assert all(one is two for one, two in pairs)
    assert {each.category for each in found.results.rows} == {"films"}


def test_a_test_without_a_question_is_one_in_every_prompt():
    """As promptfoo's own first example: the topic is all that a test has, and each prompt asks in its own words."""
    rows = [
        row(
            n,
            "yes" if (n + place) % 2 else "no",
            {"topic": f"topic {n}"},
            promptIdx=place,
            prompt={"raw": words.replace("{{topic}}", f"topic {n}"), "label": words},
        )
        for n in range(12)
        for place, words in enumerate(
            ("Write a tweet about {{topic}}", "Write a funny tweet about {{topic}}")
        )
    ]
    found = joined(rows)
    assert len(paired(found)) == len(found.results.plan.items()) == 12
    assert {item.question for item in found.results.plan.items().values()} == {
        f"topic: topic {n}" for n in range(12)
    }


@pytest.mark.parametrize(
    ("asserted", "answer"),
    [
        ({"type": "javascript", "value": "output.includes(context.vars.target)"}, "French"),
        ({"type": "equals", "value": "{{ target }}"}, "French"),
        ({"type": "assert-set", "assert": [{"type": "contains", "value": "Bonjour"}]}, "Bonjour"),
        ({"type": "icontains", "value": "target"}, "target"),
        ({"type": "not-icontains", "value": "{{target}}"}, ""),
        ({"type": "llm-rubric", "value": "Is it good {{target}}?"}, ""),
        ({"type": "equals", "value": "{{ input | upper }}"}, ""),
        ({"type": "equals", "value": "file://answer.txt"}, ""),
    ],
)
def test_a_correct_answer_is_what_an_assertion_holds_the_reply_against(asserted, answer):
    """The target may as well be the language that is translated to."""
    variables = {"input": "Hello", "target": "French"}
    rows = [row(n, "yes", variables, testCase={"vars": variables, "assert": [asserted]}) for n in range(4)]
    assert {each.expected for each in joined(rows).results.rows} == {answer}


def stripped(n: int, model: str, passed: bool, **more: Any) -> dict[str, Any]:
    """As `PROMPTFOO_STRIP_TEST_VARS`, `…_PROMPT_TEXT` and `…_RESPONSE_OUTPUT` have it: `error` says why it failed."""
    return row(
        n,
        "[output stripped]",
        {},
        prompt={"raw": "[prompt stripped]", "label": "[prompt stripped]"},
        testCase={"assert": [{"type": "equals", "value": "Paris"}]},
        gradingResult={"pass": passed},
        provider=model,
        **({} if passed else {"error": "Expected output to equal", "failureReason": 1}),
        **more,
    )


def test_tests_without_variables_and_prompts_are_told_by_their_numbers():
    """What fails is no failed call, and is not read otherwise."""
    found = joined([stripped(n, f"model-{place}", n % 3 > 0) for n in range(12) for place in range(2)])
    assert len(paired(found)) == len(found.results.plan.items()) == 12
    assert sorted(each.outcome.value for each in found.results.rows) == ["correct"] * 16 + ["wrong"] * 8
    assert all(each.completion_tokens for each in found.results.rows)
    assert any("tests are told by their numbers" in note for note in found.results.notes)


@pytest.mark.parametrize(
    "asserted",
    [
        # Without one nothing is correct, whatever a variable is called: a prompt may translate to it.
        [],
        # One without weight measures; promptfoo calls the test passed whatever it says.
        [{"type": "assert-set", "weight": 0, "assert": [{"type": "icontains", "value": "Paris"}]}],
        [{"type": "icontains", "value": "Paris", "weight": 0}, {"type": "is-json"}],
        # The funniest of two jokes is not a correct one, and an attack is none.
        [{"type": "select-best"}],
        [{"type": "max-score"}],
        [{"type": "promptfoo:redteam:harmful:hate"}],
    ],
)
def test_what_says_nothing_of_correctness_scores_nothing(asserted):
    """Neither marks nor variables that are named like a correct answer."""
    variables = {"input": "Hello", "target": "yes", "expected": "yes"}
    test = {"vars": variables} | ({"assert": asserted} if asserted else {})
    rows = [row(n, "yes", variables, testCase=test, gradingResult={"pass": True}) for n in range(4)]
    with pytest.raises(InputError, match="nothing can be scored"):
        joined(rows)
