"""What a message says in every form that servers send it: parts, thinking, refusals, tool calls, and what is unread."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from bodies import STOP, delta, entry, parts, read, sse, whole

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

    def test_parts_of_thinking_and_text(self) -> None:
        """Mistral: thinking apart, the answer as text, nothing unread."""
        for reply in both({"role": "assistant", "content": MAGISTRAL}):
            assert (reply.reasoning, reply.text) == ("Iron rusts. So B.", "The answer is B.")
            assert (reply.unread, reply.whole) == ((), True)

    def test_parts_over_many_deltas(self) -> None:
        """Streamed, each delta has a list of its own, and the last ones are plain texts."""
        body = sse(
            delta(role="assistant", content=""),
            delta(content=[{"type": "thinking", "thinking": [{"type": "text", "text": "Iron "}]}]),
            delta(
                content=[
                    {"type": "thinking", "thinking": [{"type": "text", "text": "rusts."}], "closed": True}
                ]
            ),
            delta(content=[{"type": "text", "text": "The answer"}]),
            delta(content=" is B."),
            STOP,
            "[DONE]",
        )
        reply = read(body)
        assert (reply.reasoning, reply.text) == ("Iron rusts.", "The answer is B.")
        assert reply.unread == ()

    @pytest.mark.parametrize(
        ("part", "reasoning", "text"),
        [
            ({"type": "text", "text": "B"}, "", "B"),
            ({"type": "output_text", "text": "B", "annotations": []}, "", "B"),
            ({"text": "B"}, "", "B"),
            ("B", "", "B"),
            ({"type": "thinking", "thinking": "hm", "signature": "sig"}, "hm", ""),
            ({"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]}, "hm", ""),
            ({"type": "reasoning", "text": "hm"}, "hm", ""),
            # OpenAI's assistants wrap a text with what annotates it.
            ({"type": "text", "text": {"value": "B", "annotations": []}}, "", "B"),
            ({"type": "text", "text": None}, "", ""),
            ({"type": "thinking", "signature": "sig"}, "", ""),
        ],
    )
    def test_known_parts(self, part: Any, reasoning: str, text: str) -> None:
        """In a list, or as the whole content."""
        for content in ([part], part):
            for reply in both({"content": content}):
                assert (reply.reasoning, reply.text, reply.unread) == (reasoning, text, ())

    def test_many_parts_of_a_refusal(self) -> None:
        """They were joined one by one: 100,000 took a quarter of a minute."""
        parts = [{"type": "refusal", "refusal": "a" * 40}] * 100_000
        body = whole({"content": parts, "refusal": "b"})
        began = time.process_time()
        assert read(body, kind="application/json").refusal == "b" + "a" * 4_000_000
        assert time.process_time() - began < 5

    def test_sources_say_nothing(self) -> None:
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
            (
                {"content": [{"type": "text", "text": "B"}, {"type": "chart", "data": [1]}]},
                "content part 'chart'",
            ),
            ({"content": [{"value": 3}]}, "content part without a type"),
            # A known type whose text is not where it is known to be.
            ({"content": [{"type": "text", "delta": "B"}]}, "content part 'text' without its text"),
            ({"content": [{"type": "text", "text": ["B"]}]}, "content part 'text' without its text"),
            (
                {"content": [{"type": "text", "text": {"parts": ["B"]}}]},
                "content part 'text' without its text",
            ),
            ({"content": [{"text": 3}]}, "content part 'text' without its text"),
            (
                {"content": [{"type": "thinking", "steps": ["hm"]}]},
                "content part 'thinking' without its text",
            ),
            ({"content": [3]}, "content part that is no object"),
            ({"content": 7}, "content of type int"),
            ({"content": None, "audio": {"id": "a", "data": "UklGR…", "transcript": "B"}}, "audio"),
            ({"content": "", "images": [{"type": "image_url", "image_url": {"url": "data:…"}}]}, "images"),
            (
                {"content": None, "tool_calls": [{"type": "computer", "computer": {}}]},
                "tool call of type 'computer'",
            ),
            ({"content": None, "output_parts": ["B"]}, "field 'output_parts'"),
            ({"answer": "B"}, "field 'answer'"),
        ],
    )
    def test_what_is_not_known_is_counted_by_name(self, message: dict[str, Any], unread: str) -> None:
        """Never an empty text that says nothing of it."""
        for reply in both(message):
            assert reply.unread == ((unread, 1),)

    def test_unread_parts_are_counted_over_the_stream(self) -> None:
        """By kind, in the order of their names; a hostile name is cut."""
        body = sse(
            delta(content=[{"type": "b" * 5000}]),
            delta(content=[{"type": "a"}, {"type": "a"}]),
            delta(content=[{"type": "a"}]),
            STOP,
        )
        assert read(body).unread == (("content part 'a'", 3), (f"content part '{'b' * 40}'", 1))

    def test_unknown_fields_beside_an_answer_do_not_matter(self) -> None:
        """Servers add fields of their own to replies that are read in full."""
        for reply in both({"content": "B", "mood": "cheerful", "citations": ["x"]}):
            assert (reply.text, reply.unread) == ("B", ())

    def test_a_choice_without_a_message(self) -> None:
        """A finish reason and nothing that was finished."""
        reply = read(b'{"choices": [{"index": 0, "finish_reason": "stop"}]}', kind="application/json")
        assert reply.unread == (("choice without a message", 1),)

    def test_an_empty_reply_is_empty(self) -> None:
        """And not unread: the server did send a message."""
        for reply in both({"role": "assistant", "content": "", "refusal": None, "annotations": []}):
            assert (reply.text, reply.unread, reply.whole) == ("", (), True)

    def test_legacy_completions(self) -> None:
        """The text stands beside the message that is not there; streamed and whole."""
        choices = [{"index": 0, "text": "Par", "logprobs": None, "finish_reason": None}]
        last = [{"index": 0, "text": "is", "logprobs": None, "finish_reason": "length"}]
        kind = {"object": "text_completion", "model": "m"}
        streamed = read(sse({**kind, "choices": choices}, {**kind, "choices": last}, "[DONE]"))
        assert (streamed.text, streamed.finish_reason, streamed.whole) == ("Paris", "length", True)
        once = json.dumps({**kind, "choices": [{"index": 0, "text": "Paris", "finish_reason": "stop"}]})
        assert read(once.encode(), kind="application/json").text == "Paris"

    def test_a_text_beside_a_delta_is_the_same_again(self) -> None:
        """Together sends both."""
        choice = {"index": 0, "text": "B", "delta": {"content": "B"}, "finish_reason": "stop"}
        assert read(sse({"choices": [choice]})).text == "B"


class TestThinking:
    """Thinking in fields and lists of its own."""

    @pytest.mark.parametrize(
        "message",
        [
            {"reasoning_content": "hm"},
            {"reasoning": "hm"},
            {"reasoning_text": "hm"},
            {"reasoning": {"content": "hm"}},
            {"reasoning_details": [{"type": "reasoning.text", "text": "hm", "signature": None, "index": 0}]},
            {"reasoning_details": [{"type": "reasoning.summary", "summary": "hm", "index": 0}]},
            {"reasoning": None, "reasoning_details": [{"type": "reasoning.summary", "summary": "hm"}]},
            {"thinking_blocks": [{"type": "thinking", "thinking": "hm", "signature": "sig"}]},
            # One text under several names is read once.
            {"reasoning_content": "hm", "thinking_blocks": [{"type": "thinking", "thinking": "hm"}]},
            {"reasoning": "hm", "reasoning_details": [{"type": "reasoning.text", "text": "hm"}]},
        ],
    )
    def test_fields(self, message: dict[str, Any]) -> None:
        """All are the thinking and no part of the answer."""
        for reply in both({"content": "B", **message}):
            assert (reply.reasoning, reply.text) == ("hm", "B")
            assert (reply.hidden_reasoning, reply.unread) == (0, ())

    def test_summaries_over_many_deltas(self) -> None:
        """OpenRouter sends a summary piece by piece."""
        pieces = ("**Weigh", "ing the", " options**")
        details = [[{"type": "reasoning.summary", "summary": piece, "index": 0}] for piece in pieces]
        body = sse(*(delta(content="", reasoning_details=each) for each in details), delta(content="B"), STOP)
        assert (read(body).reasoning, read(body).text) == ("**Weighing the options**", "B")

    def test_a_detail_of_its_format_alone_is_nothing(self) -> None:
        """It may come before the first text; anything else in it is unread."""
        named = {"type": "reasoning.text", "format": "unknown", "index": 0}
        for more, unread in (({}, False), ({"x": "hm"}, True)):
            for reply in both({"content": "B", "reasoning_details": [{**named, **more}]}):
                assert (reply.text, bool(reply.unread)) == ("B", unread)

    def test_hidden_pieces_are_counted(self) -> None:
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

    @pytest.mark.parametrize(
        "message",
        [
            {
                "content": [
                    {"type": "reasoning", "encrypted_content": "gAAAAB…"},
                    {"type": "text", "text": "B"},
                ]
            },
            {"content": "B", "reasoning_opaque": "gAAAAB…"},
        ],
    )
    def test_other_forms_of_hidden_thinking(self, message: dict[str, Any]) -> None:
        """A part without its text, a field of GitHub Copilot's."""
        for reply in both(message):
            assert (reply.hidden_reasoning, reply.reasoning, reply.text, reply.unread) == (1, "", "B", ())

    def test_only_hidden_thinking_is_no_unread_reply(self) -> None:
        """A reply that was cut while it thought says nothing, and nothing of it is unknown."""
        detail = {"type": "reasoning.encrypted", "data": "gAAAAB…"}
        reply = read(whole({"content": "", "reasoning_details": [detail]}, "length"), kind="application/json")
        assert (reply.text, reply.hidden_reasoning, reply.unread) == ("", 1, ())

    def test_the_tokens_of_a_thinking_part(self) -> None:
        """Tokens go with the part that their delta carries."""
        body = sse(
            delta(logprobs=[entry("hm")], content=[{"type": "thinking", "thinking": "hm"}]),
            delta(logprobs=[entry("B")], content=[{"type": "text", "text": "B"}]),
            STOP,
        )
        assert parts(read(body)) == "ra"

    def test_pieces_of_a_stream_for_playback(self) -> None:
        """Each event's thinking and answer, whatever form they have."""
        assert event_texts(delta(content=MAGISTRAL)) == ("Iron rusts. So B.", "The answer is B.")
        assert event_texts(delta(reasoning="hm", content="")) == ("hm", "")
        assert event_texts({"choices": [], "usage": {}}) == ("", "")


