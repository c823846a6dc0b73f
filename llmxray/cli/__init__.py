"""The command line: one file per group of commands. Only it prints, exits and reads the environment."""

from llmxray.cli.commands import main

__all__ = ["main"]
