"""Calibrate yourself: the reader answers the same questions with a confidence, then sees themself beside the models."""

from __future__ import annotations

import hashlib
import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence

from llmxray.plan import item_address
from llmxray.report.analysis import ExperimentData, right, seeded
from llmxray.report.analysis.applies import can_be_weighed
from llmxray.report.analysis.condition_colours import label_of
from llmxray.report.files.shards import write_data
from llmxray.report.widgets.frame import TemplateValues, framed
from llmxray.report.widgets.render import Output
from llmxray.types import LETTERS, Item, Json, Row

MOST = 40
LENGTHS = (10, 20, 40)


def chosen(data: ExperimentData) -> tuple[tuple[str, Item], ...]:
    """At most `MOST` questions with options a person can weigh, spread evenly over suites and categories.

    The draw is seeded by the experiment's name: a whole class gets the same questions.
    """
    rng = seeded(data.name, "yourself")
    lines = []
    for name, suite in data.results.plan.suites.items():
        groups: dict[str, list[tuple[str, Item]]] = defaultdict(list)
        for item in suite.items:
            if can_be_weighed(item):
                groups[item.category].append((name, item))
        shuffled = [[group[at] for at in rng.permutation(len(group)).tolist()] for group in groups.values()]
        lines.append(list(_in_turn(shuffled)))
    # A suite of many categories must not crowd out one that has none.
    return tuple(itertools.islice(_in_turn(lines), MOST))


def yourself_values(renderer: Output, data: ExperimentData) -> TemplateValues:
    """The page, and its data file."""
    picked = chosen(data)
    shard = write_data(renderer, data.name, "yourself", payload(data, picked))
    return framed(
        data,
        "calibration",
        "Calibrate yourself",
        shard=shard,
        lengths=[n for n in LENGTHS if n <= len(picked)],
    )


def payload(data: ExperimentData, picked: Sequence[tuple[str, Item]]) -> Json:
    """What the browser needs: questions in the suite's order of options, and how each condition did on them.

    ``models`` holds per question and condition ``[right, confidence]``: 1, 0 or null, and thousandths or null.
    """
    rows: dict[tuple[str, str, str], Row] = {}
    for row in data.results.rows:
        rows.setdefault((row.suite, row.item_id, row.condition), row)
    conditions = data.results.plan.conditions
    questions: list[Json] = []
    for suite, item in picked:
        models: list[Json] = [_model(rows.get((suite, item.id, condition.id))) for condition in conditions]
        questions.append(
            {
                "id": item_address(suite, item.id),
                "question": item.question,
                "choices": list(item.choices),
                "answer": LETTERS.index(item.answer),
                "why": item.why,
                "models": models,
            }
        )
    # Answers that a browser kept are of these questions, or of none.
    digest = hashlib.sha256(
        "\n".join(item_address(suite, item.id) for suite, item in picked).encode("utf-8", "replace")
    ).hexdigest()
    return {
        "experiment": data.name,
        "questions_sha256": digest[:16],
        "conditions": [[each.id, label_of(each), data.colours[each.id]] for each in conditions],
        "questions": questions,
    }


def _model(row: Row | None) -> Json:
    if row is None or (hit := right(row)) is None:
        return [None, None]
    sure = row.option_confidence
    return [int(hit), None if sure is None else round(sure * 1000)]


def _in_turn[T](lists: Sequence[Sequence[T]]) -> Iterator[T]:
    """The first of every list, then the second of every list that has one, and so on."""
    for place in range(max(map(len, lists), default=0)):
        yield from (each[place] for each in lists if place < len(each))
