"""The files of the original LLMxRay app, read into results like any other.

Its benchmark result and its compare file hold answers, not exchanges: there is nothing to replay, and no
alternatives, so option confidence cannot be had from them. Its number 0.5 with a log-probability of 0 stands for
"the server sent none" and is read as missing. What it says of itself (accuracy, correct) is not taken over but
computed again from the questions.
"""

from __future__ import annotations

import csv
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llmxray import spreadsheets
from llmxray.errors import InputError
from llmxray.experiment import Experiment
from llmxray.interop.read import values
from llmxray.interop.read.join import TEXT_NOT_THERE, Imported, ReadReplies
from llmxray.interop.read.record import shortened, slug, suite_name, unique
from llmxray.plan import PROMPTS, Plan, PlannedSuite
from llmxray.results import Results
from llmxray.types import LETTERS, Condition, Item, Outcome, Row, SuiteCard, Trial
from llmxray.wire.thinking import split_thinking

COLUMNS = (
    *("Category", "Question ID", "Expected Answer", "Model Answer", "Correct", "Confidence"),
    *("Latency (ms)", "TTFT (ms)", "Tokens/sec", "Full Response"),
)


def is_table(data: bytes) -> bool:
    """Whether these bytes begin with the first columns of the app's table."""
    first = data[:1000].removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")[0]
    return first.replace(b'"', b"").startswith(",".join(COLUMNS[:2]).encode())


def read_table(name: str, data: bytes) -> dict[str, Any]:
    """The table in the form of a benchmark result.

    Raises:
        InputError: not UTF-8, a column is missing, or a cell is no number; names file, row and column.
    """
    try:
        # Spreadsheets put a byte order mark in front.
        return _table(name, csv.reader(spreadsheets.open_csv(data.decode("utf-8-sig"))))
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: not UTF-8; save the file with UTF-8 encoding") from error
    except csv.Error as error:
        raise InputError(f"{name}: not a table ({error})") from error


def _table(name: str, rows: Iterator[list[str]]) -> dict[str, Any]:
    # Of all others nothing is kept: a stranger's table may have many, which each short row would be filled up to.
    places = {column: place for place, column in enumerate(next(rows, ())) if column in COLUMNS}
    missing = [column for column in COLUMNS if column not in places]
    if missing:
        raise InputError(
            f"{name}: there is no column {missing[0]!r}; the app's table has: {', '.join(COLUMNS)}"
        )
    return {
        "modelName": posixpath.splitext(posixpath.basename(name))[0],
        "questionResults": [
            _question(f"{name}, row {number}", _texts(row, places))
            for number, row in enumerate(filter(None, rows), 1)
        ],
    }


def _texts(row: Sequence[str], places: Mapping[str, int]) -> dict[str, str | None]:
    # A row that is too short has None in it.
    return {
        column: spreadsheets.unescape_formula(row[place]) if place < len(row) else None
        for column, place in places.items()
    }


def _question(place: str, row: Mapping[str, str | None]) -> dict[str, Any]:
    percent = _number(place, row, "Confidence")
    return {
        "questionId": row["Question ID"],
        "category": row["Category"],
        "correct": (row["Correct"] or "").strip().lower() == "yes",
        "modelAnswer": row["Model Answer"],
        "expectedAnswer": row["Expected Answer"],
        "latencyMs": _number(place, row, "Latency (ms)"),
        "ttftMs": _number(place, row, "TTFT (ms)"),
        # A division by 100 leaves binary digits that the table never had.
        "avgTokenConfidence": None if percent is None else round(percent / 100, 6),
        "fullResponse": row["Full Response"],
    }


def _number(place: str, row: Mapping[str, str | None], column: str) -> float | None:
    cell = (row[column] or "").strip().removesuffix("%")
    try:
        return float(cell) if cell else None
    except ValueError:
        raise InputError(f"{place}, column {column!r}: {cell!r} is no number") from None


TOOL = "LLMxRay app"
# The app's own, by whether the model thinks; its files do not state them.
THINKING_BUDGET, STANDARD_BUDGET = 2048, 64
_NO_OPTIONS = "the app keeps one alternative a token: option confidence cannot be computed"
# Its options begin with their letter: "A) …".
_LETTERED = re.compile(r"^\s*\(?([A-Z])[).:]\s*")


