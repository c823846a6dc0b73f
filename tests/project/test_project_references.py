"""Names in backticks: each that a docstring or comment of the package mentions is the name of something."""

from __future__ import annotations

import ast
import builtins
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

_NAME = re.compile(r"(?<!`)`([A-Za-z_][\w.]*)(?:\(\))?`(?!`)")
# Names of other projects' libraries, formats and answers, and of attacks.
_FOREIGN = frozenset(
    {"datasets", "Dataset", "DatasetDict", "save_to_disk", "load_dataset", "numpy", "random", "Generator"}
    | {"multiple_choice", "get_args", "null", "timings", "multiprocessing", "py"}
)


def _definitions(tree: ast.Module | ast.ClassDef) -> Iterator[str]:
    """Names that a module or class defines, and the members of its classes."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        if isinstance(node, ast.ClassDef):
            yield from _definitions(node)
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.TypeAlias):
            yield from (each.id for each in ast.walk(node) if _is_stored(each))
            values = (each.value for each in ast.walk(node) if isinstance(each, ast.Constant))
            # Values of enums and Literals are words of the experiment file, of rows and of commands.
            yield from (value for value in values if isinstance(value, str) and value.isidentifier())


def _is_stored(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _attributes(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr


def _uses(tree: ast.Module) -> Iterator[str]:
    """Every name and word that the code of a module uses."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.keyword):
            yield node.arg or ""
        elif isinstance(node, ast.alias):
            yield from node.name.split(".")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " not in node.value:
            yield from re.split(r"\W", node.value)


def _mentions(source: str) -> Iterator[tuple[int, str]]:
    """Line and name of each mention in a comment or docstring."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT or token.string.lstrip("rf").startswith('"""'):
            for match in _NAME.finditer(token.string):
                yield token.start[0] + token.string.count("\n", 0, match.start()), match[1]


def test_names_in_backticks_exist(root: Path) -> None:
    """A renamed function leaves no old name behind in a docstring or comment."""
    package = root / "llmxray"
    modules = {path: ast.parse(path.read_text("utf-8")) for path in sorted(package.rglob("*.py"))}
    known = {*sys.stdlib_module_names, *dir(builtins), *_FOREIGN}
    for path in package.rglob("*"):
        known |= {*path.relative_to(root).parts, path.stem, path.suffix.removeprefix(".")}
    for tree in modules.values():
        known |= {*_definitions(tree), *_attributes(tree)}
    stale, n_mentions = [], 0
    for path, tree in modules.items():
        here = known | set(_uses(tree))
        for line, name in _mentions(path.read_text("utf-8")):
            n_mentions += 1
            if not set(name.split(".")) <= here:
                stale.append(f"{path.relative_to(root)}:{line}: {name}")
    assert stale == []
    assert n_mentions > 400
