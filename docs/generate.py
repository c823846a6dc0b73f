"""Write the parts of the docs that come from the code, or with ``--check`` say which are out of date.

Generated: ``cli.md`` (every command's help), ``experiment.md`` and ``experiment.schema.json`` (the file's fields),
``suites.md`` (``parts/columns.md`` and a card for every suite), ``methods.md`` (every number's definition and formula),
``glossary.md`` (the terms that pages explain where they first stand).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer

from llmxray import suites
from llmxray.cli.commands import app
from llmxray.experiment import SuiteRef, json_schema, schema_text
from llmxray.report.sentences.terms import glossary_document
from llmxray.report.wording import DEFINITIONS

DOCS = Path(__file__).parent


PREDICTIONS = """\
## What is not sent

`null` under `sampling:` or in a variant leaves a field out of requests, whatever another level, a preset or llmxray
itself would send: `sampling: {temperature: null}`. What servers refuse, and what happens then: [Servers](servers.md).

## Predictions

A hypothesis is prose. A prediction says what would count for it, before anything is recorded:

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

`above: X` with margin m predicts metric(of) − metric(X) > m, `below: X` that metric(X) − metric(of) > m, and
`same_as: X` with `within: w` that the two differ by less than w. X is another condition, a number, or `chance`, the
accuracy of blind guessing. Accuracy, ECE and truncation are written in percent, their margins in percentage points.
`on` is a suite's id, a category, a prompt's id, or `all`; in a comparison the prompts are the suite `prompts`.
`on: position` (with `rotations: all`) is about each position of the right option: the worst one decides.

Three metrics are compared with a number only. `paraphrase_gap` is the accuracy in the first wording less that in the
others, in percentage points. `favourite_share` is how many of the answers that name a letter name the commonest one.
`same_seed` is how much more alike the answers of two conditions are where they share a seed, from −1 to 1; its `of`
names both, joined by "and", or is `all`. For the two differences `within` alone means "within so much of 0".

