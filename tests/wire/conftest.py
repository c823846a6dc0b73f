"""The recorded streams, in the folder that LLMXRAY_SHARED names."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

_SHARED = os.environ.get("LLMXRAY_SHARED")
_FOLDER = Path(_SHARED) / "streams" if _SHARED else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give ``stream_path`` every recorded stream, or one skipped case where there are none."""
    if "stream_path" in metafunc.fixturenames:
        paths = sorted(_FOLDER.glob("*.sse")) if _FOLDER else []
        skip = pytest.param(None, marks=pytest.mark.skip(reason="LLMXRAY_SHARED is unset"), id="unset")
        metafunc.parametrize("stream_path", paths or [skip], ids=[path.stem[:24] for path in paths] or None)


@pytest.fixture
def streams() -> Path:
    """Folder of the recorded streams."""
    if _FOLDER is None:
        pytest.skip("LLMXRAY_SHARED is unset")
    return _FOLDER


@pytest.fixture
def facts(streams: Path) -> dict[str, dict[str, Any]]:
    """What INDEX.json says about each stream, by file name."""
    return {entry["file"]: entry for entry in json.loads((streams / "INDEX.json").read_text("utf-8"))}
