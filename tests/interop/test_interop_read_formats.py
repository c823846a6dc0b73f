"""Every format: what is read from it, on small files built from the published schemas."""

import math

import made_files as made
import pytest
from made_files import one, outcomes

from llmxray.interop import read as interop
from llmxray.interop.read.record import unique
from llmxray.types import Outcome


@pytest.mark.parametrize("method", [0, 8, 93])
def test_an_inspect_log_in_every_compression(method):
    """Stored, deflate, and zstd, which the standard library of 3.12 and 3.13 cannot open."""
    log = made.inspect_log([made.inspect_sample(n, "AB"[n % 2]) for n in range(4)])
    found = one(("x.eval", made.inspect_archive(log, method)))
    assert outcomes(found) == ["correct", "wrong"] * 2
    assert found.tools == ("Inspect 0.3.285",)
    assert "org/small: Inspect (choice) marks all 4 answers the same way" in found.results.notes


def test_what_an_inspect_sample_holds():
    """Confidence from the alternatives; tokens for the x-ray; prompt behind an attachment; times as stated."""
    found = one(("x.json", made.dump(made.inspect_log([made.inspect_sample(3, "B", p=0.7)]))))
    (row,), plan = found.results.rows, found.results.plan
    assert row.option_confidence == pytest.approx(0.7)
    assert row.option_probs == pytest.approx((0.1, 0.7, 0.1, 0.1))
    assert (row.latency_s, row.ttft_s, row.prompt_tokens, row.completion_tokens) == (0.5, None, 40, 4)
    assert (row.answer, row.expected, row.category) == ("B", "A", "odd")
    assert row.tool_mark == "Inspect choice: I"
    address = row.recordings[0].rsplit("/", 2)
    assert [token.token for token in next(iter(found.replies.replies.values())).tokens] == ["ANSWER:", " B"]
    assert address[0] == row.trial
    sent = plan.trials[0].requests[0].body["messages"]
    assert sent == [{"role": "user", "content": "Answer with a letter.\n\nWhat is 3 + 3?"}]


def test_only_what_the_file_states_is_a_setting():
    """No temperature, budget or number of requests in flight that is not there."""
    log = made.inspect_log([made.inspect_sample(n, "A") for n in range(2)])
    (stated,) = one(("x.json", made.dump(log))).results.plan.conditions
    assert dict(stated.sampling) == {"temperature": 0.5, "top_logprobs": 4, "logprobs": True}
    assert (stated.max_tokens, stated.budget_reason) == (32, "stated in the file")
    log["plan"]["config"] = {}
    found = one(("x.json", made.dump(log)))
    (silent,) = found.results.plan.conditions
    assert (dict(silent.sampling), silent.max_tokens) == ({}, 0)
    assert {row.concurrency for row in found.results.rows} == {0}


def test_reasoning_parts_and_failed_samples_of_inspect():
    """Content may come in parts; a sample that failed is an error, and no wrong answer."""
    thinking = made.inspect_sample(1, "A", p=None)
    parts = [{"type": "reasoning", "reasoning": "Hm. B?"}, {"type": "text", "text": "ANSWER: A"}]
    thinking["output"]["choices"][0]["message"]["content"] = parts
    failed = made.inspect_sample(2, "A", error={"message": "rate limit"}, scores={})
    cut = made.inspect_sample(4, "A", p=None)
    cut["output"]["choices"] = [{"message": {"content": "Let me think"}, "stop_reason": "max_tokens"}]
    cut["scores"] = {"choice": {"value": "I", "answer": ""}}
    found = one(("x.json", made.dump(made.inspect_log([thinking, failed, cut]))))
    rows = {row.item_id: row for row in found.results.rows}
    assert (rows["q1"].reasoning, rows["q1"].outcome) == ("Hm. B?", Outcome.CORRECT)
    assert (rows["q2"].outcome, rows["q2"].error) == (Outcome.ERROR, "rate limit")
    assert rows["q4"].outcome is Outcome.TRUNCATED


def test_several_scorers_and_partial_credit():
    """The one that counts is held against ours, and others of correctness; partial credit is neither."""
    samples = [made.inspect_sample(n, "A") for n in range(3)]
    for n, sample in enumerate(samples):
        sample["scores"] = {
            "match": {"value": "C" if n else "I"},
            "loose": {"value": 0.5},
            "all": {"value": {"correct": 1}},
        }
    found = one(("x.json", made.dump(made.inspect_log(samples))))
    assert "org/small: Inspect (match) marks 1 of 3 answers otherwise: q0" in found.results.notes
    assert "org/small: Inspect (all correct) marks 1 of 3 answers otherwise: q0" in found.results.notes
    assert not any("loose" in note for note in found.results.notes)


