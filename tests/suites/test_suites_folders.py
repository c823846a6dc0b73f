"""Folders: saved by `datasets`, of shards, of splits, as the hub lays them out, and such as cannot be read."""

import json
from pathlib import Path
from typing import Any

import pytest

from llmxray import suites
from llmxray.errors import SuiteError
from llmxray.experiment import SuiteRef
from llmxray.suites.sources import from_folder

ROWS = [{"q": f"{number}?", "label": number % 2} for number in range(7)]


def lines(path: Path, rows: list[dict[str, Any]]) -> None:
    """Rows as JSON lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")


def read(*arguments: Any) -> list[dict[str, Any]]:
    """The rows of a folder."""
    return [dict(row.data) for row in from_folder(*arguments)]


def test_a_saved_data_set(tmp_path):
    """In several Arrow files, in the order in which they were saved."""
    datasets = pytest.importorskip("datasets")
    datasets.Dataset.from_list(ROWS).save_to_disk(tmp_path / "saved", num_shards=3)

    assert 3 == len([*(tmp_path / "saved").glob("*.arrow")])
    assert ROWS == read(tmp_path / "saved", None, None)
    with pytest.raises(SuiteError, match=r"saved: this folder has no splits; remove 'split: test'"):
        from_folder(tmp_path / "saved", None, "test")


def test_a_saved_data_set_with_splits(tmp_path):
    """One split by name, or the usual one; the error lists them; class labels are numbers."""
    datasets = pytest.importorskip("datasets")
    features = datasets.Features(
        {"q": datasets.Value("string"), "label": datasets.ClassLabel(names=["no", "yes"])}
    )
    parts = {
        "train": datasets.Dataset.from_list(ROWS[:4], features=features),
        "test": datasets.Dataset.from_list(ROWS[4:], features=features),
    }
    datasets.DatasetDict(parts).save_to_disk(tmp_path / "saved")

    assert ROWS[4:] == read(tmp_path / "saved", None, "test")
    assert ROWS[:4] == read(tmp_path / "saved", None, None, "train")
    with pytest.raises(
        SuiteError, match="saved: has the splits train, test; name one, such as 'split: train'"
    ):
        from_folder(tmp_path / "saved", None, None)
    with pytest.raises(SuiteError, match="saved: has no split 'dev'; it has: train, test"):
        from_folder(tmp_path / "saved", None, "dev")


def test_shards_are_read_in_order(tmp_path):
    """Also without leading zeros; each row is named by its own file."""
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    for number in range(7):
        table = pa.Table.from_pylist([ROWS[number]])
        pq.write_table(table, tmp_path / f"test-0000{number}-of-00007-0123456789abcdef.parquet")
    (tmp_path / "README.md").write_text("x")
    (tmp_path / "dataset_infos.json").write_text("{}")

    assert ROWS == read(tmp_path, None, None)
    assert ROWS == read(tmp_path, None, "test")
    assert "test-00002-of-00007-0123456789abcdef.parquet, row 1" == from_folder(tmp_path, None, None)[2].place
    for number in range(7):
        lines(tmp_path / "more" / f"part-{number + 5}.jsonl", [ROWS[number]])
    assert ROWS == read(tmp_path / "more", None, None)


def test_folders_as_the_hub_lays_them_out(tmp_path):
    """A folder for the config; files in `data`; a folder for each split."""
    lines(tmp_path / "a" / "ARC-Easy" / "test-00000-of-00001.jsonl", ROWS[:2])
    lines(tmp_path / "a" / "ARC-Challenge" / "test-00000-of-00001.jsonl", ROWS[2:])
    lines(tmp_path / "b" / "data" / "validation.jsonl", ROWS[:3])
    lines(tmp_path / "b" / "data" / "train.jsonl", ROWS[3:])
    lines(tmp_path / "c" / "plain" / "train" / "0000.jsonl", ROWS[:1])
    lines(tmp_path / "c" / "plain" / "validation" / "0000.jsonl", ROWS[1:4])
    lines(tmp_path / "c" / "plain" / "validation" / "0001.jsonl", ROWS[4:])

    assert ROWS[2:] == read(tmp_path / "a", "ARC-Challenge", None, "test")
    assert ROWS[:3] == read(tmp_path / "b", None, "validation")
    assert ROWS[1:] == read(tmp_path / "c", "plain", "validation")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "there are no files with rows in this folder, such as test.jsonl"),
        (
            {"test.jsonl": '{"a": 1}', "test.csv": "a\n1\n"},
            "split test in .csv and .jsonl files; keep one kind",
        ),
        (
            {"state.json": '{"_data_files": [{"filename": "../x.arrow"}]}'},
            "which is not a file of this folder",
        ),
        (
            {"state.json": '{"_data_files": [], "_indices_data_files": [{"filename": "i.arrow"}]}'},
            "save them again after 'flatten_indices()'",
        ),
        ({"state.json": '{"_data_files": true}'}, "'_data_files' is not a list"),
    ],
)
def test_folders_that_cannot_be_read(tmp_path, files, message):
    """One line."""
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(SuiteError) as caught:
        from_folder(tmp_path, None, None)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_benchmark_from_a_folder(tmp_path):
    """Its usual split, and the worked examples of its train split."""
    rows = [
        {
            "id": f"Exam_{n}",
            "question": f"What is {n}?",
            "choices": {"text": ["ice", "fog"], "label": ["A", "B"]},
            "answerKey": "B",
        }
        for n in range(8)
    ]
    lines(tmp_path / "arc" / "ARC-Easy" / "test-00000-of-00001.jsonl", rows[:2])
    lines(tmp_path / "arc" / "ARC-Easy" / "train-00000-of-00001.jsonl", rows[2:])
    entry = {"suite": "arc", "config": "ARC-Easy", "source": {"folder": "arc"}}
    suite = suites.load(SuiteRef.model_validate(entry), tmp_path)

    assert ["Exam_0", "Exam_1"] == [item.id for item in suite.items]
    assert ["Exam_2", "Exam_3", "Exam_4", "Exam_5", "Exam_6"] == [shot.id for shot in suite.shots]
