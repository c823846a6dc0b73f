"""Best and worst categories within each set of questions, and differences between two kinds of questions."""

from __future__ import annotations

from llmxray.metrics import groups
from llmxray.metrics.subjects import HUMANITIES, STEM
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, seeded
from llmxray.report.analysis.by_category import Range, columns_of, ranges, unevenness
from llmxray.report.analysis.families import Corrected, corrected
from llmxray.report.analysis.leaders import above_guessing, turned
from llmxray.report.sentences import Finding, Joined
from llmxray.report.widgets.frame import Values
from llmxray.report.wording.claim_words import claimed


def best_and_worst(analysis: Analysis) -> Values | None:
    """Best and worst categories of each condition within each suite; None where no suite has two to compare.

    What a condition at guessing level is best at is luck, so it has none.
    """
    known = [view for view in analysis.ranked if ranges(analysis, view)]
    guessing = [view for view in known if above_guessing(analysis).get(view.id) is False]
    if not known:
        return None
    return Values(
        guessing=Finding("categories.guessing", names=[view.label for view in guessing])
        if guessing
        else None,
        conditions=[
            Values(
                view=view,
                said=_shape(unevenness(analysis)[view.id]),
                rows=[_extremes(analysis, view, each) for each in ranges(analysis, view)],
            )
            for view in known
            if view not in guessing
        ],
    )


def _shape(test: Corrected) -> Finding:
    """Whether the profile of a condition has spikes."""
    if not test.is_significant:
        return Finding("categories.balanced", test=test)
    return Finding("categories.spiky", clearly=claimed("clearly", test), test=test)


def _extremes(analysis: Analysis, view: ConditionResults, found: Range) -> Values:
    k, suite = found.n_extremes, found.suite
    rng = seeded(analysis.data.name, "places", view.id, suite)
    # How sure each category's place among the best and worst is.
    sure = groups.places(found.columns, rng, k=k)

    def listed(is_top: bool) -> list[Values]:
        ordered = found.categories if is_top else found.categories[::-1]
        return [
            Values(
                name=name,
                share=share.value,
                interval=numbers.interval(share),
                sure=sure[name][0 if is_top else 1],
                href=analysis.contents.questions(condition=view.id, suite=suite, category=name),
            )
            for name, share in ordered[:k]
        ]

    return Values(
        suite=analysis.label_of_suite(suite),
        chance=analysis.chance_of((suite,)),
        shares=[(name, share.value) for name, share in found.categories],
        worst=listed(is_top=False),
        best=listed(is_top=True),
    )


def kinds(analysis: Analysis) -> list[Values]:
    """Two kinds of questions compared within suites: subjects as MMLU sorts them, and facts against steps."""
    found = (
        _compared(analysis, "subjects", "group", STEM, HUMANITIES),
        _compared(analysis, "skills", "skill", "recall", "reasoning"),
    )
    return [each for each in found if each is not None]


def _compared(analysis: Analysis, name: str, by: str, first: str, second: str) -> Values | None:
    """A difference for each condition, best condition first; None where no suite has questions of both kinds."""
    views = analysis.ranked
    strata = [
        [
            {kind: suite[kind] for kind in (first, second)}
            for suite in columns_of(analysis, analysis.question_means(view), by=by).values()
            if first in suite and second in suite
        ]
        for view in views
    ]
    if not any(strata):
        return None
    tests = corrected(
        "condition",
        [
            groups.uneven(each, seeded(analysis.data.name, by, view.id))
            for view, each in zip(views, strata, strict=True)
        ],
    )
    rows = []
    for view, each, test in zip(views, strata, tests, strict=True):
        gap = groups.difference_within([(suite[first], suite[second]) for suite in each])
        if gap.value is None:
            continue
        # From −100 to 100 points, with no difference in the middle.
        share, low, high = ((1 - (end or 0.0)) / 2 for end in (gap.value, gap.high, gap.low))
        ahead = gap if gap.value > 0 else turned(gap)
        rows.append(
            Values(
                view=view,
                kind=first if gap.value > 0 else second,
                share=share,
                low=low,
                high=high,
                text=numbers.whole_points(gap.value),
                ends=numbers.points_interval(ahead),
                test=test,
            )
        )
    clear = [row for row in rows if row.test.is_significant]
    found = [
        Finding(
            f"categories.{name}-clear",
            clearly=claimed("clearly", clear[0].test),
            kind=kind,
            names=[row.view.label for row in clear if row.kind == kind],
        )
        for kind in dict.fromkeys(row.kind for row in clear)
    ]
    said = Joined(*found) if found else Finding("categories.kinds-open")
    return Values(name=name, first=first, second=second, said=said, rows=rows)
