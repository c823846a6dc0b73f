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
# Bounds of a number: an error says them.
_LIMITS = re.compile(r"\[(?:\d+<=)?x[<>]=\d+\]|; (?:\d+<=)?x[<>]=\d+|(?<=\[)(?:\d+<=)?x[<>]=\d+; ")


PREDICTIONS = """\
`null` leaves a field out of requests, whatever a preset says: `sampling: {temperature: null}`.

## Predictions

A prediction says, before anything is recorded, what would confirm the hypothesis:

```yaml
predictions:
  - {claim: The larger model is right more often., metric: accuracy, of: large, above: small, margin: 5}
  - {claim: The small one beats guessing., metric: accuracy, of: small, above: chance, on: starter/arc}
  - {claim: Asked twice it is as good., metric: accuracy, of: large, same_as: again, within: 5}
  - {claim: Rewording changes little., metric: paraphrase_gap, of: large, within: 10}
  - {claim: One seed makes answers alike., metric: same_seed, of: cool and hot, above: 0}
```

`above: X` with margin m predicts metric(of) − metric(X) > m, `below: X` the reverse, `same_as: X` with `within: w` a
difference below w. X is another condition, a number, or `chance`; `paraphrase_gap`, `favourite_share` and
`same_seed` take only numbers.

`llmxray check` prints each prediction's minimum detectable effect. Predictions are frozen when recording begins; later
ones are marked. The report says which *held*, *did not hold* or are *inconclusive* ([how](methods.md#verdict)).

To [prove the date](trust.md#nothing-changed-unseen), publish the fingerprint that `llmxray check` prints before you
record, and say where: `anchor: {at: "https://osf.io/abcde", date: 2026-12-01}`.

## Prices

```yaml
prices:
  large: {input_per_million: 1.10, output_per_million: 4.40}    # by model id
  machine_per_hour: 0.20                                         # for models without token prices
  source: the list price of a small cloud machine
```
"""


def methods_document() -> Iterator[str]:
    """docs/methods.md, line by line."""
    yield "# Methods\n"
    yield "Every number of a report: what it is, its formula, its 95% interval and its source. A report's own page"
    yield "*Methods* also names the function in `llmxray.metrics`.\n"
    yield "cᵢ is the confidence of answer i; yᵢ is 1 if it is right and else 0. N is the number of answers, b a bin of"
    yield "n_b answers. Missing values are left out and counted. Samples, rotations and wordings of a question are"
    yield "averaged first, and count as one unit in intervals and tests.\n"
    for each in DEFINITIONS:
        anchor = "" if _slug(each.term) == each.anchor else f'<a id="{each.anchor}"></a>'
        yield f"## {anchor}{each.term}\n"
        yield f"{each.text}\n"
        lines = {"Formula": each.formula, "Interval": each.interval, "Source": each.source}
        # Two spaces end a line.
        yield "  \n".join(f"{label}: {text}" for label, text in lines.items() if text) + "\n"


def _slug(title: str) -> str:
    """The anchor that a heading has by itself."""
    return re.sub(r"[^a-z0-9-]", "", title.casefold().replace(" ", "-"))


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
    yield "Exit codes: 0 done, 1 the experiment or a verification failed, 2 bad input, 130 interrupted. Options of"
    yield "every command (before its name), and what several commands share:\n"
    yield from _help([*_parameters(group, "llmxray"), *shared])
    for path, command, rows in entries:
        pieces = command.collect_usage_pieces(_context(command, path))
        name = path.removeprefix("llmxray ")
        usage = " ".join(_argument(piece) for piece in (name, *pieces) if piece != "[OPTIONS]")
        yield f"## {usage}\n\n{inspect.cleandoc(command.help or '')}\n"
        also = [row[0].split(" <")[0] for row in rows if row in shared and row[0].startswith("-")]
        own = [row for row in rows if row not in shared]
        if own or also:
            yield from _help(own, f"also {', '.join(also)}" if also else "")


def _argument(piece: str) -> str:
    """An argument of a usage line: in capitals, in brackets if it may be absent."""
    return re.sub(r"\{(.*)\}(.*)|\[(.*)\](.*)", _capitals, piece)


def _capitals(found: re.Match[str]) -> str:
    name, dots = found[1] or f"[{found[3]}]", found[2] or found[4] or ""
    return name.upper() if "..." in name else (name + dots).upper()


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
        (_name(name), " ".join(_LIMITS.sub("", text if name[0] == "-" else _in_usage(text)).split()))
        for name, text in filter(None, records)
    ]


def _in_usage(text: str) -> str:
    """The help of an argument without what the usage line says."""
    return text.replace("[required]", "")


