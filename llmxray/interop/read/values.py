"""JSON of which nothing is certain: values of the expected type, or none; text is whole, numbers are finite."""

from __future__ import annotations

import hashlib
import json
import math
import posixpath
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from llmxray.types import Json
from llmxray.wire.json_values import well_formed

# A microsecond, a few years, and more tokens than any model has: what is less or more is no time and no count. Rates by
# a shorter time may be infinite.
_SHORTEST_S, _LONGEST_S = 1e-6, 1e8
_MOST = 2**53
# The time behind a date.
_TIME = re.compile(r"(?<=T)(\d\d)-(\d\d)-(\d\d(?:\.\d+)?)$")
type Object = Mapping[str, Any]


def parse(data: bytes | str) -> Any:
    """The value of a JSON text.

    Raises:
        ValueError: it is no JSON, or is nested too deeply.
    """
    try:
        return json.loads(data)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def lines(data: bytes) -> Iterator[dict[str, Any]]:
    """The objects of JSON lines; empty lines are passed over.

    Raises:
        ValueError: names the line that is no JSON object.
    """
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.strip():
            try:
                value = parse(line)
            except ValueError as error:
                raise ValueError(f"line {number} is not JSON ({error})") from error
            if not isinstance(value, dict):
                raise ValueError(f"line {number} is not a JSON object")
            yield value


def text(value: object) -> str:
    """The value where it is a text, a number as text, else ""; halves of characters are replaced."""
    if isinstance(value, str):
        return well_formed(value)
    # Ids may be whole numbers of any size.
    is_number = type(value) is int or (isinstance(value, float) and _is_plain(value))
    return json.dumps(value) if is_number else ""


def _is_plain(value: object) -> bool:
    return isinstance(value, int | float) and abs(value) < _MOST


def whole(value: object) -> str:
    """Any value as a text in full: a text as it is, anything else as JSON."""
    return well_formed(
        value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    )


def shown(value: object) -> str:
    """Any value as a label, cut where it is no text; what a model said or should say is `whole`."""
    return whole(value) if isinstance(value, str) else whole(value)[:200]


def number(value: object) -> float | None:
    """The value where it is a finite number, or the text of one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def nats(value: object) -> float | None:
    """A summed log-probability; None where it is above 0, and so none."""
    found = number(value)
    return found if found is not None and found <= 0 else None


def count(value: object) -> int | None:
    """The value where it is a whole number of 0 or more."""
    return value if type(value) is int and 0 <= value < _MOST else None


def seconds(value: object, per_second: float = 1.0) -> float | None:
    """A time that was measured, in seconds; None for 0, which stands for none, and for what is next to nothing."""
    found = number(value)
    return (
        found / per_second if found is not None and _SHORTEST_S <= found / per_second < _LONGEST_S else None
    )


def when(value: object) -> float:
    """Seconds since 1970 at a date and time as a text, whose colons may be hyphens; 0 where it is none."""
    try:
        found = datetime.fromisoformat(_TIME.sub(r"\1:\2:\3", text(value)))
    except ValueError:
        return 0.0
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def place(value: object) -> int:
    """An index from 0; 0 where there is none."""
    return count(value) or 0


def inner(value: object, *path: str) -> Any:
    """The value at a path into objects; None where it does not lead on."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def obj(value: object, *path: str) -> dict[str, Any]:
    """The object at a path; an empty one where there is none."""
    found = inner(value, *path)
    return found if isinstance(found, dict) else {}


def listed(value: object, *path: str) -> list[Any]:
    """The list at a path; an empty one where there is none."""
    found = inner(value, *path)
    return found if isinstance(found, list) else []


def objects(value: object, *path: str) -> list[dict[str, Any]]:
    """The objects of the list at a path."""
    return [each for each in listed(value, *path) if isinstance(each, dict)]


def texts(value: object) -> tuple[str, ...]:
    """A list of texts; () where it is none, or one of its values is no text."""
    if not isinstance(value, list) or not all(isinstance(each, str) or text(each) for each in value):
        return ()
    return tuple(map(text, value))


def messages(value: object) -> tuple[tuple[str, str], ...]:
    """Role and text of chat messages, or of a prompt in one text."""
    if isinstance(value, str):
        return (("user", well_formed(value)),) if value else ()
    return tuple(
        (text(each.get("role")) or "user", content(each.get("content")))
        for each in objects({"m": value}, "m")
    )


def content(value: object) -> str:
    """The text of a message, which may come in parts."""
    if isinstance(value, str):
        return well_formed(value)
    return "".join(text(each.get("text")) for each in objects({"c": value}, "c"))


# Request fields that pages reckon with and compare.
_NUMERIC = ("temperature", "top_p", "top_k", "seed", "presence_penalty", "frequency_penalty", "top_logprobs")


# What makes another model of the one that is named.
_CHECKPOINT = (
    "revision",
    "subfolder",
    "peft",
    "delta",
    "adapter",
    "lora_local_path",
    "model_path",
    "tokenizer_path",
    "gguf_file",
    "quantization",
    "load_in_4bit",
    "load_in_8bit",
)


# A path on a machine, and not a name on a hub ("org/model").
_LOCAL = re.compile(r"^[./~]|^[A-Za-z]:|\\|/.*/")


def checkpoint(model: str, arguments: Object) -> str:
    """The name of a model with what tells it from others of that name, as its tool was told."""
    told = [
        f"{name}={_without_folders(shown(value))}"
        for name in _CHECKPOINT
        if (value := arguments.get(name)) not in (None, "", False, "False", "main")
    ]
    return f"{model} ({', '.join(told)})" if told else model


def _without_folders(value: str) -> str:
    """Of a path on a machine the last part only, with a sign that tells it from one in another folder."""
    if not _LOCAL.search(value):
        return value
    path = posixpath.normpath(value.replace("\\", "/"))
    folder, name = posixpath.split(path)
    return f"{name} #{hashlib.sha256(folder.encode()).hexdigest()[:4]}" if folder else name


def settings(*places: Object) -> dict[str, Json]:
    """The usual request fields among stated ones; a later place wins."""
    found: dict[str, Json] = {}
    for each in places:
        for name in _NUMERIC:
            value = each.get(name)
            if isinstance(value, int | float) and not isinstance(value, bool) and _is_plain(value):
                found[name] = value
        if effort := text(each.get("reasoning_effort")):
            found["reasoning_effort"] = effort
    return found
