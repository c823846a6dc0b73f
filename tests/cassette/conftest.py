"""Interactions of ours, and cassettes made of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from recordings import interaction, stream

from llmxray.cassette import Journal, seal
from llmxray.types import Interaction


@pytest.fixture
def make() -> Callable[..., Interaction]:
    """Makes interactions."""
    return interaction


@pytest.fixture
def sealed(tmp_path: Path) -> Callable[..., Path]:
    """Makes sealed cassettes of interactions, twelve small ones unless told."""

    def build(*each: Interaction, name: str = "c") -> Path:
        directory = tmp_path / name
        with Journal(directory) as journal:
            for one in each or [interaction(f"q{n}", model=f"m{n % 2}") for n in range(12)]:
                journal.append(one)
        seal(directory)
        return directory

    return build


@pytest.fixture
def big(make: Callable[..., Interaction]) -> list[Interaction]:
    """Enough interactions for compressed files of several frames."""
    return [make(f"q{n}", body=stream(f"answer {n} " * 12, top=8)) for n in range(60)]
