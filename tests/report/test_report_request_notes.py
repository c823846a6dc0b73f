"""What of a request is a fact of its server, in sentences."""

from dataclasses import replace

from llmxray.plan import Plan
from llmxray.report.analysis import ConditionView
from llmxray.report.wording.asking import budget_column, request_notes, unpinned
from llmxray.types import Condition

PLAIN = Condition("a", "lab", "m", "text", "verbatim", {}, 64)


def views(*conditions: Condition) -> list[ConditionView]:
    """One a condition, named by capital letters."""
    return [ConditionView(condition=each, label=each.id.upper(), css="c0", rows=()) for each in conditions]


def plan(*conditions: Condition) -> Plan:
    """A plan of nothing but conditions."""
    return Plan("e", "f", conditions, {}, ())


def test_as_usual_nothing_is_said():
    """No sentence where everything goes as everywhere."""
    assert ("", "", "max_tokens") == (
        request_notes(views(PLAIN)),
        unpinned(plan(PLAIN)),
        budget_column(views(PLAIN)),
    )


def test_each_fact_once():
    """By field and by endpoint, with the names that people gave."""
    newer = replace(PLAIN, id="b", budget_field="max_completion_tokens", omitted=("logprobs", "temperature"))
    other = replace(newer, id="c", endpoint="far", refused=("top_k", "min_p", "stream_options"))
    none = replace(PLAIN, id="d", budget_field="", omitted=("max_tokens",))
    assert request_notes(views(PLAIN, newer, other, none)) == (
        "The budget goes as max_completion_tokens for B and C. No budget is sent for D. "
        "Not sent to far, whose server refuses them: top_k, min_p and stream_options. "
        "Not sent for B and C, as the experiment file says: logprobs and temperature. "
        "Not sent for D, as the experiment file says: max_tokens."
    )
    assert "budget" == budget_column(views(PLAIN, newer))
    assert "max_completion_tokens" == budget_column(views(newer, other))
    assert "budget" == budget_column(views(none))


def test_what_could_not_be_pinned():
    """Samplers only: what llmxray adds for its own ends changes no answer."""
    one = replace(PLAIN, refused=("top_k", "stream_options"))
    two = replace(PLAIN, id="b", endpoint="far", refused=("stop",))
    assert unpinned(plan(one, replace(one, id="c"), two)) == (
        "top_k could not be pinned on lab: its server refuses it, so the server's own setting holds."
    )
    assert "min_p and top_k could not be pinned on lab: its server refuses them" in unpinned(
        plan(replace(PLAIN, refused=("min_p", "top_k")))
    )
