"""PyYAML's errors in plain words."""

from __future__ import annotations

import re

import yaml

from llmxray.errors import ExperimentError

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
    ("undefined tag handle", "tags (!name) are not used here; text that begins with '!' needs quotes"),
    ("while scanning an alias", "aliases (*name) are not used here; text that begins with '*' needs quotes"),
    ("while scanning an anchor", "anchors (&name) are not used here; text that begins with '&' needs quotes"),
)
# Problems whose cause is at the beginning of the context, and not where the scanner gave up.
_BEGUN_EARLIER = (
    "found unexpected end of stream",
    "found unexpected document separator",
    "could not find expected ':'",
)
_BAD_START = re.compile(r"found character '(.+)' that cannot start any token")
_TAB_INDENT = re.compile(r" *\t")


def syntax_error(error: yaml.MarkedYAMLError, text: str, file: str) -> ExperimentError:
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


def reader_error(error: yaml.reader.ReaderError, text: str, file: str) -> ExperimentError:
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
