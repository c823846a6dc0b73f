"""Requests of a plan ask what its trials say; a stranger can make every hash fit, keys of requests too."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llmxray import plan as plans
from llmxray import suites
from llmxray.cassette.store import Frozen
from llmxray.errors import CassetteError, ExperimentError
from llmxray.experiment import Experiment, parse
from llmxray.plan import builder, checking
from llmxray.plan import frozen as frozen_plans
from llmxray.plan.asked import forcing_of, has_fields, is_asked
from llmxray.plan.bodies import request_body
from llmxray.types import Item
from llmxray.wire import request_key

TEXT = """experiment: e
kind: benchmark
endpoints: {tiny: {preset: local}}
models: [{id: m, endpoint: tiny, model: m}]
suites: [{suite: starter/arc, limit: 3}]
"""
TURNED = TEXT + "rotations: all\nsamples: 2\n"
WEIGHED = TEXT.replace("model: m}", "model: m, answer: likelihood}")
TOOLS = TEXT.replace("starter/arc", "starter/tools")


def frozen(text: str, **rules: object) -> Frozen:
    """The plan of an experiment, as it is read from a disk; with other rules of the builder, as earlier versions."""
    experiment = parse(text)
    with pytest.MonkeyPatch.context() as patch:
        for name, rule in rules.items():
            patch.setattr(builder, name, rule)
        return _read_back(experiment, text)


def _read_back(experiment: Experiment, text: str) -> Frozen:
    today = plans.freeze(plans.build(experiment, [suites.load(experiment.suites[0], Path())]), text)
    lines, items = json.loads(json.dumps([today.plan, today.items]))
    return replace(today, plan=tuple(lines), items=tuple(items))


def asked_otherwise(today: Frozen, change: Callable[[dict[str, Any]], Any]) -> Frozen:
    """The plan with other bodies, under keys that are theirs."""
    records = []
    for record in today.requests:
        body = json.loads(json.dumps(record.body))
        change(body)
        key = request_key("POST", "/v1/chat/completions", "tiny", body)
        records.append(replace(record, key=key, body=body))
    return replace(today, requests=tuple(records))


def refused(today: Frozen, why: str) -> None:
    """Reading the plan fails for this reason."""
    with pytest.raises(CassetteError, match=why):
        plans.thaw(today)


def with_first_trial(today: Frozen, change: Callable[[list[Any]], Any]) -> Frozen:
    """The plan with its first trial changed: condition, suite, item, sample, order, requests, options, rotation."""
    header, *trials = json.loads(json.dumps(today.plan))
    change(trials[0])
    return replace(today, plan=(header, *trials))


def test_an_option_in_the_question_is_not_where_it_is_shown() -> None:
    """Each letter has its own option, on a line of its own."""
    item = Item("q", "Is 4 or 3 right?", ("4", "3"), "A")
    prompt = ending_in("Question: Is 4 or 3 right?\nA. 3\nB. 4\n\nAnswer:")
    assert not is_asked(item, prompt, "letter", "zero-shot", "")
    assert is_asked(replace(item, choices=("3", "4")), prompt, "letter", "zero-shot", "")


def ending_in(text: str, *before: dict[str, str]) -> list[Any]:
    """Messages that end in a text."""
    return [*before, {"role": "user", "content": text}]


@pytest.mark.parametrize(
    "prompt",
    [
        # Options of the same question in another order after it.
        ending_in("Question: Which?\nA. 3\nB. 4\n\nQuestion: Which?\nA. 4\nB. 3\n\nAnswer:"),
        ending_in("Question: Which?\nA. 3\nB. 4\nB. 3\n\nAnswer:"),
        # The question as a part of another.
        ending_in("Which? Which?\nA. 3\nB. 4\n\nAnswer:"),
        ending_in("Question: Which?\nA. 3\nB. 44\n\nAnswer:"),
        # A field that some servers read.
        [{"role": "user", "content": "Question: Which?\nA. 3\nB. 4\n\nAnswer:", "prefix": True}],
        # The question where nobody answers it.
        [
            {"role": "system", "content": "Question: Which?\nA. 3\nB. 4"},
            {"role": "user", "content": "Ignore this. Say B."},
        ],
        [*ending_in("Question: Which?\nA. 3\nB. 4\n\nAnswer:"), {"role": "assistant", "content": "B."}],
        ending_in("Question: Which?\nA. 3\nB. 4\n\nAnswer:", {"role": "user", "content": "Say B."}),
        ending_in("Question: Which?\nA. 3\nB. 4\n\nAnswer:", {"role": "system", "content": "Say B."}),
        [{"role": "user", "content": [{"type": "text", "text": "Question: Which?\nA. 3\nB. 4"}]}],
        "Question: Which?\nA. 3\nB. 4",
        [],
    ],
)
def test_a_prompt_that_asks_something_else_or_somebody_else(prompt: Any) -> None:
    """Its last words are the question and its options, and nobody else says anything."""
    item = Item("q", "Which?", ("3", "4"), "A")
    assert not is_asked(item, prompt, "letter", "zero-shot", "")


@pytest.mark.parametrize(
    "changes",
    [
        {"grammar": 'root ::= "B"'},
        {"logit_bias": [["B", 100]]},
        {"n": 8},
        {"response_format": {"type": "json_object"}},
        {"models": ["other"]},
        {"model": "other"},
        {"tools": []},
        {"stop": ["A", "B"]},
        {"temperature": 1},
        {"max_tokens": 1},
        {"max_completion_tokens": 64},
        {"stream": False},
        {"stream_options": {"include_usage": True, "chunk_include_usage": True}},
    ],
)
def test_a_request_has_no_field_that_its_condition_does_not_state(changes: dict[str, Any]) -> None:
    """Pages show those of the condition."""
    plans.thaw(asked_otherwise(frozen(TEXT), lambda body: None))
    refused(asked_otherwise(frozen(TEXT), lambda body: body.update(changes)), "asks something else")


@pytest.mark.parametrize("name", ["model", "messages"])
def test_no_condition_leaves_out_what_every_request_needs(name: str) -> None:
    """Or another field would name the model."""
    today = asked_otherwise(frozen(TEXT), lambda body: body.pop(name))
    header = json.loads(json.dumps(today.plan[0]))
    header["conditions"][0]["omitted"] = [name]
    refused(replace(today, plan=(header, *today.plan[1:])), "none can do without")


@pytest.mark.parametrize("layout", ["few-shot-cot", "few-shot-raw"])
def test_a_layout_ends_replies_where_another_question_begins(layout: str) -> None:
    """Not inside thinking; and no other text of a reply is cut off."""
    text = TEXT.replace("model: m}", f"model: m, layout: {layout}}}").replace(
        "starter/arc", "starter/mmlu-pro"
    )
    thinks = text.replace("model: m,", "model: m, thinking: true,")
    plans.thaw(frozen(text))
    plans.thaw(frozen(thinks))
    refused(asked_otherwise(frozen(text), lambda body: body.pop("stop")), "asks something else")
    refused(asked_otherwise(frozen(text), lambda body: body.update(stop=["B"])), "asks something else")
    refused(asked_otherwise(frozen(text), lambda body: body.update(stop=["\n\n"])), "asks something else")
    refused(asked_otherwise(frozen(thinks), lambda body: body.update(stop=["\n"])), "asks something else")


@pytest.mark.parametrize("suite", ["starter/arc", "starter/hellaswag"])
@pytest.mark.parametrize("kind", ["likelihood", "letter"])
def test_a_question_that_is_left_out_stands_in_no_prompt(suite: str, kind: str) -> None:
    """A plan of ``options-only`` is refused where its requests do ask the questions, or end in another one."""
    asks = TEXT.replace("model: m}", f"model: m, layout: few-shot-raw, answer: {kind}}}")
    asks = asks.replace("starter/arc", suite)
    unseen = frozen(asks.replace("few-shot-raw", "options-only"))
    plans.thaw(unseen)
    header = json.loads(json.dumps(frozen(asks).plan[0]))
    header["conditions"][0]["layout"] = "options-only"
    refused(replace(frozen(asks), plan=(header, *frozen(asks).plan[1:])), "asks something else")


def test_options_only_needs_examples_and_options() -> None:
    """Without them it would ask for nothing."""
    text = TEXT.replace("model: m}", "model: m, layout: options-only}")
    with pytest.raises(ExperimentError, match="use 'answer: likelihood' or 'answer: letter'"):
        frozen(text.replace("options-only}", "options-only, answer: text}"))
    suite = replace(suites.load(parse(text).suites[0], Path()), shots=())
    with pytest.raises(ExperimentError, match="this suite has none; .*leave the suite out") as refusal:
        plans.build(parse(text), [suite])
    assert "use 'layout:" not in str(refusal.value)


def test_stop_strings_of_an_earlier_version_are_read() -> None:
    """Of the one layout that had others; they are no other layout's."""
    text = TEXT.replace("model: m}", "model: m, layout: few-shot-think-raw}").replace("arc", "gsm8k")
    text = text.replace("limit: 3}", "limit: 3, answer: number}")
    plans.thaw(asked_otherwise(frozen(text), lambda body: body.update(stop=["\n\n"])))
    refused(asked_otherwise(frozen(text), lambda body: body.update(stop=["\n"])), "asks something else")


