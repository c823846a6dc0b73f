"""Recordings whose requests fail: stopped early where all fail alike, told of once, changed where they can be."""

import json
from collections.abc import Callable
from itertools import count

import pytest
from asking import answering, served
from prompted import in_folder, write
from servers import RawServer, Say, Script, chunked, events, head, model_server, with_length
from vendors import Vendor, gpt_5, openai_error

from llmxray.cassette import Cassette, remove_recordings, verify
from llmxray.errors import RunFailedError
from llmxray.workflow import read_results, record, recording_failures, replay
from llmxray.workflow.failures import Failure
from tests.commands import llmxray

WRONG = "Invalid 'messages': the moon is in the wrong quarter (request req_0a1b2c3d4e)"


def refusal(message: str, status: int = 400) -> Say:
    """An error in OpenAI's shape."""
    return Say(
        with_length(json.dumps(openai_error(message)).encode(), opening=head(status, "application/json"))
    )


def server(answer: Callable[[int], Say]) -> Script:
    """Answers the n-th question."""
    numbers = count()
    return model_server(lambda _: answer(next(numbers)))


def test_failures_are_alike_but_for_their_numbers():
    """So that a request's own number makes no new kind."""
    kinds = [Failure(400, f"request {name} of req-{name}-: no.", "").kind for name in ("a1-b", "7", "x_2")]
    assert kinds == ["400 request … of …-: no."] * 3
    assert Failure(400, "no-body", "").kind == "400 no-body"


def questions(asked: RawServer) -> int:
    """How many of the experiment's requests arrived."""
    return sum(b"of many" in seen.body for seen in asked.seen)


async def test_twenty_failures_of_one_kind_stop_the_run(tmp_path):
    """Names and numbers in the message may differ; what came is kept, and the rest is not paid for."""
    concurrency = 4
    async with RawServer(server(lambda _: refusal(WRONG.replace("0a1b", f"{id(object())}")))) as asked:
        prepared = write(tmp_path, asked.url, 60, endpoint=f"concurrency: {concurrency}")
        with pytest.raises(RunFailedError) as caught:
            await record(prepared, environ={})
        assert 20 <= questions(asked) < 20 + 2 * concurrency
    message = str(caught.value)
    assert message.startswith(
        "m: the first 20 requests all failed alike: HTTP 400: Invalid 'messages': the moon"
    )
    assert message.endswith("what was recorded is kept, and the same command goes on from there")
    assert ("\n" in message, 1) == (False, caught.value.exit_code)
    assert [] == verify(prepared.cassette)
    assert 20 <= len(Cassette(prepared.cassette)) <= 20 + 2 * concurrency
    # Mended, the same command goes on.
    async with RawServer(server(lambda _: Say(chunked(events("x"))))) as mended:
        prepared = write(tmp_path, mended.url, 60, endpoint=f"concurrency: {concurrency}")
        await record(prepared, environ={})
        assert 60 == questions(mended)
    assert 60 == len((await replay(in_folder(tmp_path))).rows)


@pytest.mark.parametrize(
    ("answer", "failed", "sentence"),
    [
        # The twentieth answers.
        (lambda n: Say(chunked(events("x"))) if n == 19 else refusal(WRONG), 39, "39 of 40"),
        # Two kinds of failures: a server that has a bad hour.
        (lambda n: refusal(WRONG if n % 2 else "another complaint"), 40, "20 of them"),
    ],
    ids=["one-answers", "two-kinds"],
)
async def test_other_failures_do_not_stop_it(tmp_path, answer, failed, sentence):
    """They are counted at the end, the commonest once."""
    async with RawServer(server(answer)) as asked:
        prepared = write(tmp_path, asked.url, 40, endpoint="concurrency: 1")
        await record(prepared, environ={})
        assert 40 == questions(asked)
    failures = recording_failures(in_folder(tmp_path))
    assert (failed, 40) == (failures.failed, failures.sent)
    assert sentence in failures.sentence
    assert (("m",) if failed == 40 else ()) == failures.silent


async def test_a_plan_that_has_an_answer_stays(tmp_path):
    """Recorded half under one name, the rest is not recorded under another: it fails, and says so."""
    lenient, strict = Vendor(lambda _: None), Vendor(gpt_5)
    async with lenient.serving() as url:
        prepared = write(tmp_path, url, 3, sampling="max_tokens: 512")
        await record(prepared, environ={})
    entries = list(Cassette(prepared.cassette).all_entries())
    remove_recordings(prepared.cassette, [entry.address for entry in entries[1:]])
    async with strict.serving() as url:
        prepared = write(tmp_path, url, 3, sampling="max_tokens: 512")
        await record(prepared, environ={})
    failures = recording_failures(in_folder(tmp_path))
    assert (2, 3, ()) == (failures.failed, failures.sent, failures.silent)
    assert "write 'budget_field: max_completion_tokens' beside the model" in failures.sentence
    assert {"max_tokens"} == {condition.budget_field for condition in in_folder(tmp_path).plan.conditions}


def test_exit_code(tmp_path):
    """1 where a condition has no whole reply, with the commonest error once; the site is written all the same."""

    def said(asked: bytes) -> str | tuple[int, str, bytes]:
        if b"of many" in asked and b'"model":"n"' in asked.replace(b" ", b""):
            error = openai_error("property 'seed' is unsupported")
            return 400, "application/json", json.dumps(error).encode()
        return "Paris"

    with served(answering(said, "m", "n")) as url:
        write(tmp_path, url, 3)
        fine = (tmp_path / "e.yaml").read_text()
        (tmp_path / "fine.yaml").write_text(fine.replace("experiment: e\n", "experiment: fine\n"))
        prepared = write(tmp_path, url, 3, models="mn")
        # The last experiment does not make up for the first.
        done = llmxray("run", "e.yaml", "fine.yaml", "--mode", "record", at=tmp_path)
    failed = "e: 3 of 6 requests have no whole reply; all of them: HTTP 400: property 'seed' is unsupported"
    assert (done.returncode, done.stderr.count("property 'seed' is unsupported")) == (1, 1)
    assert failed in done.stderr
    assert "leave it out with 'sampling: {seed: null}'" in done.stderr
    assert done.stderr.splitlines()[-1] == "llmxray: no whole reply from e/n: the lines above say why"
    assert (tmp_path / "site/index.html").exists()
    assert 3 == sum(row.text == "Paris" for row in read_results(prepared).rows)
