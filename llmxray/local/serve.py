"""``python -m llmxray.local.serve MODEL PORT``: serve one embedded model until the process is terminated."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading

from llmxray.errors import LlmxrayError
from llmxray.local.models import CONTEXT_TOKENS, RAW_TEMPLATE, find, xllamacpp


def serve(name: str, port: int, *, think: bool = False, threads: int = 0, with_parent: bool = False) -> None:
    """Load a model and serve it on loopback; returns when the process is told to stop.

    Args:
        name: an embedded model.
        port: where to listen, on 127.0.0.1.
        think: let llama.cpp split ``<think>`` text into ``reasoning_content``.
        threads: number of cores to use; 0 for all that the process may use.
        with_parent: also stop when standard input ends, as it does when the parent process is killed.

    Raises:
        InputError: no such model, or its weights are not here.
        MissingExtraError: xllamacpp is not installed.
    """
    library, model = xllamacpp(), find(name)
    params = library.CommonParams()
    params.model.path = str(model.weights())
    # Without an alias, replies would carry the path of the weights.
    params.model_alias = {name}
    params.n_ctx = CONTEXT_TOKENS
    # An embedded model gets one request at a time, which has all cores and the whole context.
    params.n_parallel = 1
    params.port = port
    # Else any page that is open in a browser may read what the model says. No page is of this origin.
    params.cors_origins = "none"
    params.ui = False
    params.verbosity = 0
    params.cpuparams.n_threads = threads or _cores()
    # Chat templates are written in Jinja, and so is the raw one.
    params.use_jinja = True
    if think:
        params.reasoning_format = library.common_reasoning_format.COMMON_REASONING_FORMAT_DEEPSEEK
    if model.raw:
        params.chat_template = RAW_TEMPLATE
    if with_parent:
        threading.Thread(target=_exit_with_parent, daemon=True).start()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    server = library.Server(params)
    sys.stdout.write(f"ready {server.listening_address}\n")
    sys.stdout.flush()
    stop.wait()
    # Exit at once: the bindings' teardown would wait for idle connections, and there is nothing to save.
    os._exit(0)


def _cores() -> int:
    """Number of cores that this process may use; a job of a cluster may use only some of its machine's."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 2


def _exit_with_parent() -> None:
    while os.read(0, 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m llmxray.local.serve")
    parser.add_argument("name", metavar="MODEL")
    parser.add_argument("port", metavar="PORT", type=int)
    parser.add_argument("--think", action="store_true")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--with-parent", action="store_true")
    try:
        serve(**vars(parser.parse_args()))
    except LlmxrayError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)
