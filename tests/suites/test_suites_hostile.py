"""Rows of strangers that would take for ever, or break what reads them: refused in one line, or read in time."""

from __future__ import annotations

import csv
import gzip
import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import islice, product
from pathlib import Path
from typing import Any

import hostile_tables
import pytest
import zstandard

from llmxray import suites
from llmxray.errors import InputError, SuiteError
from llmxray.experiment import SuiteRef
from llmxray.suites import data_files, mmlu_pro, named_columns
from llmxray.suites.data_rows import DataRow, list_names
from llmxray.suites.folders import from_folder
from llmxray.suites.hellaswag import clean
from llmxray.suites.options import read_options
from llmxray.suites.preview import propose
from llmxray.types import LETTERS

DIGITS = "9" * 5_000
ROW = {"q": "One?", "c": ["x", "y"], "a": "A"}
# Reads a file; prints what is said of it, and the most memory that the process and one that it started took, in MiB.
READ = """
import resource
import sys
from pathlib import Path
from llmxray.errors import InputError
from llmxray.suites.data_files import from_file
try:
    print(len(from_file(Path(sys.argv[1]))), "rows")
except InputError as error:
    print(error)
status = Path("/proc/self/status").read_text()
print(int(status.split("VmHWM:")[1].split()[0]) >> 10, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10)
"""
COLUMNS = {"question": "q", "choices": "c", "answer": "a"}


def load(folder: Path, rows: str, name: str = "rows.jsonl", **entry: Any) -> suites.Suite:
    """The suite of such a file, as an experiment of a stranger's names it."""
    (folder / name).write_text(rows, "utf-8")
    entry = {"suite": "mine", "columns": COLUMNS, "source": {"file": name}, **entry}
    entry = {key: value for key, value in entry.items() if value is not None}
    return suites.load(SuiteRef.model_validate(entry), folder, within=folder)


@pytest.mark.parametrize(
    ("row", "entry"),
    [
        (json.dumps(ROW).replace('"One?"', DIGITS), {}),
        (json.dumps({**ROW, "a": DIGITS}), {"answer_is": "index"}),
        (json.dumps({**ROW, "a": 1e300}), {"answer_is": "index1"}),
        (json.dumps({**ROW, "a": "." * 100_000 + "("}), {}),
        (json.dumps(ROW), {"columns": {**COLUMNS, "answer": f"c.{DIGITS}"}}),
        (
            json.dumps({"question": "2?", "answer": "<<1+1=2>> #### 1e999999999"}),
            {"suite": "gsm8k", "columns": None},
        ),
        (
            json.dumps({"question": "2?", "answer": f"<<1+1=2>> #### {DIGITS}"}),
            {"suite": "gsm8k", "columns": None},
        ),
    ],
    ids=["digits", "index", "float", "dots", "path", "exponent", "sum"],
)
def test_numbers_and_texts_that_python_chokes_on(tmp_path: Path, row: str, entry: dict[str, Any]) -> None:
    """One line that names the file, and soon."""
    began = time.process_time()
    with pytest.raises(SuiteError) as caught:
        load(tmp_path, row, **entry)
    assert "\n" not in str(caught.value)
    assert time.process_time() - began < 5


def padded(start: str, end: str, size: int) -> str:
    """A text of so many characters, blanks in its middle."""
    return start + " " * (size - len(start) - len(end)) + end


@pytest.mark.parametrize(
    ("start", "end", "most"),
    [
        ('{"A": "x", "B": "y"', "}", 131_072),
        ('{"text": ["x", "y"]', "}", 131_072),
    ],
    ids=["mapping", "texts"],
)
def test_a_cell_is_parsed_again_only_where_it_is_short(
    tmp_path: Path, start: str, end: str, most: int
) -> None:
    """Text takes a byte a character, what is made of it up to a thousand: longer text stays what it is."""
    suite = load(tmp_path, json.dumps({**ROW, "c": padded(start, end, most)}))
    assert suite.items[0].choices == ("x", "y")
    with pytest.raises(SuiteError, match=r"column 'c': must be a list.*, not other text"):
        load(tmp_path, json.dumps({**ROW, "c": padded(start, end, most + 1)}))


def test_a_text_of_a_text_of_a_text(tmp_path: Path) -> None:
    """Twelve hundred of them were more than Python follows, and are less than what JSON is read to on any."""
    row = json.dumps({**ROW, "c": 0}).replace("0", '{"text":' * 1_200 + "0" + "}" * 1_200)
    with pytest.raises(SuiteError, match="must be a list of texts or numbers; one entry is a mapping"):
        load(tmp_path, row)


