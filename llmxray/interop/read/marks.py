"""Which marks of a tool say correct or wrong, and which scorer decides where a reply has several.

A scorer decides if all its values for a task, in all files, are two-valued: C and I, true and false, yes and no, 1 and
0, also as texts. A number between or beyond them makes it a grade: on a scale from 1 to 5, 1 is the worst. "P" (partial
credit) leaves its own row undecided and no other; "N" (no answer) is wrong.

One scorer counts for all replies to a task, whoever answered: one that is known to mark correctness, by its name, its
values (C and I), or because the tool gives their mean as an accuracy; one that decides before one that grades. Names of
something else (format_correct) count only where no other scorer decides, as do names that say who marks and not what
(llm_judge). Such a name without a word of correctness (syntax_choice) counts by C and I alone, as the only one that
decides, and not where it is of a misdeed. Where its mark is undecided or missing the reply is not scored: no other
scorer and no reading stands in for it. A task with scores of which none is known to mark correctness is not scored,
unless the user names one.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import lru_cache

from llmxray.errors import InputError
from llmxray.interop.read.every_eval_ever import with_scales
from llmxray.interop.read.naming import listed
from llmxray.interop.read.record import LogFile, Mark, Record, Run, run_of
from llmxray.scoring import LIKELIHOOD_RULES
from llmxray.types import LikelihoodScore

_CORRECT = frozenset({"c", "correct", "true", "yes", "1", "1.0", "pass", "passed"})
_WRONG = frozenset({"i", "incorrect", "n", "false", "no", "0", "0.0", "wrong", "fail", "failed"})
# Neither one nor the other, and no sign of a scale.
_BETWEEN = frozenset({"p", "partial", "nan", "null", "none", ""})
# Names of scorers whose marks mean that the answer is correct, as tools give them; others may mark politeness or form.
_OF_CORRECTNESS = re.compile(
    r"(?:.*_)?(?:acc(?:uracy)?(?:_norm|_bytes|_mutual_info)?|(?:is_)?correct(?:ness)?|exact_match(?:_indicator)?)"
    r"|em|exact(?:_set_match)?|(?:string_)?match|choice|includes|pattern|answer|pass(?:ed)?|(?:pass|r)(?:@|_at_)1"
    r"|(?:re)?solved|success(?:ful)?|contains|is_included|verifiable_reward|num(?:erical|ber)_match|prompt_level_strict"
    r"|model_graded_(?:qa|fact)|math|math_verify|expression_equivalence"
    r"|(?:math|float)_equiv(?:_chain_of_thought)?|\w+_result_match"
)
# A share of the instructions in one prompt (IFEval).
_OF_PARTS = re.compile(r"inst_level_")
# They say who marks, or that something is marked, and not what. Where all else is silent, two-valued marks of a scorer
# that is named by such words alone are taken at their word; sycophancy_judge says what it looks for, and 1 may mean it.
_MARKER = r"scorer?|judge|grader?|verif(?:y|ier)|check(?:er)?|eval(?:uat(?:ion|or))?"
_ENDS_ON_MARKER = re.compile(rf"(?:.*[_-])?(?:{_MARKER})")
_NEUTRAL = re.compile(
    rf"(?:{_MARKER}|llm|ai|lm|model|gpt|openai|claude|sonnet|opus|haiku|gemini|llama|qwen|mistral|deepseek"
    r"|graded|based|auto(?:matic)?|as|a|the|my|our|own|custom|simple|basic|default|main|final|overall|total|binary"
    r"|answers?|replies|reply|responses?|outputs?|results?|solutions?|questions?|problems?|tasks?|tests?|unit|samples?"
    r"|references?|targets?|gold|ground|truth|facts?|factual(?:ity)?|rubrics?|correct(?:ness)?|acc(?:uracy)?|equivalence"
    r"|exact|match|pass(?:ed)?|information|extract(?:ion|ed)?|string|text|regex|pattern|includes?|contains?|f1|numbers?|numer(?:ic|ical)|int(?:eger)?|counts?"
    r"|choices?|multiple|mcq?|options?|letters?|labels?|class(?:ification)?|retrieval|code|python|execution"
    r"|maths?|arithmetic|science|trivia|[a-z]*qa|mmlu|pro|gsm|mgsm|aime|arc|hellaswag|human|humaneval|mbpp|drop|squad"
    r"|boolq|winogrande|gaia|hle|bbh|swe|bench)?"
    # Versions: gpt4o, gsm8k, v2.
    r"(?:v?[0-9][0-9a-z]{0,3})?"
)
_WORD = re.compile(r"[_-]")
# Of anything but correctness: that it refuses is marked C, too, and no less averaged as an accuracy. Each begins a
# word, unlike the format in information_extraction_scorer.
_OF_MISDEEDS = (
    r"refus|declin|toxic|harm(?!on)|bias|hallucin|decept|decei|safe|leak|injecti|jailbreak|sycophan|cheat|manipulat"
    r"|sabotag|pii(?![a-z])|attack|blackmail|scheming|reward[_-]hack|power[_-]seek"
)
_OF_FORM = (
    r"format|concise|polite|style|length|lang(?:uage)?s?(?![a-z])|gramma|syntax|syntactic|json|(?<!winograd[_-])schema"
    r"|xml|yaml|(?:in)?valid(?![a-z])|parse"
)
_AT_A_WORD = r"(?:^|[_-])(?:un|non|over)?"
_OF_ELSE = re.compile(rf"{_AT_A_WORD}(?:{_OF_MISDEEDS}|{_OF_FORM})")
_OF_MISDEED = re.compile(rf"{_AT_A_WORD}(?:{_OF_MISDEEDS})")
# A field of knowledge that is asked about, rather than what a reply is searched for.
_ASKED_ABOUT = re.compile(
    r"(?:hallucination|safety)[_-](?:.*[_-])?(?:qa|knowledge|questions?|choice|mcq?|quiz|exam)(?:[_-].*)?"
)
_NEW_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# Values that mean correctness, whatever the scorer is called.
_SAYS = frozenset({"C", "I", "correct", "incorrect"})
# What stands in front of the name: a package, a task ("sums.acc"), the value that it is a part of ("rubric correct").
_BEFORE_NAME = re.compile(r"[ ./]")
# As a name is given on the command line.
_NOT_TYPED = re.compile(r"[^A-Za-z0-9_@.-]")
_MOST_KNOWN = 1_000
# And behind it: a filter ("exact_match,strict-match"); in Every Eval Ever also what sums it up ("concise:accuracy").
_BEHIND_NAME = re.compile(r"[,:]")


def right_of(value: object) -> bool | None:
    """What a value says by itself: correct, wrong, or neither; a number may be a text."""
    if not isinstance(value, bool | int | float | str):
        return None
    word = str(value).strip().casefold()
    return True if word in _CORRECT else False if word in _WRONG else None


def means_correctness(name: str) -> bool:
    """Whether a scorer or metric of that name marks correct answers."""
    bare = _bare(name)
    return _OF_CORRECTNESS.fullmatch(bare) is not None and not _OF_PARTS.match(bare)


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
    own, also where they say the same; but where a tool scores again only by another run, equal replies with other marks
    are that. A reply's marks go before those of a failed call.
    """
    if len(files) < 2:
        return list(files), []
    runs: dict[tuple[object, ...], list[_Known]] = defaultdict(list)
    run_in: dict[tuple[int, tuple[object, ...]], _Known] = {}
    otherwise = set[int]()
    first_run: dict[str, str] = {}
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
                    _link(first_run, first[2].run, mine[2].run)
    if not otherwise:
        return list(files), []
    marked = []
    for place, file in enumerate(files):
        records = []
        for record in file.records:
            known = run_in[place, _asking(record)]
            *_, best = known[_asked(record)]
            # One that is to be asked again is no such reply: its marks stay with it.
            if best.marks != record.marks and not record.invalid and _says_same(best, record):
                record = replace(record, marks=best.marks, given=best.given)
            if record.run.origin in first_run and not record.run.asking:
                asking = _first(first_run, record.run.origin)
                record = replace(record, run=replace(record.run, asking=asking))
            records.append(record)
        marked.append(replace(file, records=tuple(records)))
    return marked, [files[place].name for place in sorted(otherwise)]


