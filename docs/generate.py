"""Write the parts of the docs that come from the code, or with ``--check`` say which are out of date.

Generated: ``cli.md`` (every command's help), ``experiment.md`` and ``experiment.schema.json`` (the file's fields),
``suites.md`` (a card for every suite), ``methods.md`` (every number's definition and formula), ``glossary.md`` (the
terms that pages explain where they first stand).
"""

from __future__ import annotations

import inspect
import json
import re
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import typer

from llmxray import suites
from llmxray.cli.commands import app
from llmxray.experiment import SuiteRef, json_schema, schema_text
from llmxray.report.numbers import percent
from llmxray.report.sentences.terms import glossary_document
from llmxray.report.wording import DEFINITIONS
from llmxray.types import SuiteCard
from llmxray.workflow.loading import LoadedExperiment, load

DOCS = Path(__file__).parent
_COLUMNS = 110


PREDICTIONS = """\
`null` leaves a field out of requests, whatever another level or a preset says: `sampling: {temperature: null}`.

## Predictions

A prediction says what would confirm the hypothesis, before anything is recorded:

```yaml
hypothesis: The larger model wins because it knows more, not because it guesses better.
predictions:
  - {claim: The larger model is right more often., metric: accuracy, of: large, above: small, margin: 5}
  - {claim: The small one beats guessing., metric: accuracy, of: small, above: chance, on: starter/arc}
  - {claim: The larger one takes more than a second., metric: latency, of: large, above: 1}
  - {claim: It is better calibrated., metric: ece, of: large, below: small}
  - {claim: Asked twice it is as good., metric: accuracy, of: large, same_as: again, within: 5}
  - {claim: Rewording changes little., metric: paraphrase_gap, of: large, within: 10}
  - {claim: It knows wherever the answer stands., metric: accuracy, of: large, above: chance, on: position}
  - {claim: The small one has a favourite letter., metric: favourite_share, of: small, above: 50}
  - {claim: One seed makes answers alike., metric: same_seed, of: cool and hot, above: 0}
```

`above: X` with margin m predicts metric(of) − metric(X) > m, `below: X` the reverse. `same_as: X` with `within: w`
predicts a difference below w. X is another condition, a number, or `chance`; `paraphrase_gap`, `favourite_share` and
`same_seed` take only numbers. `on` is a suite's id, a category, a prompt's id, `position` or `all`.

`llmxray check` prints the minimum detectable effect of each prediction, and which can never be decided. Hypothesis and
predictions are frozen into the cassette when recording begins; later ones are marked. Each gets its verdict: *held*,
*did not hold*, or *open* ([how](methods.md#verdict)). List replaced recordings under `earlier:`; the front page shows
them.

`llmxray check` also prints the plan's fingerprint. Publish it before recording, then say where
([what that proves](trust.md#nothing-changed-unseen)):

```yaml
anchor: {at: "https://osf.io/abcde", date: 2026-12-01}
```

## What requests cost

`prices:` holds token prices by model id, and the price of an hour of your machine for models without one:

```yaml
prices:
  large: {input_per_million: 1.10, output_per_million: 4.40}
  machine_per_hour: 0.20
  currency: USD
  source: the list price of a small cloud machine
```
"""


def methods_document() -> Iterator[str]:
    """docs/methods.md, line by line."""
    yield "# Methods\n"
    yield "Every number that a report shows: what it is, its formula, its 95% interval, its function and its source."
    yield "Each experiment's page *Methods* has the same texts, from `llmxray/report/wording/definitions.toml`.\n"
    yield "cᵢ is the confidence of answer i; yᵢ is 1 if it is right and else 0. N is the number of answers, b a bin of"
    yield "n_b answers. Missing values are left out and counted. Samples, rotations and wordings of a question are"
    yield "averaged first, and count as one unit in intervals and tests. Random draws are seeded: every build gives"
    yield "the same numbers. Functions are in `llmxray.metrics` unless another package is named.\n"
    for each in DEFINITIONS:
        yield f'## <a id="{each.anchor}"></a>{each.term}\n'
        yield f"{each.text}\n"
        yield f"- Formula: {each.formula}"
        if each.interval:
            yield f"- Interval: {each.interval}"
        yield f"- `{each.code}`" + (f"; {each.source}" if each.source else "")
        yield ""


