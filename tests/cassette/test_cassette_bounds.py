"""A small file becomes no large thing in memory, and what a writer writes is within the limits of a reader."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bombs import BOMBS
from recordings import interaction, planned, stream

from llmxray.cassette import Cassette, Frozen, RequestRecord, bounds, freeze, verify
from llmxray.cassette.bounds import Limit
from llmxray.cassette.columnar.symbols import Symbols
from llmxray.cassette.sections import SectionReader, SectionWriter

MOST_BYTES = 200 << 20

READ = """
import sys
from pathlib import Path
from recordings import everything
from llmxray.cassette import scan, verify
from llmxray.errors import LlmxrayError
for act in (everything, verify, scan):
    try:
        print(act.__name__, bool(act(Path(sys.argv[1]))))
    except LlmxrayError as error:
        print(act.__name__, type(error).__name__, error)
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux how much memory a process took")
@pytest.mark.parametrize("bomb", BOMBS, ids=lambda bomb: bomb.__name__)
def test_bombs(tmp_path: Path, root: Path, bomb: Callable[[Path], None]) -> None:
    """Refused by one error, named by verify, and looked through by scan, in less than 200 MB and in seconds."""
    directory = tmp_path / "c"
    bomb(directory)
    if bomb.__name__ != "listed_manifest":
        assert sum(path.stat().st_size for path in directory.rglob("*.*")) < 200_000
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root / "tests"), str(root)])}
    child = subprocess.run(
        [sys.executable, "-c", READ, str(directory)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=60,
    )
    assert child.returncode == 0, child.stderr
    read, verified, *_, took_kib = child.stdout.splitlines()
    assert read.startswith("everything CassetteCorruptError"), read
    assert verified == "verify True"
    assert int(took_kib) * 1024 < MOST_BYTES


TAKES = """
import json, sys
from llmxray.wire.json_size import json_bytes
many = 100_000
letters = ["ab", "abcdefgh", "\\u0175", "\\U0001f600", "a" * 40]
text = {
    "numbers": lambda: "[" + ",".join(["1e9", "12345678901", "257", "-6", "0.5"] * many) + "]",
    "short numbers": lambda: "[" + "1e9," * 5 * many + "0]",
    "texts": lambda: json.dumps(letters * many, ensure_ascii=False),
    "short texts": lambda: json.dumps(["ab"] * 5 * many),
    "escaped texts": lambda: '["' + '","'.join(["\\\\ud83d\\\\ude00" + "a" * 60] * many) + '"]',
    "one wide text": lambda: '"' + "\\\\ud83d\\\\ude00" + "a" * 10_000_000 + '"',
    "lists": lambda: json.dumps([[], [[]], [0] * 5, [[0, 0]] * 9] * many),
    "deep lists": lambda: "[" + ",".join(["[" * 90 + "]" * 90] * (many // 20)) + "]",
    "objects": lambda: json.dumps([{}, {"a": 0}, *map(dict.fromkeys, ("abcdef", range(22)))] * (many // 4)),
    "one object": lambda: json.dumps({f"{n:x}": 0 for n in range(5 * many)}),
    "one object that has just grown": lambda: json.dumps({f"{n:x}": 1e9 for n in range(699_052)}),
    "objects in objects": lambda: "[" + ",".join(['{"":' * 90 + "0" + "}" * 90] * (many // 20)) + "]",
    "wide characters": lambda: json.dumps(["\\U0001f600" + "a" * 30] * many, ensure_ascii=False),
}[sys.argv[1]]()
text = text.encode("utf-16" if sys.argv[2:] else "utf-8")
if sys.argv[2:]:
    text = text[2:]
counted = json_bytes(text)
def kib(name):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(name))
# From here on the highest level is told anew.
open("/proc/self/clear_refs", "w").write("5")
before = kib("VmRSS")
value = json.loads(text)
print(counted, (kib("VmHWM") - before) * 1024, len(text))
"""
SHAPES = (
    "numbers", "short numbers", "texts", "short texts", "escaped texts", "one wide text", "lists", "deep lists",
    "objects", "one object", "one object that has just grown", "objects in objects", "wide characters",
)  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux how much memory a process took")
@pytest.mark.parametrize(
    ("shape", "encoding"), [*((shape, ()) for shape in SHAPES), ("short numbers", ("utf-16",))]
)
def test_what_json_takes_is_never_counted_too_low(shape: str, encoding: tuple[str, ...], root: Path) -> None:
    """The highest level of a process that makes the value; its text, decoded, is counted too."""
    child = subprocess.run(
        [sys.executable, "-c", TAKES, shape, *encoding],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(root)},
        timeout=60,
    )
    counted, took, _ = map(int, child.stdout.split())
    assert 1 << 20 < took <= counted < 6 * took


