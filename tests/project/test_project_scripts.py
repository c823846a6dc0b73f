"""The browser scripts: their own tests, run by node, and their size."""

import in_node


def test_scripts_pass_their_own_tests():
    """`tests/scripts/*.test.js`, by node's test runner."""
    files = sorted(str(path) for path in in_node.SCRIPTS.glob("*.test.js"))
    assert files
    done = in_node.run("--test", *files)
    assert done.returncode == 0, done.stdout + done.stderr
