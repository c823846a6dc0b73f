"""The command line: one file per group of commands. It prints, exits, and reads the environment; nothing else does."""

from llmxray.cli.app import main

__all__ = ["main"]
