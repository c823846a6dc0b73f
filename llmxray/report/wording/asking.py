"""How a model was asked and its reply read, in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from llmxray.plan import Plan, recorded_labels
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionView, ExperimentData
from llmxray.report.analysis.condition_colours import model_in
from llmxray.report.analysis.ledger_entry import LedgerEntry, LedgerRun
from llmxray.report.analysis.standings import names_of, reversal
from llmxray.report.numbers import listed
from llmxray.report.sentences import Finding, Joined
from llmxray.report.wording import tables
from llmxray.types import BUDGET_FIELDS

_WORDS = tables("asking")
LAYOUTS, RULES = _WORDS["layouts-in-full"], _WORDS["rules"]
"""Layouts of prompts and rules of extraction by name, each in a few words."""


def asked_in_words(asked: str) -> str:
    """``letter, few-shot-think`` as people say it: "says a letter, with worked examples, thinks first".

    Args:
        asked: kind of answer and layout; what is known by neither name stays as it is.
    """
    answer, _, layout = asked.partition(", ")
    said = _WORDS["answers"].get(answer, answer), _WORDS["layouts"].get(layout, layout)
    return ", ".join(filter(None, said))


def layout_of(*runs: LedgerRun) -> str | None:
    """How the prompts of these runs were laid out: "with worked examples, as plain text"; None where they differ."""
    layouts = {run.asked.partition(", ")[2] for run in runs}
    return asked_in_words(f", {layouts.pop()}") or None if len(layouts) == 1 else None


def medium_of(*runs: LedgerRun) -> str | None:
    """Whether these runs asked "as plain text" or "in a chat"; None where some did either."""
    plain = {run.asked.endswith("-raw") for run in runs}
    return ("as plain text" if plain.pop() else "in a chat") if len(plain) == 1 else None


def unseen_options(analysis: Analysis) -> str:
    """Of which suites of a benchmark the model is not shown the options, in a sentence; "" for none."""
    # Files do not say how their questions were asked.
    if analysis.data.files or analysis.data.experiment.kind != "benchmark":
        return ""
    hidden = [
        analysis.label_of_suite(suite)
        for suite in analysis.suites
        if analysis.kinds_of(suite) <= {"number", "text"}
        and any(item.choices for item in analysis.plan.suites[suite].items)
    ]
    return f"{numbers.listed(hidden)}: the model sees no options and writes its own answer." if hidden else ""


def changed_places(entries: Sequence[LedgerEntry]) -> Finding | None:
    """Two models that change places with the way of asking; None where none are shown to."""
    found = reversal(entries)
    if found is None:
        return None
    names, (wide, narrow, test) = names_of([run for entry in entries for run in entry.runs]), found
    return Finding(
        "ways.changes-places",
        ahead=names[wide.runs[0].identity],
        behind=names[wide.runs[1].identity],
        first=wide.estimates[0].value,
        last=wide.estimates[1].value,
        n=wide.n,
        second=narrow.estimates[0].value,
        third=narrow.estimates[1].value,
        when=Finding(f"ways.when-{wide.way}"),
        how=Finding(f"ways.instead-{narrow.way}"),
        asked=layout_of(*wide.runs, *narrow.runs),
        beats=test.claim("beats"),
        test=test,
    )


# Added by llmxray for its own ends: without them answers are read all the same.
_OURS = ("stop", "stream_options")


def request_notes(views: Sequence[ConditionView]) -> str:
    """One line about everything that is not sent as usual; "" where all is."""
    # The field that carries the budget, "" where none is sent, None where that is not known.
    budgets = (
        (view.condition.budget_field if view.condition.max_tokens else None, view.label) for view in views
    )
    refused = ((view.condition.endpoint, field) for view in views for field in view.condition.refused)
    omitted = ((listed(view.condition.omitted), view.label) for view in views if view.condition.omitted)
    kinds = {None: "unknown", "": "none"}
    findings = (
        *(
            Finding(f"sending.budget-{kinds.get(field, 'other')}", field=field, names=names)
            for field, names in _grouped(budgets)
            if field != BUDGET_FIELDS[0]
        ),
        *(
            Finding("sending.refused", endpoint=endpoint, fields=fields)
            for endpoint, fields in _grouped(refused)
        ),
        *(Finding("sending.omitted", fields=fields, names=names) for fields, names in _grouped(omitted)),
    )
    return str(Joined(*findings))


def unpinned(plan: Plan) -> str:
    """Which samplers a preset could not switch off, and where; "" where it could."""
    pairs = _grouped(
        (condition.endpoint, field)
        for condition in plan.conditions
        for field in condition.refused
        if field not in _OURS
    )
    they = {True: "it", False: "them"}
    findings = [
        Finding("sending.unpinned", endpoint=endpoint, fields=fields, them=they[len(fields) == 1])
        for endpoint, fields in pairs
    ]
    return str(Joined(*findings))


def budget_column(views: Sequence[ConditionView]) -> str:
    """What the column of budgets is called: the field, where all conditions send the same."""
    fields = {view.condition.budget_field for view in views}
    return fields.pop() or "budget" if len(fields) == 1 else "budget"


def _grouped[T](pairs: Iterable[tuple[T, str]]) -> list[tuple[T, list[str]]]:
    """Second values by first, both in the order in which they come, once each."""
    found: dict[T, dict[str, None]] = {}
    for first, second in pairs:
        found.setdefault(first, {})[second] = None
    return [(first, list(seconds)) for first, seconds in found.items()]


_PREPOSITION = re.compile(r"(?:by|after|at|with|without|in|as|on)\b")


def changed_labels(data: ExperimentData) -> tuple[str, ...]:
    """Each condition whose label is not the one it was recorded under, with both; none without a frozen plan."""
    header = next(data.cassette.lines("plan"), None)
    then = {} if header is None else recorded_labels(header)
    return tuple(
        f"condition {each.id} is labelled “{each.label or each.id}”, recorded as “{then[each.id] or each.id}”"
        for each in data.results.plan.conditions
        if (each.label or each.id) != (then.get(each.id, each.label) or each.id)
    )


def named(view: ConditionView) -> str:
    """A label as a subject: in quotation marks where it does not begin with the model's name."""
    name = model_name(view)
    tail = way_in(view, name)
    return f"“{view.label}”" if not name else f"{name} ({tail})" if tail else name


