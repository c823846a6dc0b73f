"""Prompts as they are sent."""

import pytest

from llmxray.scoring import (
    LAYOUTS,
    continuation,
    cut_at_stop,
    messages,
    opens_thinking,
    stop_strings,
)
from llmxray.types import Item

SHOT = Item("s1", "Which metal rusts?", ("gold", "iron"), "B", why="Iron rusts in damp air.")
ITEM = Item("q1", "What pulls a ball down?", ("magnetism", "gravity"), "B")
SUM = Item("q2", "What is 2 + 3?", (), "5")
SUM_SHOT = Item("s2", "What is 1 + 2 + 4?", (), "7", why="1 + 2 = 3. 3 + 4 = 7.")


def test_zero_shot_is_one_message_with_lettered_options():
    """Instruction, question, options one a line, ``Answer:``; the original app's shape."""
    text = (
        "Answer the following multiple-choice question with only the letter of the right option.\n\n"
        "Question: What pulls a ball down?\nA. magnetism\nB. gravity\n\nAnswer:"
    )

    assert [{"role": "user", "content": text}] == messages("zero-shot", ITEM, "letter", [SHOT])


def test_few_shot_is_a_chat():
    """Each example is a question and an assistant's reply; the system prompt stands first."""
    turns = messages("few-shot", ITEM, "letter", [SHOT], system="Be brief.")

    assert ["system", "user", "assistant", "user"] == [turn["role"] for turn in turns]  # type: ignore[index,call-overload]
    assert {"role": "assistant", "content": "B"} == turns[2]


def test_few_shot_raw_is_plain_text_with_an_open_end():
    """Examples and question alike, so that a base model goes on with the answer."""
    text = (
        "Question: Which metal rusts?\nA. gold\nB. iron\nAnswer: B\n\n"
        "Question: What pulls a ball down?\nA. magnetism\nB. gravity\nAnswer:"
    )

    assert [{"role": "user", "content": text}] == messages("few-shot-raw", ITEM, "letter", [SHOT])


def test_options_are_hidden_unless_letters_are_asked_for():
    """Likelihood and text prompts weigh or produce the option's text."""
    text = "Question: Which metal rusts?\nAnswer: iron\n\nQuestion: What pulls a ball down?\nAnswer:"

    for kind in ("likelihood", "text"):
        assert [{"role": "user", "content": text}] == messages("few-shot-raw", ITEM, kind, [SHOT])  # type: ignore[arg-type]


def test_thinking_is_opened_by_the_prompt():
    """Examples carry their steps in tags; the prompt ends inside the tag."""
    text = (
        "Question: What is 1 + 2 + 4?\n<think>1 + 2 = 3. 3 + 4 = 7.</think>\nAnswer: 7\n\n"
        "Question: What is 2 + 3?\n<think>"
    )

    assert [{"role": "user", "content": text}] == messages("few-shot-think-raw", SUM, "number", [SUM_SHOT])
    assert ["few-shot-think-raw"] == [layout for layout in LAYOUTS if opens_thinking(layout)]


def test_a_completion_suite_shows_the_bare_context():
    """Situations to be continued have no ``Question:`` and no ``Answer:``, unless letters are asked for."""
    context = Item("h", "She drains the pasta. Then she", ("eats.", "flies."), "A")
    example = Item("h0", "He opens the door and", ("walks in.", "sings."), "A")
    text = "He opens the door and walks in.\n\nShe drains the pasta. Then she"

    assert [{"role": "user", "content": text}] == messages(
        "few-shot-raw", context, "likelihood", [example], completion=True
    )
    assert "A. eats." in str(messages("few-shot-raw", context, "letter", [], completion=True))


@pytest.mark.parametrize(
    ("layout", "kind", "stops"),
    [
        ("zero-shot", "letter", []),
        ("few-shot", "letter", []),
        ("few-shot-raw", "letter", ["\n"]),
        ("few-shot-raw", "likelihood", []),
        ("zero-shot-raw", "letter", ["\n"]),
        ("few-shot-cot", "letter", ["Question:"]),
        ("zero-shot-cot", "letter", []),
        ("few-shot-think-raw", "number", ["\n\nQuestion:"]),
    ],
)
def test_only_raw_continuations_are_cut(layout, kind, stops):
    """Thinking of several paragraphs is not cut at one of them; a forced option is not cut at all."""
    assert stops == stop_strings(layout, kind)  # type: ignore[arg-type]


def test_forced_text_follows_a_space_in_raw_prompts_only():
    """A chat reply starts afresh."""
    assert (" iron", "iron") == (continuation("iron", "few-shot-raw"), continuation("iron", "zero-shot"))


def test_worked_steps_in_the_form_of_mmlu_pro():
    """Header with the subject, ``Options:``, each example's reasoning and letter, and an opened answer."""
    item = Item("q", "Why?", ("a", "b"), "A", category="law")
    text = (
        "The following are multiple choice questions (with answers) about law. Think step by step and then "
        'finish your answer with "the answer is (X)" where X is the correct letter choice.\n\n'
        "Question:\nWhich metal rusts?\nOptions:\nA. gold\nB. iron\n"
        "Answer: Let's think step by step. Iron rusts in damp air. The answer is (B).\n\n"
        "Question:\nWhy?\nOptions:\nA. a\nB. b\nAnswer: Let's think step by step."
    )

    assert [{"role": "user", "content": text}] == messages("few-shot-cot", item, "letter", [SHOT])


@pytest.mark.parametrize(
    ("text", "cut"), [("\n\nB\nQuestion: next", "\n\nB"), ("B", "B"), ("", ""), ("\n", "\n"), ("a\n\nb", "a")]
)
def test_an_answer_after_thinking_is_cut_as_the_server_would_have(text, cut):
    """Blank lines between thinking and answer do not count."""
    assert cut == cut_at_stop(text, ["\n"])
