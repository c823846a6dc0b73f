"""`llmxray ledger`: what it prints, and bad input."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.refusals import llmxray, refused

sys.path.append(str(Path(__file__).parent.parent / "report"))
sys.path.append(str(Path(__file__).parent.parent / "interop"))

import ledger_files


def test_it_prints_the_page(tmp_path: Path) -> None:
    """The path alone on standard output; the page names the command that makes it again."""
    ledger_files.write_ledger(tmp_path / "my site", ledger_files.crowd())
    done = llmxray("ledger", "my site", "--out", "out", cwd=tmp_path)
    assert (0, f"{Path('out/ledger.html')}\n") == (done.returncode, done.stdout)
    html = (tmp_path / "out" / "ledger.html").read_text("utf-8")
    assert "llmxray ledger &#39;my site&#39; --out out" in html
    assert (tmp_path / "out" / "items.csv").is_file()


def test_bad_input_is_one_line(tmp_path: Path) -> None:
    """No folder, one that is not there, one without an experiment, a file that is cut off."""
    (tmp_path / "empty").mkdir()
    assert "FOLDER" in refused(llmxray("ledger", cwd=tmp_path)).upper()
    assert "no such folder" in refused(llmxray("ledger", "gone", cwd=tmp_path))
    assert "`llmxray report` writes it" in refused(llmxray("ledger", "empty", cwd=tmp_path))
    file = ledger_files.write_ledger(tmp_path / "site", ledger_files.crowd()) / "ledger.json"
    file.write_bytes(file.read_bytes()[:-20])
    assert "is torn, or of another version" in refused(llmxray("ledger", "site", cwd=tmp_path))
    assert not (tmp_path / "ledger" / "ledger.html").exists()
