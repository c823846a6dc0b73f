"""The same reply under several chains: theirs read as their authors wrote them, ours beside them."""

import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmxray.scoring import CHAINS
from llmxray.scoring.chains import extract
from llmxray.scoring.scorer import judge
from llmxray.types import ChainName, Item, Outcome

SUM = Item("s", "How many?", (), "1234")


@pytest.mark.parametrize(
    ("text", "answer", "rule"),
    [
        ("The answer is (C).", "C", "mmlu-pro-1"),
        ("Answer: D", "D", "mmlu-pro-2"),
        ("So A is out\nand I take C", "C", "mmlu-pro-3"),
        ("I will answer", "I", "mmlu-pro-3"),
    ],
)
@pytest.mark.parametrize("chain", ["mmlu-pro", "official-compat"])
def test_mmlu_pro_is_the_authors_own(item, text, answer, rule, chain):
    """First match in its first rule, letters to J whatever the options, pronouns read as letters."""
    found = extract(text, item, "letter", chain=chain)

    assert (answer, rule) == (found.answer, found.rule)


def test_official_guesses_are_named_and_spread(item):
    """Where nothing matches one option is guessed, the same one every time, none more often than chance."""
    items = [Item(f"q{n}", "?", item.choices, "A") for n in range(400)]
    guesses = [extract("no idea", each, "letter", chain="official-compat") for each in items]

    assert {"official-guess"} == {each.rule for each in guesses if each}
    assert guesses == [extract("???", each, "letter", chain="official-compat") for each in items]
    counts = Counter(each.answer for each in guesses if each)
    assert set("ABCD") == set(counts)
    assert max(counts.values()) < 140


@pytest.mark.parametrize(
    ("text", "answer"), [("A quick check shows C", "A"), ("E F D", "D"), ("Apple Dates", None)]
)
def test_first_letter_is_naive(item, text, answer):
    """Articles are letters to it; letters inside words and beyond the options are not."""
    found = extract(text, item, "letter", chain="first-letter")

    assert answer == (found.answer if found else None)


@pytest.mark.parametrize(
    ("text", "official", "last"),
    [
        ("5 + 7 = 12\n#### 1,234", Outcome.CORRECT, Outcome.CORRECT),
        ("The answer is 1234, not 5.", Outcome.UNPARSED, Outcome.WRONG),
        ("It makes $1,234.", Outcome.UNPARSED, Outcome.CORRECT),
        ("#### x", Outcome.UNPARSED, Outcome.UNPARSED),
    ],
)
def test_numbers_under_each_chain(text, official, last):
    """GSM8K's authors want ``####``; the harness's flexible filter takes the last number; ours the marked one."""
    chains: dict[ChainName, Outcome] = {"official-compat": official, "last-number": last}
    assert chains == {name: judge(SUM, "number", text, chain=name)[0] for name in chains}


def test_chains_leave_other_kinds_to_ours(item):
    """A chain for letters reads numbers and texts as ours does, so that mixed suites can be scored."""
    for name, chain in CHAINS.items():
        assert ("number" in chain.kinds) or extract("7", SUM, "number", chain=name) == extract(
            "7", SUM, "number"
        )
        assert extract("gravity", item, "text", chain=name) == extract("gravity", item, "text")
    assert extract("Well, E", item, "letter", chain="last-number") is None
    assert ("letter", "number", "text") == CHAINS["llmxray"].kinds


# As in TIGER-AI-Lab/MMLU-Pro, evaluate_from_local.py: the reference for what ours must find.
THEIRS = (
    re.compile(r"answer is \(?([A-J])\)?"),
    re.compile(r".*[aA]nswer:\s*([A-J])"),
    re.compile(r"\b[A-J]\b(?!.*\b[A-J]\b)", re.DOTALL),
)


def theirs(text: str, steps: int) -> str | None:
    """What the authors' chain finds."""
    for pattern in THEIRS[:steps]:
        if found := pattern.search(text):
            return found[1] if pattern.groups else found[0]
    return None


REPLY = st.lists(
    st.sampled_from(
        [
            *(
                "answer is ",
                "the answer is (",
                "answer:",
                "Answer:",
                "nswer:",
                "Answer: ",
                "(",
                ")",
                ".",
                " ",
            ),
            *("\n", "\t", "A", "B", "J", "K", "a", "Apple", "I'd", "A.", "_B", "é", "\u2028", "\x85", "\r"),
        ]
    ),
    max_size=14,
).map("".join)


@given(text=REPLY | st.text(alphabet="answer: ABCJK\n()._isA", max_size=40))
@settings(max_examples=400)
def test_mmlu_pro_finds_what_the_authors_patterns_find(text):
    """Every step, line ends and overlapping phrases included; with three steps and with two."""
    item = Item("q", "?", tuple("abcdefghij"), "A")
    chains: dict[ChainName, int] = {"mmlu-pro": 3, "mmlu-pro-two-steps": 2}
    for name, steps in chains.items():
        found = extract(text, item, "letter", chain=name)
        assert theirs(text, steps) == (found.answer if found else None)
        if found:
            assert found.answer == text[found.at]
