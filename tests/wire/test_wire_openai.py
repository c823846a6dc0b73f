"""What servers send, faults included, becomes one Completion (rows 3 to 9 of docs/maintainers/failures.md)."""

import json

import pytest
from bodies import STOP, delta, entry, parts, read, sse, whole

from llmxray.types import Chunk, Completion, EndCause, Interaction
from llmxray.wire import is_complete, read_completion, read_interaction


def interaction(body: bytes, end: EndCause = EndCause.CLEAN, status: int | None = 200) -> Interaction:
    """A recorded exchange."""
    headers = (("content-type", "text/event-stream"), ("content-encoding", "gzip"))
    return Interaction("v1:0", 0, 0, "tiny", {}, status, headers, (Chunk(0.1, body),), end)


class TestCompleteness:
    """Row 3 of docs/maintainers/failures.md and the completeness rule."""

    @pytest.mark.parametrize(
        ("body", "whole", "saw_done"),
        [
            (sse(delta(content="B"), STOP, "[DONE]"), True, True),
            (sse(delta(content="B"), STOP), True, False),
            (sse(delta(content="B"), "[DONE] "), True, True),
            (sse(delta(content="B"), STOP, "[DONE]", "[DONE]"), True, True),
            (sse(delta(content="B")), False, False),
            (
                sse({"choices": [{"index": 0, "delta": {"content": "B"}, "finish_reason": "null"}]}),
                False,
                False,
            ),
            (sse(delta(content="B")) + b"data: [DONE]", False, False),
            (sse(delta(0, content="B"), delta(1, content="C"), STOP), False, False),
            (b"", False, False),
            # Nothing but the end of a stream is no answer.
            (sse("[DONE]"), False, True),
            (sse({"choices": [], "usage": {"prompt_tokens": 9}}, "[DONE]"), False, True),
        ],
    )
    def test_whole(self, body, whole, saw_done):
        """[DONE] behind a choice, or a finish reason for every one, makes a stream whole."""
        completion = read(body)
        assert (completion.whole, completion.saw_done) == (whole, saw_done)

    def test_data_after_done_is_ignored(self):
        """What follows [DONE] changes nothing, errors included."""
        first = sse(delta(content="B"), STOP, "[DONE]")
        assert read(first + sse(delta(content="C"), {"error": "late"}, "{")) == read(first)

    def test_is_complete_needs_clean_framing_and_status_200(self):
        """A whole text behind a reset or an error status is no complete answer."""
        body = sse(delta(content="B"), STOP, "[DONE]")
        assert is_complete(interaction(body))
        assert not is_complete(interaction(body, EndCause.RESET))
        assert not is_complete(interaction(body, EndCause.CLIENT_GONE))
        assert not is_complete(interaction(body, status=500))
        assert not is_complete(interaction(body[:-20].replace(b'"stop"', b"null")))

    def test_no_response(self):
        """A failed connection reads as an empty reply with the transport's error."""
        refused = Interaction("v1:0", 0, 0, "tiny", {}, None, (), (), EndCause.CONNECT, "refused")
        assert read_interaction(refused) == Completion("", error="refused")
        assert not is_complete(refused)


