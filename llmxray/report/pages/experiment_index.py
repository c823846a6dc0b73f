"""The experiment's first page: what it found, and is it real?"""

from __future__ import annotations

from dataclasses import dataclass

from llmxray.charts import dots
from llmxray.plan import PROMPTS
from llmxray.report import export, numbers
from llmxray.report.analysis import Analysis, View, median_of
from llmxray.report.pages.findings import findings
from llmxray.report.pages.frame import Nav, footer, nav
from llmxray.report.pages.headline import headline, shares_table
from llmxray.report.pages.speed import latency_s
from llmxray.report.pages.table import Cell, Column, Figure, Line, Link, Table, head, questions_href
from llmxray.report.pages.verdicts import Finding, verdict
from llmxray.report.stated import stated

_ANSWERS = {
    "letter": "letter of an option",
    "text": "free text",
    "number": "number",
    "likelihood": "likelihood of each option",
    "tool": "function call",
}


@dataclass(frozen=True, slots=True)
class ExperimentIndexPage:
    """The page.

    Attributes:
        stated: when the hypothesis was written, in a sentence.
        finding: the answer to the experiment's own question; ``more`` what else belongs to it.
        figure: ranked dot plot of a benchmark that asks who wins; None for others, and where nothing is scored.
        shares: the numbers of the finding where it is another one; ``link`` to the page that has it in full.
        notes: provenance and omissions, one sentence each.
    """

    title: str
    nav: Nav
    description: str
    hypothesis: str
    stated: str
    finding: tuple[str, ...]
    more: tuple[str, ...]
    figure: Figure | None
    shares: Table | None
    link: Link | None
    findings: tuple[Finding, ...]
    conditions: Table
    provenance: tuple[str, ...]
    notes: tuple[str, ...]
    links: tuple[Link, ...]
    footer: tuple[str, ...]


def make(analysis: Analysis) -> ExperimentIndexPage:
    """The first page of an experiment."""
    data, found = analysis.data, headline(analysis)
    said = findings(analysis)
    if not found.ranked:
        said = (*_accuracy(analysis), *said)
    return ExperimentIndexPage(
        data.title,
        nav(data, "index.html"),
        data.experiment.description or "",
        data.experiment.hypothesis or "",
        stated(data).sentence,
        found.sentences,
        # A ranking has its speed among the findings.
        () if found.ranked else found.more,
        _figure(analysis) if found.ranked else None,
        None if found.ranked else shares_table(found),
        found.link,
        said,
        _conditions(analysis),
        _provenance(analysis),
        data.results.notes,
        (Link("Results as CSV", "results.csv"), Link("as JSON", export.json_name(analysis.data))),
        footer(data),
    )


def _accuracy(analysis: Analysis) -> tuple[Finding, ...]:
    """Who is more accurate, where that is not the question of the experiment."""
    if analysis.accuracies[analysis.ranked[0].id].value is None:
        return ()
    return (Finding("Accuracy", (verdict(analysis),), (Link("Results", "results.html"),)),)


def _figure(analysis: Analysis) -> Figure | None:
    known = [view for view in analysis.ranked if analysis.accuracies[view.id].value is not None]
    if not known:
        return None
    rows = []
    for view in known:
        found = analysis.accuracies[view.id]
        text = f"{numbers.percent(found.value)}  ({numbers.interval(found)})"
        rows.append(dots.Dot(view.id, view.css, found.value, found.low, found.high, text))
    said = "; ".join(f"{row.label} {row.text}" for row in rows)
    svg = dots.draw(
        rows, name="ranked", description=f"Accuracy by condition: {said}.", chance=analysis.chance
    )
    together = analysis.together.removeprefix(", ")
    method = f"{together}, 95% intervals" if together else "Wilson 95% intervals"
    caption = f"Accuracy over {numbers.plural(analysis.n_items, 'question')}; {method}."
    if analysis.chance is not None:
        caption += f" Dashed: blind guessing, {numbers.percent(analysis.chance)}."
    if analysis.unlike:
        caption += f" {analysis.unlike}"
    return Figure(_title(analysis, known), caption, svg)


def _title(analysis: Analysis, known: list[View]) -> str:
    best = analysis.accuracies[known[0].id]
    last = analysis.accuracies[known[-1].id]
    if len(known) == 1:
        return f"{known[0].id} answers {numbers.percent(best.value)} right"
    if best.value == last.value:
        every = "Both" if len(known) == 2 else "All"
        return f"{every} answer {numbers.percent(best.value)} right"
    return (
        f"From {numbers.percent(last.value)} for {known[-1].id} to {numbers.percent(best.value)} for "
        f"{known[0].id}"
    )


def _conditions(analysis: Analysis) -> Table:
    lines = tuple(_condition(analysis, view) for view in analysis.views)
    columns = (
        Column("condition", numeric=False),
        Column("model", numeric=False),
        Column("answers by", "layout of the prompt", numeric=False),
        Column("temperature"),
        Column("budget", "tokens"),
        Column("median latency"),
        Column("trials"),
    )
    return Table("What was compared. Every field that was sent is on the page Methods.", columns, lines)


def _condition(analysis: Analysis, view: View) -> Line:
    condition = view.condition
    trials = [trial for trial in analysis.plan.trials if trial.condition == view.id]
    kinds = list(
        dict.fromkeys(analysis.plan.suites[trial.suite].answer or condition.answer for trial in trials)
    )
    layouts = " or ".join(
        dict.fromkeys("verbatim" if trial.suite == PROMPTS else condition.layout for trial in trials)
    )
    temperature = condition.sampling.get("temperature")
    cells = (
        Cell(condition.model, condition.endpoint, numeric=False),
        Cell(numbers.listed([_ANSWERS[kind] for kind in kinds]), layouts, numeric=False),
        Cell(f"{temperature:g}" if isinstance(temperature, int | float) else numbers.MISSING),
        Cell(numbers.count(condition.max_tokens), condition.budget_reason),
        Cell(numbers.seconds(median_of(view, latency_s).value)),
        Cell(numbers.count(len(view.rows)), href=questions_href(condition=view.id)),
    )
    return head(view, cells)


def _provenance(analysis: Analysis) -> tuple[str, ...]:
    data = analysis.data
    rows = data.results.rows
    if data.files:
        count = numbers.plural(len(rows), "trial")
        return (f"{count} read from {numbers.listed(list(data.files))}; times are those of the files.",)
    # Trials with the same prompt share a recording (MMLU-Pro has 159 such prompts).
    recordings = {address for row in rows for address in row.recordings}
    if not recordings and data.cassette.manifest is None:
        return (
            f"{numbers.plural(len(rows), 'trial')} read from files without recordings; every number on these pages is "
            "computed from them when the site is built.",
        )
    lines = [
        f"{numbers.plural(len(rows), 'trial')} from {numbers.plural(len(recordings), 'recording')}; "
        "every number on these pages is computed from them when the site is built."
    ]
    retried = sum(row.attempts > 1 for row in rows)
    if retried:
        lines.append(
            f"{numbers.plural(retried, 'trial')} needed more than one attempt; the first whole reply counts."
        )
    most = max((row.concurrency for row in rows), default=1)
    lines.append(
        f"At most {numbers.plural(most, 'request')} in flight while recording; latencies are as recorded."
    )
    if not data.results.notes:
        lines.append("Nothing is missing: every trial has a whole reply.")
    return tuple(lines)
