"""A live key is found in every common disguise before it is written."""

from __future__ import annotations

import base64
import json
import tracemalloc
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recordings import token_by_token

from llmxray.cassette import Journal, journal
from llmxray.cassette.key_scan import scan
from llmxray.cassette.scrub import SecretGuard, allowed_headers, spoken
from llmxray.errors import CassetteCorruptError, SecretLeakError
from llmxray.types import Chunk, Interaction

SECRET = "s3cr3t/with+odd=signs&\"and'more"


@given(before=st.binary(max_size=9), after=st.binary(max_size=9))
def test_base64_at_any_place(before: bytes, after: bytes) -> None:
    """Whatever stands around the key inside the encoded text."""
    guard = SecretGuard([SECRET])
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        with pytest.raises(SecretLeakError):
            guard.check(encode(before + SECRET.encode() + after), where="it")


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET, safe=""),
        quote(SECRET, safe="").lower(),
        json.dumps(SECRET),
        SECRET.replace("/", "\\/"),
        f"user:{SECRET}@host",
    ],
)
def test_forms(form: str) -> None:
    """Plain, URL-encoded in both cases, JSON-escaped; the message never shows it."""
    with pytest.raises(SecretLeakError) as caught:
        SecretGuard([SECRET]).check(form.encode(), where="the journal")
    assert SECRET not in str(caught.value)


def test_placeholders_are_no_secrets() -> None:
    """Five characters or fewer are not looked for."""
    SecretGuard(["EMPTY", ""]).check(b"EMPTY", where="it")


LIVE = "sk-abcdefghijklmnop1234567890"
PIECES = [LIVE[at : at + 3] for at in range(0, len(LIVE), 3)]
ESCAPED = "".join(f"\\u{ord(letter):04x}" for letter in LIVE)


def streamed(choices: Iterable[object]) -> bytes:
    """A stream with one choice an event."""
    events = [
        *({"choices": [choice]} for choice in choices),
        {"choices": [{"delta": {}, "finish_reason": "stop"}]},
    ]
    return (
        b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events) + b"data: [DONE]\n\n"
    )


def document(message: str) -> bytes:
    """A reply in one document, of whose message the JSON is given."""
    return f'{{"choices":[{{"index":0,"message":{message},"finish_reason":"stop"}}]}}'.encode()


def by_turns(*forms: Callable[[str], object]) -> bytes:
    """A stream that tells the key in forms that take turns."""
    return streamed(forms[n % len(forms)](piece) for n, piece in enumerate(PIECES))


@pytest.mark.parametrize(
    "body",
    [
        document(f'{{"content":"{ESCAPED}"}}')[:-1] + b',"id":"\xff"}',
        b"\xef\xbb\xbf" + document(f'{{"content":"{ESCAPED}"}}'),
        document(f'{{"content":"{ESCAPED}","x":"a\tb"}}'),
        by_turns(lambda it: {"index": 0, "delta": {"content": it}}, lambda it: {"delta": {"content": it}}),
        by_turns(
            lambda it: {"index": 0, "delta": {"content": it}},
            lambda it: {"index": None, "delta": {"content": it}},
        ),
        by_turns(
            lambda it: {"index": 7, "delta": {"content": it}},
            lambda it: {"index": 7, "delta": {"content": [{"type": "text", "text": it}]}},
        ),
        by_turns(lambda it: {"index": 0, "text": it}, lambda it: {"index": 0, "delta": {"content": it}}),
        by_turns(lambda it: {"delta": {"reasoning": it}}, lambda it: {"delta": {"reasoning_content": it}}),
        by_turns(
            lambda it: {"delta": {"refusal": it}},
            lambda it: {"delta": {"content": [{"type": "refusal", "refusal": it}]}},
        ),
        streamed([{"message": {"content": LIVE[:9]}}, {"delta": {"content": LIVE[9:]}}]),
        streamed(
            {"delta": {"content": "x"}, "logprobs": {"content": [{"token": "", "bytes": list(it.encode())}]}}
            for it in PIECES
        ),
        by_turns(
            lambda it: {"delta": {}, "logprobs": [{"token": it}]},
            lambda it: {"delta": {}, "logprobs": {"tokens": [it], "token_logprobs": [-1]}},
        ),
        document(f'{{"content":[{{"text":"{LIVE[:9]}","index":0}},{{"text":"{LIVE[9:]}","index":1}}]}}'),
        document(f'{{"content":"{LIVE[:9]}<think>hm</think>{LIVE[9:]}"}}'),
        document(
            json.dumps({"tool_calls": [{"function": {"name": "f", "arguments": f'{{"a":"{ESCAPED}"}}'}}]})
        ),
        document(f'{{"{ESCAPED}":["x"]}}'),
        b'error: {"message":"' + ESCAPED.encode() + b'"}\n\ndata: [DONE]\n\n',
        b'data: {"id":"\xff","choices":[{"delta":{"content":"' + ESCAPED.encode() + b'"}}]}\n\n',
        f'data: {{"choices":[{{"delta":{{"content":\ndata: "{ESCAPED}"}}}}]}}\n\n'.encode(),
        b"x: y\n\ndata: " + document(f'{{"content":"{ESCAPED}"}}') + b"\n\n",
        json.dumps({"error": LIVE}).encode("utf-16"),
    ],
)
def test_what_the_reader_puts_together(body: bytes) -> None:
    """Whatever form a reply has, a key that the pages would show is found in it."""
    with pytest.raises(SecretLeakError):
        SecretGuard([LIVE]).check_body(body, where="it")
    SecretGuard(["sk-another-key-0123456789"]).check_body(body, where="it")


