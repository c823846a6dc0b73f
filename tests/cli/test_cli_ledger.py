"""`llmxray ledger`: what it prints, and bad input."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tests.refusals import llmxray, refused

sys.path.append(str(Path(__file__).parent.parent / "report"))
sys.path.append(str(Path(__file__).parent.parent / "interop"))

import made_files as made
import many


def test_it_prints_the_page(tmp_path: Path) -> None:
    """The path alone on standard output; the page names the command that makes it again."""
    many.put(tmp_path / "my site", many.crowd())
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
    file = many.put(tmp_path / "site", many.crowd()) / "ledger.json"
    file.write_bytes(file.read_bytes()[:-20])
    assert "is torn, or of another version" in refused(llmxray("ledger", "site", cwd=tmp_path))
    assert not (tmp_path / "ledger" / "ledger.html").exists()


def test_two_sets_of_logs_have_names_of_their_own(tmp_path: Path) -> None:
    """By default both are called like their task; given names, their sites have one ledger."""
    for name, letter in (("lab-1", "A"), ("lab-2", "B")):
        rows = [made.inspect_sample(n, letter) for n in range(8)]
        (tmp_path / f"{name}.json").write_bytes(made.dump(made.inspect_log(rows, model=f"org/{name}")))
        assert llmxray("report", f"{name}.json", "--out", name, cwd=tmp_path).returncode == 0
    assert "llmxray report --name NAME" in refused(llmxray("ledger", "lab-1", "lab-2", cwd=tmp_path))
    done = llmxray("report", "lab-2.json", "--name", "lab-2", "--out", "lab-2", cwd=tmp_path)
    assert done.returncode == 0
    assert "llmxray report lab-2.json --name lab-2" in (tmp_path / "lab-2/lab-2/index.html").read_text(
        "utf-8"
    )
    # The pages of the first name stay until they are removed.
    shutil.rmtree(tmp_path / "lab-2/read-sums")
    assert llmxray("ledger", "lab-1", "lab-2", cwd=tmp_path).returncode == 0
    for bad, why in (("../x", "cannot be the name of an experiment"), ("data", "a folder of the site's own")):
        assert why in refused(llmxray("report", "lab-1.json", "--name", bad, cwd=tmp_path))
    assert "--name is for files of other tools" in refused(llmxray("report", "--name", "x", cwd=tmp_path))
