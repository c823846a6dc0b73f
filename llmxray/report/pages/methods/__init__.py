"""How every number came about: what was sent, to what, when; how answers were read; what estimators are."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from llmxray.plan import PROMPTS, PlannedSuite, recorded_fingerprint
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults
from llmxray.report.analysis import applies as kinds
from llmxray.report.analysis.rescoring import readings
from llmxray.report.files import export
from llmxray.report.links import Link
from llmxray.report.widgets.frame import Values, framed, rebuilding
from llmxray.report.widgets.table import Cell, ColumnHead, Line, Table, of_conditions
from llmxray.report.wording.asking import LAYOUTS, RULES, asked_in_words
from llmxray.report.wording.calibration import without_confidence
from llmxray.report.wording.definitions import DEFINITIONS, Definition
from llmxray.report.wording.labels import changed_labels
from llmxray.report.wording.predictions import verdicts
from llmxray.report.wording.sending import budget_column, other_routes, sending
from llmxray.suites.base import chance
from llmxray.suites.examples import example
from llmxray.suites.starter import CORRECTED
from llmxray.types import Trial

# In the order of a sentence about a server; whatever else was probed follows.
_FACTS = ("server", "model", "machine", "template", "licence", "weights_sha256", "base_url", "load_before")
_SHOWN_FAULTS, _SHOWN_FILES = 5, 5
# Pages that files of other tools do not suffice for.
_ABSENT = {
    "xray": "no X-ray: the files hold no tokens with log-probabilities",
    "playback": "no Playback: the files do not say when the pieces of a reply came",
}
_QUIET = ("models", "token_bytes", "usage", "streaming")

type Facts = list[tuple[str, str]]
"""Names with their values."""


def make(analysis: Analysis) -> Values:
    """The methods page of an experiment."""
    data = analysis.data
    manifest = data.cassette.manifest
    return framed(
        data,
        "methods",
        "Methods",
        lede=_lede(analysis),
        sent=tuple(_sent(analysis)),
        settings=_settings(analysis),
        relabelled=changed_labels(data),
        servers=[(name, _server(facts)) for name, facts in (manifest.facts if manifest else {}).items()],
        rules=_rules(analysis),
        cards=[(suite.card.title, _card(suite)) for suite in analysis.plan.suites.values()],
        definitions=_definitions(analysis),
        software=_software(analysis),
        notes=tuple(_notes(analysis)),
        links=tuple(Link(text=name, href=data.contents.saved(name)) for name in export.names(data)),
        otherwise=analysis.contents.href("robustness", "chains") if readings(analysis).changed else "",
        command=rebuilding(data),
        # From files of other tools.
        read=bool(data.files),
    )


def _software(analysis: Analysis) -> Facts:
    """What recorded, and the hashes by which the recordings can be told from others."""
    manifest = analysis.data.cassette.manifest
    if manifest is None:
        return []
    labels = {view.id: view.label for view in analysis.views}
    hashes = [
        f"{labels.get(record.condition, record.condition)}: SHA-256 {record.sha256}"
        for record in manifest.role("recordings")
    ]
    fingerprint = recorded_fingerprint(analysis.data.cassette)
    plan = [("plan", f"fingerprint {fingerprint}")] if fingerprint else []
    return [*manifest.software.items(), *plan, *(("recording", each) for each in hashes)]


def _definitions(analysis: Analysis) -> tuple[Definition, ...]:
    """Those of every experiment, and those that are only for what this experiment has."""
    has = {
        "": True,
        "rotations": analysis.rotated,
        "paraphrases": kinds.paraphrase_suites(analysis.plan),
        "settings": kinds.same_weights(analysis.plan),
        # Of prompts, or of what a prediction is about.
        "samples": PROMPTS in analysis.plan.suites
        or any(each.metric in ("similarity", "same_seed") for each in verdicts(analysis)),
        "predictions": verdicts(analysis),
    }
    return tuple(each for each in DEFINITIONS if has[each.only])


def _lede(analysis: Analysis) -> str:
    data, rows = analysis.data, analysis.data.results.rows
    trials = numbers.plural(len(rows), "trial")
    if data.files:
        names = list(data.files[:_SHOWN_FILES])
        names += [f"{len(data.files) - _SHOWN_FILES} more"] if len(data.files) > _SHOWN_FILES else []
        return (
            f"{trials} read from {numbers.listed(names)}, written by {numbers.listed(list(data.tools))}, which hold "
            "answers and no exchanges; times are those of the files, and no model is asked."
        )
    manifest = data.cassette.manifest
    times = dict(manifest.recorded) if manifest else {}
    ends = " and ".join(times[end][:16].replace("T", " ") for end in ("first", "last") if times)
    when = f", made between {ends} UTC" if times else ""
    # Trials with the same prompt share a recording (MMLU-Pro has 159 such prompts).
    addresses = {address for row in rows for address in row.recordings}
    retried = sum(row.attempts > 1 for row in rows)
    again = (
        f" {numbers.plural(retried, 'trial')} needed more than one attempt; the first whole reply counts."
        if retried
        else ""
    )
    n = numbers.plural(len(addresses), "recording")
    return f"{trials} from {n}{when}; this site is computed from them and asks no model anything.{again}"


def _notes(analysis: Analysis) -> Iterator[str]:
    data, manifest = analysis.data, analysis.data.cassette.manifest
    if data.tokens != "all":
        what = "the tokens of the thinking" if data.tokens == "answers" else "the tokens of the answers"
        yield (
            f"This site leaves out {what} and their alternatives, to stay small; the texts are all here, and the "
            "recording keeps every token. `llmxray report --tokens all` publishes them."
        )
    yield from data.results.notes
    if said := other_routes(analysis.plan, data.cassette):
        yield said
    if data.experiment.kind == "benchmark" and not data.contents.has("calibration"):
        found = without_confidence(analysis.views)
        whose = [
            f"{why} ({numbers.listed(names)})" if len(found) > 1 else why for why, names in found.items()
        ]
        yield f"no Calibration, for no answer has an option confidence: {'; '.join(whose)}"
    if data.files:
        yield from (said for page, said in _ABSENT.items() if not data.contents.has(page))
    if manifest is not None and not manifest.covered:
        yield "the manifest has no hash of itself: facts, software and dates could have been changed unseen"


def _sent(analysis: Analysis) -> Iterator[Values]:
    """One whole request of each condition as it was sent, and how its prompt is laid out, in words."""
    first: dict[str, Trial] = {}
    for trial in analysis.plan.trials:
        # The original app's files hold answers, and not what was sent for them.
        if trial.requests:
            first.setdefault(trial.condition, trial)
    for view in analysis.views:
        if view.id not in first:
            continue
        trial, layout = first[view.id], view.condition.layout
        if analysis.data.files:
            note = f"Question {trial.item}, as the file holds it; what else was sent is not in it."
        else:
            n, suite = len(trial.requests), analysis.label_of_suite(trial.suite)
            many = f", the first of {n} requests, one per option" if n > 1 else ""
            where = f"{view.condition.endpoint}/v1/chat/completions"
            note = f"Question {trial.item} of {suite}{many}, to {where}."
            layout = LAYOUTS.get("verbatim" if trial.suite == PROMPTS else layout, layout)
        body = json.dumps(trial.requests[0].body, indent=2, ensure_ascii=False)
        yield Values(view=view, layout=layout, body=body, note=note)


def _settings(analysis: Analysis) -> Table:
    names = list(dict.fromkeys(name for view in analysis.views for name in view.condition.sampling))
    rows = []
    for view in analysis.views:
        most = max((row.concurrency for row in view.rows), default=1) or None
        condition = view.condition
        budget = numbers.count(condition.max_tokens) if condition.budget_field else numbers.MISSING
        cells = [
            Cell(text=condition.model, small=condition.endpoint, numeric=False),
            _answered(analysis, view),
            *(Cell(text=_value(condition.sampling.get(name))) for name in names),
            Cell(text=budget, small=condition.budget_reason),
            Cell(text=numbers.MISSING if most is None else str(most)),
        ]
        rows.append((view, cells))
    columns = [
        ColumnHead(text="model", numeric=False),
        ColumnHead(text="answers by", small="layout of the prompt", numeric=False),
        *(ColumnHead(text=name) for name in names),
        ColumnHead(text=budget_column(analysis.views)),
        ColumnHead(text="in flight", small="most at once"),
    ]
    said = "Request fields of each condition. A repeat sends seed + its number. " + sending(analysis.views)
    return of_conditions(said.rstrip(), columns, rows)


def _answered(analysis: Analysis, view: ConditionResults) -> Cell:
    """Kinds of answer and layouts of prompts, over the condition's trials."""
    suites = dict.fromkeys(row.suite for row in view.rows)
    kinds = dict.fromkeys(analysis.plan.suites[suite].answer_kind(view.condition) for suite in suites)
    layouts = dict.fromkeys("verbatim" if suite == PROMPTS else view.condition.layout for suite in suites)
    return Cell(text=numbers.listed([*map(asked_in_words, kinds)]), small=" or ".join(layouts), numeric=False)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    return numbers.MISSING if value is None else str(value)


