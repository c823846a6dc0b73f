"""Prompt layouts: an item and its worked examples become the messages of a request.

==================  ================================================================================
zero-shot           one user message: an instruction, the question, options, ``Answer:`` (the original app's)
zero-shot-raw       plain text without instruction or examples, for base models
zero-shot-cot       one user message that asks for steps and ends in "Let's think step by step."
few-shot            zero-shot as a chat: each worked example is a user message and an assistant reply
few-shot-think      as few-shot, with each example's reasoning in ``<think>…</think>`` before its reply
few-shot-raw        one message of plain text, for base models behind a template that only joins messages
few-shot-cot        one message in the form of MMLU-Pro's own evaluation: header with the subject, each example
                    with its reasoning and "The answer is (X).", then "Let's think step by step."
few-shot-think-raw  as few-shot-raw, with each example's reasoning in ``<think>…</think>`` before its answer
options-only        as few-shot-raw, with the text of the question left empty: what the options give away alone
verbatim            the prompt as it stands (compare experiments)
==================  ================================================================================

Letter prompts list the options (few-shot-cot under ``Options:``); text, number and likelihood prompts do not, so
that the answer is produced or weighed as text. Questions that ask for a function to be called are sent verbatim, with
the functions declared beside the messages. A completion suite (everyday situations to be continued) shows the
bare context instead of ``Question: … Answer:``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from llmxray.types import LETTERS, AnswerKind, Condition, Item, Json
from llmxray.wire import APIS

OPTIONS_ONLY = "options-only"
LAYOUTS = (
    *("verbatim", "zero-shot", "zero-shot-raw", "zero-shot-cot", OPTIONS_ONLY),
    *("few-shot", "few-shot-think", "few-shot-raw", "few-shot-cot", "few-shot-think-raw"),
)
_STEPS = "Let's think step by step."
_FINISH = 'Think step by step and then finish your answer with "the answer is {mark}" where X is {what}.'
_SOUGHT: dict[AnswerKind, tuple[str, str, str]] = {
    "letter": ("multiple choice questions", "(X)", "the correct letter choice"),
    "text": ("questions", "X", "the answer in one word or a short phrase"),
    "number": ("problems", "X", "the number"),
}

_INSTRUCTIONS: dict[AnswerKind, str] = {
    "letter": "Answer the following multiple-choice question with only the letter of the right option.",
    "text": "Answer the question with one word or a short phrase, nothing else.",
    "number": "Solve the problem and answer with only the number.",
    "likelihood": "",
    # The declared functions are the only instruction.
    "tool": "",
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
    """Return the ``messages`` of a request.

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
        return [*head, _user(_instruct(item, answer, completion))]
    if layout == "zero-shot-cot":
        return [*head, _user(_ask_for_steps(item, answer, completion))]
    if layout == "few-shot-cot":
        return [*head, _user(_official_cot(item, answer, shots))]
    if layout in ("few-shot", "few-shot-think"):
        turns: list[Json] = []
        for shot in shots:
            solution = _solution(shot, answer)
            reply = f"<think>{shot.why}</think>\n{solution}" if layout == "few-shot-think" else solution
            turns += [_user(_instruct(shot, answer, completion)), {"role": "assistant", "content": reply}]
        return [*head, *turns, _user(_instruct(item, answer, completion))]
    if layout == OPTIONS_ONLY:
        item = replace(item, question="")
    think = opens_thinking(layout)
    examples = shots if needs_examples(layout) else ()
    blocks = [_worked_example(shot, answer, completion=completion, think=think) for shot in examples]
    return [*head, _user("\n\n".join([*blocks, _open_end(item, answer, completion=completion, think=think)]))]


def opens_thinking(layout: str) -> bool:
    """Return whether the prompt itself opens ``<think>``, so that the reply starts inside it."""
    return layout == "few-shot-think-raw"


def needs_examples(layout: str) -> bool:
    """Return whether the layout shows worked examples."""
    return layout.startswith("few-shot") or layout == OPTIONS_ONLY


def needs_reasoning(layout: str) -> bool:
    """Return whether the layout asks for written reasoning, which its worked examples then show."""
    return layout in ("zero-shot-cot", "few-shot-cot", "few-shot-think", "few-shot-think-raw")


