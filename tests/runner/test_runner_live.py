"""The live view, fed by real runs against a real server."""

import io
import re
from collections.abc import Sequence

import pytest
from rich.console import Console
from servers import RawServer, Say, chunked, events, head, with_length

from llmxray.plan import Plan, PlannedSuite
from llmxray.results import Scorer
from llmxray.runner import RunnerConfig, run, watching
from llmxray.runner.live import LiveView, PlainView
from llmxray.runner.watch import Listener
from llmxray.types import Condition, Item, Outcome, PlannedRequest, SuiteCard, Trial
from llmxray.wire import request_key

CARD = SuiteCard("s", "Suite", "", "", "", "")
CONDITION = Condition("c", "x", "m", "letter", "zero-shot", {}, 64, "standard model")


def made(answers: Sequence[str], samples: int = 1, categories: Sequence[str] = ("physics", "law")) -> Plan:
    """A plan with a question per right answer."""
    items = tuple(
        Item(f"q{n}", f"Question {n}?", ("one", "two", "three"), letter, categories[n % len(categories)])
        for n, letter in enumerate(answers)
    )
    trials = tuple(_trial(item, sample) for item in items for sample in range(samples))
    return Plan("e", "f", (CONDITION,), {"s": PlannedSuite(CARD, items)}, trials)


def _trial(item: Item, sample: int) -> Trial:
    body = {"model": "m", "messages": [{"role": "user", "content": item.id}]}
    request = PlannedRequest(request_key("POST", "/v1/chat/completions", "x", body), body)
    return Trial(f"c/s/{item.id}/{sample}", "c", "s", item.id, sample, (request,))


async def watched(plan: Plan, replies: Sequence[Sequence[bytes]], view: LiveView) -> None:
    """Run the plan against a server that says these replies in turn."""
    async with RawServer(lambda n, _: Say(replies[min(n, len(replies) - 1)], ending="keep")) as server:
        config = RunnerConfig({"x": server.url}, retries=0, backoff_s=0.01, timeout_s=5.0)
        await run(plan.trials, {"c": CONDITION}, config, view.progress, view)


def shown(view: LiveView, width: int = 120, height: int = 40) -> str:
    """The picture as text."""
    console = Console(width=width, height=height, file=io.StringIO(), force_terminal=False)
    console.print(view.picture(width, height))
    return console.file.getvalue()


REPLIES = [
    chunked(events("The answer is A.")),
    chunked(events("The answer is B.")),
    chunked(events("no idea")),
    chunked(events("well, I", finish="length")),
    with_length(b'{"error": {"message": "no"}}', opening=head(400, "application/json")),
]


async def test_marks_fall_as_results_will_have_them():
    """Right, wrong, unparsed, truncated and failed, each counted once; accuracy is 1 of 4, as in results."""
    plan = made("AAAAA")
    view = LiveView(plan.trials, Scorer(plan), "t")
    await watched(plan, REPLIES, view)
    expected = [Outcome.CORRECT, Outcome.WRONG, Outcome.UNPARSED, Outcome.TRUNCATED, Outcome.ERROR]
    assert expected == list(view.tally.overall.marks)
    accuracy = view.tally.conditions["c"].accuracy
    assert (0.25, 4, 1) == (accuracy.value, accuracy.n, accuracy.n_missing)
    text = shown(view)
    assert "5/5" in text
    assert "● 1 correct   ✕ 1 wrong   ? 1 unparsed   … 1 truncated   ! 1 error" in text
    assert re.search(r"s · physics +.* 3/3 +50% \(9% to 91%\) +●\?!", text)
    assert "answer —, expected A" in text


async def test_thinking_streams_apart_from_the_answer():
    """Pieces that cut events and characters anywhere: thinking and answer are read as far as they have come."""
    plan = made("A")
    body = b"".join(events("<think>So gr\u00fcn", " it is</think>", "The answer", " is A."))
    listener, (trial,) = Listener(Scorer(plan)), plan.trials
    listener.began(trial, trial.requests[0])
    seen = []
    for start in range(0, len(body), 7):
        listener.received(trial, trial.requests[0], body[start : start + 7], start / 100)
        seen.append(listener.current.so_far())
    assert ("So grün", "") in seen
    assert ("So grün it is", "The answer is A.") == seen[-1]
    listener.ended(trial, trial.requests[0], 200, "text/event-stream")
    assert listener.current is None
    done = listener.finished(trial)
    assert (Outcome.CORRECT, "A") == (done.scored.outcome, done.scored.answer)


def test_model_text_cannot_drive_the_terminal():
    """Escapes and markup in question and answer are shown, not obeyed."""
    plan = made("A")
    view = LiveView(plan.trials, Scorer(plan), "[bold]title\x1b[2J")
    (trial,) = plan.trials
    view.began(trial, trial.requests[0])
    view.received(trial, trial.requests[0], b"".join(events("\x1b[2J[red]boo\x07", "")), 0.1)
    text = shown(view)
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "␛[2J[red]boo␇" in text
    assert "[bold]title␛[2J" in text


def test_it_fits_a_small_terminal():
    """80 × 24 with thirty categories: no line is wider, no picture is higher, hidden categories are counted."""
    plan = made("A" * 30, categories=[f"category number {n}" for n in range(30)])
    view = LiveView(plan.trials, Scorer(plan), "a title that is rather long for a terminal of that width")
    view.began(plan.trials[0], plan.trials[0].requests[0])
    lines = shown(view, 80, 24).rstrip("\n").split("\n")
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 24
    assert any("more categories" in line for line in lines)


async def test_a_try_that_is_tried_again_counts_once():
    """A busy server first: one mark, from the answer."""
    plan = made("A")
    view = LiveView(plan.trials, Scorer(plan), "t")
    busy = with_length(b"{}", opening=head(503, "application/json"))
    async with RawServer(lambda n, _: Say(busy if n == 0 else REPLIES[0])) as server:
        config = RunnerConfig({"x": server.url}, backoff_s=0.01, timeout_s=5.0)
        await run(plan.trials, {"c": CONDITION}, config, view.progress, view)
    assert [Outcome.CORRECT] == list(view.tally.overall.marks)


async def test_plain_lines():
    """About twenty lines in a run, the last one complete, without any escape."""
    plan = made("A" * 100)
    lines: list[str] = []
    view = PlainView(plan.trials, Scorer(plan), "t", say=lines.append)
    await watched(plan, REPLIES[:1], view)
    assert 20 == len(lines)
    assert "100/100 c 100/100: ● 100; accuracy so far 100% (96% to 100%)" == lines[-1]


@pytest.mark.parametrize(("terminal", "plain", "kind"), [(True, False, LiveView), (True, True, PlainView)])
def test_the_view_suits_the_console(terminal, plain, kind):
    """Live on a terminal, lines elsewhere or on request."""
    plan = made("A")
    console = Console(file=io.StringIO(), force_terminal=terminal, width=80, height=24)
    with watching(console, plan.trials, Scorer(plan), "t", plain=plain) as view:
        assert kind is type(view)
    piped = Console(file=io.StringIO(), force_terminal=False)
    with watching(piped, plan.trials, Scorer(plan), "t") as view:
        assert PlainView is type(view)
    assert "\x1b" not in piped.file.getvalue()
