"""Opens a stranger's file in a process of its own, which takes so much memory and time and no more.

Some damage ends the process of a library that was made for files that one trusts, and a small file may grow to
gigabytes. So the code that opens it runs here, and is plain. Linux holds the process to its memory; on macOS its
starter looks at it four times a second; on Windows only the time is limited. ``llmxray --trust`` lifts all of it.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from llmxray import limits
from llmxray.errors import InputError, SuiteError

# Threads reserve far more addresses than they use.
_ENVIRONMENT = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "1", "OPENBLAS_NUM_THREADS": "1"}
_SHOWN = 120
_LOOK_S = 0.25
trusted = False
"""Whether the user trusts every file: nothing is limited then."""


def call[T](name: str, size: int, function: Callable[..., T], /, *arguments: Any, **options: Any) -> T:
    """Return what a function of a module returns in a process of its own.

    Args:
        name: of the file, for errors.
        size: bytes of the files that it opens, by which memory and time grow.

    Raises:
        InputError, SuiteError: the function raised it; or the files are damaged, take too long, or grow too large.
    """
    most_bytes = limits.SANDBOX_BYTES + limits.SANDBOX_RATIO * size
    within_s = limits.SANDBOX_S + size // limits.SANDBOX_BYTES_PER_S
    lift = "if you trust it, say `llmxray --trust …`"
    with subprocess.Popen(
        # Without -P Python would look for every module in the folder that one works in.
        [sys.executable, "-P", "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **_ENVIRONMENT},
    ) as process:
        if sys.platform == "darwin" and not trusted:
            threading.Thread(target=_watch, args=(process, most_bytes), daemon=True).start()
        question = pickle.dumps((None if trusted else (most_bytes, within_s), function, arguments, options))
        try:
            answer, _ = process.communicate(question, None if trusted else within_s)
        except subprocess.TimeoutExpired:
            raise InputError(f"{name}: takes longer than {within_s} s to be read; {lift}") from None
        finally:
            process.kill()
    if process.returncode or not answer:
        raise InputError(f"{name}: damaged, or it grows to more than {most_bytes:,} bytes of memory; {lift}")
    value, error, reason = pickle.loads(answer)
    if error is not None:
        raise error(reason)
    if reason:
        raise InputError(f"{name}: damaged, or too large ({reason})")
    result: T = value
    return result


def _watch(process: subprocess.Popen[bytes], most_bytes: int) -> None:
    """End a process that takes more memory than it may."""
    while process.poll() is None:
        told = subprocess.run(
            ["ps", "-o", "rss=", "-p", str(process.pid)], capture_output=True, text=True, check=False
        )
        if int(told.stdout.strip() or 0) << 10 > most_bytes:
            process.kill()
        time.sleep(_LOOK_S)


def _serve() -> None:
    most, function, arguments, options = pickle.load(sys.stdin.buffer)
    answers = os.fdopen(os.dup(1), "wb")
    # What a library prints is no answer.
    os.dup2(2, 1)
    if most is not None:
        _limit(*most)
    value, error, reason = None, None, ""
    try:
        value = function(*arguments, **options)
    except InputError as raised:
        error, reason = (SuiteError if isinstance(raised, SuiteError) else InputError), str(raised)
    # Whatever a library makes of damage; none of it is worth more than a line.
    except Exception as raised:
        reason = " ".join(str(raised).split())[:_SHOWN] or type(raised).__name__
    pickle.dump((value, error, reason), answers, pickle.HIGHEST_PROTOCOL)
    answers.flush()


def _limit(most_bytes: int, within_s: int) -> None:
    # Ctrl-C reaches both processes; the other one says so.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 (absent on Windows)

    # Its starter may be killed before it.
    resource.setrlimit(resource.RLIMIT_CPU, (2 * within_s, 2 * within_s))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Other systems have no such limit, or do not keep to it.
    if sys.platform == "linux":
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (most_bytes if hard < 0 else min(most_bytes, hard), hard))


if __name__ == "__main__":
    _serve()