def test_an_unfinished_run_is_said():
    """What is there is read."""
    log = made.inspect_log([made.inspect_sample(1, "A")])
    log.pop("status")
    found = one(("x.eval", made.inspect_archive(log, header="_journal/start.json")))
    assert any("did not end (status: unfinished)" in note for note in found.results.notes)


SUMS = (-4.0, -1.0, -3.0, -2.0)


def test_sums_of_lm_eval_become_likelihood_answers():
    """Numbers are texts; the softmax over the sums is the confidence; no token was seen, so no mean of tokens."""
    rows = [made.lm_eval_row(n, SUMS if n else (-1.0, -2.0, -3.0, -4.0)) for n in range(3)]
    files = [
        ("s/samples_sums_2026-01-01T00-00-00.1.jsonl", made.lines(rows)),
        ("s/r.json", made.dump(made.lm_eval_results())),
    ]
    found = one(*files)
    first, second, _ = found.results.rows
    assert (first.outcome, second.outcome, second.answer) == (Outcome.CORRECT, Outcome.WRONG, "B")
    whole = math.fsum(math.exp(each) for each in SUMS)
    assert second.option_probs == pytest.approx([math.exp(each) / whole for each in SUMS])
    assert (second.mean_token_probability, second.recordings, second.latency_s) == (None, (), None)
    assert found.results.plan.conditions[0].model == "org/base"
    assert "org/base: lm-evaluation-harness (acc) marks all 3 answers the same way" in found.results.notes


def test_generated_answers_of_lm_eval_with_several_filters():
    """One reply, two filters; the first one counts, and the other one's mark stands beside it."""
    rows = [
        made.lm_eval_written(n, f"So it is {2 * n}.", filter_=name, mark=float(name == "flexible-extract"))
        for n in range(1, 4)
        for name in ("strict-match", "flexible-extract")
    ]
    found = one(("samples_gsm_2026-01-01T00-00-00.1.jsonl", made.lines(rows)))
    assert outcomes(found) == ["wrong"] * 3
    notes = " ".join(found.results.notes)
    assert "(exact_match,strict-match) marks 3 of 3 answers otherwise" in notes
    assert "(exact_match,flexible-extract) marks 3 of 3 answers otherwise" in notes
    (condition,) = found.results.plan.conditions
    assert (condition.sampling, condition.max_tokens) == ({"temperature": 0.0}, 64)


def test_the_mark_of_repeats_in_lm_eval_is_that_of_the_reply_it_was_taken_from():
    """A filter took one answer out of several replies (the first, the most frequent); no other reply is marked."""
    row = made.lm_eval_written(2, "4", mark=1.0)
    row["resps"], row["filtered_resps"] = [["It is 5.", "It is 4."]], ["4"]
    found = one(("samples_gsm_2026-01-01T00-00-00.1.jsonl", made.lines([row])))
    assert [(each.sample, each.outcome.value, each.tool_mark) for each in found.results.rows] == [
        (0, "unscored", ""),
        (1, "correct", "lm-evaluation-harness exact_match: 1.0"),
    ]


def test_parts_of_a_group_become_its_categories():
    """57 subjects are one suite."""
    about = made.lm_eval_results("mmlu_law", group_subtasks={"mmlu": ["mmlu_law"], "mmlu_law": []})
    law, art = (
        (
            f"a/samples_mmlu_{part}_2026-01-01T00-00-00.1.jsonl",
            made.lines([made.lm_eval_row(n, SUMS) for n in of]),
        )
        for part, of in (("law", range(2)), ("art", range(5, 7)))
    )
    found = one(law, ("a/r.json", made.dump(about)))
    assert list(found.results.plan.suites) == ["mmlu"]
    assert {row.category for row in found.results.rows} == {"law"}
    # Each task has its own number of examples; the run is one all the same.
    parts = ["mmlu_law", "mmlu_art"]
    about |= {"group_subtasks": {"mmlu": parts}, "configs": {part: {} for part in parts}}
    about["n-shot"] = {"mmlu_law": 0, "mmlu_art": 5}
    both = one(law, art, ("a/results_2026-01-01T00-00-00.1.json", made.dump(about)))
    assert len(both.results.plan.conditions) == 1
    assert [row.item_id for row in both.results.rows] == ["law/0", "law/1", "art/5", "art/6"]


def test_metrics_of_every_eval_ever_are_marks_of_one_reply():
    """One row a metric: not counted twice; the aggregate names tool and settings."""
    # A warning beside a reply is no failure.
    rows = [made.eee_row(n, "A", metric=metric, error="slow") for n in range(3) for metric in ("acc", "f1")]
    found = one(("a_samples.jsonl", made.lines(rows)), ("a.json", made.dump(made.eee_aggregate())))
    assert outcomes(found) == ["correct"] * 3
    assert found.tools == ("inspect_ai 0.3.285 by way of Every Eval Ever 0.3.0",)
    (condition,) = found.results.plan.conditions
    assert (condition.sampling, condition.max_tokens) == ({"temperature": 0.0}, 8)
    assert (found.results.rows[0].latency_s, found.results.rows[0].error) == (0.25, "")


