"""The worked examples of docs/extend run, and figures quoted in the docs are those of the recordings."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from llmxray import workflow
from llmxray.workflow import Workspace


def test_the_suite_of_the_docs_loads(root: Path, tmp_path: Path) -> None:
    """Its two YAML blocks, as they stand."""
    suite, use = re.findall(r"```yaml\n(.*?)```", (root / "docs/extend/index.md").read_text("utf-8"), re.S)
    (tmp_path / "kitchen.yaml").write_text(suite)
    (tmp_path / "cooking.yaml").write_text(
        "experiment: cooking\nkind: benchmark\nendpoints: {here: {base_url: 'http://127.0.0.1:9/v1'}}\n"
        "models: [{id: one, endpoint: here, model: m}]\n" + use
    )
    prepared = workflow.prepare(tmp_path / "cooking.yaml", Workspace(tmp_path / "c", tmp_path))
    (planned,) = prepared.plan.suites.values()
    assert [(item.id, item.answer) for item in planned.items] == [("salt", "A"), ("soda", "B")]


def test_figures_quoted_in_the_docs_are_those_of_the_recordings(root: Path) -> None:
    """`docs/figures.py --check` has nothing to say, and it does look at figures."""
    pages = sorted((root / "docs/lesson").glob("discussion-*.md"))
    quoted = [each for page in pages for each in re.findall(r"<!-- [a-z-]+ [|·] ", page.read_text("utf-8"))]
    assert len(quoted) >= 60
    done = subprocess.run(
        [sys.executable, root / "docs/figures.py", "--check"],
        capture_output=True,
        text=True,
        cwd=root,
        check=False,
    )
    assert (done.stderr, done.returncode) == ("", 0)