def stop_strings(layout: str, answer: AnswerKind) -> list[Json]:
    """Return the stop strings that cut a raw continuation, so that a base model does not write the next question.

    Inside thinking and worked steps only the beginning of a next question ends the reply: a line break or an
    empty line belongs to them. Models that think by themselves get no stop strings, see `cut_at_stop`.
    """
    if answer == "likelihood":
        return []
    stops: dict[str, list[Json]] = {
        "zero-shot-raw": ["\n"],
        "few-shot-raw": ["\n"],
        OPTIONS_ONLY: ["\n"],
        # MMLU-Pro uses this stop string.
        "few-shot-cot": ["Question:"],
        "few-shot-think-raw": ["\n\nQuestion:"],
    }
    return stops.get(layout, [])


def late_stops(condition: Condition, answer: AnswerKind) -> list[Json]:
    """Return the stop strings that no request carries, so that they cut the answer when it is scored.

    Those of a model that thinks, see `stop_strings`, and of an API that takes none.
    """
    return [] if sends_stop(condition) else stop_strings(condition.layout, answer)


def sends_stop(condition: Condition) -> bool:
    """Return whether the requests of a condition may carry stop strings."""
    return APIS[condition.api].has_stop and not condition.thinks


def cut_at_stop(text: str, stops: Sequence[Json]) -> str:
    """Return the answer up to the first stop string, as the server would have cut it without the thinking."""
    # The search starts after leading line breaks, which separate thinking and answer and do not end the answer.
    begin = len(text) - len(text.lstrip())
    ends = [position for stop in stops if (position := text.find(str(stop), begin)) >= 0]
    return text[: min(ends)] if ends else text


def continuation(option: str, layout: str) -> str:
    """Return the text that a likelihood request forces: after a space in raw text, without one in a chat reply."""
    return f" {option}" if layout.endswith("-raw") or layout == OPTIONS_ONLY else option


def _user(text: str) -> Json:
    return {"role": "user", "content": text}


def _instruct(item: Item, answer: AnswerKind, completion: bool) -> str:
    body = _question(item, answer, completion)
    tail = "" if completion and answer != "letter" else "\n\nAnswer:" if answer == "letter" else "\nAnswer:"
    instruction = _INSTRUCTIONS[answer]
    return f"{instruction}\n\n{body}{tail}" if instruction else f"{body}{tail}"


def _ask_for_steps(item: Item, answer: AnswerKind, completion: bool) -> str:
    kind, mark, wanted = _SOUGHT[answer]
    lead = f"Answer the following {kind.removesuffix('s')}. {_FINISH.format(mark=mark, what=wanted)}"
    return f"{lead}\n\n{_question(item, answer, completion)}\n\nAnswer: {_STEPS}"


def _official_cot(item: Item, answer: AnswerKind, shots: Sequence[Item]) -> str:
    """The prompt of MMLU-Pro's ``evaluate_from_local.py``; for numbers the same without options."""
    kind, mark, wanted = _SOUGHT[answer]
    about = f" about {item.category}" if item.category and answer == "letter" else ""
    head = f"The following are {kind} (with answers){about}. {_FINISH.format(mark=mark, what=wanted)}"
    blocks = [f"{_cot_question(shot, answer)} {_cot_solution(shot, answer)}" for shot in shots]
    return "\n\n".join([head, *blocks, _cot_question(item, answer)])


def _cot_question(item: Item, answer: AnswerKind) -> str:
    options = [f"{LETTERS[index]}. {choice}" for index, choice in enumerate(item.choices)]
    option_lines = ["Options:", *options] if answer == "letter" else []
    return "\n".join(["Question:", item.question, *option_lines, f"Answer: {_STEPS}"])


def _cot_solution(item: Item, answer: AnswerKind) -> str:
    answer_text = f"({item.answer})" if answer == "letter" else item.answer_text
    return f"{item.why} The answer is {answer_text}."


def _question(item: Item, answer: AnswerKind, completion: bool) -> str:
    lead = item.question if completion and answer != "letter" else f"Question: {item.question}"
    if answer != "letter":
        return lead
    options = "\n".join(f"{LETTERS[index]}. {choice}" for index, choice in enumerate(item.choices))
    return f"{lead}\n{options}"


def _solution(item: Item, answer: AnswerKind) -> str:
    return item.answer if answer == "letter" else item.answer_text


def _worked_example(item: Item, answer: AnswerKind, *, completion: bool, think: bool) -> str:
    solution = _solution(item, answer)
    if think:
        return f"{_question(item, answer, completion)}\n<think>{item.why}</think>\nAnswer: {solution}"
    return f"{_open_end(item, answer, completion=completion, think=False)} {solution}"


def _open_end(item: Item, answer: AnswerKind, *, completion: bool, think: bool) -> str:
    question = _question(item, answer, completion)
    if think:
        return f"{question}\n<think>"
    return question if completion and answer != "letter" else f"{question}\nAnswer:"
