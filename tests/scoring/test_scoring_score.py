"""Replies become outcomes."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from llmxray.scoring import score, thinking_split
from llmxray.types import Completion, Item, Outcome, TokenLogprob, ToolCall

type MakeToken = Callable[..., TokenLogprob]

CALL = ToolCall("search", "{}")


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Completion("B", finish_reason="stop"), Outcome.CORRECT),
        (Completion("C", finish_reason="stop"), Outcome.WRONG),
        (Completion("No idea", finish_reason="stop"), Outcome.UNPARSED),
        (Completion("Let me see", finish_reason="length"), Outcome.TRUNCATED),
        (Completion("", finish_reason="content_filter: PROHIBITED_CONTENT"), Outcome.REFUSED),
        (Completion("B", finish_reason="length"), Outcome.CORRECT),
        (Completion("<think>A) maybe…", finish_reason="length"), Outcome.TRUNCATED),
        (Completion("<think>A) maybe…</think>B", finish_reason="stop"), Outcome.CORRECT),
        (Completion("", refusal="I cannot.", finish_reason="stop"), Outcome.REFUSED),
        (Completion("I'm sorry, I cannot help.", finish_reason="stop"), Outcome.REFUSED),
        (
            Completion("I’m sorry, but I can’t assist with that request.", finish_reason="stop"),
            Outcome.REFUSED,
        ),
        (Completion("", tool_calls=(CALL,), finish_reason="tool_calls"), Outcome.TOOL_CALL),
        (Completion("", unread=(("content part 'image'", 1),), finish_reason="stop"), Outcome.UNREAD),
        (None, Outcome.ERROR),
    ],
)
def test_outcome_of_a_letter(item, reply, outcome):
    """D6: the API's own words or a known sentence make a refusal, a length limit without an answer a truncation."""
    assert outcome is score(item, "letter", [reply]).outcome


@pytest.mark.parametrize(
    ("why", "stops", "outcome"),
    [
        ("stop", (), Outcome.CORRECT),
        ("length", (), Outcome.TRUNCATED),
        # The text ended at a stop string, and the reply after it.
        ("length", ("\n",), Outcome.CORRECT),
    ],
)
def test_a_torn_number_is_truncated(why, stops, outcome):
    """A limit may cut through the last number: what is left of it is neither right nor wrong."""
    item = Item("i", "How many?", (), "18")
    text = "The answer is 18" + ("\nQuestion" if stops else "")

    assert outcome is score(item, "number", [Completion(text, finish_reason=why)], stops=stops).outcome


def test_a_prompt_without_an_expected_answer_is_unscored():
    """It counts in no accuracy, whatever the reply."""
    prompt = Item("haiku", "Write a haiku", (), "")

    assert Outcome.UNSCORED is score(prompt, "text", [Completion("Silent wires")]).outcome
    assert Outcome.ERROR is score(prompt, "text", [None]).outcome


def test_numbers_and_texts(item):
    """Numbers are compared as decimals, also against an option; texts by option or expected word."""
    priced = Item("q", "?", ("1200", "12"), "A")
    capital = Item("q", "?", (), "Canberra", accept=("the Australian capital",))

    assert Outcome.CORRECT is score(priced, "number", [Completion("It is $1,200.00.")]).outcome
    assert Outcome.WRONG is score(priced, "number", [Completion("12")]).outcome
    assert Outcome.CORRECT is score(item, "text", [Completion("Gravity.")]).outcome
    assert Outcome.CORRECT is score(capital, "text", [Completion("It's the Australian capital")]).outcome
    assert Outcome.WRONG is score(capital, "text", [Completion("Sydney")]).outcome


def test_thinking_opened_by_the_prompt():
    """Without a closing tag all is thinking; with one, what follows is the answer."""
    item = Item("q", "?", (), "5")
    cut = Completion("Answer: 5.", finish_reason="length")
    closed = Completion("2 + 3 = 5.</think>\nAnswer: 6", finish_reason="stop")

    assert Outcome.TRUNCATED is score(item, "number", [cut], thinks=True).outcome
    assert Outcome.CORRECT is score(item, "number", [cut]).outcome
    scored = score(item, "number", [closed], thinks=True)
    assert (Outcome.WRONG, "6", "2 + 3 = 5.") == (scored.outcome, scored.answer, scored.reasoning)


