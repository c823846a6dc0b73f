"""Experiments whose outcomes are written down by hand, without recordings: for exact numbers on pages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from llmxray.cassette import Cassette
from llmxray.experiment import Experiment
from llmxray.plan import Plan, PlannedSuite
from llmxray.report.analysis import Analysis
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.coursework import papers
from llmxray.report.pages import PAGES, contents_of
from llmxray.report.widgets.render import Renderer
from llmxray.report.wording.headline import MainFinding
from llmxray.results import Results
from llmxray.types import LETTERS, Condition, Item, Outcome, PlannedRequest, Row, SuiteCard, Trial

SUITE = "made/up"
REWORDED = "made/reworded"
MARKS = {
    "+": Outcome.CORRECT,
    "-": Outcome.WRONG,
    "?": Outcome.UNPARSED,
    "…": Outcome.TRUNCATED,
    "ƒ": Outcome.TOOL_CALL,
    "◇": Outcome.UNREAD,
    "×": Outcome.REFUSED,
    "!": Outcome.ERROR,
}


def data(
    folder: Path,
    outcomes: Mapping[str, str | Sequence[str]],
    *,
    confidence: Mapping[str, Sequence[float | None]] | None = None,
    latency_s: Mapping[str, float] | None = None,
    categories: Sequence[str] = ("all",),
    options: int = 4,
    kind: str = "benchmark",
    name: str = "made-up",
    prompt_tokens: Mapping[str, int] | None = None,
    models: Mapping[str, str] | None = None,
    rotated: bool = False,
    sizes: Sequence[int] = (),
    reworded: bool = False,
    answers: Mapping[str, str] | None = None,
    **more: Any,
) -> ExperimentData:
    """An experiment with one condition per entry of ``outcomes``, a mark per question.

    Args:
        outcomes: by condition: a string of `MARKS`, or one string per sample.
        confidence: option confidences by condition, one per question.
        categories: dealt to the questions in turn.
        prompt_tokens: by condition; each answer has four completion tokens.
        models: by condition, its model where that is not its name.
        rotated: the strings of a condition are rotations of the options rather than samples.
        sizes: numbers of options, dealt to the questions in turn; ``options`` for all of them unless given.
        reworded: the second half of each string is about the questions of the first in other words, in a suite of
            their own.
        answers: by condition, its kind of answer where that is not a letter.
        more: further keys of the experiment file, such as ``hypothesis``.
    """
    named = {each: (models or {}).get(each, each) for each in outcomes}
    listed = [{"id": each, "endpoint": "tiny", "model": model} for each, model in named.items()]
    content = {"suites": [{"suite": SUITE}]} if kind == "benchmark" else _compared()
    experiment = Experiment.model_validate(
        {
            "experiment": name,
            "kind": kind,
            "endpoints": {"tiny": {"preset": "local"}},
            "models": listed if kind == "benchmark" else listed[:1],
            **content,
            **more,
        }
    )
    samples = {each: [marks] if isinstance(marks, str) else list(marks) for each, marks in outcomes.items()}
    n = len(next(iter(samples.values()))[0])
    first = _items(n // 2 if reworded else n, categories, sizes or (options,))
    second = tuple(replace(item, question=f"Say: {item.question}") for item in first) if reworded else ()
    items = first + second
    rows = [
        replace(
            _row(
                name,
                condition,
                items[place],
                sample,
                mark,
                (confidence or {}).get(condition),
                place,
                latency_s,
            ),
            suite=(suite := SUITE if place < len(first) else REWORDED),
            trial=f"{condition}/{suite}/{items[place].id}/{sample}",
            prompt_tokens=(prompt_tokens or {}).get(condition),
            **(_rotated(items[place], sample) if rotated else {}),
        )
        for condition, strings in samples.items()
        for place in range(len(items))
        for sample, mark in enumerate(marks[place] for marks in strings)
    ]
    plan = _plan(name, named, {SUITE: first, REWORDED: second}, rows, answers or {})
    return ExperimentData(
        experiment=experiment, results=Results(plan, tuple(rows), ("a note",)), cassette=Cassette(folder)
    )


def changed(data: ExperimentData, change: Callable[[Row], Row | None]) -> ExperimentData:
    """The experiment with its rows changed, and without those of which nothing is left."""
    rows = tuple(row for row in map(change, data.results.rows) if row is not None)
    return replace(data, results=replace(data.results, rows=rows))


def marked(data: ExperimentData, where: Callable[[Row], bool], **fields: Any) -> ExperimentData:
    """The experiment with other fields in some of its rows."""
    return changed(data, lambda row: replace(row, **fields) if where(row) else row)


def planned(data: ExperimentData, **fields: Any) -> ExperimentData:
    """The experiment with fields of its plan changed."""
    return replace(data, results=replace(data.results, plan=replace(data.results.plan, **fields)))


def labelled(data: ExperimentData, *labels: str) -> ExperimentData:
    """The experiment with these labels of its conditions."""
    pairs = zip(data.results.plan.conditions, labels, strict=True)
    return planned(data, conditions=tuple(replace(each, label=label) for each, label in pairs))


def told(short: MainFinding) -> str:
    """A finding in words, both of its sentences."""
    return " ".join(str(each) for each in (short.sentence, short.more) if each is not None)


def _compared() -> dict[str, Any]:
    return {
        "prompts": [{"id": "one", "text": "One?"}],
        "variants": [{"id": "cool", "temperature": 0.2}, {"id": "hot", "temperature": 1.2}],
    }


def _items(n: int, categories: Sequence[str], sizes: Sequence[int]) -> tuple[Item, ...]:
    return tuple(
        Item(
            f"q{place:03}",
            f"Question {place}?",
            tuple(f"option {each}" for each in range(sizes[place % len(sizes)])),
            "A" if sizes[place % len(sizes)] else "7",
            categories[place % len(categories)],
        )
        for place in range(n)
    )


def _row(
    experiment: str,
    condition: str,
    item: Item,
    sample: int,
    mark: str,
    confidences: Sequence[float | None] | None,
    place: int,
    latency_s: Mapping[str, float] | None,
) -> Row:
    seconds = (latency_s or {}).get(condition)
    return Row(
        experiment,
        f"{condition}/{SUITE}/{item.id}/{sample}",
        condition,
        SUITE,
        item.id,
        item.category,
        sample,
        MARKS[mark],
        "A" if mark == "+" else "B",
        "A",
        rule="leading" if mark in "+-" else "",
        option_confidence=confidences[place] if confidences else None,
        latency_s=seconds,
        ttft_s=seconds,
        completion_tokens=4,
    )


def _rotated(item: Item, turn: int) -> dict[str, Any]:
    """The options of a question shown from that place on; A is right in the question's own order."""
    places = range(len(item.choices))
    order = tuple((place + turn) % len(places) for place in places)
    return {"sample": 0, "rotation": turn, "order": order, "expected": LETTERS[order.index(0)]}