def pages() -> dict[str, str]:
    """The generated files by name."""
    schema = json_schema()
    return {
        "cli.md": "\n".join(cli_reference()) + "\n",
        "experiment.schema.json": schema_text(),
        "suites.md": "\n".join(suite_cards()) + "\n",
        "methods.md": "\n".join(methods_document()),
        "glossary.md": "\n".join(glossary_document()) + "\n",
        "experiment.md": "\n".join(experiment_reference(schema)) + "\n",
    }


def cli_reference() -> Iterator[str]:
    """The help of every command, as Markdown; what several commands share stands once, at the top."""
    group = typer.main.get_command(app)
    entries = [(path, command, _parameters(command, path)) for path, command in _commands(group, "llmxray")]
    counts = Counter(row for _, _, rows in entries for row in rows)
    shared = [row for row, count in counts.items() if count > 1]
    yield "# Commands\n"
    yield "`--help` after any command prints its help. Exit codes: 0 done, 1 the experiment or a verification failed, 2"
    yield "bad input, 130 interrupted. Options of every command (before its name), and what several commands share:\n"
    yield from _help("llmxray [OPTIONS] COMMAND", [*_parameters(group, "llmxray"), *shared])
    for path, command, rows in entries:
        yield f"## {path}\n\n{inspect.cleandoc(command.help or '')}\n"
        pieces = command.collect_usage_pieces(_context(command, path))
        also = [row[0].split(" <")[0] for row in rows if row in shared and row[0].startswith("-")]
        usage = " ".join(piece for piece in (path, *pieces) if piece != "[OPTIONS]")
        own = [row for row in rows if row not in shared]
        yield from _help(usage, own, f"also {', '.join(also)}" if also else "")


def _context(command: Any, path: str) -> Any:
    return typer.Context(command, info_name=path)