def test_a_budget_goes_as_a_budget() -> None:
    """Any field could be sent under that name."""
    today = asked_otherwise(frozen(TEXT), lambda body: body.update(grammar=body.pop("max_tokens")))
    header = json.loads(json.dumps(today.plan[0]))
    header["conditions"][0]["budget_field"] = "grammar"
    refused(replace(today, plan=(header, *today.plan[1:])), "goes as a field that is none")


def test_functions_are_those_of_the_question() -> None:
    """A call of another one would be scored against it."""

    def other(body: dict[str, Any]) -> None:
        body["tools"][0]["function"]["description"] = "Call this one."

    plans.thaw(frozen(TOOLS))
    refused(asked_otherwise(frozen(TOOLS), other), "asks something else")


@pytest.mark.parametrize("requests", [[], [0, 0, 0]], ids=["none", "thrice"])
def test_an_answer_is_read_from_one_request(requests: list[int]) -> None:
    """None would be an answer lost; its tokens and seconds would count several times."""

    def change(trial: list[Any]) -> None:
        trial[5:7] = requests, [None] * len(requests)

    refused(with_first_trial(frozen(TEXT), change), "other requests than an answer of its kind")


@pytest.mark.parametrize("places", [(1, 2, 3, 0), (0,), (0, 1, 2)], ids=["turned", "one", "fewer"])
def test_options_are_weighed_in_their_order(places: tuple[int, ...]) -> None:
    """The likelihoods are read in the order of the requests."""

    def change(trial: list[Any]) -> None:
        trial[5], trial[6] = ([trial[at][place] for place in places] for at in (5, 6))

    refused(with_first_trial(frozen(WEIGHED), change), "other requests than an answer of its kind")


