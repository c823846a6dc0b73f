"""`llmxray ledger`: what it prints, and bad input."""

import sys
from pathlib import Path

from tests.commands import llmxray

sys.path.append(str(Path(__file__).parent.parent / "report"))
sys.path.append(str(Path(__file__).parent.parent / "interop"))

import ledger_files


def test_it_prints_the_page(tmp_path):
    """The path alone on standard output; the page names the command that makes it again."""
    ledger_files.write_ledger(tmp_path / "my site", ledger_files.crowd())
    done = llmxray("ledger", "my site", "--out", "out", at=tmp_path)
    assert (0, f"{Path('out/ledger.html')}\n") == (done.returncode, done.stdout)
    html = (tmp_path / "out" / "ledger.html").read_text("utf-8")
    assert "llmxray ledger &#39;my site&#39; --out out" in html
    assert (tmp_path / "out" / "items.csv").is_file()
