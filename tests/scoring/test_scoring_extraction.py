"""Which answer is found in a reply, and by which rule."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmxray.scoring.extraction import Extracted, expected, letter, number, option_text, same_number
from llmxray.scoring.wording import fold
from llmxray.types import Item

NUMBERS = Item("n", "How many?", tuple(str(value) for value in range(10, 23)), "B")


@pytest.mark.parametrize(
    ("text", "answer", "rule"),
    [
        ("A quick check shows C", "C", "shows"),
        ("A) is wrong, so B) is right", "B", "right-letter"),
        ("the answer is b", "B", "answer-is-small"),
        ("I will answer a question: C", "C", "last-letter"),
        ("**Answer:** (D)", "D", "answer-is"),
        ("\\boxed{C}", "C", "boxed"),
        ("Ｄ", "D", "leading"),
        ("friction", "D", "option-text"),
        ("The answer is the gravity.", "B", "answer-is-text"),
    ],
)
def test_known_traps_come_out_right(item, text, answer, rule):
    """Traps of reading an answer out of a text."""
    found = letter(text, item)

    assert (answer, rule) == (found.answer, found.rule)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("B", "B"),
        ("(b)", "B"),
        ("**b**.", "B"),
        ("B\nBecause balls fall.", "B"),
        ("The answer is: (B).", "B"),
        ("Answer: A\nNo, wait. Answer: C", "C"),
        ("A is not right; C is right", "C"),
        ("I choose C.", "C"),
        ("The answer is A because of the field", "A"),
        ("It cannot be A or C, which leaves D", "D"),
        ("The answer is 'C'", "C"),
        ("__C__", "C"),
        ("The answer is A magnetism", "A"),
        ("The answer is A\ngravity", "A"),
    ],
)
def test_letters_as_models_write_them(item, text, answer):
    """Marks, markdown, second thoughts and denials."""
    found = letter(text, item)

    assert answer == found.answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("The answer is A kidney.", "D"),
        ('The correct answer is "I, II and III".', "B"),
        ("Vitamin C is correct.", "C"),
        ("D) A kidney", "D"),
        ("The answer is A. A kidney is not.", "A"),
    ],
)
def test_a_letter_inside_of_an_options_words_chooses_nothing(text, answer):
    """ "A kidney" begins with an article, "Vitamin C" ends with a name: neither is the letter of an option."""
    organs = Item("q", "?", ("A lung", "I, II and III", "vitamin C", "A kidney"), "D")
    found = letter(text, organs)

    assert answer == found.answer


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I am not sure.",
        "The answer is not A.",
        "It cannot be (A).",
        "A plant needs water",
        "magnetism or friction",
        "E",
        "vitamin D3",
    ],
)
def test_nothing_is_guessed(item, text):
    """Pronouns, articles, letters beyond the options and several options at once are no answer."""
    assert letter(text, item) is None


def test_letters_go_as_far_as_the_options():
    """TruthfulQA has up to thirteen options; a chain that ends at J would lose some answers."""
    assert ["M"] == [found.answer for found in [letter("The answer is (M)", NUMBERS)] if found]


def test_the_pronoun_is_no_ninth_option():
    """With nine options or more, "I" is a letter and a word."""
    found = letter("I think the answer is: I would say H", NUMBERS)

    assert "H" == found.answer


def test_offset_points_at_the_letter(item):
    """The confidence is read at that place of the text, full-width letters included."""
    text = "The answer is （Ｂ）"
    found = letter(text, item)

    assert text.index("Ｂ") == found.at


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("B. gravity\n\nThe answer is B.", 0),
        ("Answer: B. Answer: C. Answer: B", 30),
        ("A. magnetism? The answer is B.", 28),
    ],
)
def test_a_repeated_letter_is_read_where_it_was_first_given(item, text, at):
    """A model that repeats itself is only as sure as it was at first; a letter taken back does not count."""
    found = letter(text, item)

    assert ("B", at) == (found.answer, found.at)


def test_options_that_fold_alike_are_told_apart_as_written():
    """Signs and capitals count before words do; words alone would name two options."""
    signs = Item("q", "?", ("-5", "5", "AA", "Aa"), "A")

    assert list("ABCD") == [found.answer for text in signs.choices if (found := option_text(text, signs))]
    assert option_text("aa", signs) is None


@pytest.mark.parametrize("text", ["", " ", "?!"])
def test_an_empty_reply_names_no_option(text):
    """Not even one that consists of symbols only."""
    assert option_text(text, Item("q", "?", ("∞", "+", "x"), "A")) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("She makes $1,234.50 a day.", "1234.50"),
        ("16-3-4=9, so 10-3", "3"),
        ("The answer is 7, not 8.", "7"),
        ("The answer is 3 + 4 = 7.", "7"),
        ("so \\boxed{12} of 20", "12"),
        ("A loss of -$20", "-20"),
        ("１８", "18"),
        ("\\boxed{1{,}234} of 5", "1234"),
    ],
)
def test_numbers(text, value):
    """Marked numbers first, else the last; commas, currency, the typographic minus; no subtraction signs."""
    found = number(text)

    assert same_number(value, found.answer)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("The answer is 270. The answer is 270. The answer is 27", "270"),
        ("The answer is 270 ", "270"),
        ("The answer is 27", None),
        ("3 + 4 = 7, and 7 × 12 = 8", None),
        ("so \\boxed{12}, or \\boxed{1", "12"),
    ],
)
def test_a_number_that_the_limit_cuts_through_is_not_read(text, value):
    """A model that repeats its answer until the limit had "270" read as "27"."""
    found = number(text, cut=True)

    assert (found and found.answer) == value


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("1,200.0", "1200", True),
        ("$18", "18", True),
        ("−5", "-5", True),
        ("5", "-5", False),
        ("x", "x", False),
    ],
)
def test_numbers_are_compared_as_decimals(left, right, same):
    """Spelling does not matter; texts that are no numbers equal nothing."""
    assert same is same_number(left, right)


def test_expected_text_may_stand_in_a_sentence():
    """Whole words count, whatever the case; another text is given back as the first line."""
    said = expected("It is Canberra, of course.", ("canberra",))
    other = expected("\nSydney\nor so", ("canberra",))

    assert ("canberra", "expected-text") == (said.answer, said.rule)
    assert ("Sydney", "first-line") == (other.answer, other.rule)
    assert expected("Canberrans", ("canberra",)) != said
    assert expected(" \n", ("canberra",)) is None


def test_numbers_in_words_are_numbers():
    """ "forty-three" is 43, and 7 is "seven"."""
    for text, answer in (("Seventeen plus twenty-six equals Forty-Three.", "43"), ("It has 7.", "seven")):
        assert expected(text, (answer,)) == Extracted(answer, "expected-text")


def test_a_cut_reply_counts_where_it_states_its_answer(item):
    """Its last letter, last number or unfinished sentence may belong to a step."""
    assert letter("So far B seems likely and C", item, cut=True) is None
    assert letter("The answer is B. Let me check", item, cut=True) == letter("The answer is B.", item)
    assert number("3 + 4 = 7, and then", cut=True) is None
    assert number("#### 7\nQuestion", cut=True) == number("#### 7")
    assert expected("Sydney is a", ("Canberra",), cut=True) is None
    assert expected("It is Sydney. It", ("Canberra",), cut=True) == expected(
        "It is Sydney. It", ("Canberra",)
    )


@pytest.mark.parametrize(
    "text",
    [
        "it shows" + " " * 60_000 + "?",
        "\\boxed{\\text" + "a" * 60_000,
        "option" + " (" * 30_000,
        "answer 1" + " ." * 30_000,
    ],
)
def test_no_reply_stalls_the_scorer(item, text):
    """Sixty thousand spaces, brackets or stars are read in one pass, not tried at each pair of places."""
    began = time.process_time()
    letter(text, item)
    number(text)
    assert time.process_time() - began < 2


@given(text=st.text("ab -.", max_size=30), answers=st.lists(st.text("ab -.", max_size=5), max_size=6))
def test_the_first_accepted_answer_in_the_reply_is_found(text, answers):
    """In the order given, as whole words."""
    folded = f" {fold(text)} "
    right = next((answer for answer in answers if (words := fold(answer)) and f" {words} " in folded), None)
    found = expected(text, answers)
    assert right == (found.answer if found and found.rule == "expected-text" else None)
