"""Which marks of a tool say correct or wrong, and which scorer decides where a reply has several.

A scorer decides if all its values for a task, in all files, are two-valued: C and I, true and false, yes and no, 1 and
0, also as texts. A number between or beyond them makes it a grade: on a scale from 1 to 5, 1 is the worst. "P" (partial
credit) leaves its own row undecided and no other; "N" (no answer) is wrong.

One scorer counts for all replies to a task, whoever answered: one of the table below, or of which the file itself says
that it marks correctness; one that decides before one that grades. Any other one counts where the user names it. Where
its mark is undecided or missing the reply is not scored: no other scorer and no reading stands in for it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from llmxray.errors import InputError
from llmxray.interop.read.record import LogFile, Record, ToolMark, listed
from llmxray.scoring import LIKELIHOOD_RULES
from llmxray.types import LikelihoodScore

_CORRECT = frozenset({"c", "correct", "true", "yes", "1", "1.0", "pass", "passed"})
_WRONG = frozenset({"i", "incorrect", "n", "false", "no", "0", "0.0", "wrong", "fail", "failed"})
# Neither one nor the other, and no sign of a scale.
_BETWEEN = frozenset({"p", "partial", "nan", "null", "none", ""})
_OF_CORRECTNESS = frozenset(
    # Of any tool.
    {"acc", "accuracy", "correct", "correctness", "is_correct", "answer_correct", "exact", "exact_match"}
    | {"em", "match", "pass", "passed", "pass@1", "pass_at_1", "success", "llmxray"}
    # Of Inspect and its evaluations.
    | {"choice", "includes", "pattern", "answer", "model_graded_qa", "model_graded_fact", "math", "verify"}
    | {"expression_equivalence"}
    # Of lm-evaluation-harness.
    | {"acc_norm", "acc_bytes", "acc_mutual_info", "contains", "string_match", "math_verify", "r@1"}
    | {"prompt_level_strict_acc", "solved", "resolved"}
    # Of HELM.
    | {"exact_match_indicator", "quasi_exact_match", "prefix_exact_match", "quasi_prefix_exact_match"}
    | {"final_number_exact_match", "math_equiv", "math_equiv_chain_of_thought", "float_equiv"}
    | {"ifeval_strict_accuracy"}
)
# What stands in front of the name: a package, a task ("sums.acc"), the value that it is a part of ("rubric correct").
_BEFORE_NAME = re.compile(r"[ ./]")
# And behind it: a filter ("exact_match,strict-match"); in Every Eval Ever also what sums it up ("concise:accuracy").
_BEHIND_NAME = re.compile(r"[,:]")
# As a name is given on the command line.
_NOT_TYPED = re.compile(r"[^A-Za-z0-9_@.-]")


def right_of(value: object) -> bool | None:
    """What a value says by itself: correct, wrong, or neither; a number may be a text."""
    if not isinstance(value, bool | int | float | str):
        return None
    word = str(value).strip().casefold()
    return True if word in _CORRECT else False if word in _WRONG else None


def means_correctness(name: str) -> bool:
    """Whether a scorer or metric of that name marks correct answers."""
    return _bare(name) in _OF_CORRECTNESS


def _bare(name: str) -> str:
    return _BEFORE_NAME.split(_BEHIND_NAME.split(name)[0])[-1]


def counted_mark(record: Record) -> ToolMark | None:
    """The mark of the scorer that counts, decided or not; None where it has not marked this reply."""
    return next((mark for mark in record.marks if mark.scorer == record.scorer), None)


def deciding_mark(record: Record) -> ToolMark | None:
    """The mark that counts, where it says correct or wrong."""
    mark = counted_mark(record)
    return mark if mark is not None and mark.right is not None else None


def key_mark(record: Record) -> ToolMark | None:
    """The mark that shows which option is right: by whole sums, where there is one, since lengths may differ."""
    if record.option_nats:
        by_name = {metric_of(mark): mark for mark in record.marks if mark.right is not None}
        if found := next((by_name[name] for name in LIKELIHOOD_RULES if name in by_name), None):
            return found
    return deciding_mark(record)


def metric_of(mark: ToolMark) -> str:
    """The name of a scorer without the filter that lm-evaluation-harness puts behind it."""
    return metric_name(mark.scorer)


def metric_name(scorer: str) -> str:
    """As `metric_of`, of a name."""
    return scorer.split(",")[0]


def as_last_marked(files: Sequence[LogFile]) -> tuple[list[LogFile], list[str]]:
    """The files, in which a reply that stands in several has the marks of the last one; and which files these are.

    A log may be scored later, or scored again: of a reply to one asking, those marks count that were written last by
    the file's own date, or are the only ones; of equal dates, the first.
    """
    last: dict[tuple[object, ...], tuple[tuple[bool, float], LogFile, Record]] = {}
    otherwise: dict[str, None] = {}
    for file in files:
        for record in file.records:
            best = (bool(record.marks), file.when), file, record
            first = last.setdefault(_reply(record, file), best)
            if first[2].marks != record.marks and first[1] is not file:
                best = max(first, best, key=lambda each: each[0])
                last[_reply(record, file)] = best
                otherwise[best[1].name] = None

    def marked(record: Record, file: LogFile) -> Record:
        _, best, other = last[_reply(record, file)]
        # One that is to be asked again keeps its own.
        takes = best is not file and not record.invalid
        return replace(record, marks=other.marks, extracted=other.extracted) if takes else record

    marked_files = [
        replace(file, records=tuple(marked(record, file) for record in file.records)) for file in files
    ]
    return marked_files, [file.name for file in files if file.name in otherwise]


def _reply(record: Record, file: LogFile) -> tuple[object, ...]:
    # Runs that files do not name may be two.
    asking = record.run.once or file.name
    asked = record.item, record.epoch, record.question, record.choices
    run = record.task, record.part, *record.run.detail
    return *run, asking, *asked, record.text, record.reasoning, record.option_nats


def typed_scorer(scorer: str) -> str:
    """The name of a scorer as a command line takes it: "rubric correct" is ``rubric.correct``."""
    return _NOT_TYPED.sub(".", scorer)


def with_scorers(files: Sequence[LogFile], likelihood: LikelihoodScore, named: str = "") -> list[LogFile]:
    """The files, in which grades say neither correct nor wrong, and each record names the scorer that counts.

    Args:
        likelihood: of the metrics that compare sums, only the one of that name counts; where a file has others only,
            this one is computed here.
        named: the scorer that the user says to count, as it is typed, whole or without what stands around it; "" for
            none.

    Raises:
        InputError: no scorer is named so, or two of one task are.
    """
    graded = {
        (_task(record), mark.scorer)
        for file in files
        for record in file.records
        for mark in record.marks
        if mark.right is None and mark.value.strip().casefold() not in _BETWEEN
    }
    tasks: dict[_Task, dict[str, _Scorer]] = defaultdict(dict)
    decided = []
    for file in files:
        records = [_undecided(record, graded) for record in file.records]
        for record in records:
            for mark in record.marks:
                stated = mark.of_correctness
                is_known = means_correctness(mark.scorer) if stated is None else stated
                scorer = tasks[_task(record)].setdefault(mark.scorer, _Scorer(is_known))
                scorer.n_marked += 1
                scorer.decides = scorer.decides or mark.right is not None
        decided.append(replace(file, records=tuple(records)))
    counts = {task: _counting(scorers, likelihood, named) for task, scorers in tasks.items()}
    if named and not any(_named(scorers, named) for scorers in tasks.values()):
        known = dict.fromkeys(typed_scorer(name) for scorers in tasks.values() for name in scorers)
        raise InputError(f"--scorer {named}: the files have {listed(list(known)) or 'no scores'}")
    counted = []
    for file in decided:
        scored = {_task(record) for record in file.records if record.marks}
        counted.append(
            replace(
                file,
                records=tuple(
                    _counted(record, counts[_task(record)], likelihood, named)
                    if _task(record) in scored
                    else record
                    for record in file.records
                ),
            )
        )
    return counted


@dataclass(slots=True)
class _Scorer:
    """A scorer of a task: whether it marks correctness, how many replies it marks, and whether it decides one."""

    is_known: bool
    n_marked: int = 0
    decides: bool = False


def _named(scorers: Collection[str], typed_name: str) -> str:
    """The scorer of that name, whole or without what stands around it; "" for none."""
    fitting = [name for name in scorers if typed_scorer(name) == typed_name] or [
        name for name in scorers if typed_name in (typed_scorer(metric_name(name)), typed_scorer(_bare(name)))
    ]
    if len(fitting) > 1:
        raise InputError(f"--scorer {typed_name}: that is {' or '.join(map(typed_scorer, fitting))}")
    return fitting[0] if fitting else ""


def _counting(scorers: Mapping[str, _Scorer], likelihood: LikelihoodScore, typed_name: str) -> str:
    """The scorer that counts for a task, "" for none: the same for all runs, or a comparison would be of scorers."""
    if typed_name and (name := _named(scorers, typed_name)):
        return name
    most = max(scorer.n_marked for scorer in scorers.values())
    return min(
        (name for name, scorer in scorers.items() if scorer.is_known),
        # One that marks few replies is of a part of them only.
        key=lambda name: (
            metric_name(name) != likelihood,
            not scorers[name].decides,
            2 * scorers[name].n_marked < most,
        ),
        default="",
    )


type _Task = tuple[str, str, str]


def _task(record: Record) -> _Task:
    return record.run.tool, record.task, record.part


def _undecided(record: Record, graded: Collection[tuple[object, str]]) -> Record:
    task = _task(record)
    if not any((task, mark.scorer) in graded for mark in record.marks):
        return record
    marks = (replace(mark, right=None) if (task, mark.scorer) in graded else mark for mark in record.marks)
    return replace(record, marks=tuple(marks))


def _counted(record: Record, scorer: str, likelihood: LikelihoodScore, named: str) -> Record:
    is_other = metric_name(scorer) in LIKELIHOOD_RULES and metric_name(scorer) != likelihood
    # A metric of sums that the file does not have is computed here, unless the user named another.
    computed = is_other and not named and has_sums(record)
    return replace(record, scorer=scorer, scored=not computed)


def has_sums(record: Record) -> bool:
    """Whether the file has the sum of each option."""
    return bool(record.option_nats) and None not in record.option_nats
