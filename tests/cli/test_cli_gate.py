"""`llmxray gate`: what it prints, and the exit code that a pipeline goes by."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.commands import llmxray

ROOT = Path(__file__).parents[2]


def gate(*more: str, margin: str = "2") -> subprocess.CompletedProcess[str]:
    """The shipped showdown: the larger Qwen beside the smaller one."""
    named = ["gate", "model-showdown", "--baseline", "qwen-0.5b", "--candidate", "qwen-1.5b", "--margin"]
    return llmxray(*named, margin, *more, at=ROOT)


def test_better_passes():
    """The table alone on standard output, for a summary of a pipeline."""
    done = gate()
    assert (0, "") == (done.returncode, done.stderr)
    header, rule, row, blank, sentence = done.stdout.splitlines()
    assert header.startswith("| Metric |")
    assert set(rule) == set("| -")
    assert row.endswith("**better** |")
    assert (blank, True) == ("", sentence.startswith("The accuracy of `Qwen2.5-Coder 1.5B` is better"))


def test_inconclusive_fails_where_asked():
    """By default what the data cannot decide passes (`project/test_project_action.py`)."""
    done = gate("--metric", "ece", "--fail-if", "inconclusive", "--json")
    printed = json.loads(done.stdout)
    assert (1, "inconclusive") == (done.returncode, printed["verdict"])
    low, high = printed["ci95"]
    assert low < printed["difference"] < high


@pytest.mark.parametrize("margin", ["-1", "inf"])
def test_a_margin_that_is_none_is_one_line(margin):
    """Exit code 2, as for all bad input; below a margin without end anything would pass."""
    done = gate(margin=margin)
    assert 2 == done.returncode
    assert 1 == len(done.stderr.splitlines())
