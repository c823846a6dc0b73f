"""The hub's library, on a folder that bears the name of a data set: no network is needed for that."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from llmxray import suites
from llmxray.errors import SuiteError
from llmxray.experiment import Source, SuiteRef
from llmxray.suites import hub
from tests.commands import python

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


def read(folder: Path, *, endpoint: str = "", **entry: Any) -> str:
    """What a process in that folder says of the suite; nothing beside it."""
    env = {"HF_ENDPOINT": endpoint} if endpoint else {"HF_HUB_OFFLINE": "1"}
    suite = json.dumps({"suite": "mine", "columns": COLUMNS, "answer_is": "index", **entry})
    done = python("-c", _READ, suite, at=folder, HF_HOME=str(folder / "cache"), **env)
    # A bar shows how much is read; where nothing can be, all of what is said counts.
    return (done.stdout + (done.stderr if endpoint else "")).strip()


def write(path: Path) -> None:
    """The rows as Parquet."""
    pytest.importorskip("datasets")
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    path.parent.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(ROWS), path)


def test_a_data_set_of_the_hub_by_its_columns(tmp_path):
    """As the library hands its rows over."""
    write(tmp_path / "owner" / "quiz" / "data" / "validation-00000-of-00001.parquet")
    source = {"hub": "owner/quiz", "revision": "main", "split": "validation"}

    assert "[('With a knife.', 'owner/quiz validation, row 1')]" == read(tmp_path, source=source)


def test_the_hub_out_of_reach(tmp_path):
    """One line that names the data set and says what to do offline, and no other from the libraries."""
    pytest.importorskip("datasets")
    source = {"hub": "TIGER-Lab/MMLU-Pro", "revision": "main", "split": "test"}
    said = read(tmp_path, endpoint="http://127.0.0.1:9", source=source)
    assert said.startswith("TIGER-Lab/MMLU-Pro (default, test, revision main) cannot be read from the hub")
    assert "offline, download the file and use 'source: {file: …}'" in said
    assert "\n" not in said


def test_suites_load_without_the_heavy_packages():
    """The core install has neither ``datasets`` nor ``pyarrow``; importing suites must not want them."""
    code = "import sys, llmxray.suites; print(sorted({'datasets', 'pyarrow', 'pandas'} & set(sys.modules)))"
    assert "[]" == python("-c", code).stdout.strip()


def test_the_revision_of_the_file_is_asked_for(monkeypatch):
    """Not the newest one."""
    datasets, asked = pytest.importorskip("datasets"), dict[str, Any]()

    def builder(_: str, **options: Any) -> None:
        asked.update(options)
        raise ConnectionError("out of reach")

    monkeypatch.setattr(datasets, "load_dataset_builder", builder)
    monkeypatch.setattr(hub, "_offline_where_unreachable", nullcontext)
    with pytest.raises(SuiteError, match="out of reach"):
        hub.from_hub(Source(hub="owner/quiz", revision="0123abc"), None, "test")
    assert asked["revision"] == "0123abc"


def test_a_card_names_no_file_of_this_machine(tmp_path, monkeypatch):
    """As the library resolves them: what a card names by its path is a local file, also for a data set of the hub."""
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    write(tmp_path / "elsewhere" / "secret.parquet")
    (tmp_path / "quiz").mkdir()
    path = tmp_path / "elsewhere" / "secret.parquet"
    card = f"---\nconfigs:\n- config_name: default\n  data_files:\n  - split: test\n    path: {path}\n---\n"
    (tmp_path / "quiz" / "README.md").write_text(card)
    builder = datasets.load_dataset_builder(str(tmp_path / "quiz"), cache_dir=str(tmp_path / "cache"))
    with pytest.raises(ValueError, match=r"names .*secret\.parquet, which is no file of the hub"):
        hub._refuse_files_here(builder.config.data_files)
    hub._refuse_files_here({"test": ["hf://datasets/owner/quiz@0123abc/test.parquet"]})


def test_a_data_set_that_is_a_program(tmp_path):
    """It is not run; the line says where its rows may be."""
    pytest.importorskip("datasets")
    folder = tmp_path / "owner" / "quiz"
    folder.mkdir(parents=True)
    (folder / "quiz.py").write_text("raise SystemExit('it was run')\n")
    said = read(tmp_path, source={"hub": "owner/quiz", "revision": "main", "split": "test"})

    assert "cannot be read from the hub" in said
    assert "this data set is a program, which is not run" in said
    assert said.endswith("'revision: refs/convert/parquet'")


@pytest.mark.parametrize(
    ("name", "config", "revision", "says"),
    [
        # Each of them the library reads from this machine.
        ("text", None, "main", "with its owner"),
        ("owner/quiz", None, "main", "is a folder here"),
        ("owner/none", "../../secret", "refs/convert/parquet", "not the name of a configuration"),
    ],
)
def test_a_strangers_file_reads_nothing_of_this_machine(tmp_path, monkeypatch, name, config, revision, says):
    """By the name of a data set: its rows would be sent to a server that the file names as well."""
    write(tmp_path / "owner" / "quiz" / "data" / "train.parquet")
    (tmp_path / "secret.txt").write_text("mine")
    monkeypatch.chdir(tmp_path)
    source = {"hub": name, "revision": revision, "split": "train"}
    ref = {
        "suite": "mine",
        "columns": {"question": "text", "answer": "text"},
        "config": config,
        "source": source,
    }
    (tmp_path / "experiments").mkdir()
    with pytest.raises(SuiteError, match=says):
        suites.load(SuiteRef.model_validate(ref), tmp_path / "experiments", within=tmp_path / "experiments")
