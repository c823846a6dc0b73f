"""Where rows come from."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from llmxray.errors import InputError
from llmxray.suites import sources

ROWS = [{"q": "Ä\u2028?", "o": ["x", "y"]}, {"q": "b", "o": ["z", "w"]}]


def test_json_lines_csv_json_and_parquet_hold_the_same(tmp_path: Path) -> None:
    """Line separators inside texts do not end a row; a byte order mark is no column."""
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    lines = '{"q": "Ä\u2028?", "o": ["x", "y"]}\r\n\n{"q": "b", "o": ["z", "w"]}\n'
    (tmp_path / "a.jsonl").write_bytes(lines.encode())
    (tmp_path / "a.json").write_text(f"[{lines.strip().replace(chr(13), ',')}]", encoding="utf-8", newline="")
    (tmp_path / "a.csv").write_text(
        'q,o\nÄ\u2028?,"[""x"", ""y""]"\nb,"[""z"", ""w""]"\n', encoding="utf-8-sig"
    )
    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "a.parquet")

    for suffix in ("jsonl", "json", "csv", "parquet"):
        rows = sources.from_file(tmp_path / f"a.{suffix}")
        assert ROWS == [{"q": row.text("q"), "o": list(row.texts("o"))} for row in rows], suffix
        assert [f"a.{suffix}, row 1", f"a.{suffix}, row 2"] == [row.place for row in rows]


@pytest.mark.parametrize(
    ("name", "raw", "message"),
    [
        ("a.jsonl", b'{"a": 1}\n{"a": "\xff"}', "a.jsonl:2: not UTF-8"),
        ("a.jsonl", b'{"a": 1}\n{"a": ', "a.jsonl:2:7: not JSON"),
        ("a.jsonl", b'{"a": 1, "a": 2}', "a.jsonl:1: the key 'a' stands twice"),
    ],
)
def test_files_that_are_not_what_they_say(tmp_path: Path, name: str, raw: bytes, message: str) -> None:
    """One line with file and place."""
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(InputError) as caught:
        sources.from_file(tmp_path / name)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


_OFFLINE = """
from pathlib import Path
from llmxray import suites
from llmxray.errors import InputError, SuiteError
from llmxray.experiment import SuiteRef
source = {"hub": "TIGER-Lab/MMLU-Pro", "revision": "main"}
try:
    suites.load(SuiteRef.model_validate({"suite": "mmlu_pro", "source": source}), Path())
except SuiteError as error:
    print(error)
"""


def test_the_hub_out_of_reach(tmp_path: Path) -> None:
    """One line that names the data set and says what to do offline, and no other from the libraries."""
    pytest.importorskip("datasets")
    env = {
        **os.environ,
        "HF_ENDPOINT": "http://127.0.0.1:9",
        "HF_HOME": str(tmp_path),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    done = subprocess.run(
        [sys.executable, "-c", _OFFLINE], env=env, capture_output=True, text=True, check=True
    )

    assert (1, "") == (len(done.stdout.splitlines()), done.stderr)
    assert done.stdout.startswith(
        "TIGER-Lab/MMLU-Pro (default, test, revision main) cannot be read from the hub"
    )
    assert "offline, download the file and use 'source: {file: …}'" in done.stdout


def test_suites_load_without_the_heavy_packages() -> None:
    """The core install has neither ``datasets`` nor ``pyarrow``; importing suites must not want them."""
    code = "import sys, llmxray.suites; print(sorted({'datasets', 'pyarrow', 'pandas'} & set(sys.modules)))"
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)

    assert "[]" == done.stdout.strip()
