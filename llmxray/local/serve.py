"""``python -m llmxray.local.serve MODEL PORT``: one embedded model's server, until it is terminated."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading

from llmxray.errors import LlmxrayError, MissingExtraError
from llmxray.local.models import CONTEXT_TOKENS, RAW_TEMPLATE, find


def serve(name: str, port: int, *, think: bool = False, threads: int = 0, with_parent: bool = False) -> None:
    """Load a model and serve it on loopback; returns when the process is told to stop.

    Args:
        name: an embedded model.
        port: where to listen, on 127.0.0.1.
        think: let llama.cpp split ``<think>`` text into ``reasoning_content``.
        threads: how many cores it uses; 0 for all of the machine.
        with_parent: also stop when standard input ends, as it does when the process that holds it is killed.
    """
    try:
        import xllamacpp  # noqa: PLC0415  an extra
    except ModuleNotFoundError as error:
        raise MissingExtraError("the embedded models", "local") from error
    model = find(name)
    params = xllamacpp.CommonParams()
    params.model.path = str(model.weights())
    # Without an alias, replies would carry the path of the weights.
    params.model_alias = {name}
    params.n_ctx = CONTEXT_TOKENS
    # Recordings of an embedded model are made one request at a time: all cores and the whole context for it.
    params.n_parallel = 1
    params.port = port
    params.ui = False
    params.verbosity = 0
    params.cpuparams.n_threads = threads or _cores()
    # Chat templates are Jinja, the raw one too.
    params.use_jinja = True
    if think:
        params.reasoning_format = xllamacpp.common_reasoning_format.COMMON_REASONING_FORMAT_DEEPSEEK
    if model.raw:
        params.chat_template = RAW_TEMPLATE
    if with_parent:
        threading.Thread(target=_exit_with_parent, daemon=True).start()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    server = xllamacpp.Server(params)
    sys.stdout.write(f"ready {server.listening_address}\n")
    sys.stdout.flush()
    stop.wait()
    # The bindings' own teardown waits for idle connections; the process has nothing left to save.
    os._exit(0)


def _cores() -> int:
    """The cores that this process may use: a job of a cluster has some of its machine's."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 2


def _exit_with_parent() -> None:
    while os.read(0, 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    words = argparse.ArgumentParser(prog="python -m llmxray.local.serve")
    words.add_argument("name", metavar="MODEL")
    words.add_argument("port", metavar="PORT", type=int)
    words.add_argument("--think", action="store_true")
    words.add_argument("--threads", type=int, default=0)
    words.add_argument("--with-parent", action="store_true")
    try:
        serve(**vars(words.parse_args()))
    except LlmxrayError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)
