"""Interactions of ours, and cassettes made of them."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from recordings import interaction, recorded, stream

from llmxray.types import Interaction


@pytest.fixture
def streams() -> Path:
    """Folder of the recorded streams of real servers."""
    if not (shared := os.environ.get("LLMXRAY_SHARED")):
        pytest.skip("LLMXRAY_SHARED is unset")
    return Path(shared) / "streams"


@pytest.fixture
def make() -> Callable[..., Interaction]:
    """Makes interactions."""
    return interaction


@pytest.fixture(scope="session")
def big() -> tuple[Interaction, ...]:
    """Enough interactions for compressed files of several frames."""
    return tuple(interaction(f"q{n}", body=stream(f"answer {n} " * 4, top=4)) for n in range(60))


@pytest.fixture(scope="session")
def big_sealed(big: tuple[Interaction, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sealed cassette of these, which takes long to write; not to be changed."""
    return recorded(tmp_path_factory.mktemp("sealed") / "big", *big)


@pytest.fixture
def sealed(tmp_path: Path) -> Callable[..., Path]:
    """Makes sealed cassettes of interactions, twelve small ones unless told."""

    def build(*each: Interaction, name: str = "c") -> Path:
        each = each or tuple(interaction(f"q{n}", model=f"m{n % 2}") for n in range(12))
        return recorded(tmp_path / name, *each)

    return build
