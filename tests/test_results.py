"""Results are read from the recordings, one row per trial, and refuse what was not served."""

import hashlib
import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from planned import built
from recordings import stream

from llmxray import plan as plans
from llmxray import results
from llmxray.cassette import Address, Cassette, Journal
from llmxray.errors import CassetteError
from llmxray.plan import Plan
from llmxray.report.analysis import rows
from llmxray.types import ChainName, Chunk, EndCause, Interaction, Outcome, Receipt, Trial

TEXT = """experiment: e
kind: benchmark
endpoints: {x: {preset: local}}
models: [{id: m, endpoint: x, model: smollm2-135m-instruct}]
suites: [{suite: starter/arc, limit: 6}]
sampling: {temperature: 0, seed: 7, top_logprobs: 3}
shuffle_options: {seed: 3}
"""


@pytest.fixture
def plan():
    """Six multiple-choice questions, shuffled."""
    return built(TEXT)


def reply(trial: Trial, text: str, attempt: int = 0, **changes: Any) -> Interaction:
    """A recorded reply to a trial."""
    request = trial.requests[0]
    fields: dict[str, Any] = {
        "status": 200,
        "headers": (("content-type", "text/event-stream"),),
        "chunks": (Chunk(0.5, stream(text)),),
        "end": EndCause.CLEAN,
    }
    address = {"key": request.key, "sample": trial.sample, "attempt": attempt, "endpoint": "x"}
    return Interaction(request=request.body, **address, **{**fields, **changes})


def right(plan: Plan, trial: Trial) -> str:
    """The letter that is right as the options were shown."""
    return plans.reorder_options(plan.items()[trial.suite, trial.item], trial.order).answer


def recorded(directory: Path, *replies: Interaction) -> Cassette:
    """A cassette that holds these replies."""
    with Journal(directory) as journal:
        for each in replies:
            journal.append(each)
    return Cassette(directory)


def receipt(trial: Trial, each: Interaction) -> Receipt:
    """What a runner that was served this recording hands back."""
    digest = hashlib.sha256(each.body).hexdigest()
    return Receipt(trial.id, each.key, each.sample, each.attempt, each.status, digest)


def test_outcomes_sum_to_n(plan, tmp_path):
    """Right, wrong, unparsed, cut, refused and not recorded: every trial has exactly one outcome."""
    a, b, c, d, e, _ = plan.trials
    wrong = next(letter for letter in "ABCD" if letter != right(plan, b))
    cassette = recorded(
        tmp_path,
        reply(a, right(plan, a)),
        reply(b, wrong),
        reply(c, "??!"),
        reply(d, right(plan, d), end=EndCause.RESET, error="cut"),
        reply(e, "", status=400, chunks=(Chunk(0.1, b'{"error": {"message": "no"}}'),)),
    )
    found = results.score_recordings(plan, cassette)
    assert [trial.id for trial in plan.trials] == [row.trial for row in found.rows]
    outcomes = [Outcome.CORRECT, Outcome.WRONG, Outcome.UNPARSED, *[Outcome.ERROR] * 3]
    assert outcomes == [row.outcome for row in found.rows]
    assert ["cut", "no", "not recorded"] == [row.error for row in found.rows[3:]]
    assert [None] * 3 == [row.answer for row in found.rows[3:]]
    assert [None] * 3 == [row.latency_s for row in found.rows[3:]]
    assert any("3 trials have no whole reply" in note for note in found.notes)
    assert found.rows == found.of("m")


def test_the_first_whole_try_counts(plan, tmp_path):
    """A failed try before it, or a second answer after it, changes nothing but the count of attempts."""
    trial = plan.trials[0]
    good = right(plan, trial)
    wrong = next(letter for letter in "ABCD" if letter != good)
    busy = reply(trial, "", 0, status=429, chunks=())
    cassette = recorded(tmp_path, busy, reply(trial, good, 1), reply(trial, wrong, 2))
    row = results.score_recordings(plan, cassette).rows[0]
    assert (Outcome.CORRECT, 3) == (row.outcome, row.attempts)
    assert (f"{trial.requests[0].key}/0/1",) == row.recordings


def test_receipts(plan, tmp_path):
    """Matching receipts pass; other bytes, an unknown address or a failed try in place of an answer do not."""
    first, second = plan.trials[:2]
    busy, good = reply(first, "", 0, status=503, chunks=()), reply(first, "A", 1)
    failed = reply(second, "", 0, status=503, chunks=())
    cassette = recorded(tmp_path, busy, good, failed)
    receipts = [receipt(first, good), receipt(second, failed)]
    served = {
        Address(each.key, each.sample, each.attempt): each.sha256
        for each in [*receipts, receipt(first, busy)]
    }
    results.check_receipts(cassette, receipts, served)
    for bad, why in (
        (replace(receipts[0], sha256="0" * 64), "is not recording"),
        (replace(receipts[0], attempt=5), "does not hold"),
        (receipt(first, busy), "a failed try was served"),
    ):
        with pytest.raises(CassetteError, match=why) as caught:
            results.check_receipts(cassette, [bad], served)
        assert first.id in str(caught.value)