def read_app(files: Sequence[tuple[str, Mapping[str, Any]]]) -> Imported:
    """Benchmark results or tables of one or more models, or one compare file.

    Args:
        files: name and object of each, that of a table as `read_table` gives it.

    Raises:
        InputError: names the file, and the question and field where there is one.
    """
    for name, data in files:
        for field in {"questionResults", "slots", "executions"} & set(data):
            if not isinstance(data[field], list):
                raise InputError(f"{name}: {field!r} is not a list")
    experiment, results = _compare(*files[0]) if "slots" in files[0][1] else _benchmark(files)
    return Imported(experiment, results, ReadReplies(), (TOOL,), tuple(name for name, _ in files))


def _benchmark(parsed: Sequence[tuple[str, Mapping[str, Any]]]) -> tuple[Experiment, Results]:
    ids = unique([slug(str(data.get("modelName") or "model")) for _, data in parsed])
    conditions = tuple(_condition(each, data) for each, (_, data) in zip(ids, parsed, strict=True))
    items: dict[str, dict[str, Item]] = {}
    rows: list[Row] = []
    notes: list[str] = []
    for condition, (name, data) in zip(conditions, parsed, strict=True):
        mine = _rows(name, data, condition, items)
        rows += [row for row, _ in mine]
        notes += _notes(condition.label or condition.id, data, mine)
    suites = {suite: PlannedSuite(_card(suite), tuple(pool.values())) for suite, pool in items.items()}
    trials = tuple(Trial(row.trial, row.condition, row.suite, row.item_id, row.sample, ()) for row in rows)
    experiment = Experiment.model_validate(
        {
            "experiment": "llmxray-app",
            "title": "Results of the LLMxRay app",
            "kind": "benchmark",
            # Required of an experiment; nothing is ever sent there. It is Ollama's, which the app asks.
            "endpoints": {"app": {"base_url": "http://127.0.0.1:11434/v1"}},
            "models": [{"id": each.id, "endpoint": "app", "model": each.model} for each in conditions],
            "suites": [{"suite": suite} for suite in suites],
        }
    )
    plan = Plan("llmxray-app", "", conditions, suites, trials)
    return experiment, Results(plan, tuple(rows), tuple(notes))


def _condition(name: str, data: Mapping[str, Any]) -> Condition:
    thinks = any(each.get("thinkingResponse") for each in data["questionResults"] if isinstance(each, dict))
    budget = THINKING_BUDGET if thinks else STANDARD_BUDGET
    context, model = data.get("contextSize"), shortened(values.whole(data.get("modelName") or name))
    return Condition(
        id=name,
        endpoint="app",
        model=model,
        answer="letter",
        layout="zero-shot",
        # The app always asks at temperature 0.
        sampling={"temperature": 0, **({"num_ctx": context} if isinstance(context, int) else {})},
        max_tokens=budget,
        budget_reason="what the app gives a model that thinks"
        if thinks
        else "what the app gives a model that does not think",
        label=model,
    )


def _rows(
    file: str, data: Mapping[str, Any], condition: Condition, items: dict[str, dict[str, Item]]
) -> list[tuple[Row, Mapping[str, Any]]]:
    suites = _suites(data.get("benchmarkIds") or ())
    if not data["questionResults"]:
        raise InputError(f"{file}: there are no questions in it")
    rows: list[tuple[Row, Mapping[str, Any]]] = []
    seen: set[tuple[str, str]] = set()
    for number, result in enumerate(data["questionResults"], 1):
        if not isinstance(result, dict) or not result.get("questionId"):
            raise InputError(f"{file}: question {number}: no 'questionId'")
        suite = _suite_of(str(result["questionId"]), suites)
        item = _item(file, number, result)
        if (suite, item.id) in seen:
            raise InputError(f"{file}: question {number}: {item.id!r} is there twice")
        seen.add((suite, item.id))
        known = items.setdefault(suite, {}).setdefault(item.id, item)
        if known.answer != item.answer or (
            TEXT_NOT_THERE not in (known.question, item.question)
            and (known.question, known.choices) != (item.question, item.choices)
        ):
            raise InputError(f"{file}: question {number}: {item.id!r} is another question in another file")
        rows.append((_row(suite, known, result, condition), result))
    return rows


