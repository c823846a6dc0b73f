"""Reads files of strangers in a process of its own, which takes so much memory and time and no more.

Libraries for Parquet and Arrow are made for files that one trusts: some damage ends their process, and what they
allocate follows from what the file states. So they read here, and only plain values come back::

    parent  function, arguments ─► standard input of the child
            values              ◄─ its standard output: None, truth values, numbers, texts, bytes, lists, mappings

What the child sends is unpickled without any name of a module, so that nothing of it runs; dates and decimals come
as text. Linux holds the child to its memory; elsewhere only the time is limited. The child ends with its parent.
"""

from __future__ import annotations

import gc
import io
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Self

from llmxray.errors import InputError, SuiteError

# Of time: for any file, and a second more for so many bytes of it.
_FLOOR_S, _BYTES_PER_S = 120, 200_000
_LENGTH_BYTES = 8
# Threads reserve far more addresses than they use, and one file at a time needs none.
_ENVIRONMENT = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "1", "OPENBLAS_NUM_THREADS": "1"}
_VALUE, _DONE, _REFUSED, _FAILED, _FULL = range(5)
_SHOWN = 120


class ReadingError(Exception):
    """A file that could not be read: damaged, too large, or too slow; str() says which, without its name."""


class ReadingProcess:
    """Calls functions in a process of their own, which starts with the first one. A context manager."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._asked: list[tuple[int, float]] = []

    def read(
        self, function: Callable[..., Iterable[Any]], *arguments: Any, most_bytes: int, size: int
    ) -> Iterator[Any]:
        """What ``function`` yields there: `ask`, then `values`."""
        self.ask(function, *arguments, most_bytes=most_bytes, size=size)
        return self.values()

    def ask(
        self, function: Callable[..., Iterable[Any]], *arguments: Any, most_bytes: int, size: int
    ) -> None:
        """Have a function called; several may be asked for, one after the other.

        Args:
            function: of a module; what it yields must be plain, or comes as text.
            most_bytes: of memory that it may take, with its arguments, beside what the process has at its start.
            size: bytes of the file, by which the time grows.
        """
        if self._process is None:
            self._process = subprocess.Popen(
                # Without -P Python would look for every module in the folder that one works in.
                [sys.executable, "-P", "-m", __name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **_ENVIRONMENT},
            )
        assert self._process.stdin is not None
        within_s = _FLOOR_S + size / _BYTES_PER_S
        self._asked.append((most_bytes, within_s))
        # Of one that has ended `values` says so.
        with suppress(OSError):
            _send(self._process.stdin, pickle.dumps((function, arguments, most_bytes, within_s)))

    def values(self) -> Iterator[Any]:
        """What the function yields that was asked for first; to be taken as it comes.

        Raises:
            InputError, SuiteError: the function raised it.
            ReadingError: it raised something else, or took too much memory or time; the process may be gone.
        """
        process = self._process
        assert process is not None
        assert process.stdout is not None
        most_bytes, within_s = self._asked.pop(0)
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(within_s, stop)
        timer.start()
        kind: int | None = None
        try:
            while True:
                kind, value = _received(process.stdout, most_bytes)
                if kind != _VALUE:
                    break
                yield value
        except (EOFError, OSError, ValueError, pickle.UnpicklingError) as error:
            raise ReadingError(
                f"it takes longer than {within_s:.0f} s"
                if late.is_set()
                else "the process that read it ended: damaged, or it grows to more than the "
                f"{most_bytes:,} bytes of memory that so small a file may take"
            ) from error
        finally:
            timer.cancel()
            # One that is left in the middle would answer the next question with the rest.
            if kind not in (_DONE, _REFUSED, _FAILED) and process is self._process:
                self.close()
        if kind == _REFUSED:
            is_of_suite, why = value
            raise (SuiteError if is_of_suite else InputError)(why)
        if kind == _FAILED:
            raise ReadingError(value)
        if kind == _FULL:
            raise ReadingError(
                f"grows to more than {most_bytes:,} bytes of memory, the most that so small a file may take"
            )

    def close(self) -> None:
        """End the process; the next question starts another one."""
        process, self._process = self._process, None
        self._asked.clear()
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                # A question that it did not take is written once more, to nobody.
                with suppress(OSError):
                    if pipe is not None:
                        pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class _Plain(pickle.Unpickler):
    """Takes no name of a module but that of text, which the pickler of the other side stands in with."""

    def find_class(self, module: str, name: str) -> Any:
        """What makes the texts."""
        if (module, name) == ("builtins", "str"):
            return _text
        raise pickle.UnpicklingError(f"{module}.{name} is no plain value")


def _text(*arguments: Any) -> str:
    # `str` itself would decode, and some codecs take time without end.
    if len(arguments) == 1 and type(arguments[0]) is str:
        return arguments[0]
    raise pickle.UnpicklingError("a text is made of one text")


class _AsPlain(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        """What is no plain value as text."""
        return NotImplemented if value is str else (str, (str(value),))


def _send(stream: IO[bytes], data: bytes | memoryview) -> None:
    stream.write(len(data).to_bytes(_LENGTH_BYTES))
    stream.write(data)
    stream.flush()


def _frame(stream: IO[bytes], most_bytes: int) -> bytes:
    head = stream.read(_LENGTH_BYTES)
    length = int.from_bytes(head)
    if len(head) < _LENGTH_BYTES or length > most_bytes:
        raise EOFError
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data


def _received(stream: IO[bytes], most_bytes: int) -> tuple[int, Any]:
    kind, value = _Plain(io.BytesIO(_frame(stream, most_bytes))).load()
    return kind, value


def _serve(asked: IO[bytes], said: IO[bytes]) -> None:
    """Answer until nobody asks; never returns."""
    # A library that is imported under a limit would be part of it.
    import pyarrow as pa  # noqa: PLC0415 (only this process reads with it)
    import pyarrow.parquet  # noqa: PLC0415

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    questions: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_take_questions, args=(asked, questions), daemon=True).start()
    had = _memory_bytes()
    while True:
        is_whole = _answer(questions.get(), had, said)
        # What one file leaves behind is missing to the next one. An error holds on to what it came from, a file read to
        # its end to nothing: looking through all objects takes longer than most files.
        gc.collect(1 if is_whole else 2)
        pa.default_memory_pool().release_unused()


def _take_questions(asked: IO[bytes], questions: queue.SimpleQueue[bytes]) -> None:
    """Read beside the work, so that the end of the parent is noticed in the middle of it."""
    try:
        while True:
            questions.put(_frame(asked, sys.maxsize))
    finally:
        os._exit(0)


def _answer(question: bytes, had: int, said: IO[bytes]) -> bool:
    """Answer one question; nothing of it is kept. Returns whether all of it was answered."""

    def say(kind: int, value: Any = None) -> None:
        data = io.BytesIO()
        _AsPlain(data, pickle.HIGHEST_PROTOCOL).dump((kind, value))
        _send(said, data.getbuffer())

    is_whole = False
    function, arguments, most_bytes, within_s = pickle.loads(question)
    del question
    _hold_to(had + most_bytes)
    _end_after(within_s)
    try:
        for value in function(*arguments):
            say(_VALUE, value)
            # It would stay until the next one is made.
            del value
    except InputError as error:
        say(_REFUSED, (isinstance(error, SuiteError), str(error)))
    except MemoryError:
        _hold_to(None)
        say(_FULL)
    # Whatever a library makes of damage; none of it is worth more than a line.
    except Exception as error:
        say(_FAILED, " ".join(str(error).split())[:_SHOWN] or type(error).__name__)
    else:
        is_whole = True
        say(_DONE)
    _end_after(0)
    _hold_to(None)
    return is_whole


def _end_after(within_s: float) -> None:
    """End the process after twice so much work; 0 for never.

    A library that holds the interpreter lets no thread of it notice that the parent is gone. Waiting is no work: the
    parent may take its time. Its own timer comes first, and says what is wrong.
    """
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_PROF, 2 * within_s)


def _memory_bytes() -> int:
    """Addresses that the process has; 0 where there is no limit to hold them to."""
    if sys.platform != "linux":
        return 0
    import resource  # noqa: PLC0415 (absent elsewhere)

    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def _hold_to(most_bytes: int | None) -> None:
    """Let the process take so much memory in all; None for any."""
    # Other systems have no such limit, or do not keep to it.
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 (absent elsewhere)

        most = resource.RLIM_INFINITY if most_bytes is None else most_bytes
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        if hard != resource.RLIM_INFINITY:
            most = hard if most == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
        # A process that a library ends would leave its memory on the disk.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _main() -> None:
    # Ctrl-C reaches both processes; the other one says so.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    said = os.fdopen(os.dup(1), "wb")
    # What a library prints is no answer.
    os.dup2(2, 1)
    _serve(sys.stdin.buffer, said)


if __name__ == "__main__":
    _main()
