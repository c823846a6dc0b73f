"""Confidences against examples worked by hand."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import pytest

from llmxray.scoring.confidence import Confidence, of_letter, of_likelihood, of_open, of_text
from llmxray.types import Item, LikelihoodScore, TokenLogprob

type MakeToken = Callable[..., TokenLogprob]


def test_letter_mass_is_summed_over_spellings(item, token):
    """p(B) = .40 + .20 + .05 + .05 = .70, p(A) = .10, coverage .80; C and D were not sent."""
    top = {" B": 0.40, "B": 0.20, "(B": 0.05, "B)": 0.05, "A": 0.10, " The": 0.15}
    found = of_letter([token(" B", 0.40, top)], item, "B", 1)

    assert pytest.approx(0.875) == found.option
    assert pytest.approx(0.80) == found.coverage
    assert (pytest.approx(0.125), pytest.approx(0.875), None, None) == found.probs
    assert pytest.approx(0.40) == found.sequence
    assert pytest.approx(0.40) == found.mean_token
    assert "" == found.missing_why


@pytest.mark.parametrize("spelling", [" B", "(B", "**B", "Ｂ", "B,\n"])
def test_spellings_of_a_letter(item, token, spelling):
    """Marks and white space around a letter do not matter."""
    found = of_letter([token(spelling, 0.5, {spelling: 0.5, "C": 0.25})], item, "B", 0)

    assert pytest.approx(2 / 3) == found.option


def test_the_letter_is_read_where_it_was_found(item, token):
    """ "B is out, so B": the offset tells which token counts."""
    tokens = [token("B", 0.9, {"B": 0.9}), token(" is out, so"), token(" B", 0.5, {" B": 0.5, " C": 0.5})]

    assert pytest.approx(0.5) == of_letter(tokens, item, "B", 13).option
    assert pytest.approx(1.0) == of_letter(tokens, item, "B", 0).option


def test_white_space_after_the_thinking_shifts_nothing(item, token):
    """The text's offsets begin at its first letter, the tokens' at the blank line before it."""
    tokens = [
        token("<think>B</think>", part="reasoning"),
        token("\n\n"),
        token("A", 0.5, {"A": 0.5, "B": 0.5}),
        token(" not", 0.5),
        token(" A", 0.5, {" A": 0.9}),
    ]

    assert pytest.approx(0.5) == of_letter(tokens, item, "A", 0).option


def test_small_letters_count_only_where_one_was_said(item, token):
    """ "the answer is b"; elsewhere " a" is an article and no option."""
    small = of_letter([token("b", 0.5, {"b": 0.5, "a": 0.3})], item, "B", 0)
    capital = of_letter([token("B", 0.5, {"B": 0.5, " a": 0.3})], item, "B", 0)

    assert pytest.approx(0.625) == small.option
    assert pytest.approx(1.0) == capital.option


def test_option_confidence_is_that_of_the_chosen_option(item, token):
    """At a temperature above 0 the sampled letter need not be the likeliest."""
    found = of_letter([token("A", 0.2, {"B": 0.6, "A": 0.2})], item, "A", 0)

    assert pytest.approx(0.25) == found.option
    assert (pytest.approx(0.25), pytest.approx(0.75), None, None) == found.probs


def test_a_sampled_letter_beyond_the_alternatives_has_its_own_probability(item, token):
    """Two alternatives were sent, the third letter was drawn: .1 of .1 + .6 + .2."""
    found = of_letter([token("C", 0.1, {"B": 0.6, "A": 0.2})], item, "C", 0)

    assert pytest.approx(1 / 9) == found.option
    assert pytest.approx(0.9) == found.coverage


def test_missing_numbers_have_a_reason(item, token):
    """Never 0.5; sequence and mean token are kept where there are tokens."""
    said = token("B", 0.5)
    cases = {
        "the reply has no log-probabilities": of_letter([], item, "B", 0),
        "no option was named": of_letter([said], item, None, None),
        "the answer is not given as a letter": of_letter([said], item, "B", None),
        "no token is the letter": of_letter([token("The answer", 0.5)], item, "B", 0),
        "no alternatives sent": of_letter([said], item, "B", 0),
        "no option among the alternatives": of_letter([token("B", 0.5, {"x": 0.9})], item, "B", 0),
    }

    for reason, found in cases.items():
        assert reason == found.missing_why
        assert found.option is None
        assert found.coverage is None
        assert () == found.probs
        assert (None if reason.startswith("the reply has no") else pytest.approx(0.5)) == found.sequence


def test_thinking_is_left_out(item, token):
    """Sequence and mean are those of the answer's tokens."""
    tokens = [token("hm", 0.1, part="reasoning"), token("B", 0.5, {"B": 0.5}), token("", 1.0)]

    assert pytest.approx(0.5) == of_letter(tokens, item, "B", 0).sequence


