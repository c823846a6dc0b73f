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
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace

from llmxray.errors import InputError
from llmxray.interop.read.naming import listed
from llmxray.interop.read.record import LogFile, Mark, Record, run_of
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


def chosen(record: Record) -> Mark | None:
    """The mark of the scorer that counts, decided or not; None where it has not marked this reply."""
    return next((mark for mark in record.marks if mark.scorer == record.scorer), None)


def deciding(record: Record) -> Mark | None:
    """The mark that counts, where it says correct or wrong."""
    mark = chosen(record)
    return mark if mark is not None and mark.right is not None else None


def showing(record: Record) -> Mark | None:
    """The mark that shows which option is right: by whole sums, where there is one, since lengths may differ."""
    if record.option_nats:
        by_name = {metric_of(mark): mark for mark in record.marks if mark.right is not None}
        if found := next((by_name[name] for name in LIKELIHOOD_RULES if name in by_name), None):
            return found
    return deciding(record)


def metric_of(mark: Mark) -> str:
    """The name of a scorer without the filter that lm-evaluation-harness puts behind it."""
    return metric_name(mark.scorer)


def metric_name(scorer: str) -> str:
    """As `metric_of`, of a name."""
    return scorer.split(",")[0]


type _Known = dict[tuple[object, ...], tuple[tuple[bool, bool, float], int, Record]]
"""By question and epoch: whether it is a whole reply, has marks, and when its file was written; file; reply."""


def as_last_marked(files: Sequence[LogFile]) -> tuple[list[LogFile], list[str]]:
    """The files, in which a reply that stands in several has the marks of the last one; and which files these are.

    A log may be scored later, scored again, or edited. Of files that hold one run (no reply differs), those marks count
    that were written last by the file's own date, or are the only ones; of equal dates, the first. Two runs keep their
    own, also where they say the same. A reply's marks go before those of a failed call.
    """
    if len(files) < 2:
        return list(files), []
    runs: dict[tuple[object, ...], list[_Known]] = defaultdict(list)
    run_in: dict[tuple[int, tuple[object, ...]], _Known] = {}
    otherwise = set[int]()
    for place, file in enumerate(files):
        parts: dict[tuple[object, ...], _Known] = defaultdict(dict)
        for record in file.records:
            parts[_asking(record)].setdefault(_asked(record), (_standing(record, file), place, record))
        for run, part in parts.items():
            known = next((each for each in runs[run] if _is_same(each, part)), None)
            if known is None:
                runs[run].append(known := {})
            run_in[place, run] = known
            for asked, mine in part.items():
                first = known.setdefault(asked, mine)
                if first[2].marks != mine[2].marks:
                    known[asked] = max(first, mine, key=lambda each: each[0])
                    otherwise.add(known[asked][1])

    def marked(record: Record, place: int) -> Record:
        *_, best = run_in[place, _asking(record)][_asked(record)]
        # One that is to be asked again is no such reply: its marks stay with it.
        takes = best.marks != record.marks and not record.invalid and _says_same(best, record)
        return replace(record, marks=best.marks, given=best.given) if takes else record

    files = [
        replace(file, records=tuple(marked(record, place) for record in file.records))
        for place, file in enumerate(files)
    ]
    return files, [files[place].name for place in sorted(otherwise)]


def _standing(record: Record, file: LogFile) -> tuple[bool, bool, float]:
    # Marks of a call that failed are no marks of the reply that another file has.
    return not record.is_void, bool(record.marks), file.when


def _asking(record: Record) -> tuple[object, ...]:
    return *run_of(record), record.run.once


def _asked(record: Record) -> tuple[object, ...]:
    return record.item, record.epoch, record.question, record.choices


def _is_same(one: _Known, other: _Known) -> bool:
    return all(_says_same(one[asked][2], mine[2]) for asked, mine in other.items() if asked in one)


def _says_same(one: Record, other: Record) -> bool:
    said = (one.text, one.reasoning, one.option_nats) == (other.text, other.reasoning, other.option_nats)
    return said or one.is_void or other.is_void