def test_columns_are_proposed_without_all_that_json_in_cells_holds() -> None:
    """Each of a thousand paths read each cell anew: these rows took a minute, larger ones hours."""
    cell = json.dumps({f"c{n}x": 0 for n in range(1_000)})
    rows = [DataRow("rows.csv", n, {"question": f"{n}?", "c": cell, "answer": f"y{n}"}) for n in range(500)]
    assert process_time(lambda: propose(rows)) < 10
    assert propose(rows).columns["answer"] == "answer"


def process_time(do: Callable[[], object]) -> float:
    """Seconds of this process that something takes."""
    began = time.process_time()
    do()
    return time.process_time() - began


LONG = 40_000


@pytest.mark.parametrize(
    "do",
    [
        lambda: clean("[" * LONG),
        lambda: mmlu_pro._reasoning("x" + " " * LONG + "y"),
        lambda: mmlu_pro._reasoning("x" + "\n \t" * LONG + "y"),
        lambda: propose([DataRow("rows.csv", 1, {"question": "q", "answer": "bee", "1" * LONG + "x": "y"})]),
    ],
    ids=["brackets", "blanks", "lines", "digits"],
)
def test_patterns_look_at_each_character_a_few_times(do: Callable[[], object]) -> None:
    """Begun anew at each character, they took tens of seconds."""
    assert process_time(do) < 1


def test_brackets_as_the_harness_takes_them_out() -> None:
    """Whatever stands open, and on whatever line."""
    rng, harness = random.Random(5), re.compile(r"\[.*?\]")
    for _ in range(20_000):
        text = "".join(rng.choices("[]a \n\r", k=rng.randrange(12)))
        assert clean(text) == harness.sub("", text.strip()).replace("  ", " ").strip()


def test_the_same_answers_again_and_again(tmp_path: Path) -> None:
    """Each wrong one was held against all right ones: seven seconds for this row, and thirty for twice as many."""
    n = 40_000
    targets = {"choices": ["a", "b"] * n, "labels": [1, 0] * n}
    row = json.dumps({"question": "q", "mc2_targets": targets})
    began = time.process_time()
    [item] = load(tmp_path, row, suite="truthfulqa_mc2", columns=None).items
    assert time.process_time() - began < 1
    assert (sorted(item.choices), item.accept) == (["a", "b"], ())


def test_one_row_a_hundred_thousand_times(tmp_path: Path) -> None:
    """Each copy has a name of its own, found where the last one stopped."""
    began = time.process_time()
    suite = load(tmp_path, f"{json.dumps(ROW)}\n" * 100_000)
    assert len({item.id for item in suite.items}) == 100_000
    assert time.process_time() - began < 60


def test_a_sum_of_very_many_steps(tmp_path: Path) -> None:
    """Its mistakes are not carried through all of them."""
    began = time.process_time()
    row = {"question": "2?", "answer": "<<1+0=1>>" * 20_000 + "#### 1"}
    assert len(load(tmp_path, json.dumps(row), suite="gsm8k", columns=None).items) == 1
    assert time.process_time() - began < 20


def test_a_table_that_says_it_has_a_billion_rows(tmp_path: Path) -> None:
    """A column of one value takes a few bytes for each million."""
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 3_000_000, pa.int8()), pa.array(["x"]))
    pq.write_table(pa.table({"q": column}), tmp_path / "rows.parquet")
    assert (tmp_path / "rows.parquet").stat().st_size < 100_000
    ref = {"suite": "mine", "columns": {"question": "q", "answer": "q"}, "source": {"file": "rows.parquet"}}
    with pytest.raises(SuiteError, match="more than 2,000,000 rows"):
        suites.load(SuiteRef.model_validate(ref), tmp_path, within=tmp_path)


def test_a_time_that_python_does_not_know(tmp_path: Path) -> None:
    """Of the year 200,000."""
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    far = pa.array([2**62], pa.int64()).cast(pa.timestamp("ms"))
    pq.write_table(pa.table({"q": far}), tmp_path / "rows.parquet")
    ref = {"suite": "mine", "columns": {"question": "q", "answer": "q"}, "source": {"file": "rows.parquet"}}
    with pytest.raises(InputError) as caught:
        suites.load(SuiteRef.model_validate(ref), tmp_path, within=tmp_path)
    assert "\n" not in str(caught.value)


def parquet(path: Path, values: Any, **options: Any) -> None:
    """A Parquet file of one column."""
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    pq.write_table(pa.table({"q": values(pa)}), path, compression="zstd", store_schema=False, **options)


