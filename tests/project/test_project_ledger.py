"""The query of docs/ledger.md, run by DuckDB over the tables of several experiments."""

import re
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parent.parent / "report"))

import ledger_files

duckdb: Any = pytest.importorskip("duckdb", reason="DuckDB is in the extra dev")


def asked(root: Path, site: Path) -> list[tuple[Any, ...]]:
    """The rows of the query."""
    (query,) = re.findall(r"```sql\n(.*?)```", (root / "docs" / "ledger.md").read_text("utf-8"), re.DOTALL)
    text = query.replace("site/*", f"{site.as_posix()}/*")
    return list(duckdb.sql(text.rstrip().removesuffix(";")).fetchall())


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Twelve models in two experiments that show the options in different orders."""
    folder, crowd = tmp_path_factory.mktemp("site"), list(ledger_files.crowd(extra="C").items())
    orders = [(3, 1, 2, 0), (0, 1, 2, 3), (2, 3, 0, 1), (1, 0, 3, 2), ()]
    ledger_files.write_ledger(folder, dict(crowd[:5]), orders=orders)
    ledger_files.write_ledger(folder, dict(crowd[5:]), name="other")
    return folder


def test_questions_that_every_model_misses(root, site):
    """The first and the last: all wrong. The last but one was read from no reply, which is wrong too."""
    assert [("made/up", each, 12) for each in ("q000", "q009", "q010")] == asked(root, site)
