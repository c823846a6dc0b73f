"""From files to a site, as a person who knows nothing of this project does it: one command."""

import random
import subprocess
from pathlib import Path

import made_files as made
import pytest

from llmxray import workflow
from llmxray.errors import InputError
from llmxray.types import Outcome
from tests import commands


def run(*arguments: str, at: Path) -> subprocess.CompletedProcess[str]:
    """The command line in a folder."""
    return commands.llmxray(*arguments, at=at)


def log(model: str, seed: int, n: int, share: float) -> bytes:
    """An Inspect log of a model that is right that often."""
    rng = random.Random(seed)
    samples = [
        made.inspect_sample(k, "A" if rng.random() < share else rng.choice("BCD"), p=rng.uniform(0.3, 0.99))
        for k in range(n)
    ]
    return made.inspect_archive(made.inspect_log(samples, model=model), 93)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The site of two logs, from one command in a folder that has nothing else."""
    here = tmp_path_factory.mktemp("logs")
    (here / "logs").mkdir()
    (here / "logs" / "small.eval").write_bytes(log("org/small", 1, 40, 0.5))
    (here / "logs" / "large.eval").write_bytes(log("org/large", 2, 40, 0.9))
    (here / "logs" / "notes.md").write_text("mine")
    done = run("report", "logs", at=here)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("index.html")
    assert "written by Inspect 0.3.285: 80 answers" in done.stderr
    return here / "site" / "read-sums"


def page(folder: Path, name: str) -> str:
    """A page as text."""
    return (folder / f"{name}.html").read_text("utf-8")


def test_one_command_makes_calibration_and_a_paired_test(built):
    """What the person came for."""
    assert "ECE-15" in page(built, "calibration")
    assert "exact McNemar" in page(built, "pairs")
    assert "org/large" in page(built, "index")


def test_pages_without_data_are_absent_and_nothing_links_to_them(built):
    """No times of pieces: no playback, and Methods says why."""
    assert not (built / "playback.html").exists()
    assert "no Playback: the files do not say" in page(built, "methods")
    everything = " ".join(each.read_text("utf-8") for each in built.parent.rglob("*.html"))
    assert "playback.html" not in everything


def test_a_link_in_a_folder_leads_to_no_file_outside(tmp_path):
    """It could be anybody's private log; links within the folder are followed."""
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "a.eval").write_bytes(log("org/small", 1, 3, 0.5))
    (logs / "same.eval").symlink_to("a.eval")
    assert workflow.read_files([logs])
    (tmp_path / "private.eval").write_bytes(log("org/large", 1, 3, 0.5))
    (logs / "b.eval").symlink_to("../private.eval")
    with pytest.raises(
        InputError, match=r"b\.eval: a link to a file outside of .*logs: name that file itself"
    ):
        workflow.read_files([logs])
    assert workflow.read_files([logs / "b.eval"])


def samples(shared: Path, *patterns: str) -> list[Path]:
    """Files that the tools themselves wrote."""
    return [path for pattern in patterns for path in sorted((shared / "formats").glob(pattern))]


@pytest.fixture
def logs(shared):
    """An Inspect log with zstd, and lm-eval's files of the same questions."""
    found = samples(shared, "*.eval", "samples_*.jsonl", "results_*.json")
    if len(found) < 3:
        pytest.skip("no samples in formats/")
    return found


def test_logs_of_the_tools_themselves_are_paired(logs):
    """The same twelve questions, told by their words."""
    (found,) = workflow.read_files(logs)
    rows = found.results.rows
    conditions = [each.id for each in found.results.plan.conditions]
    ids: list[set[str]] = [{row.item_id for row in rows if row.condition == each} for each in conditions]
    assert len(ids) == 2
    assert ids[0] == ids[1]
    assert len(ids[0]) == 12
    assert not [row for row in rows if row.outcome in (Outcome.ERROR, Outcome.UNPARSED)]
    assert sum(row.option_confidence is None for row in rows) == 1
    assert found.tools == ("Inspect 0.3.285", "lm-evaluation-harness 0.4.13")
    notes = " ".join(found.results.notes)
    assert "Inspect (choice) marks all 12 answers the same way" in notes
    assert "lm-evaluation-harness (acc) marks 1 of 12 answers otherwise: q0" in notes
    # Whole files, with the accuracy that the results state.
    assert "of the" not in notes
    assert "states" not in notes


def test_cut_samples_and_unscored_logs_are_marked(logs, tmp_path):
    """On the terminal, on Overview and on Methods: 3 of 12 rows are left of a real file, and a log has no scores."""
    (rows,) = [path for path in logs if path.name.startswith("samples_")]
    (results,) = [path for path in logs if path.name.startswith("results_")]
    (tmp_path / rows.name).write_bytes(b"".join(rows.read_bytes().splitlines(keepends=True)[:3]))
    (tmp_path / results.name).write_bytes(results.read_bytes())
    samples = [made.inspect_sample(n, "AB"[n % 2]) for n in range(8)]
    for sample in samples:
        del sample["scores"]
    (tmp_path / "unscored.json").write_bytes(made.dump(made.inspect_log(samples)))
    done = run("report", rows.name, results.name, "unscored.json", at=tmp_path)
    (overview,) = (tmp_path / "site").glob("read-*/index.html")
    for note in (
        "the file holds 3 of the 12 questions of made_mcq; lm-evaluation-harness (acc) states 41.7%, the accuracy "
        "here is 33.3%",
        "Inspect did not score 8 answers; llmxray scored them",
    ):
        assert [note in line for line in done.stderr.splitlines()].count(True) == 1, done.stderr
        assert note in overview.read_text("utf-8")
        assert note in page(overview.parent, "methods")


def test_a_gate_on_two_logs(tmp_path):
    """A candidate that is worse does not pass; conditions go by their labels."""
    (tmp_path / "a.eval").write_bytes(log("org/small", 1, 60, 0.3))
    (tmp_path / "b.eval").write_bytes(log("org/large", 2, 60, 0.9))
    options = ("--margin", "2", "--baseline", "org/large", "--candidate", "org/small")
    done = run("gate", "a.eval", "b.eval", *options, at=tmp_path)
    assert (done.returncode, "**worse**" in done.stdout) == (1, True)
    assert done.stderr.splitlines()[-1] == "llmxray: org/small does not pass: worse"
