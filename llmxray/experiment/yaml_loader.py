"""Reads YAML into plain values and keeps the position of each.

PyYAML only tokenises. Values are built here, because its own rules are surprising: the last of two equal keys counts,
``1e-3`` is text, ``1:30`` is 90, ``no`` is false, and aliases let a small file grow without bound. Scalars follow the
core schema of YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema), without values that JSON does not have. Anchors,
aliases and tags are refused. Keys are always text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn

import yaml

from llmxray import limits
from llmxray.errors import ExperimentError
from llmxray.experiment.faults import Path, sentence
from llmxray.types import Json

TOO_LARGE = "larger than 1 MiB; an experiment file is a few kilobytes"
MAX_EXACT_INTEGER = 2**53 - 1

type Position = tuple[int, int]

_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: Mapping[str, bool | None] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}


_ALIASES, _ANCHORS, _TAGS = (
    f"{what} ({mark}name) are not used here; text that begins with '{mark}' needs quotes"
    for what, mark in (("aliases", "*"), ("anchors", "&"), ("tags", "!"))
)
# Fragments of PyYAML's messages, with the words for them; the first match counts.
_SAYINGS: tuple[tuple[str, str], ...] = (
    (
        "mapping values are not allowed",
        "a ':' cannot stand here; check the indentation, or put text that contains ': ' in quotes",
    ),
    ("could not find expected ':'", "a line here has no ':' after its key, or the indentation is off"),
    ("<stream end>", "the file ends inside a bracket; a ']' or '}' is missing"),
    ("expected <block end>", "this line does not fit the lines above; check the indentation and the quotes"),
    ("expected ',' or ']'", "a ',' or ']' is missing before this"),
    ("expected ',' or '}'", "a ',' or '}' is missing before this"),
    ("found unexpected end of stream", "a quote is opened here and never closed"),
    ("found unexpected document separator", "a quote is opened here and never closed"),
    (
        "found unknown escape character",
        "an unknown \\-escape; in single quotes a backslash is only a backslash",
    ),
    ("escape sequence of", "a broken \\-escape; in single quotes a backslash is only a backslash"),
    ("sequence entries are not allowed", "a '- ' cannot stand here; check the indentation"),
    ("block sequence entries", "a '- ' cannot stand here; check the indentation"),
    ("undefined tag handle", _TAGS),
    ("while scanning an alias", _ALIASES),
    ("while scanning an anchor", _ANCHORS),
)
# Problems whose cause is at the beginning of the context, and not where the scanner gave up.
_BEGUN_EARLIER = (
    "found unexpected end of stream",
    "found unexpected document separator",
    "could not find expected ':'",
)
_BAD_START = re.compile(r"found character '(.+)' that cannot start any token")
_TAB_INDENT = re.compile(r" *\t")
# NUL is what PyYAML reads at the end of the text.
_BLANKS = "\0 \t\r\n\x85\u2028\u2029"
_FLOW_MARKS = ",[]{}"


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file as values, with the place of every key and value.

    Attributes:
        data: the top-level mapping.
        keys: path → (line, column), 1-based, of the key; list entries have none.
        values: path → (line, column) of the value; the empty path is the whole document.
        blank: paths of keys without a value, which reads as null.
    """

    data: dict[str, Json]
    keys: Mapping[Path, Position]
    values: Mapping[Path, Position]
    blank: frozenset[Path] = frozenset()

    def position(self, path: Path, *, at_key: bool = False) -> Position:
        """The position of ``path``, or of its nearest known ancestor if it is absent."""
        if at_key and path in self.keys:
            return self.keys[path]
        while path and path not in self.values:
            path = path[:-1]
        return self.values[path]


def read_yaml(text: str, *, file: str = "<text>") -> Document:
    """Read one YAML document whose top level is a mapping.

    Raises:
        ExperimentError: not YAML, more than 1 MiB, nested deeper than 64, empty, a duplicate key, an
            anchor, alias or tag, or a top level that is not a mapping.
    """
    # Editors on Windows write a byte order mark at the beginning.
    text = text.removeprefix("\ufeff")
    if len(text.encode("utf-8", "surrogatepass")) > limits.YAML_BYTES:
        raise ExperimentError(TOO_LARGE, file=file)
    try:
        return _Builder(yaml.parse(text, Loader=PlainScalarLoader), file).document()
    except yaml.reader.ReaderError as error:
        raise _reader_error(error, text, file) from None
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error, text, file) from None


