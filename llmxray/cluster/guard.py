"""``python -m llmxray.cluster.guard COMMAND …``: runs a command and ends it when standard input ends.

Standard input ends when the process that holds its other side ends, even by SIGKILL: a model server must not outlive
the worker that started it, or the next one would find its port and its memory taken.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

_GRACE_S = 10.0


def main(command: list[str]) -> int:
    """Run the command; returns its exit code, or 0 where it was ended."""
    # A group of its own: a server may have started processes too.
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