def arrow(path: Path, values: Any) -> None:
    """An Arrow file of one column."""
    pa = pytest.importorskip("pyarrow")
    table = pa.table({"q": values(pa)})
    with pa.ipc.new_file(path, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table)


def repeated(pa: Any) -> Any:
    """A text of a mebibyte, two thousand times."""
    return pa.DictionaryArray.from_arrays(pa.array([0] * 2_000, pa.int32()), pa.array(["a" * (1 << 20)]))


def packed(path: Path, row: bytes, count: int) -> None:
    """Rows as compressed JSON lines."""
    text = row * count
    path.write_bytes(
        zstandard.ZstdCompressor().compress(text) if path.suffix == ".zst" else gzip.compress(text, 6)
    )


BOMBS: dict[str, Callable[[Path], None]] = {
    "dictionary.parquet": lambda path: parquet(path, repeated),
    "text.arrow": lambda path: arrow(path, lambda pa: pa.array(["a" * (560 << 20)])),
    "lists.jsonl.zst": lambda path: packed(path, b'{"q":[' + b"[]," * 300_000 + b"[]]}\n", 60),
    "spaces.csv.gz": lambda path: packed(path, b" ", 160_000_000),
    "columns.csv": lambda path: (
        path.write_text(f"{','.join(map(str, range(20_000)))}\n" + "x\n" * 100_000) and None
    ),
    "footer.parquet": lambda path: (
        path.write_bytes(hostile_tables.unpacked(hostile_tables.BOMBS["group.parquet"])) and None
    ),
}


@pytest.mark.skipif(sys.platform != "linux", reason="says how much memory it took")
@pytest.mark.parametrize("name", BOMBS)
def test_a_small_data_file_never_becomes_gigabytes(tmp_path: Path, name: str) -> None:
    """Refused in one line and in time, in 200 MB of memory, and 1.1 GB of the process that reads it."""
    path = tmp_path / name
    BOMBS[name](path)
    assert path.stat().st_size < 500_000
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True, timeout=180
    )
    said, mebibytes = done.stdout.splitlines()
    own, child = map(int, mebibytes.split())
    assert said.startswith(f"{name}: ")
    assert "damaged, or" in said or "once unpacked" in said
    assert own < 200
    assert child < 1100


@pytest.mark.parametrize("suffix", ["zst", "gz"])
def test_a_hundred_thousand_rows_that_are_alike_have_room(tmp_path: Path, suffix: str) -> None:
    """They compress to nearly nothing, and are no bomb."""
    row = {
        "question": "What is it about? " * 10,
        "options": [f"Option {n}" for n in range(10)],
        "answer": "A",
    }
    packed(tmp_path / f"rows.jsonl.{suffix}", json.dumps(row).encode() + b"\n", 100_000)
    assert len(data_files.from_file(tmp_path / f"rows.jsonl.{suffix}")) == 100_000


def test_names_that_stand_twice_among_very_many(tmp_path: Path) -> None:
    """Columns and keys are each looked at once."""
    names = [f"k{n}" for n in range(60_000)]
    began = time.process_time()
    for written in (names, [*names, names[-1]]):
        with (tmp_path / "rows.csv").open("w", newline="") as file:
            csv.writer(file).writerows([written, written])
        (tmp_path / "rows.jsonl").write_text("{" + ", ".join(f'"{name}": 0' for name in written) + "}")
        for file_name in ("rows.csv", "rows.jsonl"):
            if written is names:
                assert len(data_files.from_file(tmp_path / file_name)) == 1
            else:
                with pytest.raises(SuiteError, match="'k59999' stands twice"):
                    data_files.from_file(tmp_path / file_name)
    assert time.process_time() - began < 5


def test_a_folder_that_names_a_file_twice(tmp_path: Path) -> None:
    """In its list of files, or by links."""
    (tmp_path / "a.jsonl").write_text('{"q": 1}\n')
    state = tmp_path / "state.json"
    state.write_text(json.dumps({"_data_files": [{"filename": "a.jsonl"}] * 5_000}))
    with pytest.raises(SuiteError, match="the folder names the same file twice"):
        from_folder(tmp_path, None, None)
    state.unlink()
    (tmp_path / "b-1.jsonl").symlink_to("a.jsonl")
    (tmp_path / "b-2.jsonl").symlink_to("a.jsonl")
    with pytest.raises(SuiteError, match="the folder names the same file twice"):
        from_folder(tmp_path, None, "b")


def test_names_in_a_message_are_cut() -> None:
    """Each faulty row of a file has one: three long names of columns took gigabytes."""
    assert list_names(["a", "b"]) == "a, b"
    assert list_names([]) == "nothing"
    assert len(list_names(["x" * 300_000] * 3)) < 600
    assert len(list_names(str(each) for each in range(10**6))) < 600


