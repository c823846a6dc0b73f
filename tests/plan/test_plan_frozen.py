"""Plans are read back as they were frozen; what does not fit together is refused."""

import json
from dataclasses import replace
from typing import Any

import pytest
from planned import TEXT, WEIGHED, built, frozen

from llmxray import plan as plans
from llmxray.errors import CassetteError


def test_repeats_keep_their_seeds_where_these_tell_no_requests_apart():
    """They share one frozen request; a recording that goes on would ask the same again for each repeat."""
    text = TEXT + "sampling: {seed: 7}\nsamples: 3\nidentity: {ignore: [seed]}\n"
    plan = built(text)
    assert plans.thaw(plans.freeze(plan, text)).trials == plan.trials
    assert [request.body["seed"] for trial in plan.trials[:3] for request in trial.requests] == [7, 8, 9]


def test_another_format_is_refused_by_name():
    """A newer plan is not half understood, nor an older one."""
    today = frozen(TEXT)
    for number in (1, 3):
        with pytest.raises(CassetteError, match=f"plan format {number}"):
            plans.thaw(replace(today, plan=({**today.plan[0], "format": number}, *today.plan[1:])))


@pytest.mark.parametrize(
    ("where", "name"),
    [
        (("experiment",), "../evil"),
        (("conditions", 0, "id"), "../../evil"),
        (("conditions", 0, "endpoint"), "a; b"),
        (("suites", 0, "card", "name"), "/etc/evil"),
    ],
)
def test_names_that_no_experiment_file_could_give_are_refused(where, name):
    """A stranger's cassette brings its own plan; its names become files and addresses, and are printed."""
    today = frozen(TEXT)
    header = at = today.plan[0]
    for part in where[:-1]:
        at = at[part]
    at[where[-1]] = name
    with pytest.raises(CassetteError, match="frozen plan cannot be read") as caught:
        plans.thaw(replace(today, plan=(header, *today.plan[1:])))
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("where", "value"),
    [
        *((("items", 0, *place), value) for place, value in (((0,), -1), ((1, "answer"), "Z"))),
        *((("items", 0, 1, name), value) for name, value in (("choices", "ABCD"), ("difficulty", "1"))),
        *((("plan", 0, "conditions", 0, name), []) for name in ("model", "sampling", "max_tokens")),
        (("plan", 0, "suites", 0, "card", "chance"), {}),
        *((("plan", 0, "suites", 0, name), True) for name in ("answer", "faults", "more_faults")),
        *((("plan", 1, 2), value) for value in ("gone", ["x"])),
        *((("plan", 1, 3), value) for value in (-1, True)),
        *((("plan", 1, 4), value) for value in ([0, 0, 0, 0], [3, 2, 1])),
        *((("plan", 1, place), value) for place, value in ((5, [10**6]), (6, [9]), (7, -2))),
    ],
)
def test_parts_of_other_types_or_that_do_not_fit_are_refused(where, value):
    """Whoever made it can make every hash fit, and what is wrong would show far from where it stands."""
    today = frozen(TEXT)
    plans.thaw(today)
    role, *path, last = where
    at = getattr(today, role)
    for part in path:
        at = at[part]
    at[last] = value
    with pytest.raises(CassetteError, match="frozen plan cannot be read"):
        plans.thaw(today)


@pytest.mark.parametrize(("role", "at"), [("items", 0), ("conditions", 0), ("suites", 0)])
def test_what_stands_twice_is_refused(role, at):
    """One of the two would be shown and the other scored."""
    today = frozen(TEXT)
    if role == "items":
        today = replace(today, items=(*today.items, today.items[at]))
    else:
        today.plan[0][role].append(today.plan[0][role][at])
    with pytest.raises(CassetteError, match="stands twice"):
        plans.thaw(today)


TWO = """experiment: e
kind: benchmark
endpoints: {tiny: {preset: local}}
models: [{id: cold, endpoint: tiny, model: m}, {id: other, endpoint: tiny, model: n}]
suites: [{suite: starter/arc, limit: 3}]
samples: 2
rotations: all
"""