def test_inline_thinking_marks_its_tokens(token):
    """Confidence is read after the closing tag, even when the thinking is empty."""
    for text in ("hm", "\n"):
        parts = (token("<think>"), token(text), token("</think>"), token("\n"), token("B", 0.5))
        reply = Completion("".join(part.token for part in parts), tokens=parts)
        thinking, answer, marked = thinking_split(reply)

        assert (text.strip(), "B") == (thinking, answer)
        assert ["reasoning"] * 3 == [part.part for part in marked[:3]]
        assert "answer" == marked[4].part


def test_the_answer_begins_after_the_thinking(item, token):
    """In a field of its own, between tags where tokens tell, and never in a reply that was all thinking."""
    said = [replace(token(text), t_s=t) for t, text in enumerate(("<think>", "hm", "</think>", "\n\n", "B"))]
    tagged = Completion("<think>hm</think>\n\nB", tokens=tuple(said), ttft_s=0.0, ttfa_s=0.0)
    field = Completion("B", reasoning="hm", ttft_s=1.0, ttfa_s=2.5)

    assert [4, 2.5] == [score(item, "letter", [reply]).ttfa_s for reply in (tagged, field)]
    assert score(item, "letter", [replace(tagged, tokens=())]).ttfa_s is None
    assert score(item, "letter", [Completion("<think>hm", ttfa_s=0.0)]).ttfa_s is None
    assert score(item, "letter", [Completion("hm", ttfa_s=0.0)], thinks=True).ttfa_s is None
    assert 0.5 == score(item, "letter", [Completion("B", ttft_s=0.5, ttfa_s=0.5)]).ttfa_s


def _forced(token: MakeToken, options: dict[str, float], reason: str = "stop") -> list[Completion]:
    return [
        Completion(f" {text}", tokens=(token(f" {text}", p),), finish_reason=reason)
        for text, p in options.items()
    ]


def test_likelihood_chooses_the_likeliest_option(token):
    """In total, per character or per byte; the rule says which."""
    item = Item("q", "?", ("up", "onward"), "B")
    replies = _forced(token, {"up": 0.2, "onward": 0.1})
    total, per_byte = (score(item, "likelihood", replies, likelihood=name) for name in ("acc", "acc_bytes"))

    assert (Outcome.WRONG, "A", "likelihood-total", "up") == (
        total.outcome,
        total.answer,
        total.rule,
        total.text,
    )
    assert (Outcome.CORRECT, "B", "likelihood-per-byte") == (per_byte.outcome, per_byte.answer, per_byte.rule)


def test_likelihood_notices_a_server_that_forces_nothing(token):
    """A server that ignores the grammar says something else; its logprobs are those of another text."""
    item = Item("q", "?", ("up", "onward"), "B")
    free = _forced(token, {"up": 0.2, "sideways": 0.1})
    cut = _forced(token, {"up": 0.2, "onw": 0.1}, "length")

    assert Outcome.UNPARSED is score(item, "likelihood", free).outcome
    assert (
        "the server did not say the forced option" == score(item, "likelihood", free).confidence.missing_why
    )
    assert Outcome.TRUNCATED is score(item, "likelihood", cut).outcome


def test_likelihood_without_logprobs_or_with_a_lost_reply(token):
    """One option unanswered is an error, and so is one without logprobs: no model is wrong there."""
    item = Item("q", "?", ("up", "onward"), "B")
    silent = [Completion("up"), Completion("onward")]

    assert Outcome.ERROR is score(item, "likelihood", silent).outcome
    assert Outcome.ERROR is score(item, "likelihood", [silent[0], None]).outcome
    assert Outcome.ERROR is score(item, "likelihood", []).outcome


def test_an_unread_reply_counts_before_everything_else(item):
    """Also of a prompt without an expected answer, and of one option of several; its text stays to be read."""
    unread = Completion("B", reasoning="hm", unread=(("content part 'image'", 1),))
    prompt = Item("haiku", "Write a haiku", (), "")
    scored = score(prompt, "text", [unread])

    assert (Outcome.UNREAD, "B", "hm", None) == (scored.outcome, scored.text, scored.reasoning, scored.answer)
    assert Outcome.UNREAD is score(item, "likelihood", [*[Completion("x")] * 3, unread]).outcome


def test_log_probabilities_in_an_unknown_form_are_not_taken_for_none(item):
    """The page says that they came, and were not read."""
    scored = score(item, "letter", [Completion("B", logprobs_unread=1, finish_reason="stop")])

    assert "the log-probabilities came in a form that is not read" == scored.confidence.missing_why
    assert Outcome.CORRECT is scored.outcome