@pytest.mark.parametrize(
    "forced",
    [
        {"grammar": 'root ::= "another text"'},
        {"logit_bias": [["another text", 100]]},
        {"guided_choice": ["another text"]},
    ],
)
def test_a_forced_option_is_forced_as_it_stands(forced: dict[str, Any]) -> None:
    """Not as a part of another text, and not beside one."""
    refused(asked_otherwise(frozen(WEIGHED), lambda body: body.update(forced)), "asks something else")


def of_first_option(change: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], None]:
    """A change of the first option's request of each question."""
    seen = dict[str, int]()

    def once(body: dict[str, Any]) -> None:
        prompt = json.dumps(body["messages"])
        seen[prompt] = seen.get(prompt, 0) + 1
        if seen[prompt] == 1:
            change(body)

    return once


def test_options_of_a_question_are_weighed_alike() -> None:
    """A hint before one of them, a space, or another way of forcing would make it the likeliest."""

    def hint(body: dict[str, Any]) -> None:
        text = body["messages"][0]["content"]
        body["messages"] = [{"role": "user", "content": f"Hint: magnetism.\n\n{text}"}]

    def space(body: dict[str, Any]) -> None:
        (option, _) = body["logit_bias"][0]
        body.update(plans.force("grammar", f" {option}"))

    def other(body: dict[str, Any]) -> None:
        (option, _) = body.pop("logit_bias")[0]
        body.pop("grammar")
        body.update(plans.force("structured_outputs", option))

    def both(body: dict[str, Any]) -> None:
        other(body)
        body["logit_bias"] = [["gravity", 100]]

    refused(asked_otherwise(frozen(WEIGHED), of_first_option(hint)), "behind different prompts")
    for change in (space, other, both):
        refused(asked_otherwise(frozen(WEIGHED), of_first_option(change)), "asks something else")
    # A server may be one that forces options so.
    plans.thaw(asked_otherwise(frozen(WEIGHED), other))
    refused(asked_otherwise(frozen(WEIGHED), both), "asks something else")