class TestUsage:
    """Tokens of thinking, shown or hidden."""

    def usage(self, **counts: Any) -> Completion:
        """A reply with this usage."""
        return read(sse(delta(content="B"), STOP, {"choices": [], "usage": counts}, "[DONE]"))

    def test_hidden_thinking(self) -> None:
        """OpenAI: part of the completion tokens, no text of it anywhere."""
        reply = self.usage(
            prompt_tokens=20,
            completion_tokens=85,
            total_tokens=105,
            completion_tokens_details={"reasoning_tokens": 64, "audio_tokens": 0},
        )
        assert (reply.completion_tokens, reply.reasoning_tokens, reply.reasoning) == (85, 64, "")

    def test_thinking_counted_beside_the_completion(self) -> None:
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
    def test_thinking_that_only_the_total_tells(self, model: str, counts: tuple[int, int | None]) -> None:
        """Google; of nobody else is it known what a total counts beside the two."""
        usage = {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 55}
        reply = read(
            sse({**delta(content="B"), "model": model}, STOP, {"choices": [], "usage": usage}, "[DONE]")
        )
        assert (reply.completion_tokens, reply.reasoning_tokens) == counts

    @pytest.mark.parametrize("details", [None, {}, {"reasoning_tokens": None}, {"reasoning_tokens": "7"}, 3])
    def test_not_reported(self, details: Any) -> None:
        """None, not 0."""
        reply = self.usage(prompt_tokens=9, completion_tokens=2, completion_tokens_details=details)
        assert (reply.completion_tokens, reply.reasoning_tokens) == (2, None)

    def test_zero_is_reported(self) -> None:
        """A model that did not think."""
        reply = self.usage(completion_tokens=2, completion_tokens_details={"reasoning_tokens": 0})
        assert reply.reasoning_tokens == 0

    def test_inside_of_a_choice(self) -> None:
        """Moonshot's streams say it with the finish reason."""
        counts = {"prompt_tokens": 8, "completion_tokens": 11, "total_tokens": 19}
        last = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop", "usage": counts}]}
        reply = read(sse(delta(content="B"), last, "[DONE]"))
        assert (reply.prompt_tokens, reply.completion_tokens) == (8, 11)

    def test_beside_the_other_counts(self) -> None:
        """Perplexity has it one level up."""
        assert self.usage(completion_tokens=9, reasoning_tokens=4).reasoning_tokens == 4