def test_rescored_without_reading_a_recording(plan, tmp_path):
    """Under another chain the rows are those that `score_recordings` would give: outcome, answer and rule."""
    a, b, c, d, e, f = plan.trials
    cassette = recorded(
        tmp_path,
        reply(a, f"the answer is {right(plan, a).lower()}"),
        reply(b, f"Answer: {right(plan, b)}"),
        reply(c, "A quick check shows C"),
        reply(d, "no idea"),
        reply(e, "", status=400, chunks=(Chunk(0.1, b'{"error": {"message": "no"}}'),)),
        reply(f, "I"),
    )
    ours = results.score_recordings(plan, cassette)
    chains: tuple[ChainName, ...] = ("llmxray", "mmlu-pro", "official-compat", "first-letter")
    for chain in chains:
        whole = results.score_recordings(plan, cassette, chain=chain).rows
        again = results.rescore(plan, ours.rows, chain=chain)
        assert [(row.outcome, row.answer, row.rule) for row in whole] == [
            (row.outcome, row.answer, row.rule) for row in again
        ]
        assert [(row.outcome, row.answer) for row in whole] == [
            (row.outcome, row.answer)
            for row in results.rescore(plan, ours.rows, chain=chain, likelihood=None)
        ]
    found = {name: results.rescore(plan, ours.rows, chain=name) for name in chains}
    assert Outcome.CORRECT is found["llmxray"][0].outcome
    assert Outcome.UNPARSED is found["mmlu-pro"][0].outcome
    assert "official-guess" == found["official-compat"][3].rule
    assert Outcome.ERROR is found["official-compat"][4].outcome


def test_rotations_and_stops_after_thinking(tmp_path):
    """Each rotation is a row with its own order; what follows the answer of a thinking model is cut off."""
    text = TEXT.replace("shuffle_options: {seed: 3}\n", "rotations: all\n").replace("limit: 6", "limit: 1")
    text = text.replace("model: smollm2-135m-instruct", "model: m, layout: few-shot-raw, thinking: true")
    plan = built(text)
    cassette = recorded(
        tmp_path,
        *(
            reply(trial, f"<think>B?\nNo.</think>\n{right(plan, trial)}\nQuestion: next\nAnswer: D")
            for trial in plan.trials
        ),
    )
    rows = results.score_recordings(plan, cassette).rows
    assert [0, 1, 2, 3] == [row.rotation for row in rows]
    assert {Outcome.CORRECT} == {row.outcome for row in rows}
    assert {"A", "B", "C", "D"} == {row.expected for row in rows}
    assert {"B?\nNo."} == {row.reasoning for row in rows}


def events(*payloads: Any) -> tuple[Chunk, ...]:
    """The chunks of a stream of these events, [DONE] behind them."""
    body = "".join(f"data: {json.dumps(payload)}\n\n" for payload in payloads) + "data: [DONE]\n\n"
    return (Chunk(0.5, body.encode()),)


