"""The README.md beside tables of results: with it a folder is a data set that the Hugging Face Hub shows.

Its front matter says where the tables are and under which licence the questions are, as far as the Hub has a name for
that licence; the text says what the columns hold, what was recorded, and with what.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from llmxray.interop.write.study import Study, text_of

TABLE, CARD = "results.parquet", "README.md"
TAGS = ("llmxray", "evaluation")
# Names of the suites' licences on the Hub.
_LICENCES = {"apache-2.0", "cc-by-4.0", "cc-by-sa-4.0", "mit"}
_OTHER, _UNKNOWN = "other", "unknown"


@dataclass(frozen=True, slots=True)
class CardPart:
    """An experiment in a data set.

    Attributes:
        table: path of its Parquet file in the data set.
        config: its configuration in `datasets.load_dataset`.
        pack: path of its pack; "" without one.
        fingerprint: of the pack.
    """

    study: Study
    table: str = TABLE
    config: str = "results"
    pack: str = ""
    fingerprint: str = ""


def files(study: Study, table: bytes, columns: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of the table and of its card.

    Args:
        table: the Parquet file.
        columns: type and meaning of each column, by name.
    """
    yield TABLE, table
    yield CARD, card([CardPart(study)], columns).encode("utf-8", "replace")


def card(parts: Sequence[CardPart], columns: Mapping[str, tuple[str, str]], title: str = "") -> str:
    """Return the card as Markdown with its front matter.

    Args:
        columns: type and meaning of each column, by name.
        title: of a data set of several experiments, which get a heading each; "" for that of the only one.
    """
    front = {
        "pretty_name": title or _title(parts[0].study),
        "license": _licences(parts),
        "tags": list(TAGS),
        "configs": [
            {"config_name": part.config, "data_files": [{"split": "test", "path": part.table}]}
            for part in parts
        ],
    }
    return front_matter(front) + "\n" + "\n".join(_text(parts, columns, title)) + "\n"


def front_matter(values: Mapping[str, Any]) -> str:
    """Return the lines at the top of a README that the Hub reads."""
    return f"---\n{yaml.safe_dump(dict(values), sort_keys=False, allow_unicode=True, width=110)}---\n"


def _title(study: Study) -> str:
    return study.experiment.title or study.name


def _licences(parts: Iterable[CardPart]) -> str | list[str]:
    suites = [suite for part in parts for suite in part.study.results.plan.suites.values()]
    licences = {suite.card.licence.strip().casefold().replace(" ", "-") or _UNKNOWN for suite in suites}
    hub_names = sorted(
        {name if name in {*_LICENCES, _UNKNOWN} else _OTHER for name in licences or {_UNKNOWN}}
    )
    return hub_names[0] if len(hub_names) == 1 else hub_names


def _text(parts: Sequence[CardPart], columns: Mapping[str, tuple[str, str]], title: str) -> Iterator[str]:
    if title:
        yield f"# {plain(title)}"
        yield ""
    for part in parts:
        yield from _about(part, "##" if title else "#")
    yield "## Columns"
    yield ""
    yield "| column | type | meaning |"
    yield "|---|---|---|"
    for name, (kind, meaning) in columns.items():
        yield f"| `{name}` | {kind} | {plain(meaning)} |"


def _about(part: CardPart, level: str) -> Iterator[str]:
    study = part.study
    yield f"{level} {plain(_title(study))}"
    yield ""
    if study.experiment.hypothesis:
        when = f" {plain(' '.join(study.hypothesis_note))}" if study.hypothesis_note else ""
        yield f"Hypothesis: {plain(study.experiment.hypothesis)}{when}"
        yield ""
    last = study.at("last")
    when = f" on {last.date().isoformat()}" if last else ""
    yield f"{len(study.results.rows):,} trials of the experiment `{study.name}`, recorded{when}. One row a trial."
    yield "Missing cells are null. Written by llmxray " + study.version + "."
    yield ""
    if part.pack:
        yield f"`llmxray reproduce` computes every figure again from `{part.pack}`, with no model and no key."
        yield f"Fingerprint of that pack: {part.fingerprint}."
        yield ""
    yield f"{level}# Conditions"
    yield ""
    yield "| condition | name | model | answer | layout | sampling |"
    yield "|---|---|---|---|---|---|"
    for condition in study.results.plan.conditions:
        sampling = ", ".join(f"{name} {text_of(value)}" for name, value in condition.sampling.items())
        yield _row(
            condition.id, condition.label, condition.model, condition.answer, condition.layout, sampling
        )
    yield ""
    yield f"{level}# Questions"
    yield ""
    yield "| suite | title | questions | licence | source |"
    yield "|---|---|---|---|---|"
    for name, suite in study.results.plan.suites.items():
        yield _row(name, suite.card.title, str(len(suite.items)), suite.card.licence, suite.card.source)
    yield ""


def _row(*cells: str) -> str:
    return f"| {' | '.join(map(plain, cells))} |"


def plain(text: str) -> str:
    """Return a text on one line of Markdown, also for a table's cell, with all markup escaped."""
    words = " ".join(text.split())
    return "".join(f"\\{character}" if character in "\\`*_[]<>|#" else character for character in words)
