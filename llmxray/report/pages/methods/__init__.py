"""How every number came about: what was sent, to what, when; how answers were read; what estimators are."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from llmxray.experiment import SuiteRef
from llmxray.plan import PROMPTS, PlannedSuite, recorded_fingerprint
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionView
from llmxray.report.analysis.rescoring import readings
from llmxray.report.files import export
from llmxray.report.links import Link
from llmxray.report.sentences import Finding
from llmxray.report.widgets.frame import TemplateValues, framed, rebuilding
from llmxray.report.widgets.table import Cell, ColumnHead, Line, Table, of_conditions
from llmxray.report.wording import DEFINITIONS, asking
from llmxray.report.wording.calibration import without_confidence
from llmxray.scoring import CHOSEN
from llmxray.scoring.budgets import STANDARD
from llmxray.suites.base import chance
from llmxray.suites.catalogue import example
from llmxray.suites.starter import CORRECTED
from llmxray.types import Trial
from llmxray.wire import APIS

# In the order of a sentence about a server; whatever else was probed follows.
_FACTS = ("server", "model", "machine", "template", "licence", "weights_sha256", "base_url", "load_before")
_SHOWN_FAULTS, _SHOWN_FILES = 5, 5
# Pages that files of other tools do not suffice for.
_ABSENT = {
    "xray": "no X-ray: the files hold no tokens with log-probabilities",
    "playback": "no Playback: the files do not say when the pieces of a reply came",
}
# Columns of every table of conditions; the others say how models were asked.
_OF_MODEL = ("full name", "parameters", "file", "quantisation", "weights, SHA-256", "licence")
# What every page of results needs.
_FIRST = ("accuracy", "interval", "ece-15", "guessing", "holm")
# Settings of requests; those that say what they are keep their name.
_IN_WORDS = {
    "logprobs": "probabilities recorded",
    "top_logprobs": "alternatives recorded of each token",
    "cache_prompt": "prompt cache",
    "max_tokens": "longest answer, tokens",
}
_LISTED = re.compile(r"(\w+) ([^,]+)")
_QUIET = ("models", "token_bytes", "usage", "streaming")

type Facts = Sequence[tuple[str, str | Finding]]
"""Names with their values."""


def page_values(analysis: Analysis) -> TemplateValues:
    """The methods page of an experiment."""
    data = analysis.data
    manifest = data.cassette.manifest
    settings, same = _settings(analysis)
    refs = {ref.id: ref for ref in data.experiment.suites}
    facts: Mapping[str, Any] = manifest.facts if manifest else {}
    return framed(
        data,
        "methods",
        "Methods",
        headline=_headline(
            analysis, same=all(column.text in ("condition", *_OF_MODEL) for column in settings.columns)
        ),
        lead=_lead(analysis),
        sent=tuple(_sent(analysis)),
        settings=settings,
        same=same,
        relabelled=asking.changed_labels(data),
        # Servers, machines and templates, each once.
        machines=dict.fromkeys(
            str(of[key]) for key in ("server", "machine", "template") for of in facts.values() if of.get(key)
        ),
        servers=[(name, _server(of)) for name, of in facts.items()],
        rules=_rules(analysis),
        by_rule=_by_rule(analysis),
        cards=[
            (suite.card.title, _card(suite, analysis.kinds_of(name), refs.get(name)))
            for name, suite in analysis.plan.suites.items()
        ],
        departs=[(of.card.departs, of.card.title) for of in analysis.plan.suites.values() if of.card.departs],
        definitions=DEFINITIONS,
        first=_FIRST,
        software=_software(analysis),
        notes=tuple(_notes(analysis)),
        links=tuple(Link(text=name, href=data.contents.saved(name)) for name in export.names(data)),
        otherwise=analysis.contents.href("robustness", "chains") if readings(analysis).changed else "",
        command=rebuilding(data),
        recorded=data.recorded_on,
        version=(manifest.software if manifest else {}).get("llmxray", ""),
        # From files of other tools.
        read=bool(data.files),
    )


def _headline(analysis: Analysis, *, same: bool) -> Finding:
    asked = {len({analysis.design.question(item) for item in view.items}) for view in analysis.views}
    models, ways = len(set(analysis.data.models)), len(analysis.views)
    return Finding(
        "methods.headline",
        models=models,
        ways=ways if ways > models else None,
        questions=asked.pop() if len(asked) == 1 else None,
        same=Finding("methods.same") if same and ways > 1 else None,
    )


def _software(analysis: Analysis) -> Facts:
    """What recorded, and the hashes by which the recordings can be told from others."""
    manifest = analysis.data.cassette.manifest
    if manifest is None:
        return []
    labels = {view.id: view.label for view in analysis.views}
    facts = list(manifest.software.items())
    if fingerprint := recorded_fingerprint(analysis.data.cassette):
        facts.append(("plan", f"fingerprint {fingerprint}"))
    for of in manifest.role("recordings"):
        facts.append(("recording", f"{labels.get(of.condition, of.condition)}: SHA-256 {of.sha256}"))
    return facts


def _lead(analysis: Analysis) -> Finding:
    data, rows = analysis.data, analysis.data.results.rows
    if data.files:
        names = list(data.files[:_SHOWN_FILES])
        names += [f"{len(data.files) - _SHOWN_FILES} more"] if len(data.files) > _SHOWN_FILES else []
        return Finding("methods.read", n=len(rows), files=names, tools=list(data.tools))
    times = dict(data.cassette.manifest.recorded) if data.cassette.manifest else {}
    first, last = (times.get(end, "")[:16].replace("T", " ") for end in ("first", "last"))
    # Trials with the same prompt share a recording (MMLU-Pro has 159 such prompts).
    recordings = len({address for row in rows for address in row.recordings})
    return Finding(
        "methods.recorded",
        n=len(rows),
        recordings=recordings if recordings != len(rows) else None,
        branches="branches" if data.results.plan.branches else None,
        first=first,
        last=last,
        retried=sum(row.attempts > 1 for row in rows) or None,
    )


def _notes(analysis: Analysis) -> Iterator[str | Finding]:
    data = analysis.data
    if data.tokens != "all":
        what = "the tokens of the thinking" if data.tokens == "answers" else "the tokens of the answers"
        yield Finding("methods.tokens", what=what)
    yield from data.results.notes
    if data.experiment.kind == "benchmark" and not data.contents.has("calibration"):
        found = without_confidence(analysis.views)
        whose = [
            f"{why} ({numbers.listed(names)})" if len(found) > 1 else why for why, names in found.items()
        ]
        yield f"no Calibration, for no answer has an option confidence: {'; '.join(whose)}"
    if data.files:
        yield from (said for page, said in _ABSENT.items() if not data.contents.has(page))


def _sent(analysis: Analysis) -> Iterator[TemplateValues]:
    """One whole request of each condition as it was sent, and how its prompt is laid out, in words."""
    first: dict[str, Trial] = {}
    for trial in analysis.plan.trials:
        # The original app's files hold answers, and not what was sent for them.
        if trial.requests:
            first.setdefault(trial.condition, trial)
    for view in analysis.ranked:
        if view.id not in first:
            continue
        trial, layout = first[view.id], view.condition.layout
        if analysis.data.files:
            note = f"Question {trial.item}, as the file holds it; what else was sent is not in it."
        else:
            n, suite = len(trial.requests), analysis.label_of_suite(trial.suite)
            many = f", the first of {n} requests, one per option" if n > 1 else ""
            where = f"{APIS[view.condition.api].route.path} of the server {view.condition.endpoint}"
            note = f"Question {trial.item} of {suite}{many}, to {where}."
            layout = asking.LAYOUTS.get("verbatim" if trial.suite == PROMPTS else layout, layout)
        body = json.dumps(trial.requests[0].body, indent=2, ensure_ascii=False)
        yield TemplateValues(view=view, layout=layout, body=body, note=note)


def _seeds(view: ConditionView) -> str:
    """The seeds of repeats, which count up from the one in the experiment file; "" of a single one."""
    seed, last = view.condition.sampling.get("seed"), max((row.sample for row in view.rows), default=0)
    return f"{seed} to {seed + last}, one for each repeat" if last and isinstance(seed, int) else ""


def _settings(analysis: Analysis) -> tuple[Table, Facts]:
    """What conditions are and how they were asked: a table of what differs, and what is the same for all."""
    names = dict.fromkeys(name for view in analysis.ranked for name in view.condition.sampling)
    columns: dict[str, list[Cell]] = {}
    budget = asking.budget_column(analysis.ranked)
    for view in analysis.ranked:
        condition, facts = view.condition, analysis.data.facts_of(view.condition)
        listed = dict(_LISTED.findall(str(facts.get("model_facts", ""))))
        most = max((row.concurrency for row in view.rows), default=1)
        cells = {
            "full name": Cell(text=condition.model, numeric=False, css="mono"),
            "parameters": Cell(text=_large(listed.get("n_params"), "million", "billion")),
            "file": Cell(text=_large(listed.get("size"), "MB", "GB")),
            "quantisation": Cell(text=listed.get("quantization", ""), numeric=False),
            "weights, SHA-256": Cell(
                text=str(facts.get("weights_sha256", ""))[:12], numeric=False, css="mono"
            ),
            "licence": Cell(text=str(facts.get("licence", "")), numeric=False),
            "answers by": _answered(analysis, view),
            "system prompt": Cell(text=condition.system or "", numeric=False),
            **{_IN_WORDS.get(name, name): Cell(text=_value(condition.sampling.get(name))) for name in names},
            _IN_WORDS.get(budget, budget): Cell(
                text=numbers.count(condition.max_tokens) if condition.budget_field else "",
                small="" if condition.budget_reason == STANDARD else condition.budget_reason,
            ),
            **({"seed": Cell(text=seeds)} if (seeds := _seeds(view)) else {}),
            "most in flight": Cell(text=str(most or "")),
        }
        for name, cell in cells.items():
            columns.setdefault(name, []).append(cell)
    known = {name: cells for name, cells in columns.items() if any(cell.text for cell in cells)}
    differ = [name for name, cells in known.items() if name in _OF_MODEL or len(set(cells)) > 1]
    heads = [ColumnHead(text=name, numeric=known[name][0].numeric) for name in differ]
    rows = zip(analysis.ranked, zip(*(known[name] for name in differ), strict=True), strict=True)
    same = [
        (name, f"{cells[0].text} ({cells[0].small})" if cells[0].small else cells[0].text)
        for name, cells in known.items()
        if name not in differ
    ]
    return of_conditions(asking.request_notes(analysis.ranked), heads, rows), same


def _large(value: str | None, *units: str) -> str:
    """A number in millions or milliards: "630 million", "1.1 GB"."""
    n = int(value) if value and value.isdigit() else 0
    return "" if not n else f"{n / 1e9:.2f} {units[1]}" if n >= 1e9 else f"{n / 1e6:.0f} {units[0]}"


def _answered(analysis: Analysis, view: ConditionView) -> Cell:
    """Kinds of answer and layouts of prompts, over the condition's trials."""
    suites = dict.fromkeys(row.suite for row in view.rows)
    kinds = dict.fromkeys(analysis.plan.suites[suite].answer_kind(view.condition) for suite in suites)
    layouts = dict.fromkeys("verbatim" if suite == PROMPTS else view.condition.layout for suite in suites)
    return Cell(
        text=numbers.listed([*map(asking.asked_in_words, kinds)]), small=" or ".join(layouts), numeric=False
    )


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    return "" if value is None else str(value)


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
        counts = ((numbers.count(fired[view.id][name]), f"k {view.css}") for view in analysis.views)
        cells = (Cell(text=text, css=css) for text, css in counts)
        lines.append(Line(head=name, cells=(Cell(text=asking.RULES.get(name, ""), numeric=False), *cells)))
    columns = (
        ColumnHead(text="rule", numeric=False),
        ColumnHead(text="what it looks for", numeric=False),
        *(ColumnHead(text=view.label, css=f"k {view.css}") for view in analysis.views),
    )
    return Table(caption="", columns=columns, lines=tuple(lines))