def telling(records: Sequence[Record]) -> tuple[Record, ...]:
    """Records of a format that always has a place for the answer that a scorer found.

    A scorer that names one somewhere has found none where it names none; of one that never does, it is not known.
    """
    tells = {mark.scorer for record in records for mark in record.marks if mark.given}
    return tuple(
        replace(
            record,
            marks=tuple(
                replace(mark, given="") if mark.given is None and mark.scorer in tells else mark
                for mark in record.marks
            ),
        )
        for record in records
    )


def typed(scorer: str) -> str:
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
    tasks: dict[object, _Scorers] = defaultdict(_Scorers)
    decided = []
    for file in files:
        records = [_undecided(record, graded) for record in file.records]
        for record in records:
            tasks[_task(record)].add(record)
        decided.append(records)
    if named and not any(scorers.named(named) for scorers in tasks.values()):
        known = dict.fromkeys(typed(name) for scorers in tasks.values() for name in scorers.names)
        raise InputError(f"--scorer {named}: the files have {listed(list(known)) or 'no scores'}")
    counts = {
        run: each for scorers in tasks.values() for run, each in scorers.counting(likelihood, named).items()
    }
    counted = []
    for file, records in zip(files, decided, strict=True):
        scored = {_task(record) for record in records if record.marks}
        rows = (_counted(each, *counts[run_of(each)], _task(each) in scored) for each in records)
        counted.append(replace(file, records=tuple(rows)))
    return counted


class _Scorers:
    """Scorers of a task, in the order in which they come."""

    def __init__(self) -> None:
        # Of each run: how many replies each scorer marks.
        self._n: dict[object, Counter[str]] = defaultdict(Counter)
        self._decides: set[str] = set()
        # In the order in which they come; whether they mark correctness.
        self._known: dict[str, bool] = {}
        self._weighed: set[object] = set()

    def add(self, record: Record) -> None:
        """Take the marks of one reply."""
        run = run_of(record)
        marked = self._n[run]
        if record.option_nats and None not in record.option_nats:
            self._weighed.add(run)
        for mark in record.marks:
            stated = mark.of_correctness
            self._known.setdefault(mark.scorer, means_correctness(mark.scorer) if stated is None else stated)
            marked[mark.scorer] += 1
            if mark.right is not None:
                self._decides.add(mark.scorer)

    @property
    def names(self) -> Sequence[str]:
        """All of them."""
        return tuple(self._known)

    def named(self, typed_name: str) -> str:
        """The one of that name, whole or without what stands around it; "" for none."""
        found = [name for name in self._known if typed(name) == typed_name] or [
            name for name in self._known if typed_name in (typed(metric_name(name)), typed(_bare(name)))
        ]
        if len(found) > 1:
            raise InputError(f"--scorer {typed_name}: that is {' or '.join(map(typed, found))}")
        return found[0] if found else ""

    def counting(self, likelihood: LikelihoodScore, typed_name: str) -> dict[object, tuple[str, bool]]:
        """By run: the scorer that counts, "" for none; and whether it decides what was weighed, or that is computed.

        All runs of a task have the same one, or a comparison of two would be one of their scorers.
        """
        if typed_name and (found := self.named(typed_name)):
            return {run: (found if marked[found] else "", True) for run, marked in self._n.items()}
        marks = sum(self._n.values(), Counter[str]())
        most = max(marks.values(), default=0)
        known = [name for name, is_known in self._known.items() if is_known]
        # One that marks few replies is of a part of them only.
        known.sort(
            key=lambda name: (
                metric_name(name) != likelihood,
                name not in self._decides,
                2 * marks[name] < most,
            )
        )
        first = next(iter(known), "")
        is_sum = metric_name(first) in LIKELIHOOD_RULES and metric_name(first) != likelihood
        return {run: (first, not (run in self._weighed and is_sum)) for run in self._n}


def _task(record: Record) -> tuple[str, str, str]:
    return record.run.tool, record.task, record.part


def _undecided(record: Record, graded: Collection[tuple[object, str]]) -> Record:
    task = _task(record)
    if not any((task, mark.scorer) in graded for mark in record.marks):
        return record
    marks = (replace(mark, right=None) if (task, mark.scorer) in graded else mark for mark in record.marks)
    return replace(record, marks=tuple(marks))


def _counted(record: Record, scorer: str, decides: bool, has_scores: bool) -> Record:
    if not has_scores:
        return record
    computed = not decides and record.option_nats and None not in record.option_nats
    return replace(record, scorer=scorer, scored=not computed)