def _suites(named: object) -> list[tuple[str, str]]:
    """How ids of questions begin, and the suite that these are of."""
    ids = named if isinstance(named, list | tuple) else [named]
    return [(_plain(suite), suite) for suite in (suite_name(str(each)) for each in ids)]


def _suite_of(question: str, suites: Sequence[tuple[str, str]]) -> str:
    """The file does not say which suite a question is of; its id usually begins with the suite's."""
    if len(suites) == 1:
        return suites[0][1]
    plain = _plain(question)
    # The longest: mmlupro1 begins like mmlu as well.
    fitting = [(len(begins), suite) for begins, suite in suites if plain.startswith(begins)]
    return max(fitting, key=lambda each: each[0])[1] if fitting else "questions"


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _item(file: str, number: int, result: Mapping[str, Any]) -> Item:
    raw = result.get("choices") or []
    if not isinstance(raw, list):
        raise InputError(f"{file}: question {number}: 'choices' is not a list")
    choices = tuple(_LETTERED.sub("", str(each)) for each in raw)
    answer = str(result.get("expectedAnswer") or "").strip()
    letter = answer.upper()
    if choices and (len(letter) != 1 or letter not in LETTERS[: len(choices)]):
        raise InputError(
            f"{file}: question {number}: expected answer {answer!r} is none of its {len(choices)} options"
        )
    text = str(result.get("questionText") or TEXT_NOT_THERE)
    return Item(
        str(result["questionId"]),
        text,
        choices,
        letter if choices else answer,
        shortened(str(result.get("category") or "")),
    )


def _row(suite: str, item: Item, result: Mapping[str, Any], condition: Condition) -> Row:
    given = str(result.get("modelAnswer") or "").strip()
    answer = given if given and given.upper() != "UNPARSED" else None
    # By the file's own expected answer, not by its `correct`: where they differ, a note says so.
    outcome = (
        Outcome.UNPARSED
        if answer is None
        else Outcome.CORRECT
        if answer.casefold() == item.answer.casefold()
        else Outcome.WRONG
    )
    return Row(
        experiment="llmxray-app",
        trial=f"{condition.id}/{suite}/{item.id}/0",
        condition=condition.id,
        suite=suite,
        item_id=item.id,
        category=item.category,
        sample=0,
        outcome=outcome,
        answer=answer,
        expected=item.answer,
        rule="as the app read it" if answer else "",
        mean_token_probability=_confidence(result),
        ttft_s=values.seconds(result.get("ttftMs"), 1000),
        latency_s=values.seconds(result.get("latencyMs"), 1000),
        completion_tokens=values.count(result.get("tokenCount")) or None,
        text=str(result.get("fullResponse") or ""),
        reasoning=str(result.get("thinkingResponse") or ""),
        missing_why=_NO_OPTIONS,
    )


def _confidence(result: Mapping[str, Any]) -> float | None:
    value = result.get("avgTokenConfidence")
    if not isinstance(value, (int, float)) or not 0 <= value <= 1:
        return None
    # See above: 0.5 is a real confidence only beside a real log-probability.
    return None if value == 0.5 and not result.get("answerLogprob") else float(value)


def _notes(
    name: str, data: Mapping[str, Any], rows: Sequence[tuple[Row, Mapping[str, Any]]]
) -> Iterator[str]:
    yield (
        f"{name}: read from a file of the LLMxRay app, which keeps answers and no exchanges: nothing can be replayed"
    )
    total = data.get("totalQuestions")
    if isinstance(total, int) and total != len(rows):
        yield f"{name}: the run was to ask {total} questions, the file has {len(rows)}"
    differing = sum(bool(result.get("correct")) != (row.outcome is Outcome.CORRECT) for row, result in rows)
    if differing:
        yield f"{name}: the file marks {differing} answers otherwise than its own expected answers do"
    missing = sum(row.mean_token_probability is None for row, _ in rows)
    if missing:
        yield f"{name}: no logprobs for {missing} of {len(rows)} answers; the file's 0.5 stands for that"


