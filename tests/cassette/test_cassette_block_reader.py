"""Columns give back what went in, to the byte, and tell replies as parsing the bytes would."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from drawn import bodies
from hypothesis import given, settings
from hypothesis import strategies as st
from recordings import interaction, stream

from llmxray.cassette import Cassette
from llmxray.cassette.columnar.block_reader import Block
from llmxray.cassette.columnar.block_writer import write_block
from llmxray.cassette.columnar.symbols import Symbols
from llmxray.types import Chunk, EndCause, Interaction
from llmxray.wire import read_interaction


def there_and_back(each: Iterable[Interaction]) -> tuple[Block, set[int]]:
    """The block of these interactions, opened; and which of them had to be kept raw."""
    symbols: dict[str, int] = {}
    raw: set[int] = set()
    data = write_block([(n, one) for n, one in enumerate(each)], symbols, raw=raw, parse=set())
    return Block(data, Symbols.read(Symbols.write(symbols))), raw


def cut(
    body: bytes, places: list[int], end: EndCause = EndCause.CLEAN, *, question: str = "q"
) -> Interaction:
    """An interaction whose body came in pieces that end at these places, some of them empty."""
    edges = [0, *sorted(place % (len(body) + 1) for place in places), len(body)]
    pieces = [body[a:b] for a, b in pairwise(edges)]
    chunks = tuple(Chunk(round(0.25 + n / 128, 6), piece) for n, piece in enumerate(pieces))
    return interaction(question, chunks=chunks, end=end, error="why\ud800")


# What JSON and token entries are made of, in any order: quotes that open nothing, braces inside of strings.
PIECES = (
    *(
        "{",
        "[{",
        "}",
        "}]",
        "]",
        '"',
        "\\",
        '\\"',
        "\\5",
        ",",
        ", ",
        ":",
        ": ",
        "\n",
        "\n\n",
        "data: ",
        "-0.5",
        "٣",
        "null",
    ),
    *(
        '"token":',
        '"token": ',
        '"logprob":',
        '"logprob": ',
        '"top_logprobs":[',
        '"bytes":[97]',
        '"a"',
        '"x":"[{"',
    ),
    *('{"token":"a","logprob":-1.5}', '{"token": "a", "logprob": -1.5}', '{"logprob":-3,"token":"a"}'),
    '{"token":"a","logprob":-1.5,"top_logprobs":[{"token":"a","logprob":-1.5},{"token":"b","logprob":-2}]}',
)
jumbled = st.lists(st.sampled_from(PIECES), max_size=40).map(lambda pieces: "".join(pieces).encode())


@settings(max_examples=300, deadline=None)
@given(
    each=st.lists(
        st.builds(
            cut,
            bodies()
            | jumbled
            | st.binary(max_size=40)
            | st.text(max_size=40).map(lambda t: t.encode("utf-8", "replace")),
            st.lists(st.integers(0, 10_000), max_size=4),
            st.sampled_from(EndCause),
        ),
        max_size=4,
    )
)
def test_any_bodies(each: list[Interaction]) -> None:
    """Whatever the bytes and however they were cut, all of a block comes back."""
    block, _ = there_and_back(each)
    assert each == [block.interaction(n, one.key, one.request) for n, one in enumerate(each)]
    assert [(one.body, one.concurrency) for one in each] == [
        (block.body(n), block.concurrency(n)) for n in range(len(each))
    ]


ENTRY = '{"token":"a","logprob":-1.5}'
SPACED = '{"token": "a", "logprob": -1.5}'


@pytest.mark.parametrize(
    "text",
    [
        # Found by the search with random seeds: a piece of an answer that ends like the start of an entry.
        *(
            f'data: {{"choices":[{{"delta":{{"content":"{piece}"}},'
            r'"logprobs":{"content":[{"token":"\"","logprob":0.0}]},"x":null}]}'
            for piece in ("{", "[{", r"say {\"token\":")
        ),
        # A string that holds an entry, whole or without its end.
        '"content":"data: ' + ENTRY + '0.0"token":-0.5',
        '"' + ENTRY,
        '"a\\\n' + ENTRY + '"',
        # Both styles in one event; separators that no server writes.
        f'{{"token":"a","logprob":-1,"top_logprobs":[{ENTRY}]}},{{"token": "a", "logprob": -1, "top_logprobs": []}}',
        f'{{"token": "a", "logprob": -1, "top_logprobs": []}},{{"token":"a","logprob":-1,"top_logprobs":[{ENTRY}]}}',
        f'{{"token":"a","logprob":-1,"top_logprobs":[{ENTRY}, {ENTRY}]}}',
        f'{{"token":"a","logprob":-1,"top_logprobs":[{ENTRY}{ENTRY}]}}',
        f'{{"token":"a","logprob":-1,"top_logprobs":[{ENTRY},]}}',
        f'{{"token": "a", "logprob": -1,"top_logprobs":[{SPACED}]}}',
        # A number behind a backslash, inside of what looks like a key.
        r'"v"x\5":',
    ],
)
def test_what_only_looks_like_an_entry(text: str) -> None:
    """It comes back, too, and needs no raw bytes for it."""
    one = cut(text.encode(), [])
    block, raw = there_and_back([one])
    assert set() == raw
    assert text.encode() == block.body(0)


@pytest.mark.parametrize("places", [[], [7], [40, 41, 42, 500], list(range(0, 4000, 61))])
def test_real_streams(shared: Path, sealed: Callable[..., Path], places: list[int]) -> None:
    """Every real stream, cut anyhow, comes back from a sealed cassette; replies are what parsing them tells."""
    paths = sorted((shared / "streams").glob("*.sse"))
    each = [cut(path.read_bytes(), places, question=path.name) for path in paths]
    cassette = Cassette(sealed(*each))
    assert [record.is_columns for record in cassette.manifest.role("recordings")] == [True]  # type: ignore[union-attr]
    for one in each:
        (entry,) = cassette.entries(one.key)
        assert one == cassette.get(entry.address)
        assert replace(one, request={}) == cassette.get(entry.address, {})
        assert one.body == cassette.body(entry.address)
        assert read_interaction(one) == cassette.completion(entry.address)


def test_shipped_recordings(root: Path) -> None:
    """A sample of every shipped recordings file: equal bytes, times and replies, none kept raw or parsed."""
    for directory in sorted((root / "cassettes").iterdir()):
        cassette = Cassette(directory)
        entries = list(cassette.all_entries())
        each = [cassette.get(entry.address) for entry in entries[:: len(entries) // 25]]
        block, raw = there_and_back(each)
        assert set() == raw
        for place, one in enumerate(each):
            assert one == block.interaction(place, one.key, one.request)
            assert read_interaction(one) == block.completion(place)


def test_same_prompt_costs_little() -> None:
    """Repeats of one reply share their distributions: twenty cost less than twice one."""
    one = interaction(body=stream("hello world, this is an answer", top=20))
    sizes = []
    for count in (1, 20):
        symbols: dict[str, int] = {}
        members = [(0, replace(one, sample=n)) for n in range(count)]
        sizes.append(len(write_block(members, symbols, raw=set(), parse=set())))
    assert sizes[1] < 2 * sizes[0]


@pytest.mark.parametrize("at", [0, 5, 9, 60, -1])
def test_damage(at: int) -> None:
    """A block with one byte changed is refused."""
    data = bytearray(write_block([(0, interaction())], {}, raw=set(), parse=set()))
    data[at] ^= 1
    with pytest.raises(ValueError, match=r"block|checksum"):
        Block(bytes(data), Symbols())


FIRST, THEN = (f'[{{"token":"{text}","bytes":[97],"logprob":-0.5,"top_logprobs":[]}}]' for text in "ab")
# DeepSeek's list beside the answer's, in both orders; Cerebras's object; OpenAI's list of a refusal.
LISTS = (
    f'"logprobs":{{"content":null,"reasoning_content":{FIRST}}}',
    f'"logprobs":{{"reasoning_content":{FIRST},"content":{THEN}}}',
    f'"logprobs":{{"content":{FIRST},"reasoning_content":{THEN}}}',
    f'"reasoning_logprobs":{{"content":{FIRST}}},"logprobs":null',
    f'"logprobs":{{"content":{FIRST}}},"reasoning_logprobs":{{"content":{THEN}}}',
    f'"logprobs":{{"content":null,"refusal":{FIRST}}}',
)


@pytest.mark.parametrize("lists", LISTS)
def test_every_list_of_tokens_is_told_by_the_columns(lists: str) -> None:
    """Not only that of the answer: none has to be parsed from its bytes."""
    event = f'{{"choices":[{{"index":0,"delta":{{"content":"a"}},{lists},"finish_reason":"stop"}}]}}'
    one = interaction(body=f"data: {event}\n\ndata: [DONE]\n\n".encode())
    block, raw = there_and_back([one])
    told = block.completion(0)
    assert (set(), read_interaction(one)) == (raw, told)
    assert told is not None
    assert lists.count("token") == len(told.tokens)


def test_invalid_numbers_are_told_as_the_text_tells_them() -> None:
    """Columns keep what was sent; above 0 it is no log-probability, and at or below −9999 it is minus infinity."""
    entry = '{"token":"a","bytes":[97],"logprob":%s,"top_logprobs":[%s]}'
    top = '{"token":"a","bytes":[97],"logprob":%s}'
    event = (
        '{"choices":[{"index":0,"delta":{"content":"a"},"logprobs":{"content":[%s]},"finish_reason":"stop"}]}'
    )
    numbers = ("0.0504", "-0.25", "-9999.0", "1e-07", "12", "-0.0", "-3.4028234663852886e+38")
    text = "".join(f"data: {event % (entry % (number, top % number))}\n\n" for number in numbers)
    one = interaction(body=text.encode() + b"data: [DONE]\n\n")
    block, raw = there_and_back([one])
    told = block.completion(0)
    assert (set(), read_interaction(one)) == (raw, told)
    assert told is not None
    nats = [token.logprob_nats for token in told.tokens]
    assert [None, -0.25, -math.inf, 0.0, None, 0.0, -math.inf] == nats
    assert 4 == told.invalid_logprobs


@pytest.mark.parametrize("number", [-1, 2**31, 2**64])
def test_a_number_in_flight_that_is_none(number: int) -> None:
    """Results ask for this one number without the rest of the head: it is refused there too."""
    block, _ = there_and_back([interaction(concurrency=number)])
    for read in (lambda: block.concurrency(0), lambda: block.interaction(0, "k", {})):
        with pytest.raises(ValueError, match="in_flight that is not from 0 to"):
            read()
