"""The README.md beside ``results.parquet``: with it a folder is a data set that the Hugging Face Hub shows.

Its front matter says where the table is and under which licence the questions are, as far as the Hub has a name for
that licence; the text says what the columns hold, what was recorded, and with what.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import yaml

from llmxray.interop.write.study import Study, text_of

TABLE, CARD = "results.parquet", "README.md"
# What the Hub calls the licences that suites are under.
_LICENCES = {
    "apache-2.0": "apache-2.0",
    "cc by 4.0": "cc-by-4.0",
    "cc by-sa 4.0": "cc-by-sa-4.0",
    "cc-by-4.0": "cc-by-4.0",
    "cc-by-sa-4.0": "cc-by-sa-4.0",
    "mit": "mit",
}
_OTHER, _UNKNOWN = "other", "unknown"


def files(study: Study, table: bytes, columns: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of the table and of its card.

    Args:
        table: the Parquet file.
        columns: type and meaning of each column, by name.
    """
    yield TABLE, table
    yield CARD, card(study, columns).encode("utf-8", "replace")


def card(study: Study, columns: Mapping[str, tuple[str, str]]) -> str:
    """The card as Markdown with its front matter."""
    front = {
        "pretty_name": study.experiment.title or study.name,
        "license": _licences(study),
        "tags": ["llmxray", "evaluation"],
        "configs": [{"config_name": "results", "data_files": [{"split": "test", "path": TABLE}]}],
    }
    head = yaml.safe_dump(front, sort_keys=False, allow_unicode=True, width=110)
    return f"---\n{head}---\n\n" + "\n".join(_text(study, columns)) + "\n"


def _licences(study: Study) -> str | list[str]:
    stated = [suite.card.licence.strip().casefold() for suite in study.results.plan.suites.values()]
    named = {_LICENCES.get(each, _OTHER) if each else _UNKNOWN for each in stated} or {_UNKNOWN}
    return min(named) if len(named) == 1 else sorted(named)


def _text(study: Study, columns: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    yield f"# {_cell(study.experiment.title or study.name)}"
    yield ""
    if study.experiment.hypothesis:
        yield f"Hypothesis, written down before recording: {_cell(study.experiment.hypothesis)}"
        yield ""
    last = study.at("last")
    when = f" on {last.date().isoformat()}" if last else ""
    yield f"{len(study.results.rows):,} trials of the experiment `{study.name}`, recorded{when}. One row a trial."
    yield "Missing cells are null. Written by llmxray " + study.version + "."
    yield ""
    yield "## Conditions"
    yield ""
    yield "| condition | name | model | answer | layout | sampling |"
    yield "|---|---|---|---|---|---|"
    for condition in study.results.plan.conditions:
        sampling = ", ".join(f"{name} {text_of(value)}" for name, value in condition.sampling.items())
        yield _row(
            condition.id, condition.label, condition.model, condition.answer, condition.layout, sampling
        )
    yield ""
    yield "## Questions"
    yield ""
    yield "| suite | title | questions | licence | source |"
    yield "|---|---|---|---|---|"
    for name, suite in study.results.plan.suites.items():
        yield _row(name, suite.card.title, str(len(suite.items)), suite.card.licence, suite.card.source)
    yield ""
    yield "## Columns"
    yield ""
    yield "| column | type | meaning |"
    yield "|---|---|---|"
    for name, (kind, meaning) in columns.items():
        yield f"| `{name}` | {kind} | {_cell(meaning)} |"


def _row(*cells: str) -> str:
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    """A text in a cell of a table: on one line, and no markup."""
    plain = " ".join(text.split())
    return "".join(f"\\{each}" if each in "\\`*_[]<>|#" else each for each in plain)