def _name(name: str) -> str:
    """An option with its choices, or an argument: the help says what other values are."""
    if name[0] == "-":
        return name if "|" in name else name.split(" <")[0]
    return name.split(" <")[0].upper()


def _help(rows: Sequence[tuple[str, str]], also: str = "") -> Iterator[str]:
    width = min(22, max((len(name) for name, _ in rows), default=0))
    yield "```text"
    for name, text in rows:
        indented = textwrap.indent(textwrap.fill(text, _COLUMNS - width - 2), " " * (width + 2))
        yield f"{name}{indented[len(name) :]}" if len(name) <= width else f"{name}\n{indented}"
    if also:
        yield also
    yield "```\n"


def experiment_reference(schema: Mapping[str, Any]) -> Iterator[str]:
    """The fields of an experiment file, as Markdown lists."""
    yield "# The experiment file\n"
    yield "```sh"
    yield "llmxray new --list     # commented files to start from; `new` adds a schema: editors complete and check them"
    yield "llmxray check NAME     # what a file would send"
    yield "```\n"
    yield "One YAML file declares everything that changes a request. Bold keys are required, unknown ones refused.\n"
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
        where = ", ".join(f"`{key}`" for key in sorted(keys))
        yield from _fields(f"{name}: {where}" if where else name, definition, definitions)


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
    # The first sentence stands in the description of the field that holds it.
    summary = " ".join(definition.get("description", "").split("\n\n")[0].split())
    if title != "The file" and (more := summary.partition(". ")[2]):
        yield f"{more}\n"
    if shared:
        yield f"It has all fields of *{shared}*, and:\n"
    required = definition.get("required", ())
    for key, field in fields.items():
        if shared and key in (definitions or {})[shared]["properties"]:
            continue
        name = f"**`{key}`**" if key in required else f"`{key}`"
        yield f"- {name}: {field.get('description', '')} {_default(field)}".rstrip()
    yield ""


def _default(field: Mapping[str, Any]) -> str:
    value = field.get("default")
    return "" if value in (None, {}, [], "") else f"Default `{json.dumps(value)}`."


def suite_cards() -> Iterator[str]:
    """A card for every suite, as Markdown; `llmxray suites NAME` shows more of it."""
    yield "# The suites\n"
    yield "```yaml"
    yield "suites:"
    yield "  - {suite: starter/arc, per_category: 10}"
    yield "  - {suite: mmlu_pro, source: {hub: TIGER-Lab/MMLU-Pro, revision: main}}    # with the extra hub"
    yield "  - {suite: arc, source: {file: arc.parquet}}                               # rows as on the hub"
    yield "```\n"
    yield "Or use [your own questions](data.md). `llmxray suites NAME` shows an example, with `--file FILE` a file's"
    yield "faults. `arc` also reads its authors' JSON, `truthfulqa` its authors' CSV.\n"
    yield "Starter suites come with llmxray, under CC BY 4.0. Their questions are ours: easier than those of the"
    yield "benchmarks, and too few to rank close models. *Options alone* is the share answered correctly without"
    yield "seeing the question (recorded in `no-question`).\n"
    cards = [card for card in suites.cards() if card.name != "custom"]
    common = {text for text, count in Counter(card.departs for card in cards).items() if count > 1}
    by_source: dict[str, SuiteCard] = {}
    for card in cards:
        yield f"## {card.name}: {card.title}\n"
        ours = card.name.startswith("starter/")
        same = card if ours else by_source.setdefault(card.source, card)
        known = {*_published(same)} if same is not card else set()
        for label, text in _starter(card) if ours else _published(card):
            if text and text not in common and (label, text) not in known:
                yield f"- **{label}.** {text}"
        if known:
            yield f"- Otherwise as `{same.name}`."
        yield ""


def _starter(card: SuiteCard) -> Iterator[tuple[str, str]]:
    suite = suites.load(SuiteRef(suite=card.name), Path())
    chance = f"; blind guessing {suite.card.chance:.1%}" if suite.card.chance is not None else ""
    yield "Tests", card.tests
    yield "Does not test", card.does_not_test
    yield "Questions", f"{len(suite.items)}; {len(suite.shots)} worked examples{chance}."
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
    return f"{', '.join(shares)}."


def _published(card: SuiteCard) -> Iterator[tuple[str, str]]:
    yield "Tests", card.tests
    yield "Does not test", card.does_not_test
    guessing = "" if card.chance is None else f" Blind guessing: {card.chance:.1%}."
    yield "Categories", card.categories
    yield "Prompt", card.departs + guessing
    # The arXiv number stands for the title.
    citation = re.sub(r"(\(\d{4}\)), .* (arXiv:\S+)$", r"\1, \2", card.citation)
    yield "Source", f"{card.source} ({card.licence}). {citation}"


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
