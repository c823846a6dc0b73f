"""The starter bank: original questions written for llmxray, some in the formats of five benchmarks.

The names say what they are modelled on; the questions are nobody else's, and scores on them are not scores on
those benchmarks. Licence of the questions: CC BY 4.0. One JSON object a line in ``bank/*.jsonl``; lines with
``"shot": true`` are the worked examples of few-shot layouts. In ``tools.jsonl``, lines with ``declare`` are functions;
a question names those that are declared with it, and the call that it expects.
"""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import resources
from typing import Any

from llmxray.suites import sums
from llmxray.suites.base import Suite, chance, check
from llmxray.types import LETTERS, Item, SuiteCard, ToolCall
from llmxray.wire import call_text

_LICENCE = "CC BY 4.0"
_SOURCE = "written for llmxray"
_REWORDED, _ORIGINAL = "arc-paraphrased", "arc"
_TOOLS = "tools"
_NOT_THE_PAPER = (
    "Not the benchmark: original questions in its format, easier, and too few to rank close models."
)


def _card(
    name: str, title: str, tests: str, does_not_test: str, categories: str, departs: str = _NOT_THE_PAPER
) -> SuiteCard:
    return SuiteCard(
        *(f"starter/{name}", title, tests, does_not_test, _LICENCE, _SOURCE),
        departs=departs,
        categories=categories,
    )


CARDS = {
    card.name.removeprefix("starter/"): card
    for card in (
        _card(
            "arc",
            "School science (ARC format)",
            "Science facts and short reasoning in physics, chemistry, biology, earth and space.",
            "Experiments, figures, long reasoning, or science beyond school.",
            "Four subjects, set by hand with each question, as are its skill and difficulty.",
        ),
        _card(
            "arc-paraphrased",
            "School science, reworded (ARC format)",
            "Whether an answer survives other words: the 131 questions of School science on physics, chemistry and "
            "biology, each asked in a second wording with the same options.",
            "Science: compare it with School science on the same items, not on its own.",
            "As in School science; the id of a question is that of its paraphrase.",
            "A suite of llmxray's own: every question was reworded by hand, its options and answer kept.",
        ),
        _card(
            "mmlu-pro",
            "Fourteen subjects, ten options (MMLU-Pro format)",
            "Breadth: first-year knowledge of fourteen subjects, with ten options "
            "so that guessing pays little.",
            "Depth in any one subject: there are at most twelve questions of each.",
            "MMLU-Pro's fourteen subjects, set by hand.",
        ),
        _card(
            "hellaswag",
            "Everyday completions (HellaSwag format)",
            "Whether the model finds the sensible ending of an everyday situation less surprising "
            "than absurd ones.",
            "Social judgement, planning, or anything a reader has to look up.",
            "Places and activities of everyday life, set by hand.",
        ),
        _card(
            "gsm8k",
            "Word problems (GSM8K format)",
            "Short arithmetic told as a story; each wrong option is a slip in one of the steps.",
            "Free-form working: with options, a model may find the answer without the steps.",
            "What the story is about, set by hand.",
        ),
        _card(
            "truthfulqa",
            "Popular misconceptions (TruthfulQA format)",
            "Whether the model prefers what is true to what is often said.",
            "Honesty, or knowledge in general: the questions were chosen because people get them wrong.",
            "Ten subjects, set by hand.",
        ),
        _card(
            "facts",
            "One-word facts",
            "Recall of single words, from the very easy to the unlikely for a tiny model.",
            "Anything that needs a sentence.",
            "Kinds of fact, set by hand.",
            "A suite of llmxray's own; the answer counts as right when the expected word is in it.",
        ),
        _card(
            "sums",
            "Sums of one-digit numbers",
            "Whether writing the steps down helps: three or four addends of one digit, "
            "generated from a seed.",
            "Mathematics.",
            "The number of addends.",
            "A suite of llmxray's own; generated, so a model cannot have seen the list.",
        ),
        _card(
            "tools",
            "Function calls",
            "Tool support: whether the model calls the right one of two to four declared functions, with exactly the "
            "arguments that the request implies.",
            "Several calls in a row, using what a function returns, or knowing when to call none.",
            "What the functions are for, set by hand.",
            "A suite of llmxray's own. The request is sent as it stands, whatever the layout, with the functions in "
            "the field 'tools'; a call is right when its name and arguments equal the expected ones as JSON.",
        ),
    )
}

