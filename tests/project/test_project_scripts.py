"""The browser scripts: their own tests, run by node, and their size."""

from __future__ import annotations

from pathlib import Path

import in_node


def test_scripts_pass_their_own_tests() -> None:
    """`tests/scripts/*.test.js`, by node's test runner."""
    files = sorted(str(path) for path in in_node.SCRIPTS.glob("*.test.js"))
    assert files
    done = in_node.run("--test", *files)
    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_of_npm_is_shipped_and_no_registry_is_named(root: Path) -> None:
    """The tools that check scripts are for development; where they come from is each machine's own."""
    tools = root / ".ci/js"
    assert not [*(root / "llmxray").rglob("package*.json")]
    assert '"resolved"' not in (tools / "package-lock.json").read_text("utf-8")
    for path in (tools / "package.json", tools / "package-lock.json", tools / ".npmrc"):
        assert "registry." not in path.read_text("utf-8"), path
