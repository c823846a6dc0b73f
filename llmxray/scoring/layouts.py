"""Prompt layouts: an item and its worked examples become the messages of a request.

==================  ================================================================================
zero-shot           one user message: an instruction, the question, options, ``Answer:`` (the original app's)
few-shot            the same as a chat: each worked example is a user message and an assistant reply
few-shot-raw        one message of plain text, for base models behind a template that only joins messages
verbatim            the prompt as it stands (compare experiments)
few-shot-think-raw  as few-shot-raw, with each example's reasoning in ``<think>…</think>`` before its answer
==================  ================================================================================

Letter prompts list the options; text, number and likelihood prompts do not, so that the answer is produced or
weighed as text. A completion suite (everyday situations to be continued) shows the bare context instead of
``Question: … Answer:``.
"""

from __future__ import annotations

from collections.abc import Sequence

from llmxray.types import LETTERS, AnswerKind, Item, Json

LAYOUTS = ("verbatim", "zero-shot", "few-shot", "few-shot-raw", "few-shot-think-raw")

_INSTRUCTIONS: dict[AnswerKind, str] = {
    "letter": "Answer the following multiple-choice question with only the letter of the right option.",
    "text": "Answer the question with one word or a short phrase, nothing else.",
    "number": "Solve the problem and answer with only the number.",
    "likelihood": "",
}


def messages(
    layout: str,
    item: Item,
    answer: AnswerKind,
    shots: Sequence[Item],
    *,
    completion: bool = False,
    system: str = "",
) -> list[Json]:
    """The ``messages`` of a request.

    Args:
        layout: one of `LAYOUTS`.
        item: the question, options in the order in which they are shown.
        answer: how the answer is asked for.
        shots: worked examples, shown in this order by the few-shot layouts.
        completion: the item is a context to be continued, not a question.
        system: system prompt, "" for none.
    """
    head: list[Json] = [{"role": "system", "content": system}] if system else []
    if layout == "verbatim":
        return [*head, _user(item.question)]
    if layout == "zero-shot":
        return [*head, _user(_instructed(item, answer, completion))]
    if layout == "few-shot":
        turns: list[Json] = []
        for shot in shots:
            turns += [_user(_instructed(shot, answer, completion)), _assistant(_solution(shot, answer))]
        return [*head, *turns, _user(_instructed(item, answer, completion))]
    think = opens_thinking(layout)
    worked = [_worked(shot, answer, completion=completion, think=think) for shot in shots]
    return [*head, _user("\n\n".join([*worked, _open_end(item, answer, completion=completion, think=think)]))]


def opens_thinking(layout: str) -> bool:
    """Whether the prompt itself opens ``<think>``, so that the reply starts inside it."""
    return layout == "few-shot-think-raw"


def stop_strings(layout: str, answer: AnswerKind) -> list[Json]:
    """Where a raw continuation is cut, so that a base model does not write the next question."""
    if answer == "likelihood" or layout in ("verbatim", "zero-shot", "few-shot"):
        return []
    return ["\n\n"] if opens_thinking(layout) else ["\n"]


def continuation(option: str, layout: str) -> str:
    """The text a likelihood request forces: raw text goes on after a space, a chat reply starts afresh."""
    return f" {option}" if layout.endswith("-raw") else option


def _user(text: str) -> Json:
    return {"role": "user", "content": text}


def _assistant(text: str) -> Json:
    return {"role": "assistant", "content": text}


def _instructed(item: Item, answer: AnswerKind, completion: bool) -> str:
    body = _question(item, answer, completion)
    tail = "" if completion and answer != "letter" else "\n\nAnswer:" if answer == "letter" else "\nAnswer:"
    instruction = _INSTRUCTIONS[answer]
    return f"{instruction}\n\n{body}{tail}" if instruction else f"{body}{tail}"


def _question(item: Item, answer: AnswerKind, completion: bool) -> str:
    lead = item.question if completion and answer != "letter" else f"Question: {item.question}"
    if answer != "letter":
        return lead
    options = "\n".join(f"{LETTERS[index]}. {choice}" for index, choice in enumerate(item.choices))
    return f"{lead}\n{options}"


def _solution(item: Item, answer: AnswerKind) -> str:
    return item.answer if answer == "letter" else item.answer_text


def _worked(item: Item, answer: AnswerKind, *, completion: bool, think: bool) -> str:
    solution = _solution(item, answer)
    if think:
        return f"{_question(item, answer, completion)}\n<think>{item.why}</think>\nAnswer: {solution}"
    return f"{_open_end(item, answer, completion=completion, think=False)} {solution}"


def _open_end(item: Item, answer: AnswerKind, *, completion: bool, think: bool) -> str:
    question = _question(item, answer, completion)
    if think:
        return f"{question}\n<think>"
    return question if completion and answer != "letter" else f"{question}\nAnswer:"