class PlainScalarLoader(yaml.SafeLoader):
    """Tokenises like ``SafeLoader``, question marks in plain texts included.

    PyYAML ends a plain text inside ``{…}`` or ``[…]`` at a question mark. YAML 1.2
    (https://yaml.org/spec/1.2.2/#733-plain-style) lets it stand, and prompts are full of them.
    """

    def scan_plain(self) -> yaml.ScalarToken:
        """Scan a plain scalar, over several lines where it is continued."""
        start = end = self.get_mark()
        indent = self.indent + 1
        chunks: list[str] = []
        gap: list[str] = []
        while self.peek() != "#" and (length := self._run_length()):
            # As in PyYAML: a key cannot begin right after a text.
            self.allow_simple_key = False
            chunks += [*gap, self.prefix(length)]
            self.forward(length)
            end = self.get_mark()
            gap = self.scan_plain_spaces(indent, start) or []
            if not gap or (not self.flow_level and self.column < indent):
                break
        return yaml.ScalarToken("".join(chunks), True, start, end)

    def _run_length(self) -> int:
        """Characters up to the next blank, or up to a mark that ends the scalar."""
        marks = _FLOW_MARKS if self.flow_level else ""
        length = 0
        while (character := self.peek(length)) not in _BLANKS and character not in marks:
            if character == ":" and self.peek(length + 1) in _BLANKS + marks:
                break
            length += 1
        return length


class _Builder:
    """Builds the document from the parser's events."""

    def __init__(self, events: Iterator[yaml.Event], file: str) -> None:
        self._events, self._file = events, file
        self._keys: dict[Path, Position] = {}
        self._values: dict[Path, Position] = {}
        self._blank: set[Path] = set()

    def document(self) -> Document:
        next(self._events)
        if isinstance(next(self._events), yaml.StreamEndEvent):
            raise ExperimentError("the file is empty; begin with 'experiment: a-name'", file=self._file)
        # Events are produced lazily, so that the limits below stop a hostile file before it is read.
        data = self._node(next(self._events), ())
        next(self._events)
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            self._fail(after, (), "a second document begins here; an experiment file holds one")
        # A lone `---` or `~` is a document, but an empty one.
        if data is None:
            raise ExperimentError("the file is empty; begin with 'experiment: a-name'", file=self._file)
        if not isinstance(data, dict):
            line, column = self._values[()]
            reason = (
                "the top level must be a mapping of keys, such as 'experiment: a-name' and 'models: [...]'"
            )
            raise ExperimentError(reason, file=self._file, line=line, column=column)
        return Document(data, self._keys, self._values, frozenset(self._blank))

    def _node(self, event: yaml.Event, path: Path) -> Json:
        self._refuse_references(event, path)
        self._values[path] = _place(event)
        if len(path) > limits.YAML_DEPTH:
            self._fail(event, path[:3], f"nested deeper than {limits.YAML_DEPTH} levels")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        assert isinstance(event, yaml.ScalarEvent)
        return self._scalar(event, path)

    def _mapping(self, path: Path) -> Json:
        built: dict[str, Json] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            self._refuse_references(event, path)
            if not isinstance(event, yaml.ScalarEvent):
                self._fail(event, path, "a key must be a word, not a list or mapping")
            # Keys are always text, as in JSON: `no:` must stay the text "no".
            key = self._text(event, path)
            key_path = (*path, key)
            if key in built:
                self._fail(
                    event, key_path, f"this key stands twice; it is already on line {self._keys[key_path][0]}"
                )
            self._keys[key_path] = _place(event)
            built[key] = self._node(next(self._events), key_path)
        return built

    def _sequence(self, path: Path) -> Json:
        built: list[Json] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            built.append(self._node(event, (*path, len(built))))
        return built

    def _scalar(self, event: yaml.ScalarEvent, path: Path) -> Json:
        text = self._text(event, path)
        # A quoted or block scalar is text, whatever it looks like.
        if event.style:
            return text
        if not text:
            self._blank.add(path)
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text):
            return self._integer(event, text, path)
        if _FLOAT.fullmatch(text):
            number = float(text)
            if math.isinf(number):
                self._fail(event, path, "this number is too large; put it in quotes if it is text")
            return number
        return text

    def _integer(self, event: yaml.ScalarEvent, text: str, path: Path) -> int:
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        # The length is checked first, because Python refuses to convert thousands of digits.
        number = int(text, base) if len(text) < 100 else MAX_EXACT_INTEGER + 1
        if abs(number) > MAX_EXACT_INTEGER:
            reason = "a whole number beyond 2^53 does not survive JSON; put it in quotes if it is text"
            self._fail(event, path, reason)
        if str(number) != text:
            self._fail(
                event,
                path,
                f"{text} is the number {number}; write that, or put it in quotes",
            )
        return number

    def _text(self, event: yaml.ScalarEvent, path: Path) -> str:
        # PyYAML accepts escapes such as \ud800, which UTF-8 cannot encode.
        text = str(event.value)
        try:
            text.encode()
        except UnicodeEncodeError:
            self._fail(
                event, path, "half of a surrogate pair (\\ud800 to \\udfff); write the character itself"
            )
        return text

    def _refuse_references(self, event: yaml.Event, path: Path) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._fail(event, path, _ALIASES)
        assert isinstance(event, yaml.NodeEvent)
        if event.anchor is not None:
            self._fail(event, path, _ANCHORS)
        if getattr(event, "tag", None) is not None:
            self._fail(event, path, _TAGS)

    def _fail(self, event: yaml.Event, path: Path, reason: str) -> NoReturn:
        line, column = _place(event)
        raise ExperimentError(sentence(path, reason), file=self._file, line=line, column=column)


