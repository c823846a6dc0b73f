"""From a file or a text to an ``Experiment``, or to an error of one line that says what is wrong and where."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as FilePath

from pydantic import ValidationError

from llmxray import limits
from llmxray.errors import ExperimentError
from llmxray.experiment.faults import Fault, Path, sentence
from llmxray.experiment.fields import Strict
from llmxray.experiment.model import Experiment
from llmxray.experiment.sampling import Variant
from llmxray.experiment.sentences import faults_of
from llmxray.experiment.site import Site
from llmxray.experiment.yaml_loader import TOO_LARGE, Document, read_yaml
from llmxray.regular_files import open_regular_file
from llmxray.types import Json


def load(path: str | FilePath) -> Experiment:
    """Read an experiment file.

    Raises:
        ExperimentError: the file cannot be read, is not UTF-8, is not YAML, or is no valid experiment.
    """
    return parse(_text_of(path), file=str(path))


def load_site(path: str | FilePath) -> Site:
    """Read a site file; without one, the defaults.

    Raises:
        ExperimentError: the file cannot be read, or is no valid site file.
    """
    if not FilePath(path).exists():
        return Site()
    return _validated(Site, _text_of(path), str(path))


def error_at(path: str | FilePath, where: Path, reason: str) -> ExperimentError:
    """The error for a fault found after loading, such as an unknown suite, with its place.

    Args:
        path: the experiment file, read again for the position.
        where: keys and indices, such as ``("suites", 0, "suite")``.
        reason: a sentence without the path.
    """
    document = read_yaml(_text_of(path), file=str(path))
    return _error([Fault(where, reason)], document, str(path))


def _text_of(path: str | FilePath) -> str:
    file = str(path)
    try:
        with open_regular_file(FilePath(path)) as stream:
            # One byte more than the limit is read, which is enough to see that a file is too large.
            raw = stream.read(limits.YAML_BYTES + 1)
    except FileNotFoundError:
        raise ExperimentError("there is no such file", file=file) from None
    except IsADirectoryError:
        raise ExperimentError("this is a folder; name the YAML file in it", file=file) from None
    except OSError as error:
        raise ExperimentError(f"cannot be read: {error.strerror or error}", file=file) from None
    if len(raw) > limits.YAML_BYTES:
        raise ExperimentError(TOO_LARGE, file=file)
    return _decoded(raw, file)


def parse(text: str, *, file: str = "<text>") -> Experiment:
    """Turn the text of an experiment file into an ``Experiment``.

    Raises:
        ExperimentError: names file, line, column and path of the first fault, and counts the others.
    """
    return _validated(Experiment, text, file)


def _validated[T: Strict](model: type[T], text: str, file: str) -> T:
    document = read_yaml(text, file=file)
    faults = list(_empty_values(document, document.data, ()))
    if not faults:
        try:
            # The data are JSON-like values: the YAML was read above.
            return model.model_validate(document.data)
        except ValidationError as error:
            faults = list(faults_of(error))
    raise _error(faults, document, file)


def _decoded(raw: bytes, file: str) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        reason = "not UTF-8; save the file with UTF-8 encoding"
        raise ExperimentError(reason, file=file, line=line) from None


def _empty_values(document: Document, value: Json, path: Path) -> Iterator[Fault]:
    """Faults for keys without a value: most often one was forgotten, so they are never ignored."""
    if value is None:
        if not _is_request_field(path):
            yield Fault(path, "has no value; fill it in, or remove it", at_key=True)
        elif path in document.blank:
            advice = "fill it in, remove it, or write null to leave the field out of the request"
            yield Fault(path, f"has no value; {advice}", at_key=True)
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _empty_values(document, entry, (*path, index))
    elif isinstance(value, dict):
        for key, entry in value.items():
            # A server's own fields are passed on as they are, null included.
            if key != "extra":
                yield from _empty_values(document, entry, (*path, key))


def _is_request_field(path: Path) -> bool:
    """Whether the path is that of a request field, which null leaves out."""
    match path:
        case ("sampling", _) | ("models", int(), "sampling", _):
            return True
        case ("variants", int(), str(name)):
            return name not in Variant.own
    return False


def _error(faults: list[Fault], document: Document, file: str) -> ExperimentError:
    def place(fault: Fault) -> tuple[int, int]:
        return document.position(fault.path, at_key=fault.at_key)

    # The first one in the file is reported, because files are read and fixed from top to bottom.
    first = min(faults, key=place)
    line, column = place(first)
    others = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    reason = sentence(first.path, first.message) + others
    return ExperimentError(reason, file=file, line=line, column=column)