def _by_rule(analysis: Analysis) -> Finding | None:
    """What most answers were read by."""
    fired = Counter(row.rule for row in analysis.data.results.rows if row.rule)
    if not fired:
        return None
    rule, n = fired.most_common(1)[0]
    chain = analysis.data.experiment.analysis.chain
    return Finding("methods.by-rule", n=n, all=fired.total(), what=asking.RULES.get(rule, rule), chain=chain)


def _card(suite: PlannedSuite, kinds: Collection[str], ref: SuiteRef | None) -> Facts:
    card = suite.card
    drawn = ref and ref.sample
    # What a card says of a choice holds for none that is not offered.
    has_options = not suite.items[0].choices or any(kind in CHOSEN for kind in kinds)
    guessed = card.chance and chance(suite.items)
    groups = {item.group for item in suite.items if item.group}
    facts = [
        (
            "tests",
            CORRECTED.get(card.tests, card.tests)
            + ("" if has_options else " Asked here without its options.")
            + (f" Asked here: only {numbers.listed(ref.categories)}." if ref and ref.categories else ""),
        ),
        ("does not test", CORRECTED.get(card.does_not_test, card.does_not_test) if has_options else ""),
        ("questions used", numbers.count(len(suite.items))),
        ("drawn", Finding("methods.drawn", n=drawn.n, seed=drawn.seed) if drawn else ""),
        ("groups of questions", Finding("methods.groups", n=len(groups)) if groups else ""),
        # Cards of older recordings have none.
        ("example", card.example or example(card.name)),
        ("categories", card.categories),
        # Of these questions: a card may state anything.
        ("chance", numbers.percent(guessed) if guessed else ""),
        ("source", card.source),
        ("revision", card.revision),
        ("licence", card.licence),
        ("cite", card.citation),
        ("faults in the data", _faults(suite)),
    ]
    return [fact for fact in facts if fact[1]]


def _faults(suite: PlannedSuite) -> str:
    if not suite.n_faults:
        return ""
    listed = suite.faults[:_SHOWN_FAULTS]
    more = suite.n_faults - len(listed)
    return f"{suite.n_faults}: {'; '.join(listed)}{f'; … and {more} more' if more else ''}"
