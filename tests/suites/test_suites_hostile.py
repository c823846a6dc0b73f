"""Rows of strangers that would take for ever, or break what reads them: refused in one line, or read in time."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hostile_tables
import pytest
import zstandard

from llmxray import suites
from llmxray.errors import SuiteError
from llmxray.experiment import SuiteRef
from llmxray.suites import named_columns
from llmxray.suites.data_rows import DataRow
from llmxray.suites.folders import from_folder

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
        (json.dumps(ROW), {"columns": {**COLUMNS, "answer": f"c.{DIGITS}"}}),
        (
            json.dumps({"question": "2?", "answer": "<<1+1=2>> #### 1e999999999"}),
            {"suite": "gsm8k", "columns": None},
        ),
    ],
    ids=["digits", "index", "path", "exponent"],
)
def test_numbers_and_texts_that_python_chokes_on(tmp_path: Path, row: str, entry: dict[str, Any]) -> None:
    """One line that names the file, and soon."""
    began = time.process_time()
    with pytest.raises(SuiteError) as caught:
        load(tmp_path, row, **entry)
    assert "\n" not in str(caught.value)
    assert time.process_time() - began < 5


@pytest.mark.search
def test_one_row_a_hundred_thousand_times() -> None:
    """Each copy has a name of its own, found where the last one stopped."""
    began, rows = time.process_time(), [DataRow("rows.jsonl", n, ROW) for n in range(1, 100_001)]
    ref = SuiteRef.model_validate({"suite": "mine", "columns": COLUMNS, "source": {"file": "rows.jsonl"}})
    assert ref.columns is not None
    items, _ = named_columns.read(ref, ref.columns, rows)
    assert len({item.id for item in items}) == 100_000
    assert time.process_time() - began < 60


def test_a_table_that_says_it_has_a_billion_rows(tmp_path: Path) -> None:
    """A column of one value takes a few bytes for each million."""
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 3_000_000, pa.int8()), pa.array(["x"]))
    pq.write_table(pa.table({"q": column}), tmp_path / "rows.parquet")
    assert (tmp_path / "rows.parquet").stat().st_size < 100_000
    ref = {"suite": "mine", "columns": {"question": "q", "answer": "q"}, "source": {"file": "rows.parquet"}}
    with pytest.raises(SuiteError, match="more than 2,000,000 rows"):
        suites.load(SuiteRef.model_validate(ref), tmp_path, within=tmp_path)


def parquet(path: Path, values: Any, **options: Any) -> None:
    """A Parquet file of one column."""
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    pq.write_table(pa.table({"q": values(pa)}), path, compression="zstd", store_schema=False, **options)


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
    "lists.jsonl.zst": lambda path: packed(path, b'{"q":[' + b"[]," * 300_000 + b"[]]}\n", 60),
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
