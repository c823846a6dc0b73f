"""The public surface: every exported name exists and documents itself; tests mirror the sources."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections import Counter
from pathlib import Path

import pytest

import llmxray

ROOMS = sorted(
    module.name
    for module in pkgutil.walk_packages(llmxray.__path__, "llmxray.")
    if "__main__" not in module.name
)
NEEDS_EXTRA = {"llmxray.proxy.upstream"}
# One subject in several rooms: its numbers, its pages, its sentences, its commands; or what a room has of its own kind.
SHARED_NAMES = """
app builder calibration confidence cost coursework demo experiment export gate items keys labels
manifest model paraphrases position predictions questions recording rescoring selective thinking tokens watch
"""


@pytest.mark.parametrize("name", ROOMS)
def test_every_module_says_what_it_is_about(name: str) -> None:
    """Each module opens with a docstring."""
    assert (importlib.import_module(name).__doc__ or "").strip()


@pytest.mark.parametrize("name", [name for name in ROOMS if name.count(".") == 1])
def test_every_exported_name_documents_itself(name: str) -> None:
    """What a room exports exists and, where it is a function or class of ours, has a docstring."""
    module = importlib.import_module(name)
    for exported in getattr(module, "__all__", ()):
        value = getattr(module, exported)
        if inspect.isfunction(value) or inspect.isclass(value):
            assert (inspect.getdoc(value) or "").strip(), f"{name}.{exported}"


def test_no_path_of_the_recording_machine_is_shipped(root: Path) -> None:
    """Cassettes and experiments name no folder of the machine they were made on."""
    from llmxray.cassette.key_scan import readable

    for path in [*root.glob("cassettes/*/**/*"), *root.glob("experiments/*")]:
        if path.is_file():
            text = b"\n".join(line for _, line in readable(path))
            for needle in (b"/site-packages/", f"{Path.home()}/".encode(), b"/home/", b".gguf"):
                assert needle not in text, f"{path}: {needle!r}"


def test_no_module_is_hidden_by_a_function_of_its_name(root: Path) -> None:
    """``import llmxray.workflow.replay`` must give a module, not the function of a package that imports it."""
    hidden = []
    for init in sorted((root / "llmxray").rglob("__init__.py")):
        package = ".".join(init.parent.relative_to(root).parts)
        for node in ast.parse(init.read_text("utf-8")).body:
            if isinstance(node, ast.ImportFrom):
                names = [alias.asname or alias.name for alias in node.names]
                hidden += [f"{package}.{name}" for name in names if node.module == f"{package}.{name}"]
    assert hidden == []


def test_a_name_of_a_module_means_one_thing() -> None:
    """Modules of one name are about one subject, as `SHARED_NAMES` has them."""
    modules = (each for each in pkgutil.walk_packages(llmxray.__path__, "llmxray.") if not each.ispkg)
    times = Counter(each.name.rpartition(".")[2] for each in modules)
    assert {name for name, n in times.items() if n > 1} <= set(SHARED_NAMES.split())


def test_no_test_file_is_imported(root: Path) -> None:
    """What several files of tests need stands in a module that is none."""
    taken = [
        f"{path.name}: {node.module}"
        for path in sorted((root / "tests").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").rpartition(".")[2].startswith("test_")
    ]
    assert taken == []
