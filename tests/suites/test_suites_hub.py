"""The hub's library, on a folder that bears the name of a data set: no network is needed for that."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_READ = """
import json, sys
from pathlib import Path
from llmxray import suites
from llmxray.errors import SuiteError
from llmxray.experiment import SuiteRef
try:
    suite = suites.load(SuiteRef.model_validate(json.loads(sys.argv[1])), Path())
    print([(item.answer_text, item.source) for item in suite.items])
except SuiteError as error:
    print(error)
"""
ROWS = [{"goal": "Cut bread.", "sol1": "With a knife.", "sol2": "With a spoon.", "label": 0}]
COLUMNS = {"question": "goal", "choices": ["sol1", "sol2"], "answer": "label"}


def read(folder: Path, **entry: Any) -> str:
    """What a process in that folder says of the suite; nothing beside it."""
    import json

    env = {
        **os.environ,
        "HF_HOME": str(folder / "cache"),
        "HF_HUB_OFFLINE": "1",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            _READ,
            json.dumps({"suite": "mine", "columns": COLUMNS, "answer_is": "index", **entry}),
        ],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def write(path: Path) -> None:
    """The rows as Parquet."""
    pytest.importorskip("datasets")
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    path.parent.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(ROWS), path)


def test_a_data_set_of_the_hub_by_its_columns(tmp_path: Path) -> None:
    """As the library hands its rows over."""
    write(tmp_path / "owner" / "quiz" / "data" / "validation-00000-of-00001.parquet")
    source = {"hub": "owner/quiz", "revision": "main", "split": "validation"}

    assert "[('With a knife.', 'owner/quiz validation, row 1')]" == read(tmp_path, source=source)


def test_a_config_of_the_hubs_own_parquet_files(tmp_path: Path) -> None:
    """There it is a folder: of two, the rows of the one that is named."""
    write(tmp_path / "owner" / "quiz" / "easy" / "test" / "0000.parquet")
    write(tmp_path / "owner" / "quiz" / "hard" / "test" / "0000.parquet")
    source = {"hub": "owner/quiz", "revision": "refs/convert/parquet", "split": "test"}

    assert "[('With a knife.', 'owner/quiz test, row 1')]" == read(tmp_path, source=source, config="easy")


def test_a_hub_data_set_needs_a_split(tmp_path: Path) -> None:
    """Said before anything is fetched."""
    said = read(tmp_path, source={"hub": "owner/quiz", "revision": "main"})
    assert "owner/quiz: name a split in the source, such as 'split: test'" == said


def test_a_data_set_that_is_a_program(tmp_path: Path) -> None:
    """It is not run; the line says where its rows may be."""
    pytest.importorskip("datasets")
    folder = tmp_path / "owner" / "quiz"
    folder.mkdir(parents=True)
    (folder / "quiz.py").write_text("raise SystemExit('it was run')\n")
    said = read(tmp_path, source={"hub": "owner/quiz", "revision": "main", "split": "test"})

    assert "cannot be read from the hub" in said
    assert "this data set is a program, which is not run" in said
    assert said.endswith("'revision: refs/convert/parquet'")
