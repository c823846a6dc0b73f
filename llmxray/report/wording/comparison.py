"""The sentences of the compare lab, each made from the numbers below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from llmxray.report.analysis.similarity import Effect, Similarity
from llmxray.report.sentences import Finding
from llmxray.report.wording.claim_words import claimed
from llmxray.types import Condition


def varied(conditions: Sequence[Condition]) -> str:
    """What the conditions of a comparison differ in: "setting", "model", or "condition" for both."""
    models = {(each.endpoint, each.model) for each in conditions}
    settings = {(repr(sorted(each.sampling.items())), each.system) for each in conditions}
    return "setting" if len(models) == 1 else "model" if len(settings) == 1 else "condition"


def overview(
    effect: Effect, found: Mapping[str, Similarity], names: Mapping[str, str], what: str, which: str = ""
) -> Finding | None:
    """Of how many prompts a setting clearly changes the answers, and of which most; None without repeats.

    Args:
        found: by prompt. names: of the prompts.
        what: as `varied` says it.
        which: of all prompts these are, behind their number.
    """
    if not found:
        return None
    n, of = len(found), {"what": what, "n": len(found), "which": which}
    if effect.p_value is None:
        return Finding("findings.setting-few", what=what)
    if not effect.together.is_significant:
        return Finding("findings.setting-none", any="any of " if n > 1 else "", **of)
    clearly = claimed("clearly", effect.together)
    if not effect.clear and n > 1:
        return Finding("findings.setting-together", clearly=clearly, **of)
    return Finding(
        f"findings.setting-{'all' if len(effect.clear) == n else 'some'}",
        clear=len(effect.clear),
        most=names[most_changed(effect, found)] if n > 1 else None,
        clearly=clearly,
        **of,
    )


def most_changed(effect: Effect, found: Mapping[str, Similarity]) -> str:
    """The prompt whose answers a setting clearly changes, and changes most; "" for none."""
    return max(effect.clear, key=lambda name: (found[name].setting_effect.value or 0.0, name), default="")


def seed_in_short(effect: Effect, n: int) -> Finding:
    """Whether answers that share a seed are more alike, over ``n`` prompts."""
    if not effect.together.is_significant:
        return Finding("findings.seed-none")
    how = "" if len(effect.clear) == n else "some" if effect.clear else "together"
    return Finding(
        "findings.seed",
        measurably=claimed("measurably", effect.together),
        where=Finding(f"findings.seed-{how}", clear=len(effect.clear), n=n) if how else "",
    )
