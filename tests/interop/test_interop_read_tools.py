"""Logs that Inspect itself writes, in an environment of its own (`bench/peers.py`), read here."""

import subprocess

import pytest
from environments import python_with

from llmxray import workflow
from llmxray.interop.read.tokens import SHUFFLED
from llmxray.types import Outcome

INSPECT = """
import math, sys
from inspect_ai import Task, eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import GenerateConfig, ModelOutput, ModelUsage, get_model
from inspect_ai.model._model_output import Logprob, Logprobs, TopLogprob
from inspect_ai.scorer import choice
from inspect_ai.solver import multiple_choice


def reply(letter):
    out = ModelOutput.from_content("mockllm/model", f"ANSWER: {letter}")
    rest = [each for each in "ABCD" if each != letter]
    top = [TopLogprob(token=f" {letter}", logprob=math.log(0.7))]
    top += [TopLogprob(token=f" {each}", logprob=math.log(0.1)) for each in rest]
    last = Logprob(token=f" {letter}", logprob=math.log(0.7), top_logprobs=top)
    out.choices[0].logprobs = Logprobs(content=[Logprob(token="ANSWER:", logprob=-0.01), last])
    return out

def run(kind, letters):
    samples = [
        Sample(id=f"q{n}", input=f"What is {n} + {n}?", target="A", metadata={"subject": "sums"},
               choices=[str(2 * n), str(2 * n + 1), str(2 * n + 2), str(3 * n + 7)])
        for n in range(len(letters))
    ]
    solver = multiple_choice(shuffle=kind == "shuffled")
    task = Task(dataset=MemoryDataset(samples), solver=solver, scorer=choice(), name="sums")
    outputs = [reply(letter) for letter in letters]
    for each in outputs:
        # Or they would be counted by a tokeniser that is fetched.
        each.usage = ModelUsage(input_tokens=40, output_tokens=4, total_tokens=44)
    config = GenerateConfig(temperature=0.3, max_connections=1)
    model = get_model("mockllm/model", custom_outputs=outputs, config=config, memoize=False)
    eval(task, model=model, log_dir=f"{sys.argv[1]}/{kind}", display="none", logprobs=True, top_logprobs=4)

run("choice", "ABAC")
run("shuffled", "ABCDAB")
"""


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    """A folder with a log of each kind, which Inspect wrote."""
    python, folder = python_with("inspect_ai"), tmp_path_factory.mktemp("logs")
    done = subprocess.run([python, "-c", INSPECT, str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def test_inspect_itself_writes_what_is_read(logs):
    """Its marks and ours agree."""
    (found,) = workflow.read_files([logs / "choice"])
    rows = found.results.rows
    assert [row.outcome for row in rows] == [Outcome.CORRECT, Outcome.WRONG, Outcome.CORRECT, Outcome.WRONG]
    assert [row.option_confidence for row in rows] == pytest.approx([0.7] * 4)
    assert any("marks all 4 answers the same way" in note for note in found.results.notes)
    assert found.results.plan.conditions[0].sampling["temperature"] == 0.3


def test_shuffled_options_of_inspect_give_no_wrong_confidence(logs):
    """The marks agree in whatever order the options were; the letters of the tokens are of that order, so none is."""
    (found,) = workflow.read_files([logs / "shuffled"])
    assert any("marks all 6 answers the same way" in note for note in found.results.notes)
    assert {None} == {row.option_confidence for row in found.results.rows}
    for row in found.results.rows:
        assert row.missing_why == SHUFFLED or "do not spell the reply" in row.missing_why