def _plan(
    name: str,
    models: Mapping[str, str],
    items: Mapping[str, Sequence[Item]],
    rows: Sequence[Row],
    answers: Mapping[str, str],
) -> Plan:
    sampling = {"temperature": 0, "seed": 7}
    made = tuple(
        Condition(each, "tiny", model, answers.get(each, "letter"), "zero-shot", sampling, 64)
        for each, model in models.items()
    )
    titles = {SUITE: "Made up (by hand)", REWORDED: "Made up anew (by hand)"}
    suites = {
        suite: PlannedSuite(
            SuiteCard(suite, titles[suite], "nothing", "everything", "CC0", "a test", chance=0.25),
            tuple(each),
        )
        for suite, each in items.items()
        if each or suite == SUITE
    }
    body = {"messages": [{"role": "user", "content": "Question?"}]}
    trials = tuple(
        Trial(row.trial, row.condition, row.suite, row.item_id, row.sample, (PlannedRequest("v1:0", body),))
        for row in rows
    )
    return Plan(name, "f", made, suites, trials)


def write_page(out: Path, data: ExperimentData, name: str) -> str:
    """Write one page of an experiment, without all others and the index over them; returns its HTML."""
    (page,) = (page for page in PAGES if page.name == name)
    whole = replace(data, contents=contents_of(data, papers.PAGES))
    page.write(Renderer(out), Analysis(whole))
    return (out / data.name / f"{name}.html").read_text("utf-8")


def many_questions(folder: Path, n: int = 60, options: int = 4) -> ExperimentData:
    """An experiment of that many questions in three categories, two conditions."""
    marks = "".join("+-"[place % 2] for place in range(n))
    sure = [0.25 + place / (2 * n) for place in range(n)]
    return data(
        folder,
        {"a": marks, "b": "+" * n},
        confidence={"a": sure, "b": [None] * n},
        categories=("x", "x", "y", "z"),
        options=options,
    )
