"""What a message says in every form that servers send it: parts, thinking, refusals, tool calls, and what is unread."""

import json
from typing import Any

import pytest
from bodies import STOP, delta, read, sse, whole

from llmxray.types import Completion, ToolCall
from llmxray.wire import event_texts

# Mistral's reasoning models: thinking and answer are parts of the content.
MAGISTRAL = [
    {
        "type": "thinking",
        "thinking": [{"type": "text", "text": "Iron rusts. "}, {"type": "text", "text": "So B."}],
    },
    {"type": "text", "text": "The answer is B."},
]


def both(message: dict[str, Any]) -> list[Completion]:
    """The reply with this message, not streamed and streamed as one delta."""
    return [read(whole(message), kind="application/json"), read(sse(delta(**message), STOP, "[DONE]"))]


class TestContent:
    """Content that is no text."""

    def test_parts_of_thinking_and_text(self):
        """Mistral: thinking apart, the answer as text, nothing unread."""
        for reply in both({"role": "assistant", "content": MAGISTRAL}):
            assert (reply.reasoning, reply.text) == ("Iron rusts. So B.", "The answer is B.")
            assert (reply.unread, reply.whole) == ((), True)

    @pytest.mark.parametrize(
        ("part", "reasoning", "text"),
        [
            ({"type": "text", "text": "B"}, "", "B"),
            ("B", "", "B"),
            ({"type": "thinking", "thinking": "hm", "signature": "sig"}, "hm", ""),
            # OpenAI's assistants wrap a text with what annotates it.
            ({"type": "text", "text": {"value": "B", "annotations": []}}, "", "B"),
            ({"type": "text", "text": None}, "", ""),
        ],
    )
    def test_known_parts(self, part, reasoning, text):
        """In a list, or as the whole content."""
        for content in ([part], part):
            for reply in both({"content": content}):
                assert (reply.reasoning, reply.text, reply.unread) == (reasoning, text, ())

    def test_sources_say_nothing(self):
        """Mistral names its sources between two texts."""
        content = [{"type": "text", "text": "B"}, {"type": "reference", "reference_ids": [3]}]
        for reply in both({"content": content}):
            assert (reply.text, reply.unread) == ("B", ())

    @pytest.mark.parametrize(
        ("message", "unread"),
        [
            (
                {"content": [{"type": "image_url", "image_url": {"url": "data:…"}}]},
                "content part 'image_url'",
            ),
            # A known type whose text is not where it is known to be.
            ({"content": [{"type": "text", "delta": "B"}]}, "content part 'text' without its text"),
            (
                {"content": [{"type": "thinking", "steps": ["hm"]}]},
                "content part 'thinking' without its text",
            ),
            ({"content": None, "audio": {"id": "a", "data": "UklGR…", "transcript": "B"}}, "audio"),
            (
                {"content": None, "tool_calls": [{"type": "computer", "computer": {}}]},
                "tool call of type 'computer'",
            ),
            ({"content": None, "output_parts": ["B"]}, "field 'output_parts'"),
        ],
    )
    def test_what_is_not_known_is_counted_by_name(self, message, unread):
        """Never an empty text that says nothing of it."""
        for reply in both(message):
            assert reply.unread == ((unread, 1),)

    def test_unknown_fields_beside_an_answer_do_not_matter(self):
        """Servers add fields of their own to replies that are read in full."""
        for reply in both({"content": "B", "mood": "cheerful", "citations": ["x"]}):
            assert (reply.text, reply.unread) == ("B", ())

    def test_an_empty_reply_is_empty(self):
        """And not unread: the server did send a message."""
        for reply in both({"role": "assistant", "content": "", "refusal": None, "annotations": []}):
            assert (reply.text, reply.unread, reply.whole) == ("", (), True)

    def test_legacy_completions(self):
        """The text stands beside the message that is not there; streamed and whole."""
        choices = [{"index": 0, "text": "Par", "logprobs": None, "finish_reason": None}]
        last = [{"index": 0, "text": "is", "logprobs": None, "finish_reason": "length"}]
        kind = {"object": "text_completion", "model": "m"}
        streamed = read(sse({**kind, "choices": choices}, {**kind, "choices": last}, "[DONE]"))
        assert (streamed.text, streamed.finish_reason, streamed.whole) == ("Paris", "length", True)
        once = json.dumps({**kind, "choices": [{"index": 0, "text": "Paris", "finish_reason": "stop"}]})
        assert read(once.encode(), kind="application/json").text == "Paris"