class TestErrors:
    """Row 4 of docs/maintainers/failures.md: errors inside HTTP 200, and error bodies."""

    @pytest.mark.parametrize(
        ("tail", "error"),
        [
            (sse({"error": {"code": 5}}), '{"code": 5}'),
            (b'event: error\ndata: {"message":"overloaded"}\n\n', "overloaded"),
            (
                sse({"choices": [{"index": 0, "delta": {}, "finish_reason": "error"}]}),
                "finish_reason is error",
            ),
            # Groq's way to stop early, and Google's list of one.
            (sse({"object": "error", "message": "context is full", "code": 400}), "context is full"),
        ],
    )
    @pytest.mark.parametrize("done", [b"", sse(STOP, "[DONE]")])
    def test_error_events(self, tail, error, done):
        """Any shape of error event is terminal, even when [DONE] follows."""
        completion = read(sse(delta(content="B")) + tail + done)
        assert (completion.text, completion.error, completion.whole) == ("B", error, False)

    @pytest.mark.parametrize(
        ("body", "status", "error"),
        [
            (b'{"error":{"message":"slow down"}}', 429, "slow down"),
            (b'[{"error":{"code":400,"message":"bad"}}]', 400, "bad"),
            (b"<html>\n<h1>502</h1></html>", 502, "HTTP 502: <html> <h1>502</h1></html>"),
            (b"", 503, "HTTP 503"),
            (b"{}", 200, "{}"),
        ],
    )
    @pytest.mark.parametrize("kind", ["application/json", "text/event-stream", ""])
    def test_error_bodies(self, body, status, error, kind):
        """An error body gives its message, whatever its content type claims."""
        completion = read(body, status=status, kind=kind)
        assert (completion.error, completion.whole) == (error, False)

    @pytest.mark.parametrize("noise", ["ping", "OPENROUTER PROCESSING", "3"])
    def test_noise_is_noted(self, noise):
        """With its place; it does not decide about completeness."""
        before = sse(delta(content="B"))
        completion = read(before + sse(noise, STOP, "[DONE]"))
        assert completion.error == f"event at byte {len(before)} is not a JSON object: {noise}"
        assert (completion.text, completion.whole) == ("B", True)

    @pytest.mark.parametrize(
        "lost",
        [
            '{"choices":[{"index":0,"delta":{"content":"It is not "}',
            # Two events without the blank line between them, and one that is cut in two.
            '{"choices":[{"delta":{"content":"It is "}}]}\ndata: {"choices":[{"delta":{"content":"not "}}]}',
            '{"choices":[{"delta":\n\ndata: {"content":"not "}}]}',
            'data: {"choices":[{"delta":{"content":"not "}}]}',
            "[1]",
        ],
    )
    def test_a_reply_that_lost_an_event_is_not_whole(self, lost):
        """What the event says is missing: the rest would pass for another answer."""
        before = sse(delta(content="It is "))
        completion = read(before + sse(lost, delta(content="Paris."), STOP, "[DONE]"))
        assert completion.error.startswith(f"event at byte {len(before)} is not a JSON object: ")
        assert not completion.whole

    @pytest.mark.parametrize("line", ["Data: {}", " data: {}", '{"choices":[{"delta":{"content":"not "}}]}'])
    def test_a_line_that_is_no_field(self, line):
        """By the standard it says nothing, but the server meant something."""
        completion = read(b":\n\n" + f"{line}\n\n".encode() + sse(delta(content="B"), STOP, "[DONE]"))
        assert completion.error.startswith("event at byte 3 has a line that is no field: ")
        assert (completion.text, completion.whole) == ("B", False)

    @pytest.mark.parametrize("control", ["\t", "\x01", "\x1f"])
    def test_a_raw_control_within_a_text(self, control):
        """JSON wants it escaped; what it means is certain. In events and in whole bodies."""
        event = json.dumps(delta(content="a|b")).replace("|", control)
        body = whole({"content": "a|b"}).replace(b"|", control.encode())
        for reply in (read(sse(event, STOP)), read(body, kind="application/json")):
            assert (reply.text, reply.error, reply.whole) == (f"a{control}b", "", True)