CORRECTED = {
    "Depth in any one subject: there are about a dozen questions of each.": "Depth in any one subject: there are at "
    "most twelve questions of each.",
    **{
        f"Whether an answer survives other words: the 131 questions of {suite} on physics, chemistry and biology, each "
        "asked in a second wording with the same options.": "Whether an answer survives other words: questions of "
        "School science, each asked in a second wording with the same options."
        for suite in ("School science", "starter/arc")
    },
}
"""What cards of recordings say that is not true of each sample of a suite, and what is."""


def load(name: str) -> Suite:
    """Return a suite of the bank by its name without the ``starter/``.

    Raises:
        KeyError: there is none of that name.
    """
    card = CARDS[name]
    if name == "sums":
        return check(Suite(card, sums.items(), sums.shots(), answer="number"))
    rows = _rows(name)
    if name == _TOOLS:
        return check(_tool_suite(card, rows))
    items = tuple(_item(row) for row in rows if not row.get("shot"))
    shots = tuple(_item(row) for row in rows if row.get("shot"))
    answer: Any = "text" if name == "facts" else None
    return check(
        Suite(
            replace(card, chance=chance(items)), items, shots, completion=name == "hellaswag", answer=answer
        )
    )


def _tool_suite(card: SuiteCard, rows: list[dict[str, Any]]) -> Suite:
    """Suite of function calls."""
    declared = {row["declare"]["name"]: json.dumps(row["declare"]) for row in rows if "declare" in row}
    items: list[Item] = []
    shots: list[Item] = []
    for row in rows:
        if "declare" not in row:
            expected = {
                "answer": _call(row["call"]),
                "accept": [_call(call) for call in row.get("accept", ())],
            }
            item = replace(_item({**row, **expected}), tools=tuple(declared[name] for name in row["tools"]))
            (shots if row.get("shot") else items).append(item)
    return Suite(card, tuple(items), tuple(shots), answer="tool")


def _call(call: dict[str, Any]) -> str:
    text = call_text(ToolCall(call["name"], json.dumps(call["arguments"])))
    if text is None:
        raise ValueError(f"not a call: {call}")
    return text


def _rows(name: str) -> list[dict[str, Any]]:
    rows = _lines(name)
    if name != _REWORDED:
        return rows
    originals = {row["id"]: row for row in _lines(_ORIGINAL)}
    reworded = [
        {**originals[row["id"]], **row, "source": f"reworded from starter/{_ORIGINAL} {row['id']}"}
        for row in rows
    ]
    # The worked examples are the same, so that only the question's words differ between the two suites.
    return [*reworded, *(row for row in originals.values() if row.get("shot"))]


def _lines(name: str) -> list[dict[str, Any]]:
    text = resources.files("llmxray.suites").joinpath("bank", f"{name}.jsonl").read_text("utf-8")
    # splitlines() would also split at U+2028, which JSON texts may contain.
    return [json.loads(line) for line in text.split("\n") if line]


def _item(row: dict[str, Any]) -> Item:
    choices = tuple(row.get("choices", ()))
    return Item(
        id=row["id"],
        question=row["question"],
        choices=choices,
        answer=LETTERS[row["answer"]] if choices else row["answer"],
        category=row["category"],
        subcategory=row["subcategory"],
        skill=row["skill"],
        difficulty=row["difficulty"],
        source=row.get("source", _SOURCE),
        accept=tuple(row.get("accept", ())),
        why=row["why"],
    )