def test_text_walk_multiplies_where_options_part(token):
    """grav|ity over grav|el: first .6 of .8 for "grav…", then .5 of .6 for "ity"."""
    item = Item("q", "?", ("gravity", "gravel", "friction"), "A")
    tokens = [
        token(" grav", 0.6, {" grav": 0.6, " fr": 0.2, " The": 0.1}),
        token("ity", 0.5, {"ity": 0.5, "el": 0.1}),
        token(" pulls", 0.3),
    ]
    found = of_text(tokens, item, 0)

    assert pytest.approx(0.75 * 5 / 6) == found.option
    assert pytest.approx(0.8 * 0.6) == found.coverage
    assert (found.option, None, None) == found.probs
    assert pytest.approx(0.6 * 0.5 * 0.3) == found.sequence


def test_text_walk_ends_an_option_that_is_part_of_another(token):
    """After "carbon": end .3, another word .2, " dioxide" .5."""
    item = Item("q", "?", ("carbon", "carbon dioxide"), "A")
    after = {"": 0.3, " is": 0.2, " dioxide": 0.5}

    short = of_text([token("carbon", 0.9, {"carbon": 0.9}), token("", 0.3, after)], item, 0)
    long = of_text([token("carbon", 0.9, {"carbon": 0.9}), token(" dioxide", 0.5, after)], item, 1)

    assert pytest.approx(0.5) == short.option
    assert pytest.approx(0.5) == long.option
    assert pytest.approx(1.0) == long.coverage


def test_text_walk_gives_up_with_a_reason(token):
    """Alternatives that do not reach, an answer inside a sentence, an end that was not seen."""
    item = Item("q", "?", ("carbon", "carbon dioxide", "neon"), "A")
    unreached = of_text([token("neon", 0.5)], item, 2)
    sentence = of_text([token("It is", 0.5), token(" neon", 0.5)], item, 2)
    endless = of_text([token("carbon", 0.5, {"carbon": 0.5})], item, 0)

    assert "the alternatives do not reach the options" == unreached.missing_why
    assert "the answer does not spell one option" == sentence.missing_why
    assert endless.option is None
    assert "no option was named" == of_text([token("x", 0.5)], item, None).missing_why
    assert "the reply has no log-probabilities" == of_text([], item, 0).missing_why


def test_likelihood_needs_every_option(token):
    """One option without logprobs, or with an infinite one, and there is no number."""
    item = Item("q", "?", ("up", "down"), "A")
    endless = TokenLogprob("down", None, -math.inf)

    for replies in ([[token("up", 0.5)]], [[token("up", 0.5)], []], [[token("up", 0.5)], [endless]]):
        assert Confidence(missing_why="no logprobs for some option") == of_likelihood(replies, item)


def test_an_open_answer_has_no_option_confidence(token):
    """Sequence .5 × .8, mean .65."""
    found = of_open([token("Can", 0.5), token("berra", 0.8)])

    assert pytest.approx(0.4) == found.sequence
    assert pytest.approx(0.65) == found.mean_token
    assert "an open answer has no options" == found.missing_why
    assert Confidence(missing_why="the reply has no log-probabilities") == of_open([])


def test_an_invalid_log_probability_is_missing_not_zero(item, token):
    """The token of the answer or an alternative of it has none: no option confidence, no sequence, no mean."""
    sure = token("B", 0.5, {"B": 0.5, "C": 0.3})
    unknown = replace(sure, logprob_nats=None, invalid=1)
    doubtful = replace(sure, invalid=1)
    other = TokenLogprob(".", b".", None, invalid=1)

    for said in ([unknown], [doubtful]):
        found = of_letter(said, item, "B", 0)
        assert (None, (), "a log-probability is not valid") == (found.option, found.probs, found.missing_why)
    # What does not need it stays.
    assert pytest.approx(0.5) == of_letter([doubtful], item, "B", 0).sequence
    found = of_letter([sure, other], item, "B", 0)
    assert pytest.approx(0.5 / 0.8) == found.option
    assert (None, None) == (found.sequence, found.mean_token)
    assert (None, None) == (of_open([sure, other]).sequence, of_open([sure, other]).mean_token)


def test_the_names_of_lm_eval(token):
    """acc sums, acc_norm divides by characters, acc_bytes by bytes; the chosen confidence is that of the name."""
    item = Item("q", "?", ("é", "ab"), "A")
    replies = [[token("é", math.exp(-2))], [token("ab", math.exp(-3))]]
    by = {name: of_likelihood(replies, item, name) for name in get_args(LikelihoodScore)}

    for name, gap in (("acc", 1.0), ("acc_norm", 0.5), ("acc_bytes", 0.5)):
        assert pytest.approx(1 / (1 + math.exp(-gap))) == by[name].option
        assert max(value for value in by[name].by(name) if value is not None) == by[name].option
    assert by["acc_norm"].option == by["acc"].probs_per_character[1]
    assert by["acc_bytes"].option == by["acc"].probs_per_byte[0]