class TestText:
    """Rows 5 to 8 of docs/maintainers/failures.md: text and its characters."""

    @pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
    def test_line_ends_and_keep_alives(self, line_end):
        """Line ends, comments and a BOM do not show in the reply."""
        body = sse(delta(content="B"), STOP, "[DONE]").decode()
        dressed = "\ufeff" + body.replace("\n\n", "\n\n: ping\n\n:\n\nretry: 3\n\n").replace("\n", line_end)
        assert read(dressed.encode()) == read(body.encode())

    @pytest.mark.parametrize("before", [b"\n" * 64, b" " * 1_000, b"\xef\xbb\xbf" + b"\r\n" * 70])
    def test_a_body_behind_blank_lines(self, before):
        """Announced as a stream, and however many there are."""
        assert read(before + whole({"content": "B"})).text == "B"

    def test_surrogates(self):
        """Halves of a pair in two deltas make one character; a half alone becomes U+FFFD."""
        completion = read(sse(delta(content="\ud83d"), delta(content="\ude00"), delta(content="\ud800!")))
        assert completion.text == "😀\ufffd!"
        assert completion.text.encode()

    def test_a_whole_message_after_its_deltas(self):
        """MiniMax ends a stream with all of it again; without deltas the message is the reply."""
        again = {
            "choices": [
                {"index": 0, "message": {"role": "assistant", "content": "Bo"}, "finish_reason": "stop"}
            ]
        }
        opening = delta(role="assistant", content="")
        assert read(sse(opening, delta(content="B"), delta(content="o"), again)).text == "Bo"
        assert read(sse(opening, again)).text == "Bo"
        piece = {"choices": [{"index": 0, "message": {"content": "o"}, "finish_reason": None}]}
        assert read(sse(piece, piece, again)).text == "ooBo"
        for reply in (read(sse(delta(content="B"), delta(content="o\n"), again)), read(sse(piece, again))):
            assert reply.unread == ()

    @pytest.mark.parametrize("beside", [{}, {"role": "assistant", "content": ""}])
    def test_a_message_beside_an_empty_delta(self, beside):
        """Before any delta it is the reply; behind some it says the same again, or something that is not read."""
        both = {"index": 0, "delta": beside, "message": {"content": "B"}, "finish_reason": "stop"}
        reply = read(json.dumps({"choices": [both]}).encode(), kind="application/json")
        assert (reply.text, reply.unread) == ("B", ())
        assert read(sse(delta(content="B"), {"choices": [both]})).unread == ()
        assert read(sse({"choices": [both | {"delta": {"content": "B"}}]})).unread == ()

    @pytest.mark.parametrize(
        ("event", "unread"),
        [
            ({"choices": [{"index": 0, "delta": "not "}]}, "delta of type str"),
            ({"choices": {"index": 0, "delta": {"content": "not "}}}, "choices of type dict"),
            (
                {"model": "m", "message": {"role": "assistant", "content": "not "}, "done": False},
                "event without choices, with 'message'",
            ),
            (
                {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "not "}},
                "event without choices, with 'delta'",
            ),
            (
                {"choices": [{"index": 0, "delta": {}}, {"index": 0, "delta": {"content": "not "}}]},
                "another choice of the same index",
            ),
            (
                {"choices": [{"message": {"content": "not "}}]},
                "message that says something else than its deltas",
            ),
        ],
    )
    def test_what_stands_where_nothing_is_known_is_counted(self, event, unread):
        """Amid a stream that is read, and alone."""
        reply = read(sse(delta(content="It is "), event, delta(content="Paris."), STOP, "[DONE]"))
        assert (reply.unread, reply.whole) == (((unread, 1),), True)

    @pytest.mark.parametrize(
        "event",
        [
            {"type": "ping", "data": "2026-01-01", "info": {"message": "ok", "choices": []}},
            {"id": "x", "choices": [], "usage": {"total_tokens": 3}},
            {"event": {"type": "status", "data": {"message": {"text": "Searching"}, "done": False}}},
            {"reasoning": {"effort": "high"}, "thinking": {"type": "enabled", "budget_tokens": 3}},
        ],
    )
    def test_what_says_nothing_beside_the_choices_is_not_counted(self, event):
        """Signs of life, and remarks in words."""
        assert read(sse(delta(content="Paris."), event, STOP, "[DONE]")).unread == ()

    @pytest.mark.parametrize(
        "choice",
        [
            {"delta": {}, "text": "Paris"},
            {"delta": {"role": "assistant"}, "content": "Paris"},
            {"message": {"role": "assistant", "content": None}, "text": "Paris"},
            # Together sends it twice, and says nothing at the end.
            {"delta": {"content": "Paris"}, "text": "Paris"},
        ],
    )
    def test_a_text_beside_a_message_that_says_nothing(self, choice):
        """It is the answer, whole and streamed; beside one that says the same it is nothing more."""
        last = {"choices": [{"index": 0, "delta": {"content": ""}, "text": "", "finish_reason": "stop"}]}
        streamed = read(sse({"choices": [{"index": 0, **choice}]}, last, "[DONE]"))
        alone = read(
            json.dumps({"choices": [{"index": 0, "finish_reason": "stop", **choice}]}).encode(),
            kind="application/json",
        )
        for reply in (streamed, alone):
            assert (reply.text + reply.reasoning, reply.unread, reply.whole) == ("Paris", (), True)

    @pytest.mark.parametrize(
        ("name", "event"),
        [
            ("text", {"choices": [{"index": 0, "delta": {"content": ""}, "text": "not "}]}),
            ("content", {"choices": [{"index": 0, "delta": {}}], "content": "not "}),
        ],
    )
    def test_a_text_beside_a_message_that_says_something_else(self, name, event):
        """Counted: one of the two would be missing."""
        reply = read(sse(delta(content="It is "), event, delta(content="Paris."), STOP, "[DONE]"))
        assert reply.unread == ((f"{name!r} beside a message that says something else", 1),)
        assert reply.whole

    @pytest.mark.parametrize(
        "remark", [{"message": "ok"}, {"msg": "success", "code": 0}, {"status_msg": "ok"}]
    )
    def test_a_remark_is_no_error_of_a_whole_reply(self, remark):
        """It is one where nothing was finished, and where something else tells an error."""
        reply = read(sse(delta(content="B"), remark, STOP, "[DONE]"))
        assert (reply.text, reply.unread, reply.whole, reply.error) == ("B", (), True, "")
        said = str(next(iter(remark.values())))
        assert read(sse(remark, "[DONE]")).error == said
        assert read(sse(delta(content="B"), remark, "[DONE]")).error == said
        assert read(sse(delta(content="B"), {**remark, "code": 500}, STOP, "[DONE]")).error == said

    def test_what_a_filter_withheld(self):
        """Gemini sends the reason and no message: nothing of it is unread."""
        last = {"choices": [{"index": 0, "finish_reason": "content_filter: PROHIBITED_CONTENT"}]}
        for body, kind in ((sse(last, "[DONE]"), ""), (json.dumps(last).encode(), "application/json")):
            reply = read(body, kind=kind)
            assert (reply.unread, reply.text, reply.whole) == ((), "", True)

    def test_interleaved_choices(self):
        """With n > 1 the first choice is read."""
        body = sse(delta(0, content="a"), delta(1, content="x"), delta(0, content="b"), delta(1, content="y"))
        assert read(body).text == "ab"

    def test_usage_wherever_it_comes(self):
        """Usage-only events, usage beside the last choice or in it (Moonshot), and Groq's own place."""
        usage = {"prompt_tokens": 9, "completion_tokens": 2, "completion_tokens_details": {}}
        inside = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop", "usage": usage}]}
        for last in (
            inside,
            {"choices": [], "usage": usage},
            {**STOP, "usage": usage},
            {"x_groq": {"usage": usage}},
        ):
            reply = read(sse(delta(content="B"), last))
            assert (reply.prompt_tokens, reply.completion_tokens, reply.reasoning_tokens) == (9, 2, None)
        assert read(sse(delta(content="B"))).completion_tokens is None

    @pytest.mark.parametrize("count", [-1, 1.5, "9", None])
    def test_a_count_that_is_none_is_missing(self, count):
        """Below zero, beyond what a double counts in ones, or no whole number: not told, as if it were not there."""
        usage = {
            "prompt_tokens": count,
            "completion_tokens": count,
            "completion_tokens_details": {"reasoning_tokens": count},
        }
        reply = read(sse(delta(content="B"), {**STOP, "usage": usage}))
        assert (reply.prompt_tokens, reply.completion_tokens, reply.reasoning_tokens) == (None, None, None)
        assert (reply.text, reply.whole) == ("B", True)

    def test_refusal(self):
        """The refusal field is joined; empty strings are no refusal."""
        assert read(sse(delta(refusal=""), delta(refusal="I ca"), delta(refusal="n't"))).refusal == "I can't"
        assert read(sse(delta(refusal="", content="B"))).refusal is None


