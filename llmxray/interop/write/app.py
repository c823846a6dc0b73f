"""Files that the original LLMxRay app reads: its suites, its benchmark results, its CSV.

The app knows letters, two to six options and five hundred questions a suite. It writes 0.5 for a missing
confidence; so do these files, because it would read anything else as a number.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import batched, chain
from typing import Any

from llmxray import spreadsheets
from llmxray.interop.read.app import COLUMNS
from llmxray.interop.read.record import FreeNames
from llmxray.interop.write.study import Study
from llmxray.results import Results
from llmxray.types import LETTERS, UNCOUNTED, Condition, Item, Outcome, Row

MOST_QUESTIONS, FEWEST_CHOICES, MOST_CHOICES = 500, 2, 6
_DIFFICULTY = {1: "easy", 2: "medium", 3: "hard"}
_MISSING_CONFIDENCE = 0.5
_PIECES = 100


def files(study: Study) -> Iterator[tuple[str, bytes | Iterator[bytes]]]:
    """Yield name and bytes of every file: one per suite, and a benchmark result and a table per condition."""
    results = study.results
    for name, suite in results.plan.suites.items():
        if items := _items_for_app(suite.items):
            content = _suite(name, suite.card.title, suite.card.tests, items)
            yield f"suite-{_file_name(name)}.json", _dump(content)
    ids = _question_ids(results)
    for condition in results.plan.conditions:
        # The app would count them as wrong: it has no other outcome.
        rows = [row for row in results.of(condition.id) if row.outcome not in UNCOUNTED]
        if rows:
            name, table = _file_name(condition.id), [_cells(row, ids[row.trial]) for row in rows]
            yield f"benchmark-{name}.json", _dump(_benchmark(study, condition, rows, ids))
            yield f"benchmark-{name}.csv", spreadsheets.csv_bytes([COLUMNS, *table], line_end="\n")


def left_out(results: Results) -> int:
    """Return the number of questions that the app cannot ask: without options, or with too many."""
    pools = [suite.items for suite in results.plan.suites.values()]
    return sum(len(items) - len(_items_for_app(items)) for items in pools)


def uncounted(results: Results) -> int:
    """Return the number of trials that stand in no file: without a whole reply, not read, or not scored."""
    return sum(row.outcome in UNCOUNTED for row in results.rows)


def _items_for_app(items: Sequence[Item]) -> list[Item]:
    return [item for item in items if FEWEST_CHOICES <= len(item.choices) <= MOST_CHOICES][:MOST_QUESTIONS]


def _suite(name: str, title: str, description: str, items: Sequence[Item]) -> dict[str, Any]:
    questions = []
    for item in items:
        question: dict[str, Any] = {
            "id": item.id,
            "category": item.category or "general",
            "question": item.question,
            "choices": _lettered_choices(item),
            "correctAnswer": item.answer,
        }
        if item.subcategory:
            question["subcategory"] = item.subcategory
        if item.difficulty in _DIFFICULTY:
            question["difficulty"] = _DIFFICULTY[item.difficulty]
        questions.append(question)
    return {
        "id": _file_name(name),
        "name": title,
        "description": description,
        "builtIn": False,
        "questions": questions,
    }


def _lettered_choices(item: Item) -> list[str]:
    return [f"{LETTERS[index]}) {text}" for index, text in enumerate(item.choices)]


def _question_ids(results: Results) -> dict[str, str]:
    """Ids of the questions by trial: unique in a result, as the app needs them, and the same for every condition."""
    shared = Counter(item for _, item in results.plan.items())
    free = defaultdict[str, FreeNames](FreeNames)
    return {
        row.trial: free[row.condition].take(
            # Its suite in front, from which readers tell it, where two suites have a question of that id.
            (f"{_file_name(row.suite)}/" if shared[row.item_id] > 1 else "")
            + row.item_id
            + (f"#{row.sample}" if row.sample else "")
            + (f"#r{row.rotation}" if row.rotation else "")
        )
        for row in results.rows
    }


def _benchmark(
    study: Study, condition: Condition, rows: Sequence[Row], ids: Mapping[str, str]
) -> dict[str, Any]:
    n_right = sum(row.outcome is Outcome.CORRECT for row in rows)
    categories = dict.fromkeys(row.category for row in rows)
    context = condition.sampling.get("num_ctx")
    return {
        "id": f"{study.name}-{_file_name(condition.id)}",
        "modelName": condition.label or condition.id,
        "benchmarkIds": list(dict.fromkeys(_file_name(row.suite) for row in rows)),
        # Without a stated size, the smaller of the two that the app offers.
        "contextSize": context if isinstance(context, int) else 2048,
        "startedAt": _epoch_ms(study.at("first")),
        "completedAt": _epoch_ms(study.at("last")),
        "totalQuestions": len(rows),
        "correctCount": n_right,
        "accuracy": n_right / len(rows),
        "categories": [_category(name, [row for row in rows if row.category == name]) for name in categories],
        "questionResults": [_question(row, study.item(row), ids[row.trial]) for row in rows],
    }


def _category(name: str, rows: Sequence[Row]) -> dict[str, Any]:
    n_right = sum(row.outcome is Outcome.CORRECT for row in rows)
    return {
        "category": name or "general",
        "accuracy": n_right / len(rows),
        "avgLatencyMs": _mean([_ms(row.latency_s) for row in rows]),
        "avgTtftMs": _mean([_ms(row.ttft_s) for row in rows]),
        "avgConfidence": _mean([_confidence(row) for row in rows]),
        "questionCount": len(rows),
        "correctCount": n_right,
    }


def _question(row: Row, item: Item, name: str) -> dict[str, Any]:
    return {
        "questionId": name,
        "questionText": item.question,
        # A number is no letter of an option, and where there are options the app expects one.
        "choices": _lettered_choices(item) if row.expected == item.answer else [],
        "category": item.category or "general",
        "correct": row.outcome is Outcome.CORRECT,
        "modelAnswer": row.answer or "UNPARSED",
        "expectedAnswer": row.expected,
        "latencyMs": _ms(row.latency_s),
        "ttftMs": _ms(row.ttft_s),
        "avgTokenConfidence": _confidence(row),
        # Beside a confidence of 0.5, the app reads 0 as "no confidence".
        "answerLogprob": 0,
        "tokensPerSecond": _rate(row),
        "fullResponse": row.text,
        "thinkingResponse": row.reasoning,
        "tokenCount": row.completion_tokens or 0,
    }


def _cells(row: Row, name: str) -> tuple[object, ...]:
    probability = row.mean_token_probability
    return (
        row.category or "general",
        name,
        row.expected,
        row.answer or "UNPARSED",
        "Yes" if row.outcome is Outcome.CORRECT else "No",
        "" if probability is None else f"{probability:.1%}",
        # The app's JSON requires 0 for missing values, its table does not.
        _ms(row.latency_s) or "",
        _ms(row.ttft_s) or "",
        _rate(row) or "",
        row.text,
    )


def _confidence(row: Row) -> float:
    probability = row.mean_token_probability
    return _MISSING_CONFIDENCE if probability is None else probability


def _ms(seconds: float | None) -> float:
    return 0.0 if seconds is None else round(seconds * 1000, 3)


def _rate(row: Row) -> float:
    is_known = row.latency_s and row.completion_tokens
    return round(row.completion_tokens / row.latency_s, 2) if is_known else 0.0  # type: ignore[operator]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _epoch_ms(time: datetime | None) -> int:
    return int(time.timestamp() * 1000) if time else 0


def _file_name(name: str) -> str:
    return name.replace("/", "-").replace("@", "-")


def _dump(value: Mapping[str, Any]) -> Iterator[bytes]:
    # In pieces: each reply repeats its question, and all of them need not fit into the memory.
    pieces = json.JSONEncoder(indent=2, ensure_ascii=False).iterencode(value)
    for some in batched(chain(pieces, "\n"), _PIECES):
        yield "".join(some).encode("utf-8", "replace")
