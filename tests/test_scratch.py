"""Temporary folders of processes that were killed."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from llmxray.scratch import scratch_folder

HOLD = """
import sys
from llmxray.scratch import scratch_folder
with scratch_folder("mitmproxy") as folder:
    open(folder + "/mitmproxy-ca.pem", "w").write("a key")
    print(folder, flush=True)
    sys.stdin.read()
"""


def test_those_of_killed_processes_go_at_the_next_start(tmp_path, monkeypatch):
    """Those of living ones stay, and so does everything that is not ours: files, links, other names."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[1])}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": environment}
    command = [sys.executable, "-c", HOLD]
    with subprocess.Popen(command, **pipes) as killed, subprocess.Popen(command, **pipes) as living:
        dead, alive = (Path(each.stdout.readline().strip()) for each in (killed, living))
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert dead.exists()
        others = [tmp_path / "llmxray-other", tmp_path / f"llmxray-pack-{killed.pid}-x.y", tmp_path / "mine"]
        for other in others:
            other.mkdir()
        link = tmp_path / f"llmxray-pack-{killed.pid}-link"
        link.symlink_to(others[-1])
        file = tmp_path / f"llmxray-pack-{killed.pid}-file"
        file.write_text("mine")
        with scratch_folder("pack") as made:
            assert Path(made).name.startswith(f"llmxray-pack-{os.getpid()}-")
            left = {Path(made), alive, *others, link, file}
            assert left == set(tmp_path.iterdir())
        living.communicate("")
    assert {*others, link, file} == set(tmp_path.iterdir())
