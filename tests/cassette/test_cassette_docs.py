"""docs/cassette.md suffices to read a cassette: its reader and the two that it links are run as they stand there."""

import json
import re
import subprocess
from base64 import b64encode
from pathlib import Path

import pytest
from recordings import interaction, lines_of, recorded, stream

from llmxray.cassette import Cassette
from tests.commands import python

NAMES = ["system-prompt-pair"]


@pytest.fixture(scope="module")
def readers(root):
    """The page's program, and one in each of two languages that gives the bytes."""
    docs = root / "docs"
    (short,) = re.findall(r"```python\n(.*?)```", (docs / "cassette.md").read_text("utf-8"), re.DOTALL)
    return [short, *((docs / "readers" / name).read_text("utf-8") for name in ("body.py", "body.mjs"))]


def recordings(folder: Path) -> list[tuple[Path, list[bytes]]]:
    """The files of recordings and their lines."""
    return [(path, lines_of(path)) for path in sorted((folder / "recordings").iterdir())]


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """Replies in every form: escaped, spaced, with numbers kept as text, no stream, no text."""
    folder = tmp_path_factory.mktemp("odd") / "c"
    bodies = [
        stream("né"),
        stream("né").replace("é".encode(), rb"\u00e9"),
        stream("a b").replace(b"-0.25", b"-0.250"),
        b'data: {"choices": [{"delta": {"content": "x"}}]}\n\ndata: [DONE]\n\n',
        b"<html>",
        b"\xff\x00",
    ]
    return recorded(folder, *(interaction(f"q{number}", body=body) for number, body in enumerate(bodies)))


@pytest.mark.parametrize("name", NAMES)
def test_request_text_tokens_and_times(readers, root, name):
    """In twenty lines."""
    folder = root / "cassettes" / name
    done = python("-c", readers[0], str(folder))
    assert len(readers[0].strip().splitlines()) <= 22
    said = [json.loads(line) for line in done.stdout.splitlines()]
    ours = Cassette(folder)
    entries = list(ours.all_entries())
    assert len(said) == len(entries)
    for (request, text, tokens, _), entry in zip(said[:50], entries, strict=False):
        reply = ours.completion(entry.address)
        assert (ours.request(entry.address.key), reply.text) == (request, text)
        assert [token.token for token in reply.tokens] == tokens


@pytest.mark.parametrize("name", [*NAMES, "odd"])
def test_every_byte_in_python(readers, root, odd, name):
    """Of every recording."""
    folder = odd if name == "odd" else root / "cassettes" / name
    reader: dict[str, object] = {}
    exec(readers[1], reader)
    ours, lines = Cassette(folder), dict(recordings(folder))
    for entry in ours.all_entries():
        line = json.loads(lines[folder / entry.file][entry.line])
        assert reader["body"](line) == ours.read(entry, {}).body  # type: ignore[operator]


@pytest.mark.parametrize("name", ["system-prompt-pair", "odd"])
def test_every_byte_in_javascript(readers, root, odd, name, tmp_path):
    """Of the first recordings of every file; numbers as Python writes them."""
    folder = odd if name == "odd" else root / "cassettes" / name
    (tmp_path / "reader.mjs").write_text(
        readers[2] + "\nimport { createInterface } from 'node:readline';\n"
        "for await (const line of createInterface({ input: process.stdin }))\n"
        "  console.log(Buffer.from(body(line)).toString('base64'));\n"
    )
    ours = Cassette(folder)
    for path, lines in recordings(folder):
        done = subprocess.run(
            ["node", str(tmp_path / "reader.mjs")],
            input=b"\n".join(lines[:40]),
            capture_output=True,
            check=True,
        )
        entries = [entry for entry in ours.all_entries() if folder / entry.file == path][:40]
        assert [
            b64encode(ours.read(entry, {}).body).decode() for entry in entries
        ] == done.stdout.decode().split()