def taking_turns(**names: tuple[object, object]) -> bytes:
    """A stream of two speakers, told apart by these names, the second of whom says nothing but x."""
    events = [
        {**{name: pair[who] for name, pair in names.items()}, "delta": said}
        for piece in PIECES
        for who, said in enumerate((piece, "x"))
    ]
    return b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)


def lines(form: str) -> bytes:
    """The key in pieces, each where the form has a %."""
    return "".join(form.replace("%", piece) for piece in PIECES).encode()


@pytest.mark.parametrize(
    "body",
    [
        taking_turns(item_id=("a", "b"), output_index=(0, 1)),
        taking_turns(type=("response.output_text.delta", "response.reasoning_summary_text.delta")),
        taking_turns(content_index=(0, 1)),
        taking_turns(id=("a", "b")),
        taking_turns(index=("0", "1")),
        taking_turns(index=(0.0, 1.0)),
        b"".join(
            b'data: {"id":"%d","item_id":"%d","delta":"%b"}\n\n' % (2 * n + who, who, said)
            for n, piece in enumerate(PIECES)
            for who, said in enumerate((piece.encode(), b"x"))
        ),
        lines('{"message":{"content":"%"}}\n'),
        lines('\x1e{"response":"%"}\r\n'),
        b"[\n" + lines('{"a":"%"},\n'),
        lines("data: %\n\n"),
        lines("data:%\r\r"),
        lines("data: %\n") + b"\n",
        lines("event: %\ndata: {}\n\n"),
        lines('id: %\ndata: {"a":1}\n\n'),
        lines(": %\n\n") + b"data: [DONE]\n\n",
        lines('error: {"message":"%"}\n\n'),
        lines("%\n"),
        lines('data: {"a":"%"}\n\n').removesuffix(b"\n\n"),
    ],
)
def test_told_in_pieces_by_whomever(body: bytes) -> None:
    """In any field of an event or a line, by one of several speakers who take turns."""
    with pytest.raises(SecretLeakError):
        SecretGuard([LIVE]).check_body(body, where="it")
    SecretGuard(["sk-another-key-0123456789"]).check_body(body, where="it")


WRAPPED = base64.encodebytes(b"Authorization: Bearer that is long enough for two lines " + LIVE.encode())
ALL_ENCODED = "".join(f"%{ord(letter):02X}" for letter in LIVE)


def with_alternatives(tops: Iterable[object]) -> bytes:
    """A stream with one token an event, whose ``top_logprobs`` are given."""
    return streamed(
        {
            "delta": {"content": "x"},
            "logprobs": {"content": [{"token": "x", "logprob": -1, "top_logprobs": top}]},
        }
        for top in tops
    )


