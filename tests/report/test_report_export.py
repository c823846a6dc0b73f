"""results.csv and results.json."""

import csv
import io
import json
from dataclasses import replace

import hand_made
import pytest

from llmxray import spreadsheets
from llmxray.packs.claims import TOLERANCE
from llmxray.report import build
from llmxray.report.analysis import data as data_module
from llmxray.report.files import export


def test_numbers_have_ten_digits_in_both_tables(tmp_path):
    """Finer than what `reproduce` compares, and the same number in both files; times as they were recorded."""
    row = hand_made.data(tmp_path, {"a": "+"}).results.rows[0]
    row = replace(row, option_confidence=2 / 3, latency_s=12.345678, option_probs=(2 / 3, None, 1e-9 / 3))
    (line,) = csv.DictReader(io.StringIO(export.as_csv([row]).decode()))
    (shown,) = json.loads(b"".join(export.as_json([row])))["rows"]
    assert ("0.6666666667", "12.345678") == (line["option_confidence"], line["latency_s"])
    assert (0.6666666667, 12.345678) == (shown["option_confidence"], shown["latency_s"])
    assert [0.6666666667, None, 3.333333333e-10] == shown["option_probs"]
    assert abs(0.6666666667 - 2 / 3) < TOLERANCE * 2 / 3


def test_json_has_a_row_a_line(tmp_path):
    """A reader of lines can take it apart; without predictions and rows it is JSON as well."""
    rows = hand_made.data(tmp_path, {"a": "+-"}).results.rows
    lines = b"".join(export.as_json(rows, [{"claim": "c"}])).decode().splitlines()
    assert ['{"predictions": [', '{"claim": "c"}', "],", '"rows": ['] == lines[:4]
    assert ["q000", "q001"] == [json.loads(line.rstrip(","))["item_id"] for line in lines[4:6]]
    assert {"predictions": [], "rows": []} == json.loads(b"".join(export.as_json([])))


def test_both_tables_say_the_same_value_by_value(tmp_path):
    """Texts that a spreadsheet would run differ by the guard alone, which `unescape_formula` takes off."""
    row = hand_made.data(tmp_path, {"a": "+"}).results.rows[0]
    answers = (
        "=1+1",
        "-7",
        "-2+3+cmd|' /C calc'!A0",
        "'=1",
        "'tis",
        "a\r=1\n=2",
        ' "@x"',
        "\t=1",
        "−5",
        "+5%",
        None,
    )
    rows = [replace(row, answer=answer, error=answer or "", order=(2, 0, 1)) for answer in answers]
    rows += [
        replace(row, option_confidence=2 / 3, latency_s=1e-9, right_mass=-0.0, category="=x", tool_mark="I")
    ]
    cells = list(csv.DictReader(io.StringIO(export.as_csv(rows).decode(), newline="")))
    objects = json.loads(b"".join(export.as_json(rows)))["rows"]
    assert len(cells) == len(objects) == len(rows)
    assert list(cells[0])[:4] == ["experiment", "condition", "suite", "item_id"]
    for line, found in zip(cells, objects, strict=True):
        for name in export.COLUMNS:
            assert _same(line[name], found[name]), (name, line[name], found[name])
    assert [line["answer"] for line in cells[:5]] == [
        "'=1+1",
        "-7",
        "'-2+3+cmd|' /C calc'!A0",
        "''=1",
        "'tis",
    ]


def _same(cell, value):
    if value is None:
        return cell == ""
    if isinstance(value, list):
        return cell == " ".join(map(str, value))
    return spreadsheets.unescape_formula(cell) == value if isinstance(value, str) else float(cell) == value


def test_numbers_beyond_any_count_are_missing(tmp_path):
    """What a server reports may be any number, and the type of the column ends somewhere."""
    pq = pytest.importorskip("pyarrow.parquet")
    (row,) = hand_made.data(tmp_path, {"a": "+"}).results.rows
    for count, kept in ((2**63 - 1, 2**63 - 1), (2**63, None), (-(10**400), None)):
        raw = export.as_parquet([replace(row, completion_tokens=count)])
        assert [kept] == pq.read_table(io.BytesIO(raw)).column("completion_tokens").to_pylist()


def test_parquet_has_the_same_cells_with_types(tmp_path):
    """Beside the CSV of every site; what is missing there is null here, and numbers are numbers."""
    pq = pytest.importorskip("pyarrow.parquet")
    made = hand_made.data(
        tmp_path / "c", {"one": "+-?!", "two": "++++"}, confidence={"one": [0.123456789012345, None, 1, 0]}
    )
    build([made], tmp_path / "site")
    table = pq.read_table(tmp_path / "site" / "made-up" / "results.parquet")
    text = (tmp_path / "site" / "made-up" / "results.csv").read_text("utf-8")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert list(export.COLUMNS) == table.column_names == list(rows[0])
    for name, (kind, _) in export.COLUMN_TYPES.items():
        cells = table.column(name).to_pylist()
        assert kind == str(table.schema.field(name).type).replace("double", "float64")
        # Floats as numbers: 1.0 is "1.0" in one and "1" in the other.
        read = [float(row[name]) if row[name] and kind == "float64" else row[name] for row in rows]
        same = [
            ("" if cell is None else cell) if kind == "float64" else str("" if cell is None else cell)
            for cell in cells
        ]
        assert read == same
    assert 8 == table.column("tool_mark").null_count
    assert [0.123456789, None, 1.0, 0.0] == table.column("option_confidence").to_pylist()[:4]


def test_a_large_experiment_has_no_json(tmp_path, monkeypatch):
    """It would be the largest file of the site; that of an earlier build, when there were fewer questions, goes."""
    made = hand_made.data(tmp_path / "c", {"one": "+-", "two": "++"})
    folder = tmp_path / "site" / "made-up"
    build([made], tmp_path / "site")
    assert 4 == len(json.loads((folder / "results.json").read_text("utf-8"))["rows"])
    monkeypatch.setattr(data_module, "LARGE_QUESTIONS", 1)
    build([made], tmp_path / "site")
    assert ["results.csv", "results.html", "results.parquet"] == sorted(
        path.name for path in folder.glob("results.*")
    )
    for page in ("results.html", "methods.html"):
        assert "results.json" not in (folder / page).read_text("utf-8")