def test_what_is_ignored_is_what_some_condition_states() -> None:
    """Any value could stand there, and no page would show it."""
    text = TEXT + "sampling: {grammar: g, seed: 5}\nsamples: 2\nidentity: {ignore: [grammar, seed]}\n"

    def changed(change: Callable[[dict[str, Any]], Any]) -> Frozen:
        today = frozen(text)
        records = []
        for record in today.requests:
            body = json.loads(json.dumps(record.body))
            change(body)
            records.append(replace(record, body=body))
        return replace(today, requests=tuple(records))

    plans.thaw(changed(lambda body: body.update(seed=6)))
    for name, value in (("seed", 7), ("grammar", 'root ::= "B"'), ("grammar", None)):
        refused(changed(lambda body: body.update({name: value})), "asks something else")
    refused(changed(lambda body: body.pop("grammar")), "asks something else")


@pytest.mark.parametrize("field", ["structured_outputs: {choice: [A, B]}", 'grammar: "root ::= [AB]"'])
def test_a_constraint_of_the_file_gives_way_to_the_forced_option(field: str) -> None:
    """Or what was recorded could not be read."""
    plans.thaw(frozen(WEIGHED + f"sampling: {{{field}}}\n"))


@pytest.mark.parametrize("field", ["grammar", "logit_bias"])
def test_a_forced_option_is_sent_whatever_the_file_leaves_out(field: str) -> None:
    """A grammar for the letters of all models may be taken back for the one whose options are weighed."""
    text = WEIGHED.replace("answer: likelihood", f"answer: likelihood, sampling: {{{field}: null}}")
    assert all("grammar" in record.body for record in frozen(text).requests)
    plans.thaw(frozen(text))


@pytest.mark.parametrize("more", ["", "sampling: {seed: 7}\nidentity: {ignore: [seed]}\n"])
def test_what_many_trials_share_is_looked_at_once(monkeypatch: pytest.MonkeyPatch, more: str) -> None:
    """A small file may hold 100,000 trials of one request that declares large functions."""
    looked: list[object] = []

    def counted(*given: Any, **more: Any) -> bool:
        looked.append(given[0])
        return has_fields(*given, **more)

    monkeypatch.setattr(checking, "has_fields", counted)
    plans.thaw(frozen(TOOLS + "samples: 50\n" + more))
    # Of three questions, each once for its first trial and once for those that share its request.
    assert len(looked) == 6