def _server(facts: Mapping[str, Any] | Any) -> Facts:
    """What is known of a server since the recording, without what it cannot do and does not say."""
    known = {
        key: value
        for key, value in (facts.items() if isinstance(facts, Mapping) else ())
        if (value or key == "logprobs") and not str(value).endswith("unknown")
    }
    order = [key for key in _FACTS if key in known] + sorted(set(known) - set(_FACTS) - set(_QUIET))
    return [(key.replace("_", " "), _value(known[key])) for key in order]


def _rules(analysis: Analysis) -> Table | None:
    fired = {view.id: Counter(row.rule for row in view.rows if row.rule) for view in analysis.views}
    names = [name for name, _ in sum(fired.values(), Counter()).most_common()]
    if not names:
        return None
    lines = []
    for name in names:
        cells = [Cell(text=RULES.get(name, ""), numeric=False)]
        cells += [
            Cell(text=numbers.count(fired[view.id][name]), css=f"k {view.css}") for view in analysis.views
        ]
        lines.append(Line(head=name, cells=tuple(cells)))
    columns = (
        ColumnHead(text="rule", numeric=False),
        ColumnHead(text="what it looks for", numeric=False),
        *(ColumnHead(text=view.label, css=f"k {view.css}") for view in analysis.views),
    )
    return Table(
        caption=f"How often each rule of the chain “{analysis.data.experiment.analysis.chain}” found the answer. "
        "Rules are tried in a fixed order; the rules of other people's chains bear their names.",
        columns=columns,
        lines=tuple(lines),
    )


