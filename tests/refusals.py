"""Commands that are refused: an experiment file to spoil, and what every refusal must be."""

import subprocess

GOOD = """\
experiment: demo
kind: benchmark
endpoints:
  lab: {base_url: "http://127.0.0.1:9/v1"}
models:
  - {id: small, endpoint: lab, model: tiny}
suites:
  - {suite: starter/arc, limit: 2}
"""


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The one line of a refusal; fails when it is anything but exit code 2 and one line."""
    lines = done.stderr.strip().split("\n")
    assert (done.returncode, len(lines)) == (2, 1), done.stderr
    assert "Traceback" not in done.stderr
    return lines[0]