def test_zeros_of_helm_are_missing():
    """All 0.0 is filled in; real numbers with alternatives become a confidence."""
    filled = made.helm_state(1, "A", [{"text": " A", "logprob": 0.0}])
    top = {f" {each}": math.log(value) for each, value in zip("ABCD", (0.6, 0.2, 0.1, 0.1), strict=True)}
    real = made.helm_state(2, "A", [{"text": " A", "logprob": math.log(0.6), "top_logprobs": top}])
    found = one(("mmlu:subject=law,model=m/scenario_state.json", made.dump(made.helm_run([filled, real]))))
    first, second = found.results.rows
    assert (first.option_confidence, second.option_confidence) == (None, pytest.approx(0.6))
    assert "stands for none" in first.missing_why
    assert (first.latency_s, first.category, list(found.results.plan.suites)) == (0.25, "law", ["mmlu"])


def test_files_of_a_helm_folder_belong_together():
    """The specification names the run, the statistics hold the marks; perturbed copies are left out."""
    states = [made.helm_state(n, "AB"[n], []) for n in range(2)]
    twisted = made.helm_state(0, "B", [])
    twisted["instance"]["perturbation"] = {"name": "typos"}
    stats = [made.helm_stats(n, exact_match=1.0) for n in range(2)]
    spec = {"name": "arc:subject=easy,model=m", "adapter_spec": {}, "scenario_spec": {}}
    found = one(
        ("r/scenario_state.json", made.dump(made.helm_run([*states, twisted]))),
        ("r/run_spec.json", made.dump(spec)),
        ("r/per_instance_stats.json", made.dump(stats)),
    )
    assert outcomes(found) == ["correct", "correct"]
    notes = " ".join(found.results.notes)
    assert "HELM (exact_match) marks 1 of 2 answers otherwise: id1" in notes
    assert "1 questions with perturbed words are left out" in notes


@pytest.mark.parametrize("most", [-1, 1e-7])
def test_of_several_completions_of_helm_the_most_likely_is_the_reply(most):
    """HELM scores no other, in whatever order they stand; a rounded sum may be above 0."""
    state = made.helm_state(1, "A", [])
    replies = [
        {"text": f" {letter}", "logprob": nats, "tokens": []}
        for letter, nats in zip("BAC", (-2, most, -3), strict=True)
    ]
    state["result"]["completions"] = replies
    found = one(("r/scenario_state.json", made.dump(made.helm_run([state]))))
    assert [(row.answer, row.outcome.value, row.sample) for row in found.results.rows] == [
        ("A", "correct", 0)
    ]
    assert any(
        "of several completions of a request the most likely is the reply" in note
        for note in found.results.notes
    )


def test_what_options_of_helm_weigh_by_themselves_is_taken_off():
    """The calibrated way of asking: the first option is unlikely as a text, and likely as an answer."""
    weighs = {"original": (-5.0, -4.0, -9.0, -9.0), "calibration": (-9.0, -4.0, -9.0, -9.0)}
    states = []
    for mode, each in weighs.items():
        for place, nats in enumerate(each):
            states.append(made.helm_state(1, "A", [], reference_index=place, request_mode=mode))
            states[-1]["result"]["completions"] = [
                {"text": "", "logprob": nats, "tokens": [{"text": "x", "logprob": nats}]}
            ]
    plain, calibrated = made.helm_run(states), made.helm_run(states)
    calibrated["adapter_spec"]["method"] = "multiple_choice_separate_calibrated"
    answers = [
        one(("r/scenario_state.json", made.dump(each))).results.rows[0].answer for each in (plain, calibrated)
    ]
    assert answers == ["B", "A"]


def test_options_of_helm_that_were_requested_one_by_one():
    """The prompt is in every sum, and cancels out."""
    states = []
    for place, nats in enumerate((-1.0, -3.0, -3.0, -3.0)):
        tokens = [{"text": "Q", "logprob": -9.0}, {"text": "x", "logprob": nats}]
        states.append(made.helm_state(1, "A", tokens, reference_index=place, request_mode="original"))
    (row,) = one(("r/scenario_state.json", made.dump(made.helm_run(states)))).results.rows
    assert (row.outcome, row.rule) == (Outcome.CORRECT, "likelihood-total")
    assert row.option_confidence == pytest.approx(math.exp(-1) / (math.exp(-1) + 3 * math.exp(-3)))


