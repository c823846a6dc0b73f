"""Data files as a page gets them."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest


def run(script: str) -> str:
    """What node prints; the test is skipped where there is no node."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    return subprocess.run([node, "-e", script], capture_output=True, text=True, check=True, timeout=30).stdout


def values(data: bytes) -> Any:
    """The value that a data file registers."""
    told = "const llmxray = { shard: (name, json) => console.log(JSON.stringify(JSON.parse(json))) };"
    return json.loads(run(f"{told}\n{data.decode()}"))
