"""A worker in this process: what it records, what it keeps from part to part, and what it lets go of."""

import io
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from asking import answering, served

from llmxray import workflow
from llmxray.cassette import Cassette
from llmxray.cluster.model_server import ServeCommand
from llmxray.plan import freeze
from llmxray.types import Trial
from llmxray.workflow import Overrides, Prepared, Workspace
from llmxray.workflow.part_recording import PartOptions, PartTask, close_worker, part_of, record_part

pytest.importorskip("mitmproxy")

HERE = Path(__file__).parent

ROWS = """question,a,b,answer,category
first,x,y,A,math
second,x,y,A,law
third,x,y,A,law
"""
TEXT = """experiment: e
kind: benchmark
endpoints: {{lab: {{base_url: "{url}"}}}}
models: [{{id: m, endpoint: lab, model: m}}]
suites:
  - suite: custom
    source: {{file: rows.csv}}
    columns: {{question: question, choices: [a, b], answer: answer, category: category}}
    answer_is: letter
predictions:
  - {{claim: It is easy, metric: accuracy, of: m, above: chance, on: math}}
"""


@pytest.fixture
def url():
    """A model server; the worker is closed at the end."""
    with served(answering(lambda _: "A", "m", "another")) as server:
        yield server
        close_worker()


def prepared(folder: Path, url: str, **overrides: Any) -> Prepared:
    """The experiment, with what the command line changes."""
    (folder / "rows.csv").write_text(ROWS)
    (folder / "e.yaml").write_text(TEXT.format(url=url))
    return workflow.prepare(folder / "e.yaml", Workspace(folder / "cassettes"), Overrides(**overrides))


def part(given: Prepared, *trials: Trial) -> PartTask:
    """What a worker is told of these trials."""
    frozen = freeze(part_of(given.plan, trials), given.source)
    return PartTask(given.experiment, given.source, "m", frozen, PartOptions(run=""))


@pytest.mark.parametrize("overrides", [{"models": {"m": "another"}}, {"limit": 2}])
def test_a_part_is_recorded_and_nothing_else(tmp_path, url, overrides):
    """With what the command line changed; a prediction about questions that are elsewhere is none of its business."""
    given = prepared(tmp_path, url, **overrides)
    trial = next(trial for trial in given.plan.trials if "second" in str(trial.requests[0].body))
    result = record_part(part(given, trial))
    assert result.error == ""
    zipfile.ZipFile(io.BytesIO(result.cassette)).extractall(tmp_path / "part")
    recorded = Cassette(tmp_path / "part").all_entries()
    assert [trial.requests[0].key] == [entry.address.key for entry in recorded]
    model = overrides.get("models", {}).get("m", "m")
    assert [f"lab/{model}"] == list(result.facts)


def test_a_part_is_not_kept_whose_server_was_lost(tmp_path, url):
    """It ended while it was asked: who took its port may have answered. The next part has a server of its own."""
    given = prepared(tmp_path, url)
    script = tmp_path / "serve.py"
    # Ends behind the answer to a question, once; the other two find nobody.
    script.write_text(
        "import os, runpy, sys, threading\nfrom http.server import BaseHTTPRequestHandler as Base\n"
        f"once = {str(tmp_path / 'once')!r}\nfinish = Base.handle_one_request\n"
        "def handle(self):\n    finish(self)\n"
        "    if self.command == 'POST' and not os.path.exists(once) and asked(): open(once, 'w').close(); os._exit(0)\n"
        f"def asked(): return os.path.exists({str(tmp_path / 'asked.txt')!r})\n"
        "Base.handle_one_request = handle\n"
        f"sys.argv = ['x', sys.argv[1], 'm', '--log', {str(tmp_path / 'asked.txt')!r}]\n"
        f"runpy.run_path({str(HERE / 'upstream.py')!r}, run_name='__main__')\n"
    )
    serve = {"lab": ServeCommand(f"{sys.executable} {script} {{port}}", ready_s=30.0)}
    task = replace(part(given, *given.plan.trials), options=PartOptions(serve, run=""))
    lost = record_part(task)
    assert (lost.cassette, "the model server ended while it was asked" in lost.error) == (b"", True), lost
    again = record_part(task)
    assert (again.error, bool(again.cassette)) == ("", True)


def test_what_another_run_left_running_is_not_asked(tmp_path):
    """Its driver was killed; the next one serves another version of the model under the same name."""
    given = prepared(tmp_path, "http://127.0.0.1:9/v1")
    said = []
    for run, fingerprint in (("first", "old"), ("second", "new")):
        command = f"{sys.executable} {HERE / 'upstream.py'} {{port}} {{model}} --version {fingerprint}"
        serve = {"lab": ServeCommand(command, ready_s=30.0)}
        result = record_part(replace(part(given, given.plan.trials[0]), options=PartOptions(serve, run=run)))
        assert result.error == ""
        said.append(result.facts["lab/m"]["system_fingerprint"])
    close_worker()
    assert said == ["old", "new"]