def call(index: int = 0, **fields: Any) -> dict[str, Any]:
    """A delta with a piece of a tool call."""
    function = {name: fields.pop(name) for name in ("name", "arguments") if name in fields}
    return delta(tool_calls=[{"index": index, **fields, "function": function}])


class TestToolCalls:
    """Functions that a reply calls."""

    def test_streamed_arguments_are_joined(self) -> None:
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
        assert reply.tool_calls == (
            ToolCall("get_weather", '{"city": "Oslo"}'),
            ToolCall("get_time", "{}"),
        )
        assert (reply.text, reply.finish_reason, reply.unread, reply.whole) == ("", "tool_calls", (), True)
        assert (reply.ttft_s, reply.ttfa_s) == (1.0, 1.0)

    def test_interleaved_calls(self) -> None:
        """Pieces are distinguished by their index."""
        body = sse(
            call(0, id="a", name="f", arguments='{"x":'),
            call(1, id="b", name="g", arguments='{"y":'),
            call(0, arguments="1}"),
            call(1, arguments="2}"),
            STOP,
        )
        assert read(body).tool_calls == (ToolCall("f", '{"x":1}'), ToolCall("g", '{"y":2}'))

    @pytest.mark.parametrize("ids", [("a", "b"), ("", "")])
    def test_whole_calls_that_share_an_index(self, ids: tuple[str, str]) -> None:
        """Gemini: every call comes whole, with index 0."""
        body = sse(
            call(0, id=ids[0], name="f", arguments='{"x":1}'),
            call(0, id=ids[1], name="f", arguments='{"x":2}'),
            STOP,
        )
        assert read(body).tool_calls == (ToolCall("f", '{"x":1}'), ToolCall("f", '{"x":2}'))

    def test_one_long_call_in_many_named_pieces(self) -> None:
        """No ids, and its function named in each piece: what came before was parsed each time, for minutes."""
        pieces = ['{"x":"', *("y" * 20 for _ in range(20_000)), '"}']
        began = time.process_time()
        found = read(sse(*(call(0, id="", name="f", arguments=each) for each in pieces), STOP)).tool_calls
        assert time.process_time() - began < 5
        assert (ToolCall("f", "".join(pieces)),) == found

    def test_a_long_list_before_many_named_pieces(self) -> None:
        """Its numbers were read again at each of them, for seconds."""
        pieces = ['{"x":[' + "1e1," * 15_000, *[" "] * 1_000, "0]}"]
        calls = [{"index": 0, "function": {"name": "f", "arguments": each}} for each in pieces]
        began = time.process_time()
        found = read(whole({"tool_calls": calls}), kind="application/json").tool_calls
        assert time.process_time() - began < 1
        assert (ToolCall("f", "".join(pieces)),) == found

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
    def test_named_pieces_end_where_their_brackets_do(self, pieces: list[str]) -> None:
        """Not at those within texts, wherever the pieces are cut; what follows is another call."""
        first = "".join(pieces)
        assert json.loads(first) is not None
        every = [*pieces, *pieces]
        found = read(sse(*(call(0, id="", name="f", arguments=each) for each in every), STOP)).tool_calls
        assert found == (ToolCall("f", first), ToolCall("f", first))

    def test_named_pieces_that_are_no_json(self) -> None:
        """What is none where its brackets are closed becomes none."""
        pieces = ["{]", "{}", "[}", "{}"]
        found = read(sse(*(call(0, id="", name="f", arguments=each) for each in pieces), STOP)).tool_calls
        assert found == (ToolCall("f", "".join(pieces)),)

    def test_many_pieces_without_arguments(self) -> None:
        """They add nothing, and were counted again at each piece that names the function."""
        pieces = ['{"x":"', *("" for _ in range(20_000)), *("y" for _ in range(3_000)), '"}']
        began = time.process_time()
        found = read(sse(*(call(0, id="", name="f", arguments=each) for each in pieces), STOP)).tool_calls
        assert time.process_time() - began < 5
        assert (ToolCall("f", "".join(pieces)),) == found

    def test_an_id_for_every_piece(self) -> None:
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
            ({"tool_calls": {"function": {"name": "f", "arguments": None}}}, ToolCall("f", "")),
            # A gateway that flattens it.
            (
                {"tool_calls": [{"id": "a", "type": "function", "name": "f", "arguments": "{}"}]},
                ToolCall("f", "{}"),
            ),
            # OpenAI before tools, its custom tools, and Anthropic's part behind a gateway.
            ({"function_call": {"name": "f", "arguments": '{"x":1}'}}, ToolCall("f", '{"x":1}')),
            (
                {"tool_calls": [{"type": "custom", "custom": {"name": "f", "input": "go"}}]},
                ToolCall("f", "go"),
            ),
            (
                {"content": [{"type": "tool_use", "id": "t", "name": "f", "input": {"x": 1}}]},
                ToolCall("f", '{"x": 1}'),
            ),
        ],
    )
    def test_other_forms(self, message: dict[str, Any], expected: ToolCall) -> None:
        """Each gives a name and the arguments as text."""
        for reply in both({"content": None, **message}):
            assert (reply.tool_calls, reply.text, reply.unread) == ((expected,), "", ())

    def test_deltas_that_are_calls(self) -> None:
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

    def test_two_calls_of_a_whole_reply(self) -> None:
        """A list without indexes is in order."""
        calls = [{"id": name, "function": {"name": name, "arguments": "{}"}} for name in ("f", "g")]
        reply = read(whole({"content": None, "tool_calls": calls}, "tool_calls"), kind="application/json")
        assert [each.name for each in reply.tool_calls] == ["f", "g"]

    def test_a_call_after_thinking(self) -> None:
        """Its tokens are the answer's."""
        body = sse(
            delta(logprobs=[entry("hm")], reasoning="hm"),
            delta(
                logprobs=[entry("{}")],
                tool_calls=[{"index": 0, "function": {"name": "f", "arguments": "{}"}}],
            ),
            STOP,
        )
        assert (parts(read(body)), read(body).reasoning) == ("ra", "hm")

    def test_recorded_calls(self, streams: Path) -> None:
        """OpenAI's own stream of two calls."""
        reply = read((streams / "04_openai_tool_calls.sse").read_bytes())
        assert [each.name for each in reply.tool_calls] == ["GetWeatherArgs", "get_stock_price"]
        assert [json.loads(each.arguments) for each in reply.tool_calls] == [
            {"city": "Edinburgh", "country": "GB", "units": "c"},
            {"ticker": "AAPL", "exchange": "NASDAQ"},
        ]
        assert (reply.text, reply.completion_tokens, reply.reasoning_tokens) == ("", 60, 0)