class TestReasoning:
    """Thinking: which field, and which tokens."""

    def test_tokens_follow_their_delta(self):
        """Tokens on an empty delta go with what came before, leading ones with what comes after."""
        body = sse(
            delta(logprobs=[entry("<think>")], role="assistant"),
            delta(logprobs=[entry("hm")], reasoning_content="hm"),
            delta(logprobs=[entry("</think>")]),
            delta(logprobs=[entry("B")], content="B"),
            delta(logprobs=[entry("<eos>")]),
        )
        assert parts(read(body)) == "rrraa"

    def test_mixed_chunk(self):
        """Ollama: all tokens of a mixed step ride on the reasoning part; the text tells them apart."""
        step = [entry("hm"), entry("</think>"), entry("\n\n"), entry("B")]
        body = sse(delta(logprobs=step, reasoning="hm"), delta(content="B"), STOP)
        assert parts(read(body)) == "rrra"
        assert parts(read(sse(delta(logprobs=step, reasoning="hm", content="B"), STOP))) == "rrra"


class TestLogprobs:
    """Row 8 of docs/maintainers/failures.md: tokens and their numbers."""

    @pytest.mark.parametrize(("given", "expected"), [(None, None), ([104, 105], b"hi"), ([300], None)])
    def test_bytes(self, given, expected):
        """bytes may be null, and nonsense counts as absent."""
        (token,) = read(sse(delta(logprobs=[entry("hi", bytes=given)]))).tokens
        assert token.bytes == expected