def _exchanged(lines: list[Any], first: int, second: int) -> list[Any]:
    """The plan with the requests of two trials exchanged."""
    header, *trials = json.loads(json.dumps(lines))
    trials[first][5], trials[second][5] = trials[second][5], trials[first][5]
    return [header, *trials]


def _header(lines: list[Any], **changes: Any) -> list[Any]:
    """The plan with another first condition."""
    header, *trials = json.loads(json.dumps(lines))
    header["conditions"][0] |= changes
    return [header, *trials]


def test_a_reply_is_no_answer_to_another_question():
    """Every hash can be made to fit; requests say themselves what they ask of whom, and how."""
    today = frozen(TWO)
    lines = list(today.plan)
    trials = plans.thaw(today).trials
    one = trials[0]

    def place(**other: Any) -> int:
        wanted = {"condition": one.condition, "item": one.item, "sample": 0, "rotation": 0} | other
        return next(
            number
            for number, trial in enumerate(trials)
            if all(getattr(trial, name) == value for name, value in wanted.items())
        )

    hostile = [
        _exchanged(lines, 0, place(condition="other")),
        _exchanged(lines, 0, place(item=trials[-1].item)),
        _exchanged(lines, 0, place(rotation=1)),
        _header(lines, model="gpt-5"),
        _header(lines, sampling={**lines[0]["conditions"][0]["sampling"], "temperature": 1.9}),
        _header(lines, sampling={"seed": 7}),
        [*lines, lines[1]],
        [lines[0], [-1, *lines[1][1:]], *lines[2:]],
        [{**lines[0], "ignored": ["messages"]}, *lines[1:]],
    ]
    for changed in hostile:
        with pytest.raises(CassetteError, match="frozen plan cannot be read"):
            plans.thaw(replace(today, plan=tuple(changed)))


def test_an_option_is_weighed_by_the_request_that_forces_it():
    """Else the likelihood of one option would be read as that of another."""
    today = frozen(WEIGHED)
    plans.thaw(today)
    forced = today.plan[1][5]
    forced[0], forced[1] = forced[1], forced[0]
    with pytest.raises(CassetteError, match="asks something else"):
        plans.thaw(today)


@pytest.mark.parametrize(
    ("suite", "about"),
    [
        *((suite, "") for suite in ("hellaswag", "gsm8k", "facts", "tools")),
        *((suite, "answer: likelihood") for suite in ("hellaswag", "truthfulqa")),
        *(("arc", f"layout: {layout}") for layout in ("few-shot", "few-shot-think")),
        ("arc", "layout: few-shot-raw, answer: likelihood"),
    ],
)
def test_what_a_plan_asks_is_what_its_trials_say(suite, about):
    """Whatever the kind of answer, the layout and the fields of a request, forced options too."""
    text = f"""experiment: e
kind: benchmark
endpoints: {{tiny: {{preset: local}}}}
models:
  - {{id: m, endpoint: tiny, model: "a/b:c"{", " * bool(about)}{about}}}
  - {{id: n, endpoint: tiny, model: n, system: "Be  brief."}}
suites: [{{suite: starter/{suite}, limit: 8}}]
sampling: {{temperature: 0.7, seed: 3, top_logprobs: 5, stop: ["END"], logit_bias: {{"5": -1}}}}
shuffle_options: {{seed: 3}}
samples: 2
"""
    assert built(text) == plans.thaw(frozen(text))


@pytest.mark.parametrize("answer", ["letter", "likelihood"])
def test_real_questions_are_asked_as_they_stand(shared, answer):
    """With their own white space, quotes and formulas."""
    where = shared / "data" / "mmlu_pro" / "test_slice_420.jsonl"
    source = f'{{suite: mmlu_pro, source: {{file: "{where}"}}}}'
    text = TEXT.replace("{suite: starter/arc, limit: 3}", source).replace(
        "model: m}", f"model: m, answer: {answer}}}"
    )
    assert 420 == len(plans.thaw(frozen(text, where.parent)).trials)