@pytest.mark.parametrize(
    ("logprob", "counted", "said"),
    [
        (-0.1, 7, ""),
        (
            -0.1,
            40,
            "1 of 1 answers lack the log-probabilities of more than 8 of the tokens that the server counted",
        ),
        (0.0, 7, "1 of 1 answers have 5 tokens or more in a row with a log-probability of exactly 0"),
    ],
)
def test_doubtful_logprobs_are_said(plan, tmp_path, logprob, counted, said):
    """Tokens that the server counted and sent no log-probability of, and runs of exact zeros; one end token is none."""
    trial = plan.trials[0]
    entries = [{"token": letter, "logprob": logprob, "top_logprobs": []} for letter in "abcdef"]
    chunks = events(
        {"choices": [{"index": 0, "delta": {"content": "abcdef"}, "logprobs": {"content": entries}}]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": counted}},
    )
    found = results.score_recordings(plan, recorded(tmp_path, reply(trial, "", chunks=chunks)))
    doubts = [note for note in found.notes if "log-probabilit" in note]

    assert (6, counted) == (found.rows[0].logprob_tokens, found.rows[0].completion_tokens)
    assert bool(said) is bool(doubts)
    assert said in "".join(doubts)


def said(message: dict[str, Any], finish: str = "stop", **choice: Any) -> dict[str, Any]:
    """The event of a whole reply."""
    return {"choices": [{"index": 0, "delta": message, "finish_reason": finish, **choice}]}


def test_calls_and_unread_replies_have_outcomes_of_their_own(plan, tmp_path):
    """Each trial still has exactly one; a call counts as not right, an unread reply in no accuracy; both are said."""
    a, b, c, d, e, f = plan.trials
    call = {"index": 0, "function": {"name": "search", "arguments": '{"q": "B"}'}}
    parts = [
        {"type": "text", "text": "See: "},
        {"type": "chart", "data": [1]},
        {"type": "chart", "data": [2]},
    ]
    cassette = recorded(
        tmp_path,
        reply(a, right(plan, a)),
        reply(b, "", chunks=events(said({"tool_calls": [call]}, "tool_calls"))),
        reply(c, "", chunks=events(said({"content": parts}))),
        reply(d, "", chunks=events({"object": "error", "message": "context is full"})),
        reply(e, "", chunks=(Chunk(0.1, b"data: [DONE]\n\n"),)),
        reply(f, "", chunks=events(said({"refusal": "I can't."}))),
    )
    found = results.score_recordings(plan, cassette)
    assert [
        *(Outcome.CORRECT, Outcome.TOOL_CALL, Outcome.UNREAD),
        *(Outcome.ERROR, Outcome.ERROR, Outcome.REFUSED),
    ] == [row.outcome for row in found.rows]
    assert 'search({"q": "B"})' == found.rows[1].calls
    assert ("content part 'chart' (2)", "See: ") == (found.rows[2].unread, found.rows[2].text)
    assert ["context is full", "the stream ended without a reply"] == [row.error for row in found.rows[3:5]]
    assert "I can't." == found.rows[5].text
    # The two trials without a reply are no replies.
    assert any(
        note.startswith("m: 1 of 4 replies hold what llmxray does not read (content part 'chart' (2))")
        for note in found.notes
    )
    assert [None, True, False, None] == [
        rows.right(row) for row in (found.rows[2], *found.rows[:2], found.rows[3])
    ]
    for chain in ("mmlu-pro", "official-compat"):
        again = results.rescore(plan, found.rows, chain=chain)  # type: ignore[arg-type]
        assert [row.outcome for row in found.rows[1:]] == [row.outcome for row in again[1:]]


def test_what_is_not_sent_or_not_valid_is_missing_and_said(plan, tmp_path):
    """Invalid log-probabilities, hidden thinking, and tokens of thinking as the server counted them."""
    a, b, *_ = plan.trials
    entries = [{"token": right(plan, a), "logprob": 0.05, "top_logprobs": [{"token": "A", "logprob": None}]}]
    details = [{"type": "reasoning.encrypted", "data": "gAAA…", "id": "rs_1"}]
    usage = {
        "prompt_tokens": 9,
        "completion_tokens": 70,
        "completion_tokens_details": {"reasoning_tokens": 64},
    }
    cassette = recorded(
        tmp_path,
        reply(a, "", chunks=events(said({"content": right(plan, a)}, logprobs={"content": entries}))),
        reply(
            b,
            "",
            chunks=events(
                said({"content": right(plan, b), "reasoning_details": details}),
                {"choices": [], "usage": usage},
            ),
        ),
    )
    found = results.score_recordings(plan, cassette)
    first, second = found.rows[:2]
    assert [Outcome.CORRECT] * 2 == [first.outcome, second.outcome]
    assert (None, None, None) == (
        first.option_confidence,
        first.sequence_confidence,
        first.mean_token_probability,
    )
    assert (2, "a log-probability is not valid") == (first.invalid_logprobs, first.missing_why)
    assert (70, 64, 1) == (second.completion_tokens, second.reasoning_tokens, second.hidden_reasoning)
    assert (None, 0) == (first.reasoning_tokens, first.hidden_reasoning)
    assert any("1 of 2 replies hold log-probabilities that are not valid" in note for note in found.notes)
    assert any("1 of 2 replies hold thinking without its text" in note for note in found.notes)


@pytest.mark.parametrize("library", ["polars", "pandas"])
def test_a_frame_has_a_row_for_each_trial(plan, tmp_path, library):
    """With every field of a row, outcomes as text, lists as lists, and what is missing missing."""
    pytest.importorskip(library)
    trial = plan.trials[0]
    found = results.score_recordings(plan, recorded(tmp_path / "c", reply(trial, right(plan, trial))))
    frame = found.frame(library)
    assert frame.shape == (len(found.rows), len(fields(found.rows[0])))
    assert list(frame["outcome"]) == [row.outcome.value for row in found.rows]
    assert [list(each) for each in frame["recordings"]] == [list(row.recordings) for row in found.rows]
    missing = [row.latency_s is None for row in found.rows]
    assert [each is None or each != each for each in frame["latency_s"]] == missing
    assert 0 < sum(missing) < len(missing)
