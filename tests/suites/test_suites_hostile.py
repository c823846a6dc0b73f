"""Rows of strangers that would take for ever, or break what reads them: refused in one line, or read in time."""

import gzip
import json
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
from tests.commands import python

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
def test_numbers_and_texts_that_python_chokes_on(tmp_path, row, entry):
    """One line that names the file, and soon."""
    began = time.process_time()
    with pytest.raises(SuiteError) as caught:
        load(tmp_path, row, **entry)
    assert "\n" not in str(caught.value)
    assert time.process_time() - began < 5


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
def test_a_small_data_file_never_becomes_gigabytes(tmp_path, name):
    """Refused in one line and in time, in 200 MB of memory, and 1.1 GB of the process that reads it."""
    path = tmp_path / name
    BOMBS[name](path)
    assert path.stat().st_size < 500_000
    done = python("-c", READ, str(path))
    said, mebibytes = done.stdout.splitlines()
    own, child = map(int, mebibytes.split())
    assert said.startswith(f"{name}: ")
    assert "damaged, or" in said or "once unpacked" in said
    assert own < 200
    assert child < 1100
