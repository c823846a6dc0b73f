"""docs/maintainers/failures.md: every failure is there, its tests exist, its counts are those of the tests."""

import re
from pathlib import Path

import pytest

from tests.servers import STREAM

ROOT = Path(__file__).parents[2]
PAGES = ("maintainers/failures.md", "trust.md")
NAMED = re.compile(r"`((?:\w+/)*test_\w+\.py)(?:::(\w+))?`")


@pytest.mark.parametrize("page", PAGES)
def test_each_named_test_exists(page):
    """File and function; trust.md may leave the folder out where one file has that name."""
    text = (ROOT / "docs" / page).read_text("utf-8").replace("`tests/", "`")
    named = NAMED.findall(text)
    assert len(named) >= 15
    files = {path.relative_to(ROOT / "tests").as_posix(): path for path in (ROOT / "tests").rglob("*.py")}
    missing = []
    for file, function in named:
        paths = [path for name, path in files.items() if name == file or name.endswith(f"/{file}")]
        source = paths[0].read_text("utf-8") if len(paths) == 1 else ""
        if not source or (function and not re.search(rf"def {function}\(", source)):
            missing.append(f"{file}::{function}")
    assert [] == missing


def test_each_failure_has_its_line_and_its_test():
    """The list has 25; no item, nor one below it, is without a test."""
    lines = (ROOT / "docs/maintainers/failures.md").read_text("utf-8").splitlines()
    items = [line for line in lines if re.match(r"\d+\. | +- ", line)]
    numbers = [int(found[1]) for line in items if (found := re.match(r"(\d+)\. ", line))]
    assert list(range(1, 26)) == numbers
    assert [] == [line for line in items if not NAMED.search(line)]


def test_counts_are_those_of_the_tests():
    """Kills as the tests do them; connections: three framings, two endings, each byte of the stream."""
    text = (ROOT / "docs/maintainers/failures.md").read_text("utf-8")
    kills = (ROOT / "tests/durability/test_durability_kills.py").read_text("utf-8")
    found = re.search(r"JOURNAL_KILLS, RECORDER_KILLS = (\d+), (\d+)", kills)
    assert found
    assert f"{found[1]} kills of a writer and {found[2]} kills of a whole recorder" in text
    assert f"{6 * (len(STREAM) + 1)} connections" in text
    fuzz = re.search(
        r'"LLMXRAY_FUZZ", "(\d+)"', (ROOT / "tests/cassette/test_cassette_fuzz.py").read_text("utf-8")
    )
    assert fuzz
    assert f"({int(fuzz[1]):,} in the suite)" in text