def _place(event: yaml.Event) -> Position:
    assert event.start_mark is not None
    return event.start_mark.line + 1, event.start_mark.column + 1


def _syntax_error(error: yaml.MarkedYAMLError, text: str, file: str) -> ExperimentError:
    """Translate a scanner's or parser's error; a tab in the indentation of its line is named first."""
    problem = error.problem or "not YAML"
    mark = error.problem_mark or error.context_mark
    # The scanner gives up at the end of the file, far from the cause.
    if problem in _BEGUN_EARLIER and error.context_mark is not None:
        mark = error.context_mark
    if mark is None:
        return ExperimentError(f"not YAML: {problem}", file=file)
    lines = text.split("\n")
    # Tabs are looked for here, because PyYAML names them only sometimes and people cannot see them.
    tab = _TAB_INDENT.match(lines[mark.line]) if mark.line < len(lines) else None
    if tab:
        return ExperimentError(
            "a tab in the indentation; YAML is indented with spaces",
            file=file,
            line=mark.line + 1,
            column=tab.end(),
        )
    reason = _reason(problem, error.context or "")
    return ExperimentError(reason, file=file, line=mark.line + 1, column=mark.column + 1)


def _reader_error(error: yaml.reader.ReaderError, text: str, file: str) -> ExperimentError:
    """Translate the refusal of a character that YAML does not allow, such as a control character."""
    # PyYAML gives an offset here, where other errors have a mark.
    before = text[: error.position]
    return ExperimentError(
        f"the character U+{ord(text[error.position]):04X} is not allowed in YAML; remove it",
        file=file,
        line=before.count("\n") + 1,
        column=len(before) - before.rfind("\n"),
    )


def _reason(problem: str, context: str) -> str:
    start = _BAD_START.search(problem)
    if start:
        if start[1] == "\\t":
            return "a tab stands here; use spaces"
        return f"text that begins with '{start[1]}' needs quotes"
    for fragment, saying in _SAYINGS:
        if fragment in problem or fragment in context:
            return saying
    return f"not YAML: {problem}"