@pytest.mark.parametrize(
    "body",
    [
        WRAPPED,
        json.dumps({"error": WRAPPED.decode()}).encode(),
        streamed({"delta": {"content": piece}} for piece in WRAPPED.decode()),
        " ".join(LIVE).encode(),
        streamed([{"delta": {"content": f"{LIVE[:9]}\r\n\t{LIVE[9:]}"}}]),
        ALL_ENCODED.encode(),
        ALL_ENCODED.lower().encode(),
        f"{LIVE[:9]}{ALL_ENCODED[27:]}".encode(),
        streamed({"delta": {"content": piece}} for piece in ALL_ENCODED),
        b"%41" * 100_000 + ALL_ENCODED.encode() + b"%41" * 100_000,
        b"%2" * 131_060 + ALL_ENCODED.encode(),
        streamed([{"delta": {"content": ESCAPED}}]),
        streamed([{"delta": {"content": LIVE}}]).decode().encode("utf-16"),
        streamed({"delta": {"content": piece}} for piece in PIECES).decode().encode("utf-16-be"),
        streamed({"delta": {"content": piece}} for piece in PIECES).decode().encode("utf-32"),
        with_alternatives([{"token": "?", "logprob": -2, "bytes": list(it.encode())}] for it in PIECES),
        with_alternatives(
            [{"token": "no", "logprob": -2}, {"token": it, "logprob": -3, "bytes": []}] for it in PIECES
        ),
        with_alternatives([[{"token": "?", "bytes": list(it.encode())} for it in PIECES]]),
        with_alternatives({it: -2} for it in PIECES),
        with_alternatives({"no": -2, it: -3} for it in PIECES),
        with_alternatives([{it: {"logprob": -2}}] for it in PIECES),
    ],
)
def test_encoded_parted_and_beside_the_answer(body: bytes) -> None:
    """Wrapped, encoded or escaped letter by letter, in UTF-16 and UTF-32, by the alternatives of tokens."""
    with pytest.raises(SecretLeakError):
        SecretGuard([LIVE]).check_body(body, where="it")
    SecretGuard(["sk-another-key-0123456789"]).check_body(body, where="it")


def test_short_placeholders_are_not_looked_for_across_words() -> None:
    """What clients of servers without keys send is made of words, which follow each other in any text."""
    SecretGuard(["no-key-here"]).check_text(b"whether or no-key- \nhere", where="it")
    with pytest.raises(SecretLeakError):
        SecretGuard(["no-key-here"]).check_body(b"no-key-here", where="it")


@pytest.mark.parametrize("word", ["ollama", "lm-studio", "not-needed"])
def test_words_of_servers_guides_are_no_keys(word: str) -> None:
    """Ollama's replies name it, and its guide gives that word as the key."""
    SecretGuard([word]).check_body(f'{{"system_fingerprint": "fp_{word}"}}'.encode(), where="it")


LETTERS_ONLY = "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"
PARTED = f"{LETTERS_ONLY[:12]}\n{LETTERS_ONLY[12:]}"
IN_CHINESE = [{"delta": {"content": part}} for part in ("\u6f22" * 900, *LETTERS_ONLY)]


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"choices": [{"message": {"content": PARTED}}]}).encode(),
        base64.encodebytes(LETTERS_ONLY.encode() * 2),
        *(
            f"{LETTERS_ONLY[:9]}{blank}{LETTERS_ONLY[9:]}".encode()
            for blank in "\u00a0\u0085\u2028\u3000\x1c"
        ),
        b"%41 " * ((1 << 20) + 5) + "".join(f"%{ord(each):x}" for each in LETTERS_ONLY).encode(),
        json.dumps({"said": "\u6f22" * 900 + LETTERS_ONLY}, ensure_ascii=False).encode("utf-16-le"),
        "".join(
            f"data: {json.dumps({'choices': [each]}, ensure_ascii=False)}\n\n" for each in IN_CHINESE
        ).encode("utf-16"),
    ],
)
def test_a_key_without_a_digit_is_found_parted_too(body: bytes) -> None:
    """Those of the Hugging Face Hub are of letters; behind a million letters that are encoded; among Chinese signs."""
    with pytest.raises(SecretLeakError):
        SecretGuard([LETTERS_ONLY]).check_body(body, where="it")
    SecretGuard([LETTERS_ONLY.swapcase()]).check_body(body, where="it")


def test_a_secret_that_is_known_is_not_looked_for_twice() -> None:
    """A client sends its key with each request."""
    guard = SecretGuard([LIVE])
    before = vars(guard).copy()
    guard.add(LIVE)
    assert vars(guard) == before


def test_percent_signs_take_no_memory() -> None:
    """Each may become a piece of its own while it is decoded."""
    body = b"%" * (8 << 20)
    tracemalloc.start()
    SecretGuard([LIVE]).check_text(body, where="it")
    assert tracemalloc.get_traced_memory()[1] < 6 * len(body)
    tracemalloc.stop()


def test_very_many_speakers_count_as_one() -> None:
    """Beyond 65,536 of them, and in a nest without end: everything is still joined."""
    nest = "".join(f'{{"id":{n},"t":"ab","in":' for n in range(900)) + "1" + "}" * 900
    flat = ",".join(f'{{"id":{n},"t":"ab"}}' for n in range(70_000))
    assert "ab" * 70_000 in list(spoken(f"[{flat}]".encode()))
    assert "abab" in list(spoken(f"[{nest},{nest}]".encode()))