def test_the_recorded_streams_hold_nothing_unread(stream_path: Path) -> None:
    """A dozen servers: every part of every reply is known, every log-probability valid."""
    reply = read(stream_path.read_bytes())
    assert (reply.unread, reply.invalid_logprobs, reply.logprobs_unread) == ((), 0, 0)
    assert reply.text or reply.tool_calls or reply.error


@pytest.mark.parametrize(
    ("name", "completion", "reasoning"),
    [
        ("06_openai_gpt5_moderation", 11, 0),
        ("08_deepseek_reasoning", 212, 198),
        ("13_openrouter_reasoning", 36, 13),
        ("24_snowflake_empty_id", 5, 0),
        ("26_xai_no_finish_key", 291, 290),
        ("17_vllm_0.24_crusoe", 14, None),
    ],
)
def test_recorded_usage(streams: Path, name: str, completion: int, reasoning: int | None) -> None:
    """Tokens of thinking as six servers report them."""
    reply = read((streams / f"{name}.sse").read_bytes())
    assert (reply.completion_tokens, reply.reasoning_tokens) == (completion, reasoning)


def test_refusals() -> None:
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
        ({"refusal": ["no"]}, "refusal of type list"),
        ({"reasoning": {"steps": ["B"]}}, "reasoning of type dict"),
        ({"tool_calls": '[{"function": {"name": "f"}}]'}, "tool call of type str"),
        ({"tool_calls": ["f()"]}, "tool call of type str"),
        ({"tool_calls": [{"type": "function", "function": "f"}]}, "tool call of type 'function'"),
        ({"tool_calls": [{"name": "f", "arguments": "{}", "input": {"a": 1}}]}, "tool call with several arguments"),
        ({"function_call": "f(1)"}, "function_call of type str"),
        ({"content": [{"type": "text", "refusal": "no"}]}, "content part 'text' without its text"),
        ({"content": [{"text": "", "refusal": "no"}]}, "content part 'text' that says more than its text"),
        ({"content": [{"type": "reference", "text": "B"}]}, "content part 'reference' that says more than its text"),
    ],
)  # fmt: skip
def test_what_is_of_a_known_kind_and_gives_nothing_is_counted(message: dict[str, Any], unread: str) -> None:
    """Nothing that a reply says is lost without a word."""
    assert delivered({"content": "A", **message}).unread == ((unread, 1),)