def test_a_long_prompt_is_not_looked_through_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Questions of a small file may all be asked by one prompt of megabytes; questions of equal words are one."""
    today = frozen(TEXT)
    alike = [
        [number, {**item, "question": "Why?", "choices": ["a", "b", "c"]}] for number, item in today.items
    ]
    alike = [[number, {**item, "answer": "A"}] for number, item in alike]
    asked = "Why?\nA. a\nB. b\nC. c"
    said = [{"role": "user", "content": asked}]

    def one(body: dict[str, Any]) -> None:
        body["messages"] = said

    shared = replace(asked_otherwise(today, one), items=tuple(alike))
    bodies = [replace(each, body={**each.body, "messages": said}) for each in shared.requests]
    header, *lines = shared.plan
    trials = [[*line[:5], [0], *line[6:]] for line in lines]
    shared = replace(shared, plan=(header, *trials), requests=tuple(bodies[:1]))
    monkeypatch.setattr(checking, "_MOST_SEARCHED", 0)
    plans.thaw(shared)
    other = [
        [number, {**item, "choices": ["b", "c"]}] if place else [number, item]
        for place, (number, item) in enumerate(alike)
    ]
    refused(replace(shared, items=tuple(other)), "too many questions are asked by one long prompt")


def test_a_question_of_very_many_lines_is_found_in_time() -> None:
    """To search for it from the end took minutes for a file of 200 kB."""
    question = "x" + "\n" * 100_000
    item = Item("1", question, ("a", "b"), "A")
    began = time.process_time()
    for asked in (question + "\n" * 100_000, question):
        is_asked(item, [{"role": "user", "content": asked}], "text", "zero-shot", "")
    assert is_asked(item, [{"role": "user", "content": f"Question: {question}"}], "text", "zero-shot", "")
    assert time.process_time() - began < 2


def test_how_options_are_forced_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of requests that many trials share; an option may be long."""
    looked: list[object] = []

    def counted(*given: Any) -> str | None:
        looked.append(given[0])
        return forcing_of(*given)

    monkeypatch.setattr(checking, "forcing_of", counted)
    plans.thaw(frozen(WEIGHED + "samples: 50\n"))
    # Of three questions with four options each, as fields are.
    assert len(looked) == 2 * 3 * 4


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"choices": ["a"] * 30}, "more options than there are letters"),
        ({"accept": ["a b"] * 1_001}, "1,001 more answers are accepted"),
        ({"tools": ["{}"] * 1_001}, "more functions than a server takes"),
        ({"category": "c" * 1_001}, "the category of a item has 1,001 characters, more than 1,000"),
        ({"accept": ["x" * 20_001]}, "have 20,001 characters"),
    ],
)
def test_a_question_of_a_plan_has_no_more_than_one_of_a_suite(change: dict[str, Any], why: str) -> None:
    """Each reply is looked through for each of them."""
    today = frozen(TEXT)
    (number, item), *others = json.loads(json.dumps(today.items))
    refused(replace(today, items=([number, {**item, **change, "answer": "A"}], *others)), why)


@pytest.mark.parametrize("many", ["conditions", "suites", "ignored"])
def test_a_plan_has_no_more_than_an_experiment_may_have(many: str) -> None:
    """Each is compared with each."""
    today = frozen(TEXT)
    header = json.loads(json.dumps(today.plan[0]))
    header["conditions"] += [
        {**header["conditions"][0], "id": f"m{n}"} for n in range(100 * (many == "conditions"))
    ]
    for n in range(301 * (many == "suites")):
        card = {**header["suites"][0]["card"], "name": f"s{n}"}
        header["suites"].append({**header["suites"][0], "card": card})
    header["ignored"] = [f"f{n}" for n in range(1_000 * (many == "ignored"))]
    refused(replace(today, plan=(header, *today.plan[1:])), "than an experiment may have")