@pytest.mark.parametrize("as_lines", [False, True])
def test_results_of_promptfoo(as_lines):
    """Providers are conditions; the tool's mark stands beside ours; an answer from the cache has no time."""
    rows = [
        made.promptfoo_row(n, "AAAB"[n], provider=provider, passed=True)
        for n in range(4)
        for provider in ("a", "b")
    ]
    rows[0]["response"]["cached"] = True
    data = made.lines(rows) if as_lines else made.dump(made.promptfoo(rows))
    found = one(("out.jsonl" if as_lines else "out.json", data))
    assert [each.label for each in found.results.plan.conditions] == ["a", "b"]
    assert outcomes(found) == ["correct"] * 8
    last = found.results.of("a")[-1].item_id
    assert f"a: promptfoo (pass) marks 1 of 4 answers otherwise: {last}" in found.results.notes
    assert [row.latency_s for row in found.results.rows[:2]] == [None, 0.125]


def test_events_of_openai_evals():
    """Sampling and match of one sample are one answer, counted as it is marked."""
    events = made.openai_events(
        [("Paris", "Paris", True), ("Rome", "Bern", False), ("It's Oslo", "Oslo", False)]
    )
    found = one(("log.jsonl", made.lines(events)))
    assert outcomes(found) == ["correct", "wrong", "wrong"]
    assert found.results.plan.conditions[0].model == "small"
    assert found.results.plan.trials[0].requests[0].body["messages"][0] == {
        "role": "system",
        "content": "One word.",
    }


def test_formats_are_told_by_content():
    """Whatever the file is called, and with the mark in front that Windows writes."""
    for data in made.everything().values():
        assert one(("notes.txt", data)).results.rows
        assert data.startswith(b"PK") or one(("notes.txt", b"\xef\xbb\xbf" + data)).results.rows


@pytest.mark.parametrize(
    ("data", "says"), [({"message": "rate limit"}, "rate limit"), ({}, "the sample failed")]
)
def test_a_sample_of_which_there_is_only_an_error_is_one(data, says):
    """It was dropped, so that nobody learnt that it was asked."""
    events = made.openai_events([("Paris", "Paris", True), ("Rome", "Bern", False)])
    failed = {"run_id": "r", "event_id": 9, "sample_id": 2, "type": "error", "data": data}
    (found,) = interop.read_files([("x.jsonl", made.lines([*events, failed]))])
    rows = {row.item_id: row for row in found.results.rows}
    assert len(rows) == 3
    assert (rows["2"].outcome, rows["2"].error) == (Outcome.ERROR, says)


def test_the_reply_is_what_was_held_against_the_answer():
    """A model that thinks first is sampled twice; its tokens are not those of the answer."""
    events = made.openai_events([("Paris", "Paris", True)])
    (place,) = (n for n, each in enumerate(events) if each.get("type") == "sampling")
    thought = {**events[place], "data": {**events[place]["data"], "sampled": "Let me think."}}
    match = next(each for each in events if each.get("type") == "match")
    match["data"]["sampled"] = "Paris"
    (found,) = interop.read_files([("x.jsonl", made.lines([*events[:place], thought, *events[place:]]))])
    assert [(row.text, row.completion_tokens) for row in found.results.rows] == [("Paris", None)]
    assert not any("otherwise" in note for note in found.results.notes)


@pytest.mark.parametrize(
    ("extracted", "text", "answer"),
    [
        ("Paris", "Paris", "Paris"),
        ("Rome", "It is Rome.", "Rome"),
        ("", "London\n\n---\n\nParis\n\n---\n\nIt is Rome.", "Paris"),
        ("i", "London\n\n---\n\nParis\n\n---\n\nIt is Rome.", "i"),
    ],
)
def test_of_several_completions_the_marked_one_is_shown_or_all(extracted, text, answer):
    """None goes missing without a word, and no other one is called the answer. Metrics of one reply stay its marks."""
    rows = [
        made.eee_row(n, "A", metric=metric, right=True)
        | {"input": {"raw": f"Which {n}?", "reference": ["Paris"]}}
        | {"output": {"raw": ["London", "Paris", "It is Rome."]}}
        | {"answer_attribution": [{"extracted_value": value, "is_terminal": True}] if value else []}
        for n in range(2)
        for metric, value in (("acc", extracted), ("exact_match", "London"))
    ]
    found = one(("a_samples.jsonl", made.lines(rows)))
    assert [("correct", text, answer)] * 2 == [
        (row.outcome.value, row.text, row.answer) for row in found.results.rows
    ]
    said = "a_samples.jsonl: 2 replies hold 3 completions; shown is the one that was marked, or all where none is named"
    assert said in found.results.notes


def test_each_name_is_given_once():
    """Also where a name in the file looks like one that was made."""
    assert unique(["a", "a", "a-2"]) == ["a", "a-2", "a-2-2"]
