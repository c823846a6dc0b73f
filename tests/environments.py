"""Other people's packages, in environments of their own: bench/peers.py makes them."""

import os
import sys
from importlib import util
from pathlib import Path

import pytest

from tests.commands import python


def python_with(package: str) -> str:
    """A Python that has the package: this one, or the environment that was made for it; skips where there is none."""
    if util.find_spec(package) is not None:
        return sys.executable
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "llmxray"
    made = sorted(cache.glob(f"{package.replace('_', '-')}==*/ready"))
    if not made:
        pytest.skip(f"{package} is not installed here; bench/peers.py {package} makes an environment with it")
    return str(made[-1].with_name("bin") / "python")


def built(kind: str, folder: Path, tree: Path) -> Path:
    """The sdist or wheel of a tree, built without any network."""
    build = f"import sys; from hatchling.build import build_{kind}; print(build_{kind}(sys.argv[1]))"
    done = python("-c", build, str(folder), at=tree)
    return folder / done.stdout.strip().split("\n")[-1]
