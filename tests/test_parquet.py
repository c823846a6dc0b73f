"""Parquet as others read it: pyarrow gives back every cell that was written, and its type."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmxray import parquet
from llmxray.parquet import Column

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

TEXTS = (
    st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(["a", "b"])
)
NUMBERS = st.none() | st.integers(-(2**63), 2**63 - 1) | st.integers(0, 3)
FLOATS = st.none() | st.floats(allow_nan=False)


def read(raw: bytes):
    """The table, checked page by page."""
    return pq.ParquetFile(io.BytesIO(raw), page_checksum_verification=True).read()


@given(st.lists(st.tuples(TEXTS, NUMBERS, FLOATS), max_size=70), st.integers(1, 40))
def test_what_is_written_is_read(rows, times):
    """Gaps, repeats, long columns, empty ones."""
    rows = rows * times
    columns = [list(each) for each in zip(*rows, strict=True)] or [[], [], []]
    kinds = ("string", "int64", "float64")
    made = [
        Column(f"c{place}", kind, cells)
        for place, (kind, cells) in enumerate(zip(kinds, columns, strict=True))
    ]
    table = read(parquet.parquet_bytes(made, "tests"))
    assert [pa.string(), pa.int64(), pa.float64()] == table.schema.types
    for place, cells in enumerate(columns):
        back = table.column(place).to_pylist()
        assert cells == back
        # 0.0 and −0.0 are equal.
        assert list(map(repr, cells)) == list(map(repr, back))


@pytest.mark.parametrize("n", [1, 2, 256, 257, 65_537])
def test_any_number_of_different_texts(n):
    """Indexes of 1 to 17 bits."""
    cells = [f"t{place % n}" for place in range(2 * n)]
    raw = parquet.parquet_bytes([Column("t", "string", cells)], "tests")
    assert cells == read(raw).column("t").to_pylist()


def test_more_columns_than_a_short_list_holds():
    """Fifteen are written in another form than fourteen."""
    for n in (13, 14, 15, 16, 200):
        made = [Column(f"c{place}", "int64", [place, None]) for place in range(n)]
        table = read(parquet.parquet_bytes(made, "tests"))
        assert [[place, None] for place in range(n)] == [each.to_pylist() for each in table.columns]


def test_texts_are_coded_by_a_dictionary():
    """Repeated texts and numbers stand in the file once."""
    raw = parquet.parquet_bytes(
        [Column("t", "string", ["same text"] * 5000), Column("n", "int64", [7] * 5000)], "tests"
    )
    assert 1 == raw.count(b"same text")
    assert len(raw) < 500
    group = pq.ParquetFile(io.BytesIO(raw)).metadata.row_group(0)
    assert all("RLE_DICTIONARY" in group.column(place).encodings for place in range(2))


def test_half_a_character_is_a_question_mark():
    """No file can hold it."""
    assert ["a?"] == read(parquet.parquet_bytes([Column("t", "string", ["a\ud800"])], "tests")).column(
        "t"
    ).to_pylist()