def test_what_comes_out_of_a_small_file_is_refused() -> None:
    """Ten megabytes of texts, of numbers, of members, forty of short lines, out of a few kilobytes."""
    for text in (b'"ab",' * 2_000_000, b"1e9," * 2_000_000, b'{"ab":1e9},' * 1_000_000):
        with pytest.raises(ValueError, match="grows to more than"):
            bounds.loads(b"[" + text + b"0]", bounds.HELD.room(60_000))
        with pytest.raises(ValueError, match="grows to more than"):
            bounds.loads_alone(b"[" + text + b"0]", 60_000)
    with pytest.raises(ValueError, match="grows to more than"):
        bounds.split_lines(b"10\n" * 13_000_000, 60_000)


def test_limits_grow_with_the_file() -> None:
    """What may grow to so much from so many bytes needs at least so many."""
    limit = Limit(floor=100, ratio=10)
    assert (100, 150) == (limit.most(0), limit.most(5))
    for grown in range(300):
        least = limit.least(grown)
        assert limit.most(least) >= grown
        assert least == 0 or limit.most(least - 1) < grown


def test_a_block_that_compresses_too_well_is_padded() -> None:
    """A writer's block is read, whatever is in it: twenty megabytes of one character, three million zeros."""
    for count, text in ((3_000_000, "x"), (1, "x" * 20_000_000)):
        out = SectionWriter()
        out.ints("zeros", [0] * count)
        out.data("text", text.encode())
        data = out.finish({})
        assert len(data) > 200_000
        reader = SectionReader(data)
        assert count == len(reader.ints("zeros"))
        assert len(text) == len(reader.data("text"))


def test_a_table_that_compresses_too_well_is_padded() -> None:
    """Symbols with long texts around short tokens."""
    texts = [f'{{"{"about" * 400}":{n},"logprob":\0' for n in range(9_000)]
    assert texts == Symbols.read(Symbols.write(texts)).texts


def test_a_header_that_compresses_too_well_is_padded() -> None:
    """Sixty thousand small columns."""
    out = SectionWriter()
    meta = {"columns": [{"k": "c", "v": "x"}] * 60_000}
    assert meta == SectionReader(out.finish(meta)).meta


@pytest.mark.parametrize("words", [40, 4000])
def test_recordings_that_compress_too_well_are_kept(tmp_path: Path, words: int) -> None:
    """Six megabytes of one event over and over: more than columns may grow to, and kept all the same."""
    event = f"data: {json.dumps({'text': 'no ' * words})}\n\n".encode()
    each = [interaction("q", body=event * (6_000_000 // len(event))), interaction("r", body=stream("hi"))]
    directory = planned(tmp_path / "c", each)
    assert [] == verify(directory)
    cassette = Cassette(directory)
    assert {one.key: one for one in each} == {
        entry.address.key: cassette.get(entry.address) for entry in cassette.all_entries()
    }


@pytest.mark.parametrize(
    ("line", "count"), [([0] * 9, 160_000), (["ab"] * 9, 60_000), ([1e9] * 9, 80_000), ({"ab": -7}, 120_000)]
)
def test_plans_that_compress_too_well_are_read(tmp_path: Path, line: Any, count: int) -> None:
    """So many equal lines that the frames of the file must be padded."""
    lines = ({"format": 2}, *([line] * count))
    record = RequestRecord(interaction().key, "m", interaction().request)
    freeze(tmp_path, "e", Frozen(lines, (), (record,)), software={})
    cassette = Cassette(tmp_path)
    frozen = cassette.frozen()
    assert frozen is not None
    assert lines == frozen.plan
    assert [] == verify(tmp_path)


def test_half_of_each_limit_would_do_for_what_ships(root: Path) -> None:
    """So cassettes of others, and of llmxray 0.1, which did not know the limits, have room.

    A tenth would do of what all recordings of a cassette may grow to, even without what any cassette may.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in ("UNPACKED", "REBUILT", "DESCRIBED", "HELD"):
            limit = getattr(bounds, name)
            patch.setattr(bounds, name, Limit(limit.floor // 2, limit.ratio // 2))
        for directory in sorted((root / "cassettes").iterdir()):
            cassette, grown = Cassette.existing(directory), 0
            assert cassette.frozen() is not None
            assert cassette.endpoints()
            # All blocks are opened for the recordings; a reply is told from what was opened, without their bytes.
            for number, entry in enumerate(cassette.all_entries()):
                chunks = cassette.get(entry.address).chunks
                grown += bounds.weight(b"".join(chunk.raw for chunk in chunks))
                if number % 16 == 0:
                    cassette.completion(entry.address)
            assert cassette.manifest is not None
            size = sum(record.bytes for record in cassette.manifest.role("recordings"))
            assert 0 < 10 * grown < bounds.TOGETHER.ratio * size, directory.name
