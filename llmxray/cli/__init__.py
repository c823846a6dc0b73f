"""The command line: one file per group of commands. Only it prints, exits and reads the environment."""

import os

# Matrices are small here: threads would spend their time waiting for one another.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from llmxray.cli.commands import main

__all__ = ["main"]
