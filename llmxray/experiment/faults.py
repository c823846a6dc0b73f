"""Faults in an experiment, with their places: checks find them, and one error line reports them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic_core import PydanticCustomError

type Path = tuple[str | int, ...]

# The first fault is shown and the others are counted. Their number is limited, because each may take a search for a
# similar name.
MOST_FAULTS = 100
_SHOWN_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Attributes:
        path: keys and indices that lead to it; inside a validator, relative to the validated model.
        message: a sentence without the path.
        at_key: whether the key itself is at fault, rather than the value behind it.
    """

    path: Path
    message: str
    # The error points at a misspelt key itself, and for a wrong value at the value behind the key.
    at_key: bool = False


def refusal(faults: Iterable[Fault]) -> PydanticCustomError:
    """The exception with which a pydantic validator reports several located faults."""
    located = tuple(faults)
    text = "; ".join(sentence(fault.path, fault.message) for fault in located)
    # The loader reads the faults from the context; the text is for code that builds models without a file.
    return PydanticCustomError("faults", "{text}", {"text": text, "faults": located})


def dotted(path: Path) -> str:
    """A path as text: ``models[1].endpoint``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def sentence(path: Path, message: str) -> str:
    """The message after its path; the message alone for the whole file."""
    return f"{dotted(path)}: {message}" if path else message


def shown(value: object) -> str:
    """A value in the words of an error message, shortened: ``the number 5``, ``'abc'``, ``a list``."""
    match value:
        case None:
            return "nothing"
        # Tested before int, because bool is a subclass of int.
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