def _commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every command that is not a group, with its path."""
    inner = getattr(command, "commands", {})
    if not inner:
        yield path, command
    for name in inner:
        yield from _commands(inner[name], f"{path} {name}")


def _parameters(command: Any, path: str) -> list[tuple[str, str]]:
    """Names and help of arguments and options; the usage line already says which arguments are required."""
    records = [parameter.get_help_record(_context(command, path)) for parameter in command.params]
    return [
        (name, " ".join(text.split()))
        if name.startswith("-")
        else (name.split(" <")[0], " ".join(text.replace("[required]", "").split()))
        for name, text in filter(None, records)
    ]


def _help(usage: str, rows: Sequence[tuple[str, str]], also: str = "") -> Iterator[str]:
    width = min(22, max((len(name) for name, _ in rows), default=0))
    yield f"```text\n{usage}\n"
    for name, text in rows:
        indented = textwrap.indent(textwrap.fill(text, _COLUMNS - width - 2), " " * (width + 2))
        yield f"{name}{indented[len(name) :]}" if len(name) <= width else f"{name}\n{indented}"
    if also:
        yield also
    yield "```\n"


def experiment_reference(schema: Mapping[str, Any]) -> Iterator[str]:
    """The fields of an experiment file, as Markdown lists."""
    yield "# The experiment file\n"
    yield "One YAML file declares everything that changes a request. Unknown keys are refused. `llmxray new` writes"
    yield "`experiment.schema.json` beside it, so that editors complete and check it offline.\n"
    yield PREDICTIONS
    definitions = {name: part for name, part in schema.get("$defs", {}).items() if "properties" in part}
    yield from _fields("The file", schema)
    for name, definition in sorted(definitions.items()):
        keys = {
            key
            for part in (schema, *definitions.values())
            for key, field in part["properties"].items()
            if re.search(rf"#/\$defs/{name}\b", json.dumps(field))
        }
        yield from _fields(
            f"{name}: {', '.join(f'`{key}`' for key in sorted(keys))}", definition, definitions
        )


def _fields(
    title: str, definition: Mapping[str, Any], definitions: Mapping[str, Any] | None = None
) -> Iterator[str]:
    """One part of the file; fields that it shares with another part are named, not repeated."""
    fields = definition["properties"]
    shared = next(
        (
            name
            for name, other in (definitions or {}).items()
            if other is not definition
            and len(other["properties"]) > 5
            and other["properties"].items() <= fields.items()
        ),
        "",
    )
    yield f"## {title}\n"
    if title != "The file" and definition.get("description"):
        yield " ".join(definition["description"].split("\n\n")[0].split()) + "\n"
    if shared:
        yield f"It has all fields of *{shared}*, and:\n"
    required = definition.get("required", ())
    for key, field in fields.items():
        if shared and key in (definitions or {})[shared]["properties"]:
            continue
        default = "Required." if key in required else _default(field)
        yield f"- `{key}`: {field.get('description', '')} {default}".rstrip()
    yield ""


def _default(field: Mapping[str, Any]) -> str:
    value = field.get("default")
    return "" if value in (None, {}, [], "") else f"Default `{json.dumps(value)}`."


def suite_cards() -> Iterator[str]:
    """A card for every suite, as Markdown; `llmxray suites NAME` shows more of it."""
    yield "# The suites\n"
    yield "Starter suites come with llmxray, under CC BY 4.0. They are not the benchmarks whose format they have: the"
    yield "questions are ours, easier, and too few to rank close models. `llmxray suites NAME` shows an example.\n"
    yield "Published benchmarks need `source: {hub: …, revision: …}` with the extra `hub`, or `source: {file: …}` with"
    yield "rows as on the hub. `arc` also reads its authors' JSON, `truthfulqa` its authors' CSV."
    yield "`llmxray suites NAME --file FILE` counts a file's questions and lists its faults.\n"
    yield '<a id="any-data-set-say-what-its-columns-hold"></a>[Any data set](data.md) takes a few lines; for'
    yield "questions of your own use [`suite: custom`](extend/suite.md#a-suite-of-your-own).\n"
    cards = [card for card in suites.cards() if card.name != "custom"]
    common = [text for text, count in Counter(card.departs for card in cards).items() if count > 1]
    for card in cards:
        yield f"## {card.name}: {card.title}\n"
        for label, text in _starter(card) if card.name.startswith("starter/") else _published(card):
            if text and text not in common:
                yield f"- **{label}.** {text}"
        yield ""


def _starter(card: SuiteCard) -> Iterator[tuple[str, str]]:
    suite = suites.load(SuiteRef(suite=card.name), Path())
    chance = f"; blind guessing {suite.card.chance:.1%}" if suite.card.chance is not None else ""
    yield "Tests", card.tests
    yield "Does not test", card.does_not_test
    yield "Questions", f"{len(suite.items)}, and {len(suite.shots)} worked examples{chance}."
    yield "Options alone", _without_the_question(card.name)
    yield "Prompt", card.departs


@cache
def _control() -> LoadedExperiment:
    """The recorded control: the options of each question, without its text."""
    return load(DOCS.parent / "experiments/no-question.yaml")


def _without_the_question(suite: str) -> str:
    if suite not in _control().analysis.suites:
        return ""
    shares = [
        f"{_control()[name].view.label.partition(',')[0]} {percent(_control()[name].accuracy(suite).value)}"
        for name in _control()
    ]
    return f"Right without seeing the question: {', '.join(shares)} (recorded in `no-question`)."


def _published(card: SuiteCard) -> Iterator[tuple[str, str]]:
    yield "Tests", card.tests
    yield "Does not test", card.does_not_test
    yield "Categories", card.categories
    yield "Blind guessing", "" if card.chance is None else f"{card.chance:.1%}"
    yield "Prompt", card.departs
    yield "Source", f"{card.source} ({card.licence}). {card.citation}"


def main() -> int:
    """Write or check; returns the exit code."""
    stale = []
    for name, text in pages().items():
        path = DOCS / name
        if not path.exists() or path.read_text("utf-8") != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(text, "utf-8")
    if stale and "--check" in sys.argv:
        sys.stderr.write(f"out of date in docs/: {', '.join(stale)}: run `make format`\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
