"""The numbers behind every page of one experiment, computed once.

A *view* is a condition with its rows and its colour. Repeats of an item are averaged before anything is
estimated or tested; prompts without an expected answer and trials without a whole reply count in no accuracy.
Randomness is seeded by names, so the same recordings give the same intervals in every build.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from operator import attrgetter

from llmxray.metrics import accuracy, latency
from llmxray.metrics.paired import PairedTest, compare_shares
from llmxray.plan import item_address
from llmxray.report import numbers
from llmxray.report.analysis.applies import design_of
from llmxray.report.analysis.condition_colours import label_of
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.analysis.pairing import Tested, adjusted
from llmxray.report.analysis.rows import (
    Design,
    address,
    counts_as,
    grouped,
    item_means,
    means_of,
    memoized,
    right,
    seeded,
)
from llmxray.report.sentences import Finding
from llmxray.scoring import CHOSEN, guess_rate
from llmxray.types import AnswerKind, Condition, Estimate, Item, Outcome, Row

# Conditions that a sentence names; of more it gives the number.
_MOST_NAMED = 2
# Fewer questions that all answered rank nobody, unless they are half of the most that any condition answered.
FEWEST_SHARED = 10
# A field of a trial's row, or what is made of several.
type Value = str | Callable[[Row], float | None]


# Compared by identity: one is looked up without reading its rows.
@dataclass(frozen=True, eq=False, kw_only=True)
class ConditionView:
    """One condition as the pages see it.

    Attributes:
        css: colour class.
        rows: its trials in plan order.
        design: which of them are about one question.
    """

    condition: Condition
    label: str
    css: str
    rows: tuple[Row, ...]
    design: Design = field(default_factory=Design)

    @property
    def id(self) -> str:
        """The condition's name."""
        return self.condition.id

    @cached_property
    def items(self) -> tuple[str, ...]:
        """The items it was asked, as ``suite/item``, in plan order."""
        return tuple(dict.fromkeys(map(address, self.rows)))

    def unit(self, row: Row) -> str:
        """The question that a trial is about, whatever its wording."""
        return self.design.unit(address(row))

    @cached_property
    def answers(self) -> float:
        """Scored answers to a question, on average: samples × rotations × wordings; 1 without any."""
        scored = [self.unit(row) for row in self.rows if right(row) is not None]
        return len(scored) / len(set(scored)) if scored else 1.0

    @memoized
    def means(self, name: str) -> dict[str, float]:
        """`item_means` of what it got right (``right``), or of a field of its rows."""
        return item_means(self.rows, right if name == "right" else attrgetter(name))

    def of(self, *, suite: str = "", category: str | None = None) -> tuple[Row, ...]:
        """Its rows of one suite, or of one category of it."""
        return tuple(
            row
            for row in self.rows
            if (not suite or row.suite == suite) and (category is None or row.category == category)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair(Tested):
    """Two conditions on the same questions, one of all pairs; ``a`` has the higher accuracy.

    In ``difference`` a question with a whole reply from one of the two only is missing.
    """

    a: ConditionView
    b: ConditionView

    @property
    def has_few(self) -> bool:
        """Whether too few questions are of both for a claim, beside those that only one of them answered."""
        return self.difference.n < min(FEWEST_SHARED, self.difference.n_missing)


def accuracy_of(
    rows: Sequence[Row], design: Design | None = None, outcomes: Sequence[Outcome] | None = None
) -> Estimate:
    """Accuracy with Wilson's interval; repeats are averaged within an item, and their number is the effective one.

    ``n`` counts questions with a whole reply, and ``n_missing`` those without any.

    Args:
        design: needed where rows may be of groups, or of several suites, which may hold wordings of one question.
        outcomes: those of the rows under another way of scoring; None for their own.
    """
    said = [row.outcome for row in rows] if outcomes is None else outcomes
    scored = [
        (row, counts_as(outcome))
        for row, outcome in zip(rows, said, strict=True)
        if outcome is not Outcome.UNSCORED
    ]
    several = design is not None and design.has_clusters
    if not several and all(row.sample == 0 and not row.rotation for row, _ in scored):
        return accuracy.proportion([hit for _, hit in scored])
    values = [(address(row), hit) for row, hit in scored]
    means, items = means_of(values), dict(values)
    units = None if design is None else [design.unit(item) for item in items]
    return accuracy.averaged_share([means.get(item) for item in items], units)


@memoized
def median_of(view: ConditionView, value: Value) -> Estimate:
    """Median of a value over a condition's items with its interval over questions; repeats are averaged first."""
    means = item_means(view.rows, attrgetter(value) if isinstance(value, str) else value)
    units = [view.design.unit(item) for item in view.items]
    return latency.summary([means.get(item) for item in view.items], units)


def mean_latency(view: ConditionView) -> float | None:
    """Mean recorded latency of a condition's trials in seconds; None where nothing was timed."""
    known = [row.latency_s for row in view.rows if row.latency_s is not None]
    return sum(known) / len(known) if known else None


class Analysis:
    """Everything the pages of one experiment state."""

    def __init__(self, data: ExperimentData) -> None:
        self.data = data
        self.plan = data.results.plan
        self.contents = data.contents
        self.items: dict[tuple[str, str], Item] = self.plan.items()
        self.design = design_of(self.plan)
        colours = data.colours
        self.views = tuple(
            ConditionView(
                condition=condition,
                label=label_of(condition),
                css=colours[condition.id],
                rows=data.results.of(condition.id),
                design=self.design,
            )
            for condition in self.plan.conditions
        )

    @cached_property
    def suites(self) -> tuple[str, ...]:
        """Suites with at least one scored row, in plan order."""
        scored = {row.suite for row in self.data.results.rows if row.outcome is not Outcome.UNSCORED}
        return tuple(name for name in self.plan.suites if name in scored)

    @cached_property
    def accuracies(self) -> dict[str, Estimate]:
        """Accuracy over everything, by condition."""
        return {view.id: accuracy_of(view.rows, self.design) for view in self.views}

    @cached_property
    def ranked(self) -> tuple[ConditionView, ...]:
        """Conditions by accuracy on `common`, highest first; plan order among equals; those without a number last."""

        def place(view: ConditionView) -> float:
            value = self.common.accuracies[view.id].value
            return 1.0 if value is None else -value

        return tuple(sorted(self.views, key=place))

    @cached_property
    def baseline(self) -> ConditionView:
        """The condition that the analysis names, or the first of the plan."""
        return next(iter(self.named_baselines), self.views[0])

    @cached_property
    def named_baselines(self) -> tuple[ConditionView, ...]:
        """The condition that the analysis names as baseline, or those of the model that it names; else none."""
        wanted = self.data.experiment.analysis.baseline
        # A model that is asked in several variants goes by model@variant; the file names the model.
        return tuple(view for view in self.views if wanted in (view.id, view.id.split("@")[0]))

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """Every pair, Holm-adjusted as one family, in rank order."""
        # One family for the whole experiment: a reader looks for the smallest p among all pairs.
        return adjusted("pair", [self._pair(a, b) for a, b in itertools.combinations(self.ranked, 2)])

    def pair(self, one: ConditionView, other: ConditionView) -> Pair:
        """The comparison of two conditions, whichever ranks first."""
        return self._pair_by_ids[frozenset((one.id, other.id))]

    @cached_property
    def _pair_by_ids(self) -> Mapping[frozenset[str], Pair]:
        # A hundred conditions make 4,950 pairs, and each of them is asked for.
        return {frozenset((pair.a.id, pair.b.id)): pair for pair in self.pairs}

    @cached_property
    def keys(self) -> tuple[tuple[str, str], ...]:
        """(suite, item) of every question that any condition was asked, scored or not, in plan order."""
        asked = {(row.suite, row.item_id) for row in self.data.results.rows}
        return tuple(key for key in self.items if key in asked)

    @cached_property
    def units(self) -> tuple[str, ...]:
        """The question of each of `keys`."""
        return tuple(self.design.unit(item_address(suite, item)) for suite, item in self.keys)

    def latency_ratio(self, a: ConditionView, b: ConditionView) -> Estimate:
        """Seconds of a / seconds of b, summed over the questions that both have times of."""
        of_a, of_b = a.means("latency_s"), b.means("latency_s")
        items = [item for item in of_a if item in of_b]
        units = [self.design.unit(item) for item in items]
        seconds = [[times[item] for item in items] for times in (of_a, of_b)]
        rng = seeded(self.data.name, "evidence")
        return latency.per_unit(seconds[0], seconds[1], rng, clusters=units, name="ratio of mean latencies")

    @property
    def test(self) -> tuple[str, str]:
        """How two conditions are tested on the same questions: name, and anchor of its definition."""
        return ("Student’s t", "paired-shares") if self.design.has_clusters else self.test_of_one_wording

    @property
    def test_of_one_wording(self) -> tuple[str, str]:
        """The same for questions of one suite, or of one wording against another."""
        several = self.repeats or self.design.groups
        return ("Student’s t", "paired-shares") if several else ("exact McNemar", "mcnemar")

    def tested(
        self, a: ConditionView, b: ConditionView, of_a: Mapping[str, float], of_b: Mapping[str, float]
    ) -> PairedTest:
        """The test of two conditions on the questions that both have a share of right answers for."""
        both = [item for item in of_a if item in of_b]
        units = [self.design.unit(item) for item in both]
        answers = (a.answers + b.answers) / 2
        return compare_shares([of_a[item] for item in both], [of_b[item] for item in both], units, answers)

    @cached_property
    def by_category(self) -> dict[tuple[str, str, str], Estimate]:
        """Accuracy by (condition, suite, category), in one pass over the rows."""
        scored = (row for row in self.data.results.rows if row.outcome is not Outcome.UNSCORED)
        rows = grouped(scored, attrgetter("condition", "suite", "category"))
        return {key: accuracy_of(each, self.design) for key, each in rows.items()}

    @cached_property
    def chance(self) -> float | None:
        """Accuracy of blind guessing over all scored items; None when any has no options."""
        return self.chance_of(self.suites)

    @memoized
    def chance_of(self, suites: tuple[str, ...], category: str | None = None) -> float | None:
        """Accuracy of blind guessing over those suites, or over one category of them; None where nothing is chosen."""
        # Where some conditions choose among the options and others do not, the level is that of those who do.
        kinds = {suite: max(self.kinds_of(suite), key=CHOSEN.__contains__) for suite in suites}
        rates = [
            guess_rate(item, kinds[suite])
            for (suite, _), item in self.items.items()
            if suite in kinds and (category is None or item.category == category)
        ]
        known = [rate for rate in rates if rate is not None]
        return sum(known) / len(known) if known and len(known) == len(rates) else None

    def kinds_of(self, suite: str) -> set[AnswerKind]:
        """How a suite is answered, over all conditions."""
        return {self.plan.suites[suite].answer_kind(view.condition) for view in self.views}

    @cached_property
    def unlike(self) -> Finding | None:
        """That conditions answered different questions; None where all answered the same."""
        if len(self._answered) < 2 and not self.left_out:
            return None
        if not self.is_comparable:
            return Finding("shared.unranked", few=self.few_shared)
        return Finding("shared.unlike", questions=self.common.answered_questions)

    @property
    def few_shared(self) -> Finding:
        """That no ranking follows from what all conditions answered."""
        return Finding("shared.few" if self._shared else "shared.none")

    @cached_property
    def left_out(self) -> tuple[ConditionView, ...]:
        """Conditions that answered fewer than half as many items as some other: two others can be ranked without them.

        One that stopped after a few questions would leave these few to rank all others by.
        """
        n = {view.id: len(view.means("right")) for view in self.views}
        most = max(n.values(), default=0)
        few = tuple(view for view in self.views if 0 < 2 * n[view.id] < most)
        return few if sum(2 * each >= most > 0 for each in n.values()) > 1 else ()

    @property
    def all_answered(self) -> Finding:
        """Whose questions those of `common` are."""
        left = [f"“{view.label}”" if "," in view.label else view.label for view in self.left_out]
        few = len(left) <= _MOST_NAMED
        return Finding("shared.all", but=numbers.listed(left) if few else f"{len(left)} conditions")

    @property
    def whose(self) -> Finding | None:
        """Which of its questions are `common`: "that all but A answered, of 645"; None where all are."""
        of = self.common
        less = self.n_scored() if of.n_scored() < self.n_scored() else None
        return None if of is self else Finding("shared.whose", who=of.all_answered, of=less)

    @property
    def answered_questions(self) -> Finding:
        """The questions of `common`, asked of it: "12 questions that all answered"."""
        return Finding("shared.questions", n=self.n_scored(), who=self.all_answered)

    @cached_property
    def _answered(self) -> frozenset[frozenset[str]]:
        """The sets of items to which conditions have an answer that counts; one without any cannot be compared."""
        views = [view for view in self.views if view not in self.left_out]
        return frozenset(frozenset(means) for view in views if (means := view.means("right")))

    @cached_property
    def _shared(self) -> frozenset[str]:
        return frozenset[str]().union(*self._answered).intersection(*self._answered)

    @cached_property
    def common(self) -> Analysis:
        """The same experiment on the items to which every condition has an answer that counts, but for `left_out`.

        Conditions may be ranked by their numbers on these only. The analysis itself where these are all items that
        any condition answered, and where there are none or too few (see `is_comparable`).
        """
        is_few = len(self._shared) < min(FEWEST_SHARED, max(map(len, self._answered), default=0) / 2)
        if is_few or (len(self._answered) < 2 and not self.left_out):
            return self
        part = self.on(self._shared, without=self.left_out)
        part.left_out = self.left_out
        return part

    @property
    def is_comparable(self) -> bool:
        """Whether the numbers of `common` are of the same questions for every condition that has one."""
        return self.common is not self or len(self._answered) < 2

    def on(self, items: frozenset[str], without: Sequence[ConditionView] = ()) -> Analysis:
        """The same experiment on some of its items (``suite/item``), and without the answers of some conditions."""
        results, left = self.data.results, {view.id for view in without}
        rows = tuple(row for row in results.rows if address(row) in items and row.condition not in left)
        part = Analysis(replace(self.data, results=replace(results, rows=rows)))
        part.items = {key: item for key, item in self.items.items() if item_address(*key) in items}
        return part

    @memoized
    def guessing(self, view: ConditionView) -> float:
        """Accuracy of blind guessing on the questions a condition answered; what shows no options adds 0."""
        answered = view.means("right")
        rates = [self.guess_rate(view, key) or 0.0 for key in self.items if item_address(*key) in answered]
        return sum(rates) / len(rates) if rates else 0.0

    def guess_rate(self, view: ConditionView, key: tuple[str, str]) -> float | None:
        """Accuracy of blind guessing at one item, (suite, id); None where the condition is shown no options."""
        return guess_rate(self.items[key], self.plan.suites[key[0]].answer_kind(view.condition))

    @memoized
    def n_scored(self, suite: str = "") -> int:
        """Questions that are scored, of one suite or of all."""
        rows = (row for row in self.data.results.rows if suite in ("", row.suite))
        return len(
            {self.design.question(address(row)) for row in rows if row.outcome is not Outcome.UNSCORED}
        )

    @cached_property
    def repeats(self) -> bool:
        """Whether items were asked more than once, as repeats or with their options rotated."""
        return any(row.sample > 0 or row.rotation for row in self.data.results.rows)

    @cached_property
    def answers(self) -> int:
        """Answers to a question under one condition, all its wordings together, at most."""
        rows = self.data.results.rows
        return max(
            Counter((row.condition, self.design.question(address(row))) for row in rows).values(), default=1
        )

    @cached_property
    def rotated(self) -> bool:
        """Whether each question was asked once per rotation of its options."""
        return any(row.rotation is not None for row in self.data.results.rows)

    def label_of_suite(self, suite: str) -> str:
        """Title of a suite, without the remark in brackets unless another one differs in that alone."""
        title = self.plan.suites[suite].card.title
        short = title.split(" (")[0]
        alike = sum(each.card.title.split(" (")[0] == short for each in self.plan.suites.values())
        return short if alike < 2 else title

    def question_means(self, view: ConditionView) -> dict[str, float]:
        """Share of right answers of each question, its wordings averaged, by the address of the first wording."""
        means = view.means("right")
        if not self.design.wordings:
            return means
        return means_of((self.design.question(item), value) for item, value in means.items())

    def _pair(self, a: ConditionView, b: ConditionView) -> Pair:
        of_a, of_b = a.means("right"), b.means("right")
        test = self.tested(a, b, of_a, of_b)
        difference = replace(test.difference, n_missing=len(of_a.keys() ^ of_b.keys()))
        return Pair(a=a, b=b, test=replace(test, difference=difference))
