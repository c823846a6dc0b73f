"""A block has no more columns than can be written and read in moments; what would bring more is kept as received."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from recordings import everything, interaction, planned

from llmxray.cassette import Cassette, drop, verify
from llmxray.cassette.columnar.block_reader import Block
from llmxray.cassette.columnar.block_writer import write_block
from llmxray.cassette.columnar.symbols import Symbols
from llmxray.cassette.columnar.templates import SLOT, Templates, TemplateWriter, split_values
from llmxray.cassette.sections import SectionReader, SectionWriter
from llmxray.types import Interaction

GAP = b"\n\n"
USUAL = b'{"id": 1, "text": "a"}' + GAP + b'{"id": 2, "text": "b"}'


def listed(name: int, values: int) -> bytes:
    """An event of so many values behind a key of its own."""
    return b'{"d%d": [%b]}' % (name, b",".join(b'"%d"' % (n % 7) for n in range(values)))


DENSE: dict[str, Callable[[], bytes]] = {
    "one event": lambda: listed(0, 1_001),
    "carried": lambda: b'{"d": [%b1]}' % (b"1," * 1_000),
    "many events": lambda: GAP.join(listed(n, 100) for n in range(90)),
    "many forms": lambda: GAP.join(listed(n, 0) for n in range(8_193)),
    "tokens without end": lambda: (
        b'data: {"choices":[{"logprobs":{"content":[%b]}}]}'
        % b",".join([b'{"token":"a","logprob":-1,"top_logprobs":[]}'] * 900_000)
    ),
    "many lines": lambda: b"{" + b"\n" * (1 << 20) + b"\n",
    "many blank lines": lambda: b"x\n\n" * (1 << 19) + b"\n\n",
}


def block(*bodies: bytes) -> tuple[Block, int]:
    """A block of recordings with these bodies, and how many skeletons and columns their events have in it."""
    members = [(n, interaction(f"q{n}", body=body)) for n, body in enumerate(bodies)]
    data = write_block(members, {}, raw=set(), parse=set())
    meta = SectionReader(data).meta["bodies"]
    return Block(data, Symbols()), len(meta["skeletons"]) + sum(map(len, meta["columns"]))


@pytest.mark.parametrize("kind", DENSE)
def test_a_body_of_too_many_values_is_kept_as_received(kind: str) -> None:
    """Others beside it are columns as ever."""
    dense = DENSE[kind]()
    usual, columns = block(USUAL, USUAL)
    mixed, the_same = block(USUAL, dense, USUAL)
    assert columns == the_same
    assert [mixed.body(place) for place in range(3)] == [USUAL, dense, USUAL]
    assert usual.body(1) == USUAL


def test_many_bodies_of_forms_of_their_own() -> None:
    """None of them alone has too many values."""
    bodies = [listed(n, 900) for n in range(30)]
    opened, columns = block(*bodies)
    assert columns < 10_000
    assert [opened.body(place) for place in range(30)] == bodies


@pytest.mark.parametrize("kind", DENSE)
def test_such_a_cassette_is_rewritten_as_it_was(tmp_path: Path, kind: str) -> None:
    """Dropping one recording leaves the others."""
    each = [interaction(f"q{n}", body=body) for n, body in enumerate((USUAL, DENSE[kind](), USUAL))]
    directory = planned(tmp_path / "c", each)
    assert everything(directory)
    cassette = Cassette(directory)
    assert [cassette.body(entry.address) for entry in cassette.all_entries()] == [one.body for one in each]
    drop(directory, [next(cassette.all_entries()).address])
    again = Cassette(directory)
    assert [again.body(entry.address) for entry in again.all_entries()] == [one.body for one in each[1:]]
    assert [] == verify(directory)


def test_texts_of_too_many_values_are_skeletons_without_any() -> None:
    """Requests and heads, which cannot be kept as received: one with too many values, then too many forms."""
    texts = ['{"a": [1, "x"]}', f'{{"b": [{"1, " * 1_000}1]}}', '{"a": [2, "y"]}']
    texts += [f'{{"d{n}": [{"1, " * 99}1]}}' for n in range(90)] + ['{"a": [3, "z"]}']
    out, writer = SectionWriter(), TemplateWriter()
    for text in texts:
        writer.add_text(text)
    meta = writer.write(out, "t")
    assert sum(map(len, meta["columns"])) < 8_192
    assert texts[1] in meta["skeletons"]
    assert split_values(texts[-1])[0] in meta["skeletons"]
    assert SLOT not in meta["skeletons"][-1]
    sections = SectionReader(out.finish({"t": meta}))
    read = Templates(sections.meta["t"], sections, "t")
    assert texts == [read.text(place) for place in range(len(texts))]


def test_concurrency_of_a_head_of_too_many_values() -> None:
    """It has no column of its own there."""
    headers = tuple(("retry-after", str(n)) for n in range(600))
    made: Interaction = interaction(headers=headers, concurrency=5, body=USUAL)
    data = write_block([(0, made)], {}, raw=set(), parse=set())
    opened = Block(data, Symbols())
    assert opened.concurrency(0) == 5
    assert opened.interaction(0, made.key, made.request) == made