def _card(suite: str) -> SuiteCard:
    return SuiteCard(
        suite,
        f"{suite}, as the LLMxRay app asks it",
        "What the app's suite of that name tests.",
        "The benchmark it is named after: the app has its own hundred questions.",
        "not stated in the file",
        "the LLMxRay app",
    )


def _compare(file: str, data: Mapping[str, Any]) -> tuple[Experiment, Results]:
    slots = {str(each.get("slotId")): each for each in data["slots"] if isinstance(each, dict)}
    done = {str(each.get("slotId")): each for each in data["executions"] if isinstance(each, dict)}
    if not slots or not data.get("prompt"):
        raise InputError(f"{file}: a compare file needs a 'prompt' and at least one slot")
    ids = unique([slug(str(each.get("label") or each.get("model") or "slot")) for each in slots.values()])
    prompt = Item("prompt", values.whole(data["prompt"]), (), "", category="prompt")
    conditions = tuple(_slot(name, slot) for name, slot in zip(ids, slots.values(), strict=True))
    rows = tuple(
        _compared(condition, prompt, done.get(slot, {}))
        for condition, slot in zip(conditions, slots, strict=True)
    )
    card = SuiteCard(
        PROMPTS,
        "The prompt that was compared",
        "How the answer changes with the setting.",
        "Anything beyond this prompt.",
        "not stated",
        "the LLMxRay app",
    )
    trials = tuple(Trial(row.trial, row.condition, PROMPTS, prompt.id, 0, ()) for row in rows)
    plan = Plan(
        "llmxray-app-compare", "", conditions, {PROMPTS: PlannedSuite(card, (prompt,), "text")}, trials
    )
    experiment = Experiment.model_validate(
        {
            "experiment": "llmxray-app-compare",
            "title": "A comparison of the LLMxRay app",
            "kind": "compare",
            "endpoints": {"app": {"base_url": "http://127.0.0.1:11434/v1"}},
            "prompts": [{"id": prompt.id, "text": prompt.question}],
            "models": [{"id": each.id, "endpoint": "app", "model": each.model} for each in conditions],
            "variants": [{"id": "as-it-was"}],
        }
    )
    note = "read from a compare file of the LLMxRay app, which keeps answers and no exchanges: nothing can be replayed"
    return experiment, Results(plan, rows, (note,))


def _slot(name: str, slot: Mapping[str, Any]) -> Condition:
    sampling = {key: value for key, value in values.obj(slot, "options").items() if value is not None}
    budget = sampling.pop("num_predict", None)
    return Condition(
        name,
        "app",
        shortened(values.whole(slot.get("model") or name)),
        "text",
        "verbatim",
        sampling,
        budget if isinstance(budget, int) and budget > 0 else STANDARD_BUDGET,
        "not stated in the file" if not budget else "set in the app",
        system=str(slot.get("system") or ""),
        label=shortened(values.whole(slot.get("label") or "")),
    )


def _compared(condition: Condition, prompt: Item, execution: Mapping[str, Any]) -> Row:
    metrics = values.obj(execution, "metrics")
    thinking, text = split_thinking(str(execution.get("outputText") or ""))
    return Row(
        experiment="llmxray-app-compare",
        trial=f"{condition.id}/{PROMPTS}/{prompt.id}/0",
        condition=condition.id,
        suite=PROMPTS,
        item_id=prompt.id,
        category=prompt.category,
        sample=0,
        outcome=Outcome.UNSCORED if text or thinking else Outcome.ERROR,
        answer=None,
        expected="",
        ttft_s=values.seconds(metrics.get("ttftMs"), 1000),
        latency_s=values.seconds(metrics.get("latencyMs"), 1000),
        completion_tokens=values.count(metrics.get("tokenCount")) or None,
        text=text,
        reasoning=thinking,
        error="" if text or thinking else "the slot has no output",
    )
