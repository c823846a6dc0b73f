"""Files of rows: packed, with tabs, with lines under another name, and broken in every way."""

import csv
import gzip
import io
import json
from collections.abc import Callable

import pytest
import zstandard

from llmxray.errors import SuiteError
from llmxray.suites import data_files

ROWS = [{"q": "one\ttwo, 'three'", "o": '["x", "y"]'}, {"q": "Ä\u2028?", "o": '["z", "w"]'}]


def table(delimiter: str) -> bytes:
    """The rows as a table."""
    text = io.StringIO()
    writer = csv.DictWriter(text, ["q", "o"], delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(ROWS)
    return text.getvalue().encode()


LINES = "\n".join(map(json.dumps, ROWS)).encode() + b"\n"
PLAIN = {"jsonl": LINES, "json": json.dumps(ROWS).encode(), "csv": table(","), "tsv": table("\t")}
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "zst": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("kind", PLAIN)
@pytest.mark.parametrize("packed", ["", "gz", "zst"])
def test_every_text_plain_and_packed(tmp_path, kind, packed):
    """The same rows from each."""
    name = f"rows.{kind}{'.' if packed else ''}{packed}"
    (tmp_path / name).write_bytes(PACKERS[packed](PLAIN[kind]) if packed else PLAIN[kind])

    rows = data_files.from_file(tmp_path / name)
    assert ROWS == [dict(row.data) for row in rows]
    assert [f"{name}, row 1", f"{name}, row 2"] == [row.place for row in rows]
    assert f".{kind}" == data_files.kind(tmp_path / name)


def test_several_frames_are_one_file(tmp_path):
    """As `cat a.zst b.zst` makes them, also where a frame is larger than the pieces that are read."""
    lines = [json.dumps({"q": f"{n} {'x' * 3000}"}) + "\n" for n in range(4)]
    # Incompressible, so that a frame takes several pieces.
    noise = json.dumps({"q": "".join(chr(33 + (n * n * 7919 + n * 31) % 90) for n in range(9000))}) + "\n"
    whole = [*lines[:2], noise, *lines[2:]]
    for suffix, pack in PACKERS.items():
        path = tmp_path / f"rows.jsonl.{suffix}"
        path.write_bytes(b"".join(pack(line.encode()) for line in whole))
        assert [json.loads(line) for line in whole] == [dict(row.data) for row in data_files.from_file(path)]


@pytest.mark.parametrize("suffix", PACKERS)
@pytest.mark.parametrize("cut", [1, -1])
def test_a_packed_file_that_is_cut_off(tmp_path, suffix, cut):
    """Never read as a shorter one."""
    path = tmp_path / f"rows.jsonl.{suffix}"
    path.write_bytes(PACKERS[suffix](LINES)[:cut])
    with pytest.raises(
        SuiteError, match=rf"rows\.jsonl\.{suffix}: (not a whole \.{suffix} file|there are no rows)"
    ) as caught:
        data_files.from_file(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_bomb_is_not_unpacked(tmp_path, suffix):
    """What is over the limit is refused."""
    path = tmp_path / f"rows.jsonl.{suffix}"
    path.write_bytes(PACKERS[suffix](b" " * 160 * 2**20))
    with pytest.raises(SuiteError, match=r"larger than [\d,]+ bytes once unpacked"):
        data_files.from_file(path)


def test_json_that_holds_lines_or_one_list(tmp_path):
    """Lines under the name of a document; rows under one key, beside a notice."""
    (tmp_path / "lines.json").write_bytes(LINES)
    (tmp_path / "examples.json").write_text(json.dumps({"canary": "a notice", "examples": ROWS}))
    (tmp_path / "long.json").write_text(json.dumps(ROWS, indent=2))

    for name in ("lines", "examples", "long"):
        assert ROWS == [dict(row.data) for row in data_files.from_file(tmp_path / f"{name}.json")]


@pytest.mark.parametrize(
    ("name", "raw", "message"),
    [
        ("a.csv", b"a,b\n1,2\n1,2,3\n", "a.csv, row 2: more cells than the 2 columns of the first line"),
        ("a.tsv", b"a\ta\n1\t2\n", "a.tsv: the column 'a' stands twice; rename one of them"),
        ("a.json", json.dumps({"a": ROWS, "b": ROWS}).encode(), "must be a list of rows"),
        ("a.json", b'{"a": 1}\n{"a": }\n', "a.json:2:7: not JSON"),
    ],
)
def test_files_that_cannot_be_read(tmp_path, name, raw, message):
    """One line with file and place."""
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(SuiteError) as caught:
        data_files.from_file(tmp_path / name)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_where_a_file_is_due(tmp_path):
    """The error says which word to write."""
    (tmp_path / "d.jsonl").mkdir()
    with pytest.raises(SuiteError, match=r"it is a folder; write 'source: \{folder: …\}'"):
        data_files.from_file(tmp_path / "d.jsonl")
