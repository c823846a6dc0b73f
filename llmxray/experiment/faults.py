"""Faults found in an experiment, and where: the currency between the checks and the error line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic_core import PydanticCustomError

type Path = tuple[str | int, ...]

# Of which the first is shown and the others are counted: each may cost a search for a name that is near.
MOST_FAULTS = 100
_SHOWN_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        path: keys and indices that lead to it; inside a validator, relative to the validated model.
        message: a sentence without the path.
        at_key: whether the key itself is at fault, rather than the value behind it.
    """

    path: Path
    message: str
    # A misspelt key is underlined itself; a wrong value is underlined behind its key.
    at_key: bool = False


def refusal(faults: Iterable[Fault]) -> PydanticCustomError:
    """The exception by which a pydantic validator hands several located faults on."""
    found = tuple(faults)
    text = "; ".join(sentence(fault.path, fault.message) for fault in found)
    # The faults travel in the context; the text serves those who build models by hand.
    return PydanticCustomError("faults", "{text}", {"text": text, "faults": found})


def dotted(path: Path) -> str:
    """A path as people write it: ``models[1].endpoint``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def sentence(path: Path, message: str) -> str:
    """The message with its path before it; the message alone for the whole file."""
    return f"{dotted(path)}: {message}" if path else message


def shown(value: object) -> str:
    """A value as an error message names it, shortened: ``the number 5``, ``'abc'``, ``a list``."""
    match value:
        case None:
            return "nothing"
        # Before int, which bool is.
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {value}"
        case str():
            cut = value if len(value) <= _SHOWN_CHARACTERS else value[:_SHOWN_CHARACTERS] + "…"
            return repr(cut)
        case dict():
            return "a mapping"
        case _:
            return "a list"