@pytest.mark.parametrize(
    "zero",
    [
        {"function_call": {"name": "", "arguments": ""}},
        {"audio": {"id": "", "data": "", "transcript": "", "expires_at": 0}},
        {"audio": {"id": "audio_1"}, "images": [], "video": {}},
        {"tool_calls": [], "refusal": "", "function_call": {}},
        {"tool_calls": [{"id": "", "type": "", "function": {"name": "", "arguments": ""}}]},
    ],
)
def test_zero_values_of_go_clients_are_none(zero: dict[str, Any]) -> None:
    """A server in Go sends empty calls and media beside its answer, and in an empty delta beside its message."""
    beside = {"delta": {"role": "", "content": "", **zero}, "message": {"role": "assistant", "content": "B"}}
    in_delta = read(sse({"choices": [{"index": 0, **beside, "finish_reason": "stop"}]}))
    for reply in (*both({"content": "B", **zero}), in_delta):
        assert (reply.text, reply.tool_calls, reply.unread, reply.refusal) == ("B", (), (), None)


def test_other_places_of_refusals_and_arguments() -> None:
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
        ({"content": [{"type": "json", "json": "B"}]}, {"content": "A"}),
        ({"content": "A", "reasoning_content": "B"}, {"content": "A"}),
        ({"refusal": "never"}, {"refusal": "no"}),
        ({"content": "B"}, {"refusal": "no"}),
        ({"tool_calls": [{"function": {"name": "g", "arguments": '{"a": 1}'}}]}, {"tool_calls": [CALL]}),
        ({"tool_calls": [{"function": {"name": "f", "arguments": '{"a": 2}'}}]}, {"tool_calls": [CALL]}),
        ({"tool_calls": [CALL, CALL]}, {"tool_calls": [CALL]}),
    ],
)
def test_a_closing_message_that_differs_in_anything(message: dict[str, Any], part: dict[str, Any]) -> None:
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
def test_a_closing_message_that_says_the_same_is_read_once(
    message: dict[str, Any], part: dict[str, Any]
) -> None:
    """White space in arguments and around texts apart."""
    reply, alone = delivered(message, part), delivered({}, part)
    assert (reply.unread, reply.text, reply.refusal) == ((), alone.text, alone.refusal)
    assert reply.tool_calls == alone.tool_calls


@pytest.mark.parametrize("name", ["message", "delta"])
def test_a_message_beside_the_choices(name: str) -> None:
    """One that says the same, or nothing, is passed over."""
    for text in ("A", ""):
        assert not delivered({"content": text}, {"content": "A"}, beside=name).unread
    unread = delivered({"content": "B"}, {"content": "A"}, beside=name).unread
    assert unread == ((f"{name!r} beside the choices that says something else", 1),)