@pytest.mark.parametrize(
    "cell",
    [
        "['a'," + " " * 130_000 + "b",
        "[" + "'a'," * 16_000 + "]",
        "['''" + "\U0001f600\n" * 30_000 + "''', 'b']",
        "[f'" + "{{" * 32_000 + "']",
        "Options:" + "\n" * 130_000 + "x\n- a\n- b",
        "A. x\n" * 26_000,
    ],
    ids=["blanks", "commas", "lines in a text", "braces", "blank lines", "options"],
)
def test_options_are_looked_for_where_they_may_be(cell: str) -> None:
    """One text of a Parquet file stands for thousands of rows: 10 kB took three minutes of tokens."""
    rows = [DataRow("x.csv", n, {"c": cell}) for n in range(100)]

    def read() -> None:
        for row in rows:
            with pytest.raises(SuiteError, match="must be a list"):
                read_options(row, ["c"])

    assert process_time(read) < 1.5


def test_lists_as_long_as_anybody_has() -> None:
    """In the form that numpy prints, a line each, too."""
    texts = [f"option {letter}" for letter in LETTERS]
    for cell in (str(texts), "[" + ",\n ".join(map(repr, texts)) + "]", json.dumps(texts)):
        assert read_options(DataRow("x.csv", 1, {"c": cell}), ["c"]).texts == tuple(texts)
    with pytest.raises(SuiteError, match="100 options; there must be 2 to 26"):
        read_options(DataRow("x.csv", 1, {"c": str([str(n) for n in range(100)])}), ["c"])


@pytest.mark.parametrize(
    ("changes", "entry"),
    [
        ({"d": "\x01" * 100_000}, {}),
        ({"d": ["x" * 100_000]}, {}),
        ({"c": {"y" * 100_000: "x", "z" * 100_000: "y"}}, {}),
        ({"a": "\x01" * 100_000}, {}),
        ({"a": "\x01" * 100_000}, {"answer_is": "index"}),
        ({"a": "\x01" * 100_000}, {"answer_is": "text"}),
        ({"id": "x" * 100_000}, {}),
    ],
    ids=["difficulty", "list", "labels", "letter", "index", "text", "id"],
)
def test_rows_left_out_do_not_quote_whole_cells(changes: dict[str, Any], entry: dict[str, Any]) -> None:
    """A text of a Parquet file may stand for a thousand others: 3,379 bytes took 3.6 GB."""
    data = {"q": "Q?", "c": ["x", "y"], "a": "A", "d": 1}
    mapped = {**COLUMNS, "difficulty": "d", **({"id": "id"} if "id" in changes else {})}
    ref = SuiteRef.model_validate(
        {"suite": "mine", "source": {"file": "x.csv"}, "columns": mapped, "bad_rows": "skip", **entry}
    )
    first = {
        **data,
        "a": "0" if entry.get("answer_is") == "index" else "x" if entry else "A",
        "id": "x" * 100_000,
    }
    rows = [DataRow("x.csv", 1, first), *(DataRow("x.csv", n, {**data, **changes}) for n in range(2, 1_202))]
    assert ref.columns is not None
    items, faults = named_columns.read(ref, ref.columns, rows)
    said = [str(fault) for fault in faults]
    assert (len(items), len(said)) == (1, 1_200)
    assert max(map(len, said)) < 400
    assert said[0].startswith("x.csv, row 2, column '")
    assert said[499].startswith("x.csv, row 501, column '")
    assert all(each.endswith("left out") for each in said)


def test_a_message_of_a_whole_suite_does_not_quote_whole_cells(tmp_path: Path) -> None:
    """It is one line of a terminal."""
    item = {"id": "i", "question": "q?", "choices": ["x", "y"], "answer": "A"}
    for change in ({"answer": "z" * 100_000}, {"shot": "z" * 100_000}, {"id": "z" * 100_000}):
        rows = [{**item, **change}] * 2
        with pytest.raises(SuiteError, match="z' …") as caught:
            load(tmp_path, json.dumps(rows), "rows.json", suite="custom", columns=None)
        assert len(str(caught.value)) < 200


def test_columns_with_stems_of_their_own_are_looked_through_once() -> None:
    """For each stem all columns were: 600 kB took minutes."""
    stems = (f"{a}{b}{c}{d}1" for a, b, c, d in product("klmnopqrstuvwxyz", repeat=4))
    data = {"question": "what is this", "answer": "bee", **dict.fromkeys(islice(stems, 40_000), "x")}
    assert process_time(lambda: propose([DataRow("rows.csv", 1, data)])) < 20