class TestTimes:
    """Seconds are those of the chunk that completed the event."""

    def test_stream(self):
        """First token of any kind, first of the answer, last byte; split events count when whole."""
        thought = sse(delta(logprobs=[entry("hm")], reasoning="hm"))
        answer = sse(delta(logprobs=[entry("B")], content="B"))
        chunks = [
            Chunk(0.1, sse(delta(role="assistant", content=""))),
            Chunk(0.2, thought[:9]),
            Chunk(0.3, thought[9:] + answer[:-1]),
            Chunk(0.4, answer[-1:]),
            Chunk(0.5, sse(STOP)),
            Chunk(0.6, sse("[DONE]")),
        ]
        completion = read_completion(chunks, content_type="text/event-stream", status=200)
        assert (completion.ttft_s, completion.ttfa_s, completion.latency_s) == (0.3, 0.4, 0.6)
        assert [token.t_s for token in completion.tokens] == [0.3, 0.4]


REPLY = {
    "model": "m",
    "system_fingerprint": "fp",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": "B", "reasoning_content": "hm"},
            "logprobs": {"content": [entry("hm"), entry("</think>"), entry("B")]},
        }
    ],
    "usage": {"prompt_tokens": 9, "completion_tokens": 3},
}


class TestWholeBody:
    """Replies that are not streamed."""

    def test_reply(self):
        """Read like a stream, but without a time to the first token."""
        completion = read(json.dumps(REPLY, indent=1).encode(), kind="application/json")
        assert (completion.text, completion.reasoning, completion.finish_reason) == ("B", "hm", "stop")
        assert (completion.model, completion.system_fingerprint) == ("m", "fp")
        assert (completion.completion_tokens, parts(completion)) == (3, "rra")
        assert (completion.ttft_s, completion.ttfa_s, completion.latency_s) == (None, None, 1.0)
        assert completion.whole
        assert not completion.saw_done

    def test_truncated_reply(self):
        """Cut at any byte it is not whole and says why."""
        body = json.dumps(REPLY).encode()
        for cut in range(len(body)):
            completion = read(body[:cut], kind="application/json")
            assert not completion.whole
            assert completion.error


@pytest.mark.parametrize("before", ["\ufeffdata: ", "\0data: ", "\u200bdata: ", "data= ", "[", "\ufeff"])
def test_an_event_behind_what_is_invisible_is_missing(before):
    """In the middle of a stream it is no field of the standard; a field of another name is passed over."""
    lost = json.dumps(delta(content="not "))
    completion = read(sse(delta(content="A")) + f"{before}{lost}\n\n".encode() + sse(STOP, "[DONE]"))
    assert "has a line that is no field" in completion.error
    assert not completion.whole
    assert read(b"metadata: {}\ndatabase: 1\n\n" + sse(delta(content="A"), STOP)).error == ""
