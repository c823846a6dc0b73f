"""The action and the hooks that other repositories use: pinned, without injection, and run here as there."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.commands import llmxray


def steps(root: Path) -> list[dict[str, Any]]:
    """The steps of the action."""
    found: list[dict[str, Any]] = yaml.safe_load((root / "action.yml").read_text("utf-8"))["runs"]["steps"]
    return found


def test_the_action_is_pinned_and_runs_no_input(root):
    """Other people's actions by commit; nothing that a pull request may choose is part of a script."""
    uses = [each["uses"] for each in steps(root) if "uses" in each]
    assert uses
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", each) for each in uses)
    scripts = [each["run"] for each in steps(root) if "run" in each]
    assert 3 == len(scripts)
    assert not any("${{" in each for each in scripts)


def run_gate(root: Path, tmp_path: Path, **inputs: str) -> tuple[int, str, str]:
    """The step that compares, in a shell as a runner has it: exit code, summary and outputs."""
    (step,) = (each for each in steps(root) if each.get("id") == "gate")
    (tmp_path / "llmxray").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m llmxray "$@"\n')
    (tmp_path / "llmxray").chmod(0o755)
    for name in ("summary", "output"):
        (tmp_path / name).touch()
    declared = yaml.safe_load((root / "action.yml").read_text("utf-8"))["inputs"]
    values = {name: str(each.get("default", "")) for name, each in declared.items()} | inputs
    environment = {
        name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda match: values[match[1]], text)
        for name, text in step["env"].items()
    }
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
        cwd=root,
        env={
            **os.environ,
            "PYTHONPATH": str(root),
            **environment,
            "LLMXRAY_BIN": str(tmp_path),
            "RUNNER_TEMP": str(tmp_path),
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
            "GITHUB_OUTPUT": str(tmp_path / "output"),
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    (tmp_path / "log").write_text(done.stdout, "utf-8")
    assert done.stderr == ""
    return (
        done.returncode,
        (tmp_path / "summary").read_text("utf-8"),
        (tmp_path / "output").read_text("utf-8"),
    )


QWENS = {"experiment": "position-bias", "baseline": "qwen-0.5b", "candidate": "qwen-1.5b", "margin": "2"}


@pytest.mark.parametrize(
    ("metric", "fail_if", "verdict", "code"),
    [("latency", "worse", "worse", 1), ("ece", "worse", "inconclusive", 0)],
)
def test_the_action_fails_by_the_verdict(root, tmp_path, metric, fail_if, verdict, code):
    """The table is in the summary whatever comes of it, and the verdict an output."""
    found, summary, output = run_gate(root, tmp_path, **QWENS, metric=metric, **{"fail-if": fail_if})
    assert (code, f"verdict={verdict}\n") == (found, output)
    assert f"**{verdict}** |" in summary


def test_an_input_is_no_option(root, tmp_path):
    """What begins with a hyphen is a name, and there is no such experiment."""
    code, summary, output = run_gate(root, tmp_path, **{**QWENS, "experiment": "--json"})
    assert (2, "", "") == (code, summary, output)


def test_no_name_commands_the_runner(root, tmp_path):
    """It obeys no line between one that stops commands until a word, and that word."""
    run_gate(root, tmp_path, **{**QWENS, "experiment": "::warning::see"})
    first, *said, last = (tmp_path / "log").read_text("utf-8").splitlines()
    assert first.startswith("::stop-commands::")
    assert last == f"::{first.removeprefix('::stop-commands::')}::"
    assert len(last) == 36
    assert any("::warning::see" in line for line in said)


@pytest.mark.search
def test_the_hooks_run(root):
    """On the files that they name: every shipped experiment is checked, and a cassette scanned by one of its files."""
    tracked = [
        *root.glob("experiments/*.yaml"),
        root / "cassettes/paraphrase/manifest.json",
        root / "docs/index.md",
    ]
    files = [path.relative_to(root).as_posix() for path in sorted(tracked)]
    check, scan = yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text("utf-8"))
    for hook, n, said in ((check, 11, "all recorded"), (scan, 1, "nothing shaped like an API key")):
        skipped = re.compile(hook.get("exclude", "^$"))
        taken = [name for name in files if re.search(hook["files"], name) and not skipped.search(name)]
        assert (n, False) == (len(taken), "experiments/site.yaml" in taken)
        done = llmxray(*hook["entry"].split()[1:], *taken[:2], at=root)
        assert (0, min(n, 2)) == (done.returncode, done.stdout.count(said))