class TestThinking:
    """Thinking in fields and lists of its own."""

    @pytest.mark.parametrize(
        "message",
        [
            {"reasoning_content": "hm"},
            {"reasoning_text": "hm"},
            {"reasoning": {"content": "hm"}},
            {"reasoning_details": [{"type": "reasoning.text", "text": "hm", "signature": None, "index": 0}]},
            {"reasoning_details": [{"type": "reasoning.summary", "summary": "hm", "index": 0}]},
            {"thinking_blocks": [{"type": "thinking", "thinking": "hm", "signature": "sig"}]},
            # One text under several names is read once.
        ],
    )
    def test_fields(self, message):
        """All are the thinking and no part of the answer."""
        for reply in both({"content": "B", **message}):
            assert (reply.reasoning, reply.text) == ("hm", "B")
            assert (reply.hidden_reasoning, reply.unread) == (0, ())

    def test_hidden_pieces_are_counted(self):
        """Encrypted and redacted thinking has no text: each piece counts once, however many events bring it."""
        encrypted = {"type": "reasoning.encrypted", "data": "gAAAAB…", "id": "rs_1", "index": 0}
        body = sse(
            delta(content="", reasoning_details=[encrypted]),
            delta(content="", reasoning_details=[encrypted, {**encrypted, "id": "rs_2", "index": 1}]),
            delta(content="B"),
            STOP,
        )
        reply = read(body)
        assert (reply.reasoning, reply.hidden_reasoning, reply.text) == ("", 2, "B")
        redacted = [{"type": "redacted_thinking", "data": "EmwK…"}, {"type": "text", "text": "B"}]
        for whole_reply in both({"content": redacted}):
            assert (whole_reply.hidden_reasoning, whole_reply.text, whole_reply.unread) == (1, "B", ())

    def test_pieces_of_a_stream_for_playback(self):
        """Each event's thinking and answer, whatever form they have."""
        assert event_texts(delta(content=MAGISTRAL)) == ("Iron rusts. So B.", "The answer is B.")
        assert event_texts(delta(reasoning="hm", content="")) == ("hm", "")
        assert event_texts({"choices": [], "usage": {}}) == ("", "")


class TestUsage:
    """Tokens of thinking, shown or hidden."""

    def usage(self, **counts: Any) -> Completion:
        """A reply with this usage."""
        return read(sse(delta(content="B"), STOP, {"choices": [], "usage": counts}, "[DONE]"))

    def test_hidden_thinking(self):
        """OpenAI: part of the completion tokens, no text of it anywhere."""
        reply = self.usage(
            prompt_tokens=20,
            completion_tokens=85,
            total_tokens=105,
            completion_tokens_details={"reasoning_tokens": 64, "audio_tokens": 0},
        )
        assert (reply.completion_tokens, reply.reasoning_tokens, reply.reasoning) == (85, 64, "")

    def test_thinking_counted_beside_the_completion(self):
        """xAI: the total says that it comes on top."""
        details = {"reasoning_tokens": 290}
        reply = self.usage(
            prompt_tokens=12, completion_tokens=1, total_tokens=303, completion_tokens_details=details
        )
        assert (reply.completion_tokens, reply.reasoning_tokens) == (291, 290)

    @pytest.mark.parametrize(
        ("model", "counts"),
        [("gemini-2.5-flash", (46, 44)), ("models/Gemini-3-pro", (46, 44)), ("other", (2, None))],
    )
    def test_thinking_that_only_the_total_tells(self, model, counts):
        """Google; of nobody else is it known what a total counts beside the two."""
        usage = {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 55}
        reply = read(
            sse({**delta(content="B"), "model": model}, STOP, {"choices": [], "usage": usage}, "[DONE]")
        )
        assert (reply.completion_tokens, reply.reasoning_tokens) == counts

    def test_beside_the_other_counts(self):
        """Perplexity has it one level up."""
        assert self.usage(completion_tokens=9, reasoning_tokens=4).reasoning_tokens == 4


def call(index: int = 0, **fields: Any) -> dict[str, Any]:
    """A delta with a piece of a tool call."""
    function = {name: fields.pop(name) for name in ("name", "arguments") if name in fields}
    return delta(tool_calls=[{"index": index, **fields, "function": function}])