def test_every_choice_is_looked_at() -> None:
    """A thousand of them, each in many events, in one pass."""
    parts = [LIVE[:9], LIVE[9:]]
    body = streamed(
        {"index": n, "delta": {"content": part if n == 999 else "x"}} for part in parts for n in range(1_000)
    )
    with pytest.raises(SecretLeakError):
        SecretGuard([LIVE]).check_body(body, where="it")


@pytest.mark.parametrize(
    "body", [b"[" + b"[]," * 7_000_000 + b"1]", b"{\n\n" + b"data:1\n\n" * 600_000, b"x\n" * (1 << 21)]
)
def test_what_is_too_large_to_be_read_takes_no_memory(body: bytes) -> None:
    """Kilobytes of an encoding: nothing is put together, by nobody."""
    tracemalloc.start()
    SecretGuard([LIVE]).check_body(body, where="it")
    assert tracemalloc.get_traced_memory()[1] < 10 * len(body)
    tracemalloc.stop()


def test_very_many_fields_count_as_one() -> None:
    """Beyond 65,536 a field is not told from the others."""
    body = json.dumps({f"field {n}": "ab" for n in range(70_000)}).encode()
    texts = [text for text in spoken(body) if text]
    assert len(texts) < 66_000
    assert "ab" * (70_000 - (1 << 16)) in texts


@pytest.mark.parametrize(
    "where", ["body", "halves", "tokens", "binary", "header", "encoded", "request", "error"]
)
def test_journal_refuses(tmp_path: Path, make: Callable[..., Interaction], where: str) -> None:
    """In the body, across chunks, across events, in a body that is not text, a header, the request, an error."""
    secret = "correct-horse-battery"
    raw = secret.encode()
    changes = {
        "body": {"body": b'{"error": "' + raw + b'"}'},
        "halves": {"chunks": (Chunk(0.1, raw[:9]), Chunk(0.2, raw[9:]))},
        "tokens": {"body": token_by_token(secret)},
        "binary": {"body": b"\xff" + raw},
        "header": {"headers": (("x-request-id", secret),)},
        "encoded": {"headers": (("x-request-id", "".join(f"%{byte:02x}" for byte in raw)),)},
        "request": {"request": {"model": secret}},
        "error": {"error": f"cannot reach {secret}"},
    }[where]
    with Journal(tmp_path, SecretGuard([secret])) as journalled, pytest.raises(SecretLeakError):
        journalled.append(make(**changes))
    assert b"" == (tmp_path / journal.NAME).read_bytes()


def test_allowed_headers() -> None:
    """Only listed names, in lower case, whose values can be sent again."""
    given_headers = [
        ("Content-Type", "a"),
        ("Set-Cookie", "x"),
        ("Authorization", "y"),
        ("X-Request-Id", "a\x00b"),
        ("Retry-After", "1"),
    ]
    assert (("content-type", "a"), ("retry-after", "1")) == allowed_headers(given_headers)


def test_at_the_bottom_of_a_deep_reply() -> None:
    """Deeper than Python's own recursion goes, in lists and in objects, one text in many pieces."""
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        event = b"data: " + (opening * 1_200 + '"sk-0123%s"' + closing * 1_200).encode() + b"\n\n"
        parts = [event.replace(b"%s", each) for each in (b"", b"x")]
        assert any("sk-0123" in text for text in spoken(parts[0]))
        assert "sk-0123sk-0123x" in list(spoken(b"".join(parts)))


def test_a_scan_reads_nothing_outside_and_no_holes(tmp_path: Path) -> None:
    """A link is named; a file that is a hole costs no memory."""
    directory = tmp_path / "c"
    directory.mkdir()
    outside = tmp_path / "notes.txt"
    outside.write_text("sk-" + "a" * 48)
    (directory / "link.txt").symlink_to(outside)
    assert scan(directory) == [f"{directory / 'link.txt'}: a link, which is not looked through"]
    (directory / "link.txt").unlink()
    with (directory / "hole.txt").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(CassetteCorruptError, match=r"has holes of 1,099,511,627,776 bytes"):
        scan(directory)


@pytest.mark.parametrize("secret", ["thisisaplaceholder", "1234567890123456", "0000000000000000", "-" * 16])
def test_placeholders_are_not_looked_for_between_other_words(secret: str) -> None:
    """A key is of letters and digits, and no everyday text: recording would stop for nothing."""
    texts = ("This is a placeholder: this is a placeholder", "1234 5678 9012 3456", "0 " * 16, "- " * 16)
    for text in texts:
        SecretGuard([secret]).check_body(text.lower().encode(), where="it")
    with pytest.raises(SecretLeakError):
        SecretGuard([secret]).check_body(b"it is " + secret.encode(), where="it")