def _card(suite: PlannedSuite) -> Facts:
    card = suite.card
    facts = [
        ("tests", card.tests),
        ("does not test", CORRECTED.get(card.does_not_test, card.does_not_test)),
        ("questions used", numbers.count(len(suite.items))),
        ("groups of questions", _groups(suite)),
        # Cards of older recordings have none.
        ("example", card.example or example(card.name)),
        ("categories", card.categories),
        # Of these questions: a card may state anything.
        ("chance", numbers.percent(card.chance and chance(suite.items))),
        ("departs", card.departs),
        ("source", card.source),
        ("revision", card.revision),
        ("licence", card.licence),
        ("cite", card.citation),
        ("faults in the data", _faults(suite)),
    ]
    return [fact for fact in facts if fact[1]]


def _groups(suite: PlannedSuite) -> str:
    n = len({item.group for item in suite.items if item.group})
    if not n:
        return ""
    return (
        f"{numbers.count(n)}, by a column of the data, such as passages or families; tests and intervals count groups, "
        "and not questions (Miller 2024, arXiv:2411.00640)"
    )


def _faults(suite: PlannedSuite) -> str:
    if not suite.n_faults:
        return ""
    listed = suite.faults[:_SHOWN_FAULTS]
    more = suite.n_faults - len(listed)
    return f"{suite.n_faults}: {'; '.join(listed)}{f'; … and {more} more' if more else ''}"
