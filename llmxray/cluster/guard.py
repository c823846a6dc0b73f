"""``python -m llmxray.cluster.guard COMMAND …``: run a command, and end it when standard input ends.

Standard input ends when the process at its other side ends, even by SIGKILL. So a model server does not outlive the
worker that started it, and the next one finds its port and its memory free.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

_GRACE_S = 10.0


def main(command: list[str]) -> int:
    """Run the command; returns its exit code."""
    # In a process group of its own, so that processes that the server starts are ended too.
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=os.name != "nt")

    def end() -> None:
        while os.read(0, 4096):
            pass
        _signal(child, signal.SIGTERM)
        try:
            child.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            _signal(child, getattr(signal, "SIGKILL", signal.SIGTERM))

    threading.Thread(target=end, daemon=True).start()
    return child.wait()


def _signal(child: subprocess.Popen[bytes], number: int) -> None:
    try:
        if os.name == "nt":
            child.terminate()
        else:
            os.killpg(child.pid, number)
    except OSError:
        pass  # it has ended


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