`llmxray check` says which predictions could never be decided, and the minimum detectable effect of the others. It
warns of a hypothesis without predictions. When recording begins,
hypothesis and predictions are frozen into the cassette with the date, and nothing overwrites them; `--fresh` keeps
the earlier ones where they differ. `llmxray run`, `llmxray report` and `results.json` give each prediction its
verdict: *held*, *did not hold*, or *open* (inconclusive, or without data). Predictions that are added after recording
are marked; those that are removed are judged all the same. A claim that was reworded stands beside its frozen words.
A recording that this one replaced belongs under `earlier:` with its date, its result and what was changed since; the
first page shows it. How verdicts are computed: [Methods](methods.md#verdict).

`llmxray check` also prints the plan's fingerprint: a SHA-256 of the hypothesis, the predictions, the analysis settings,
the requests and the questions. Publish it before you record, in a commit that others have or in a registry, and say
where. The line may be added after recording, since it changes no fingerprint:

```yaml
anchor: {at: "https://osf.io/abcde", date: 2026-12-01}
```

Overview shows it beside the predictions, Methods the recorded plan's fingerprint.
[What that proves](trust.md#nothing-changed-unseen).

## What requests cost

Under `prices:` stand the prices of tokens by model id, and beside them what an hour of your own machine costs:

```yaml
prices:
  large: {input_per_million: 1.10, output_per_million: 4.40}
  machine_per_hour: 0.20
  currency: USD
  source: the list price of a small cloud machine
```

A model with prices of its tokens is paid by tokens, every other one by its latency. The price of an hour is an
assumption, and the pages that show such a cost name it. A file with prices has no model with the id `machine_per_hour`,
`currency` or `source`.
"""


def methods_document() -> Iterator[str]:
    """docs/methods.md, line by line."""
    yield "# Methods\n"
    yield "Every number that a report shows: what it is, its formula, how its interval is found, the function that"
    yield "computes it, and where it comes from. The same texts stand on each experiment's methods page, which the"
    yield "numbers on the site link to; both are made from `llmxray/report/wording/definitions.toml`.\n"
    yield "Throughout: cᵢ is the confidence of row i and yᵢ whether it is right, N the rows, b a bin of n_b rows;"
    yield "intervals are 95%. Missing values are left out and counted, never replaced. Repeats of a question are"
    yield "averaged within it first. A question that is put in several wordings, rotations or samples is one unit in"
    yield "every interval and test. Questions of two conditions are joined by id; what cannot be joined is listed."
    yield "Random draws are seeded by the names of what they are about, so every build gives the same numbers.\n"
    yield "Functions are below `llmxray.metrics` unless a room is named. Their values are tested against published"
    yield "reference values and, on random input, against scipy, statsmodels, scikit-learn and relplot to 1e-9.\n"
    for each in DEFINITIONS:
        yield f'## <a id="{each.anchor}"></a>{each.term}\n'
        yield f"{each.text}\n"
        if each.formula:
            yield f"- Formula: {each.formula}"
            yield f"- Interval: {each.interval}" if each.interval else "- Interval: none"
            yield f"- Code: `{each.code}`"
        if each.source:
            yield f"- Source: {each.source}"
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
    """The help of every command, as Markdown."""
    yield "# Commands\n"
    yield "Exit codes: 0 done, 1 the experiment or a verification failed, 2 bad input, 130 interrupted.\n"
    group = typer.main.get_command(app)
    yield from _command(group, "llmxray")


def _command(command: Any, path: str) -> Iterator[str]:
    context = typer.Context(command, info_name=path, terminal_width=100, max_content_width=100)
    if path != "llmxray":
        yield f"## {path}\n\n```text\n{command.get_help(context).rstrip()}\n```\n"
    commands = getattr(command, "commands", {})
    for name in commands:
        yield from _command(commands[name], f"{path} {name}")


def experiment_reference(schema: Mapping[str, Any]) -> Iterator[str]:
    """The fields of an experiment file, as Markdown tables."""
    yield "# The experiment file\n"
    yield "One YAML file declares everything that changes a request. Unknown keys are refused. Editors that know"
    yield "the YAML language server complete and check it with `experiment.schema.json`, which `llmxray new` writes"
    yield "beside it: no network is needed.\n"
    yield PREDICTIONS
    yield from _table("The file", schema)
    for name, definition in sorted(schema.get("$defs", {}).items()):
        if "properties" in definition:
            yield from _table(name, definition)


def _table(title: str, definition: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {title}\n"
    if title != "The file" and definition.get("description"):
        yield f"{definition['description']}\n"
    yield "| key | what | default |"
    yield "|---|---|---|"
    required = definition.get("required", ())
    for key, field in definition.get("properties", {}).items():
        default = "required" if key in required else _default(field)
        yield f"| `{key}` | {field.get('description', '').replace('|', chr(92) + '|')} | {default} |"
    yield ""


def _default(field: Mapping[str, Any]) -> str:
    value = field.get("default")
    return "" if value in (None, {}, [], "") else f"`{json.dumps(value)}`"


def suite_cards() -> Iterator[str]:
    """How any data set is described, and a card for every suite, as Markdown."""
    yield "# The suites\n"
    yield "What each suite tests, and what it does not. A score is no report card: read both lines. The examples are"
    yield "ours, in the format of the suite; no question of a published benchmark is quoted here.\n"
    yield "Published benchmarks need a source: `source: {hub: …, revision: …}` with the extra `hub`, or"
    yield "`source: {file: …}` with the rows in the hub's schema; `arc` also reads its authors' JSON, `truthfulqa` its"
    yield "authors' CSV. `llmxray suites NAME --file FILE` counts a file's questions and lists what was found wrong in"
    yield "it. Rows of another data set are refused; [any data set](#any-data-set-say-what-its-columns-hold) takes a"
    yield "few lines.\n"
    # Written by hand, and read by a test that executes its examples.
    yield (DOCS / "parts/columns.md").read_text("utf-8").rstrip("\n") + "\n"
    for card in suites.cards():
        ours = card.name.startswith("starter/")
        loaded = suites.load(SuiteRef(suite=card.name), Path()) if ours else None
        size = f"{len(loaded.items)} and {len(loaded.shots)} worked examples" if loaded else ""
        chance = loaded.card.chance if loaded else card.chance
        yield f"## {card.name}: {card.title}\n"
        for label, text in (
            ("Tests", card.tests),
            ("Does not test", card.does_not_test),
            ("An example", card.example),
            ("Categories", card.categories),
            ("Questions", size),
            ("Blind guessing", "" if chance is None else f"{chance:.1%}"),
            ("How our prompt departs", card.departs),
            ("Licence", card.licence),
            ("Source", card.source),
            ("Cite", card.citation),
        ):
            if text:
                yield f"- **{label}.** {text}"
        yield ""


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
