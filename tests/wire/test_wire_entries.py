"""Token entries come out of a stream's text and go back in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from llmxray.wire import entry_text, open_symbol, take_entries, token_text
from llmxray.wire.entries import ENTRY, SPACED, UTF8, TextEntry


def put_back(rest: str, entries: list[TextEntry]) -> str:
    """The text that the entries were taken out of."""
    waiting = iter(entries)

    def fill(mark: re.Match[str]) -> str:
        entry = next(waiting)
        head, tail = open_symbol(entry.symbol)
        opened = [(open_symbol(symbol), number) for symbol, number in entry.top or ()]
        tops = None if entry.top is None else [f"{a}{number}{b}}}" for (a, b), number in opened]
        return entry_text(head, entry.number, tail, tops, spaced=mark[0] == SPACED)

    return re.sub(f"[{ENTRY}{SPACED}]", fill, rest)


def test_real_streams(shared: Path) -> None:
    """Every logprob of every real stream is taken out, and the text comes back."""
    taken = 0
    for path in sorted((shared / "streams").glob("*.sse")):
        text = path.read_bytes().decode("utf-8", "replace")
        rest, entries = take_entries(text)
        assert text == put_back(rest, entries)
        found = sum(1 + len(entry.top or ()) for entry in entries)
        assert text.count('"logprob"') == found
        taken += found
    assert taken > 500


@pytest.mark.parametrize(
    ("text", "alternatives"),
    [
        ('{"token":"a","logprob":-1.5,"bytes":[97],"top_logprobs":[]}', 0),
        ('{"token":"a","logprob":-1.5,"bytes":null}', None),
        ('{"token": "}{", "logprob": -1e-05, "top_logprobs": [{"token": "\\"]", "logprob": 0}]}', 1),
        (
            '{"id":7,"token":"é","bytes":[195,169],"logprob":-9999.0,"top_logprobs":[{"token":"b","logprob":-2}]}',
            1,
        ),
    ],
)
def test_one_entry(text: str, alternatives: int | None) -> None:
    """Orders of keys, spaces, braces inside of tokens, lists that are empty or missing."""
    rest, (entry,) = take_entries(f"[{text}]")
    assert rest in (f"[{ENTRY}]", f"[{SPACED}]")
    assert alternatives == (None if entry.top is None else len(entry.top))
    assert f"[{text}]" == put_back(rest, [entry])


def test_bytes_that_the_token_tells_are_not_kept() -> None:
    """Lists of the UTF-8 bytes of a token are a mark in its symbol; others stay."""
    _, (told, other) = take_entries(
        '{"token":"é","bytes":[195,169],"logprob":-1},{"token":"é","bytes":[195],"logprob":-1}'
    )
    assert UTF8 in told.symbol
    assert UTF8 not in other.symbol
    assert "é" == token_text(*open_symbol(told.symbol))


def test_an_entry_beside_a_string_with_a_brace_is_found() -> None:
    """The text of an answer may end like the start of an entry, and a token may be the word itself."""
    for said in ("{", "[{", r"{\"token\":", "logprob"):
        entry = f'{{"token":"{said}","logprob":-0.5,"top_logprobs":[{{"token":"{said}","logprob":-0.5}}]}}'
        rest, (found,) = take_entries(f'{{"content":"{said}","list":[{entry}]}}')
        assert f'{{"content":"{said}","list":[{ENTRY}]}}' == rest
        assert said == token_text(*open_symbol(found.symbol))


def test_a_string_without_its_end_is_looked_at_once() -> None:
    """A reply cut off inside of a long string with many escaped quotes is not searched again from each."""
    text = '{"logprob' + r"\"" * 400_000
    assert (text, []) == take_entries(text)
