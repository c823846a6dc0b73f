"""What the browser knows about every question of an experiment, as columns: three data files.

One question needs only to know its file, a filter the codes, a search the texts; so each is a file of its own,
and a page of one question out of thousands does not read what it does not show.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from llmxray.report.analysis import confidence
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.analysis.questions import Question, labels, permille
from llmxray.report.wording.asking import RULES
from llmxray.types import Condition, Json


def places(
    data: ExperimentData,
    questions: Sequence[Question],
    files: Sequence[str],
    where: Sequence[int],
    more: dict[str, str],
) -> Json:
    """Where each question is.

    Args:
        files: names of the files with answers.
        where: by question, the number of its file; never falling.
        more: names of the files with the other columns.

    Returns:
        ``conditions``; ``suites`` name and title, with the number of questions of each in ``sizes``; ``id`` by
        question, suite after suite; ``files``, with the number of questions of each in ``counts``; ``more``;
        ``rules``, in words the rules of extraction that found answers.
    """
    plan = data.results.plan
    names = labels(plan.conditions)
    in_suite = [each.suite for each in questions]
    return {
        "conditions": [
            _condition(condition, name, data.colours[condition.id])
            for condition, name in zip(plan.conditions, names, strict=True)
        ],
        "suites": [[name, suite.card.title] for name, suite in plan.suites.items()],
        # A count each and no suite by question: thousands of questions lie suite after suite.
        "sizes": [in_suite.count(name) for name in plan.suites],
        "id": [each.item.id for each in questions],
        "files": list(files),
        "counts": [len(list(run)) for _, run in groupby(where)],
        "more": dict[str, Json](more),
        "rules": {
            name: RULES[name] for name in sorted({row.rule for row in data.results.rows} & RULES.keys())
        },
    }


def codes(questions: Sequence[Question]) -> Json:
    """What the filters ask for.

    Returns:
        ``category`` by question as a place in ``categories``; by condition, ``codes`` of its samples, one text where
        each question has one sample, and ``confidence`` in thousandths; ``sureFrom`` and ``unsureBelow``, the
        confidences that make an answer sure or unsure.
    """
    categories = list(dict.fromkeys(each.item.category for each in questions))
    number = {name: place for place, name in enumerate(categories)}
    by_condition = list(zip(*(each.cells for each in questions), strict=True))
    return {
        "categories": list[Json](categories),
        "category": [number[each.item.category] for each in questions],
        "codes": [_joined([cell.codes for cell in cells]) for cells in by_condition],
        "confidence": [[permille(cell.confidence) for cell in cells] for cells in by_condition],
        "sureFrom": confidence.SURE,
        "unsureBelow": confidence.UNSURE,
    }


def texts(questions: Sequence[Question]) -> Json:
    """What the table shows and a search reads; ``said``: what each condition answered, shortened."""
    by_condition = zip(*(each.cells for each in questions), strict=True)
    return {
        "text": [each.short for each in questions],
        "right": [each.right for each in questions],
        "said": [[cell.said for cell in cells] for cells in by_condition],
    }


def _joined(column: Sequence[str]) -> Json:
    # A text of letters takes a quarter of a list of them, and reads by place all the same.
    return "".join(column) if all(len(each) == 1 for each in column) else list[Json](column)


def _condition(condition: Condition, label: str, css: str) -> Json:
    settings: dict[str, Json] = {
        "model": condition.model,
        "layout": condition.layout,
        "max_tokens": condition.max_tokens,
        # Without `logprobs`: it goes with top_logprobs, which is listed.
        **{name: value for name, value in condition.sampling.items() if name != "logprobs"},
    }
    return {"id": condition.id, "label": label, "css": css, "answer": condition.answer, "settings": settings}