def way_in(view: ConditionView, name: str) -> str:
    """What a label says after the model's name, without brackets around all of it."""
    tail = view.label.removeprefix(name).lstrip(", ")
    return tail[1:-1] if re.fullmatch(r"\([^()]*\)", tail) else tail


def model_name(view: ConditionView) -> str:
    """The model's name for people, as the label begins with it; "" where it begins with something else."""
    return model_in(view.label, view.condition.model)


def ways_of(of: ConditionView, against: ConditionView) -> list[str]:
    """How one model was asked in either condition; empty where they are of two models, or a label does not say it."""
    name = model_name(of)
    tails = [way_in(view, name) for view in (of, against)]
    ways = plain_ways("with", of, against) or [_how(tail) for tail in tails]
    # What differs in brackets alone is the same without them.
    is_told = all(tails) and len(set(ways)) == len(ways)
    return ways if name and name == model_name(against) and is_told else []


def plain_ways(form: str, *views: ConditionView) -> list[str]:
    """How each says which option it means, in a form of ways.toml; empty where all, or some, do so alike."""
    kinds = [view.condition.answer for view in views]
    return (
        [str(Finding(f"ways.{form}-{kind}")) for kind in kinds]
        if sorted(kinds) == ["letter", "likelihood"]
        else []
    )


def _how(tail: str) -> str:
    tail = re.sub(r" \([^()]*\)", "", tail)
    if re.match(r"(?:an?|the)\b", tail):
        return f"with {tail}"
    return tail if _PREPOSITION.match(tail) else f"at {tail}" if tail[-1:].isdigit() else f"as “{tail}”"