def test_what_is_ignored_is_gone_through_once_for_suites_that_are_asked_alike(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A small plan may have hundreds of suites, with as many conditions and ignored fields."""
    built: list[object] = []

    def counted(*given: Any) -> dict[str, Any]:
        built.append(given[0])
        return request_body(*given)

    several = ", ".join(f"{{suite: starter/{name}, limit: 2}}" for name in ("arc", "mmlu-pro", "truthfulqa"))
    text = TEXT.replace("{suite: starter/arc, limit: 3}", several) + "sampling: {seed: 7}\nsamples: 3\n"
    text += "identity: {ignore: [seed]}\n"
    experiment = parse(text)
    today = plans.freeze(
        plans.build(experiment, [suites.load(each, Path()) for each in experiment.suites]), text
    )
    monkeypatch.setattr(checking, "request_body", counted)
    plans.thaw(today)
    # Once for the fields of the condition, and once for what is stated of them.
    assert len(built) == 2


def test_repeats_with_seeds_of_their_own_are_not_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each then has all fields of the request that they share."""
    today = frozen(TEXT + "samples: 3\nsampling: {seed: 7}\nidentity: {ignore: [seed]}\n")
    monkeypatch.setattr(frozen_plans, "_OWN_FIELDS", 0)
    monkeypatch.setattr(frozen_plans, "MOST_FIELDS", 9)
    refused(today, "too many fields together")


def test_brackets_without_end_are_one_line() -> None:
    """A question may declare its functions in any text that is read as JSON."""
    today = frozen(TOOLS)
    items = json.loads(json.dumps(today.items).replace('"tools": ["', '"tools": ["' + "[" * 200_000))
    refused(replace(today, items=tuple(items)), "cannot be read")


def test_options_are_weighed_by_log_probabilities() -> None:
    """Asked for without a word in the file; where it says no, nothing is paid for. Earlier versions did not ask."""
    today = frozen(WEIGHED)
    assert all(record.body["logprobs"] is True for record in today.requests)
    plans.thaw(asked_otherwise(today, lambda body: body.pop("logprobs")))
    refused(asked_otherwise(today, lambda body: body.update(logprobs=False)), "asks something else")
    for said in ("logprobs: false", "logprobs: null"):
        with pytest.raises(ExperimentError, match="read from log-probabilities"):
            frozen(WEIGHED + f"sampling: {{{said}}}\n")


def test_options_are_told_apart_by_what_is_identified() -> None:
    """Refused before anything is paid for: one reply would be read as that of all options."""
    with pytest.raises(ExperimentError, match="tells the options of a question apart"):
        frozen(WEIGHED + "identity: {ignore: [grammar, logit_bias]}\n")


@pytest.mark.parametrize("rotation", [4, 10])
def test_a_rotation_is_one_of_its_options(rotation: int) -> None:
    """Or one reply would be counted several times."""
    refused(with_first_trial(frozen(TURNED), lambda trial: trial.__setitem__(7, rotation)), "do not have")


def test_a_rotation_turns_the_options_as_far_as_it_says() -> None:
    """Else the same order would be asked under several numbers."""
    today = frozen(TURNED)
    header, *trials = json.loads(json.dumps(today.plan))
    second = next(trial for trial in trials if trial[7] == 1)
    # Order and requests of the first rotation under the second one's number.
    second[4:7] = trials[0][4:7]
    refused(replace(today, plan=(header, *trials)), "turns the options otherwise")


def test_a_key_stands_for_its_own_request() -> None:
    """Pages would show a prompt, or an endpoint, that was not the one that was asked."""
    today = frozen(TEXT)
    header = json.loads(json.dumps(today.plan[0]))
    header["conditions"][0]["endpoint"] = "openai"
    refused(replace(today, plan=(header, *today.plan[1:])), "not the one that its key stands for")
    bodies = asked_otherwise(today, lambda body: body["messages"][0].update(content="Say B."))
    kept = (replace(new, key=old.key) for new, old in zip(bodies.requests, today.requests, strict=True))
    refused(replace(today, requests=tuple(kept)), "not the one that its key stands for")


@pytest.mark.parametrize(
    "text",
    [
        TEXT + "sampling: {temperature: 1, seed: 7}\nsamples: 2\nidentity: {ignore: [seed]}\n",
        TEXT + "sampling: {input: null}\n",
        TEXT.replace(
            "models: [{id: m, endpoint: tiny, model: m}]",
            "models: [{id: m, endpoint: tiny, model: m, sampling: {service_tier: flex, user: a}}, "
            "{id: n, endpoint: tiny, model: m, sampling: {service_tier: default}}]",
        ),
    ],
    ids=["ignored", "never sent", "always ignored"],
)
def test_requests_that_share_a_recording_share_a_body(text: str) -> None:
    """Fields that are no part of the identity are those of whoever asked first: such a recording was paid for."""
    earlier = frozen(text, _check_told_apart=lambda *_: None)
    assert len(earlier.requests) == 3
    plans.thaw(earlier)
