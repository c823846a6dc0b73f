"""Browser scripts, run by node: where Python and the browser give the same numbers, both are asked."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = Path(__file__).parent / "scripts"


def run(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run node. A test is skipped where there is none, but never in CI."""
    node = shutil.which("node")
    if node is None:
        if os.environ.get("CI") == "true":
            pytest.fail("node is not installed")
        pytest.skip("node is not installed")
    return subprocess.run([node, *arguments], input=text, capture_output=True, text=True, timeout=60)


def called(script: str, name: str, *arguments: Any) -> Any:
    """What a function of a script returns, or the value of that name."""
    return all_called([(script, name, *arguments)])[0]


def all_called(calls: list[tuple[Any, ...]]) -> list[Any]:
    """What several calls return, each a script, a function and its arguments, in one process."""
    done = run(str(SCRIPTS / "call.js"), text=json.dumps(calls))
    assert done.returncode == 0, done.stderr
    found: list[Any] = json.loads(done.stdout)
    return found