class TestToolCalls:
    """Functions that a reply calls."""

    def test_streamed_arguments_are_joined(self):
        """OpenAI: name first, arguments piece by piece, two calls one after the other."""
        body = sse(
            delta(role="assistant", content=None),
            call(0, id="call_1", type="function", name="get_weather", arguments=""),
            call(0, arguments='{"ci'),
            call(0, arguments='ty": "Oslo"}'),
            call(1, id="call_2", type="function", name="get_time", arguments=""),
            call(1, arguments="{}"),
            {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]},
            "[DONE]",
        )
        reply = read(body)
        assert reply.tool_calls == (ToolCall("get_weather", '{"city": "Oslo"}'), ToolCall("get_time", "{}"))
        assert (reply.text, reply.finish_reason, reply.unread, reply.whole) == ("", "tool_calls", (), True)
        assert (reply.ttft_s, reply.ttfa_s) == (1.0, 1.0)

    @pytest.mark.parametrize("ids", [("a", "b"), ("", "")])
    def test_whole_calls_that_share_an_index(self, ids):
        """Gemini: every call comes whole, with index 0."""
        body = sse(
            call(0, id=ids[0], name="f", arguments='{"x":1}'),
            call(0, id=ids[1], name="f", arguments='{"x":2}'),
            STOP,
        )
        assert read(body).tool_calls == (ToolCall("f", '{"x":1}'), ToolCall("f", '{"x":2}'))

    @pytest.mark.parametrize(
        "pieces",
        [
            ['{"x":"}', '{"}'],
            ['{"x":"\\', '"}', '"}'],
            ['{"x":"\\\\', '"', "}"],
            ['{"x":[{}', ',{"y":"]"}', "]}"],
            ["[", "]"],
        ],
    )
    def test_named_pieces_end_where_their_brackets_do(self, pieces):
        """Not at those within texts, wherever the pieces are cut; what follows is another call."""
        first = "".join(pieces)
        every = [*pieces, *pieces]
        found = read(sse(*(call(0, id="", name="f", arguments=each) for each in every), STOP)).tool_calls
        assert found == (ToolCall("f", first), ToolCall("f", first))

    def test_an_id_for_every_piece(self):
        """Some servers invent one each time; only a name begins a call."""
        body = sse(call(0, id="a", name="f", arguments='{"x'), call(0, id="b", arguments='":1}'), STOP)
        assert read(body).tool_calls == (ToolCall("f", '{"x":1}'),)

    @pytest.mark.parametrize(
        ("message", "expected"),
        [
            (
                {
                    "tool_calls": [
                        {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
                    ]
                },
                ToolCall("f", "{}"),
            ),
            # Ollama's own form, and a single call that is no list.
            ({"tool_calls": [{"function": {"name": "f", "arguments": {"x": 1}}}]}, ToolCall("f", '{"x": 1}')),
            # A gateway that flattens it.
            # OpenAI before tools, its custom tools, and Anthropic's part behind a gateway.
            ({"function_call": {"name": "f", "arguments": '{"x":1}'}}, ToolCall("f", '{"x":1}')),
            (
                {"content": [{"type": "tool_use", "id": "t", "name": "f", "input": {"x": 1}}]},
                ToolCall("f", '{"x": 1}'),
            ),
        ],
    )
    def test_other_forms(self, message, expected):
        """Each gives a name and the arguments as text."""
        for reply in both({"content": None, **message}):
            assert (reply.tool_calls, reply.text, reply.unread) == ((expected,), "", ())

    def test_deltas_that_are_calls(self):
        """Snowflake: the delta itself has a type; a text before it does not hide the calls."""
        body = sse(
            delta(
                type="text", content="I look it up.", content_list=[{"type": "text", "text": "I look it up."}]
            ),
            delta(type="tool_use", tool_use_id="t1", name="get_weather"),
            delta(type="tool_use", input='{"city":'),
            delta(type="tool_use", input='"Oslo"}'),
            delta(type="tool_use", tool_use_id="t2", name="get_time"),
            delta(type="tool_use", input="{}"),
            STOP,
        )
        reply = read(body)
        assert reply.tool_calls == (ToolCall("get_weather", '{"city":"Oslo"}'), ToolCall("get_time", "{}"))
        assert (reply.text, reply.unread) == ("I look it up.", ())


def test_the_recorded_streams_hold_nothing_unread(stream_path):
    """A dozen servers: every part of every reply is known, every log-probability valid."""
    reply = read(stream_path.read_bytes())
    assert (reply.unread, reply.invalid_logprobs, reply.logprobs_unread) == ((), 0, 0)
    assert reply.text or reply.tool_calls or reply.error


def test_refusals():
    """A field, or a part of the content."""
    for message in (
        {"content": None, "refusal": "I can't help with that."},
        {"content": [{"type": "refusal", "refusal": "I can't help with that."}]},
    ):
        for reply in both(message):
            assert (reply.refusal, reply.text, reply.unread) == ("I can't help with that.", "", ())


CALL = {"id": "a", "function": {"name": "f", "arguments": '{"a": 1}'}}


def delivered(message: dict[str, Any], *deltas: dict[str, Any], beside: str = "") -> Completion:
    """The reply of a stream of deltas and a closing message, or of a message alone."""
    last = {"index": 0, "finish_reason": "stop", **({} if beside else {"message": message})}
    events = [delta(**each) for each in deltas]
    return read(sse(*events, {"choices": [last], **({beside: message} if beside else {})}))


@pytest.mark.parametrize(
    ("message", "unread"),
    [
        ({"refusal": {"text": "no"}}, "refusal of type dict"),
        ({"reasoning": {"steps": ["B"]}}, "reasoning of type dict"),
        ({"tool_calls": '[{"function": {"name": "f"}}]'}, "tool call of type str"),
        ({"tool_calls": [{"type": "function", "function": "f"}]}, "tool call of type 'function'"),
        ({"tool_calls": [{"name": "f", "arguments": "{}", "input": {"a": 1}}]}, "tool call with several arguments"),
        ({"content": [{"type": "text", "refusal": "no"}]}, "content part 'text' without its text"),
    ],
)  # fmt: skip
def test_what_is_of_a_known_kind_and_gives_nothing_is_counted(message, unread):
    """Nothing that a reply says is lost without a word."""
    assert delivered({"content": "A", **message}).unread == ((unread, 1),)


@pytest.mark.parametrize(
    "zero",
    [
        {"function_call": {"name": "", "arguments": ""}},
        {"audio": {"id": "", "data": "", "transcript": "", "expires_at": 0}},
        {"tool_calls": [{"id": "", "type": "", "function": {"name": "", "arguments": ""}}]},
    ],
)
def test_zero_values_of_go_clients_are_none(zero):
    """A server in Go sends empty calls and media beside its answer, and in an empty delta beside its message."""
    beside = {"delta": {"role": "", "content": "", **zero}, "message": {"role": "assistant", "content": "B"}}
    in_delta = read(sse({"choices": [{"index": 0, **beside, "finish_reason": "stop"}]}))
    for reply in (*both({"content": "B", **zero}), in_delta):
        assert (reply.text, reply.tool_calls, reply.unread, reply.refusal) == ("B", (), (), None)


def test_other_places_of_refusals_and_arguments():
    """A refusal as text of its part; arguments under another name, also beside an empty one."""
    assert delivered({"content": [{"type": "refusal", "text": "no"}]}).refusal == "no"
    for function in (
        {"name": "f", "parameters": {"a": 1}},
        {"name": "f", "arguments": "", "input": {"a": 1}},
    ):
        (call,) = delivered({"tool_calls": [{"function": function}]}).tool_calls
        assert call.arguments == '{"a": 1}'
    older = {"name": "f", "arguments": '{"a": 1}'}
    assert len(delivered({"tool_calls": [CALL], "function_call": older}).tool_calls) == 1


@pytest.mark.parametrize(
    ("message", "part"),
    [
        ({"content": 5}, {"content": "A"}),
        ({"content": "A", "reasoning_content": "B"}, {"content": "A"}),
        ({"content": "B"}, {"refusal": "no"}),
        ({"tool_calls": [{"function": {"name": "g", "arguments": '{"a": 1}'}}]}, {"tool_calls": [CALL]}),
        ({"tool_calls": [CALL, CALL]}, {"tool_calls": [CALL]}),
    ],
)
def test_a_closing_message_that_differs_in_anything(message, part):
    """In its texts, refusal or calls; what was heard stays."""
    reply, alone = delivered(message, part), delivered({}, part)
    assert reply.unread == (("message that says something else than its deltas", 1),)
    assert (reply.text, reply.refusal, reply.tool_calls) == (alone.text, alone.refusal, alone.tool_calls)


@pytest.mark.parametrize(
    ("message", "part"),
    [
        ({"refusal": "no"}, {"refusal": "no"}),
        ({"content": "A\n", "reasoning": "B"}, {"content": "A", "reasoning_content": "B"}),
        ({"content": None, "tool_calls": [{"function": {"name": "f", "arguments": {"a": 1}}}]}, {"tool_calls": [CALL]}),
    ],
)  # fmt: skip
def test_a_closing_message_that_says_the_same_is_read_once(message, part):
    """White space in arguments and around texts apart."""
    reply, alone = delivered(message, part), delivered({}, part)
    assert (reply.unread, reply.text, reply.refusal) == ((), alone.text, alone.refusal)
    assert reply.tool_calls == alone.tool_calls