def _link(first_run: dict[str, str], one: Run, other: Run) -> None:
    """Take down that a run is another one, scored again as a run of its own name."""
    first, again = _first(first_run, one.origin), _first(first_run, other.origin)
    if first and again and first != again and not (one.asking or other.asking):
        first_run[again] = first


def _first(first_run: dict[str, str], origin: str) -> str:
    while origin in first_run:
        origin = first_run[origin]
    return origin


def _standing(record: Record, file: LogFile) -> tuple[bool, bool, float]:
    # Marks of a call that failed are no marks of the reply that another file has.
    return not record.is_void, bool(record.marks), file.when


def _asking(record: Record) -> tuple[object, ...]:
    return *run_of(record), record.run.asking


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
        InputError: no scorer is named so, or two of one task are; or nothing is marked as right or wrong for want of a
            scale.
    """
    files, hint = with_scales(files)
    graded = {
        (_task(record), mark.scorer)
        for file in files
        for record in file.records
        for mark in record.marks
        if mark.right is None and mark.value.strip().casefold() not in _BETWEEN
    }
    tasks: dict[object, _Scorers] = defaultdict(_Scorers)
    found, scored = [], []
    undecided: dict[tuple[object, tuple[Mark, ...]], tuple[Mark, ...]] = {}
    for file in files:
        records = [_undecided(record, graded, undecided) for record in file.records]
        for record in records:
            tasks[_task(record)].add(record)
        found.append(records)
        scored.append({_task(record) for record in records if record.marks})
    if named and not any(scorers.named(named) for scorers in tasks.values()):
        known = dict.fromkeys(typed(name) for scorers in tasks.values() for name in scorers.names)
        raise InputError(f"--scorer {named}: the files have {listed(list(known)) or 'no scores'}")
    counts = {
        run: each for scorers in tasks.values() for run, each in scorers.counting(likelihood, named).items()
    }
    counted = [
        replace(
            file,
            records=tuple(_counted(each, *counts[run_of(each)], _task(each) in mine) for each in records),
        )
        for file, records, mine in zip(files, found, scored, strict=True)
    ]
    if hint and all(each.scored and deciding(each) is None for file in counted for each in file.records):
        names = {metric_of(mark): None for file in counted for each in file.records for mark in each.marks}
        said = (
            f"its scores ({listed(list(names))}) mark no answer as right or wrong, so nothing can be scored"
        )
        raise InputError(f"{files[0].name}: {said}; {hint}")
    return counted


class _Scorers:
    """Scorers of a task, in the order in which they come."""

    def __init__(self) -> None:
        # Of each run: how many replies each scorer marks.
        self._n: dict[object, Counter[str]] = defaultdict(Counter)
        self._decides: set[str] = set()
        self._rank: dict[str, int | None] = {}
        self._weighed: set[object] = set()

    def add(self, record: Record) -> None:
        """Take the marks of one reply."""
        run = run_of(record)
        marked = self._n[run]
        if record.option_nats and None not in record.option_nats:
            self._weighed.add(run)
        for mark in record.marks:
            name, rank = mark.scorer, _rank(mark)
            known = self._rank.setdefault(name, rank)
            # Of several replies, any that says it: only a value that is C or I does.
            self._rank[name] = rank if known is None else known if rank is None else min(known, rank)
            marked[name] += 1
            if mark.right is not None:
                self._decides.add(name)

    @property
    def names(self) -> Sequence[str]:
        """All of them."""
        return tuple(self._rank)

    def named(self, typed_name: str) -> str:
        """The one of that name, whole or without what stands around it; "" for none."""
        found = [name for name in self._rank if typed(name) == typed_name]
        found = found or [
            name for name in self._rank if typed_name in (typed(metric_name(name)), typed(_bare(name)))
        ]
        if len(found) > 1:
            raise InputError(f"--scorer {typed_name}: that is {' or '.join(map(typed, found))}")
        return found[0] if found else ""

    def counting(self, likelihood: LikelihoodScore, typed_name: str) -> dict[object, tuple[str, bool]]:
        """By run: the scorer that counts, "" for none; and whether it decides what was weighed, or that is computed.

        All runs of a task have the same one, or a comparison of two would be one of their scorers. Only a run in which
        it marks fewer than half of what another one does has that other one.
        """
        if typed_name and (found := self.named(typed_name)):
            return {run: (found if marked[found] else "", True) for run, marked in self._n.items()}
        known = {name: rank for name, rank in self._rank.items() if rank is not None}
        # Of those that stand in for a name that says nothing, a grade says no more; those of form stand in for none.
        only_else = all(self._rank[name] == _ELSE for name in self._decides)
        known = {
            name: rank
            for name, rank in known.items()
            if rank < _LAST
            or (name in self._decides and (rank < _ELSE or only_else) and rank < _ALONE)
            # The language that is marked as C may be what a task asks for.
            or (rank == _ALONE and self._decides == {name})
        }
        usual = Counter(name for marked in self._n.values() for name in _usual(marked))
        order = sorted(
            known,
            key=lambda name: (
                name.split(",")[0] != likelihood,
                known[name] >= _LAST,
                name not in self._decides,
                known[name],
                -usual[name],
            ),
        )
        return {run: self._of_run(run, marked, order, likelihood) for run, marked in self._n.items()}

    def _of_run(
        self, run: object, marked: Counter[str], order: Sequence[str], likelihood: LikelihoodScore
    ) -> tuple[str, bool]:
        often = _usual(Counter({name: marked[name] for name in order if marked[name]}))
        first = next((name for name in order if name in often), "")
        metric = first.split(",")[0]
        return first, not (run in self._weighed and metric in LIKELIHOOD_RULES and metric != likelihood)


def _usual(marked: Counter[str]) -> set[str]:
    """Scorers that mark at least half as many replies of a run as any does."""
    most = max(marked.values(), default=0)
    return {name for name, n in marked.items() if 2 * n >= most}


_LAST, _ELSE, _ALONE = 2, 3, 4


def _rank(mark: Mark) -> int | None:
    """How surely a mark means that the answer is correct, 0 before all others; None where nothing says so."""
    if mark.of_correctness is not None:
        return 0 if mark.of_correctness else None
    return _rank_of(mark.scorer, says=mark.value in _SAYS, averaged=mark.averaged)


# Scorers are few, and each marks every reply.
@lru_cache(_MOST_KNOWN)
def _rank_of(scorer: str, *, says: bool, averaged: bool) -> int | None:
    named = means_correctness(scorer)
    of_else = _OF_ELSE.search(_words(scorer)) is not None
    if named:
        return _ELSE if of_else else 0
    # A value may be one of several of a scorer ("refusal_judge score"): its own name says what is marked.
    pieces = [_words(each) for each in scorer.split(" ") if each]
    if of_else or any(map(_OF_ELSE.search, pieces)):
        misdeed = any(_OF_MISDEED.search(each) and not _ASKED_ABOUT.fullmatch(each) for each in pieces)
        return _ALONE if says and not misdeed else None
    if averaged or says:
        return 1
    # A scorer may have no name.
    is_marker = pieces and _ENDS_ON_MARKER.fullmatch(pieces[-1])
    return _LAST if is_marker and all(map(_is_neutral, pieces)) else None


def _words(name: str) -> str:
    return _NEW_WORD.sub("_", _bare(name)).lower()


def _is_neutral(words: str) -> bool:
    return all(map(_NEUTRAL.fullmatch, _WORD.split(words)))


def _task(record: Record) -> tuple[str, str, str]:
    return record.run.tool, record.task, record.part


def _undecided(
    record: Record,
    graded: Collection[tuple[object, str]],
    known: dict[tuple[object, tuple[Mark, ...]], tuple[Mark, ...]],
) -> Record:
    task = _task(record)
    if not graded or not any((task, mark.scorer) in graded for mark in record.marks):
        return record
    # Replies that share their marks go on sharing them.
    if (task, record.marks) not in known:
        known[task, record.marks] = tuple(
            replace(mark, right=None) if (task, mark.scorer) in graded else mark for mark in record.marks
        )
    return replace(record, marks=known[task, record.marks])


def _counted(record: Record, scorer: str, decides: bool, has_scores: bool) -> Record:
    if not has_scores:
        return record
    computed = not decides and record.option_nats and None not in record.option_nats
    return replace(record, scorer=scorer, scored=not computed)
