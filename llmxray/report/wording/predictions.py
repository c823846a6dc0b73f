"""Every prediction of an experiment with its verdict: those frozen when recording began, and those added since.

The frozen predictions are one family for Holm's rule, so nothing that is added to the file later changes their
verdicts. Predictions that were added are judged in the family of all. One that the file no longer holds is judged as
before, and listed as dropped. So it is with the hypothesis: one that was changed once the answers were there is a
reading of them and no prediction, and the pages say so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, cast

from llmxray.experiment import CHANCE, DIFFERENCES, POSITION, Metric, Prediction, prediction_of
from llmxray.metrics.evidence import ExtremeEvidence
from llmxray.metrics.paired import mcnemar_exact
from llmxray.metrics.verdict import ALPHA, Judgement, judge
from llmxray.plan import Statement, recorded_statement, statement_of
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionView, ExperimentData, memoized, right, significant
from llmxray.report.analysis.course import course_of, test_of
from llmxray.report.analysis.prediction_evidence import (
    PredictionEvidence,
    measure_prediction,
    rows_on,
    scale_of,
)
from llmxray.report.sentences import Finding
from llmxray.report.wording import tables
from llmxray.report.wording.speed import many_cut
from llmxray.types import LETTERS, Json, Outcome, Row

METRICS = {name: {"unit": "", "digits": 0, **words} for name, words in tables("metrics").items()}
"""Words of each metric, as `metrics.toml` describes them."""
# Adjusted p below which a verdict is very clear.
_VERY_CLEAR = 0.001
# Other people's scripts read these names.
_IN_JSON = {"outcome": "verdict", "p_value": "p", "p_holm": "p_adjusted"}
_PREDICTED = ("claim", "metric", "of", "direction", "against", "on")
_WORDS, _LATER = ("held", "open", "did not hold"), "changed or added later"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A prediction and what became of it.

    Attributes:
        margin: by how much the two are predicted to differ at least or, where they are to be the same, at most.
        outcome: "undecided" where there is no evidence.
        sentence: the outcome with the numbers behind it, or why there are none.
        of_shown, against_shown: the two numbers that are compared, as they are written; "" without evidence.
        unit_shown: the unit of both, where it is of words.
        doubt: interval and test behind them, in words; without evidence, why there is none.
        of_value, against_value: the metric of the condition, and what it is compared with.
        value: their difference; low, high: its interval at ``level``; all in the unit of the file (60 for 60%).
        level: 0–1, as Holm's rule gives it over ``family`` predictions.
        n: independent questions.
        p_value: two-sided, against the predicted margin; p_holm: adjusted.
        caveat: why the numbers may not mean what they seem to; "" for nothing.
        look: of a recording in rounds, which look its numbers are from; "" otherwise.
        extreme: which of several values it is about, such as "with the right option at C, the lowest of 4 positions".
        stated_claim: the claim as it was frozen, where the file words it otherwise today; "" otherwise.
        stated_on: the day on which recording began, "" where it is not known.
        added_after: it was not in the file when recording began.
        dropped: it was, and is no longer.
    """

    claim: str
    metric: Metric
    of: str
    direction: Literal["above", "below", "same_as"]
    against: str | float
    on: str
    margin: float
    outcome: str
    sentence: str
    of_shown: str = ""
    against_shown: str = ""
    unit_shown: str = ""
    doubt: str = ""
    of_value: float | None = None
    against_value: float | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    level: float | None = None
    family: int = 0
    n: int = 0
    method: str = ""
    p_value: float | None = None
    p_holm: float | None = None
    stated_on: str = ""
    added_after: bool = False
    dropped: bool = False
    caveat: str = ""
    stated_claim: str = ""
    extreme: str = ""
    look: str = ""

    @property
    def shown(self) -> str:
        """Both numbers: "91% against 50%", "38 against 24 tokens per second"; "" without evidence."""
        unit = f" {self.unit_shown}" if self.unit_shown else ""
        if not self.against_shown:
            return f"{self.of_shown}{unit}"
        by = "" if isinstance(self.against, str) else " in the prediction"
        by = " by guessing" if self.against == CHANCE else by
        return f"{self.of_shown} against {self.against_shown}{unit}{by}"

    @property
    def word(self) -> Literal["held", "open", "did not hold"]:
        """The outcome in the words of every page; open is short for inconclusive, and for what has no evidence."""
        return cast(Any, self.outcome) if self.outcome in ("held", "did not hold") else "open"

    @property
    def certainty(self) -> str:
        """How sure the verdict is, in everyday words, and what makes it less so; "" without evidence."""
        if self.p_holm is None:
            return ""
        if self.outcome == "inconclusive":
            return self.caveat or "these answers leave it open"
        return self.caveat or ("very clearly" if self.p_holm < _VERY_CLEAR else "clearly")

    @property
    def margin_shown(self) -> str:
        """Its margin with the unit: "10 points"; "" where any difference will do."""
        return f"{self.margin:g}{METRICS[self.metric]['unit']}" if self.margin else ""

    @property
    def name(self) -> str:
        """What it predicts, in the words of the file: ``accuracy of large above small on all by 5``."""
        against = self.against if isinstance(self.against, str) else f"{self.against:g}"
        by = f" {'within' if self.direction == 'same_as' else 'by'} {self.margin:g}" if self.margin else ""
        return f"{self.metric} of {self.of} {self.direction} {against} on {self.on}{by}"


_LENGTHS = "this measure depends on the length of replies, and the lengths differ"
# From this share on, replies without an answer are part of the verdict.
_MANY = 0.1
# The probability of a letter and that of a whole text are compared with this said only.
_OF_CONFIDENCE = ("ece", "brier", "auroc")
_MEDIANS = ("latency", "tokens", "tokens_per_second")
_TO_THE_END = ("latency", "tokens", "accuracy_per_second")

type _Entry = tuple[Prediction, Mapping[str, Any]]
"""A prediction with its place in the history of the file: ``added_after``, ``dropped``, ``stated_claim``."""


def tally(found: Sequence[Verdict]) -> str:
    """How many held, are open, did not hold: "4 held · 2 open · 1 did not hold"; "" without predictions.

    Those that came or changed after recording are counted apart, whatever became of them.
    """
    known = *counts(found), len(found) - len(_stated(found))
    return " · ".join(f"{n} {word}" for n, word in zip(known, (*_WORDS, _LATER), strict=True) if n)


def counts(found: Sequence[Verdict]) -> tuple[int, int, int]:
    """How many held, are open, did not hold, of those stated in these words before the recording."""
    held, is_open, failed = (sum(each.word == word for each in _stated(found)) for word in _WORDS)
    return held, is_open, failed


def _stated(found: Sequence[Verdict]) -> Sequence[Verdict]:
    return [each for each in found if not each.added_after and not each.stated_claim]


def as_json(found: Sequence[Verdict]) -> list[Json]:
    """The verdicts as they stand in ``results.json``."""
    return [
        {
            _IN_JSON.get(name, name): numbers.short(value) if isinstance(value, float) else value
            for name, value in asdict(verdict).items()
            if not name.endswith("_shown")
            and name != "doubt"
            and (name not in ("stated_claim", "extreme", "look") or value)
        }
        | {"stated_on": verdict.stated_on or None}
        for verdict in found
    ]


@memoized
def verdicts(analysis: Analysis) -> tuple[Verdict, ...]:
    """The verdicts, frozen predictions first, in the order of the file."""
    stated = recorded_statement(analysis.data.cassette)
    stated_on = stated.stated_on or ""
    entries = _entries(analysis, stated)
    found = [measure_prediction(analysis, prediction) for prediction, _ in entries]
    frozen = [place for place, (_, history) in enumerate(entries) if not history["added_after"]]
    looks = [""] * len(entries)
    if (course := course_of(analysis)) is None:
        judged = _judged(found, range(len(entries))) | _judged(found, frozen)
    else:
        judged = _judged(found, range(len(entries)), 2 * course.level())
        for place in frozen:
            looked = course.predictions[test_of(entries[place][0].as_dict())]
            found[place], looks[place] = looked.evidence, str(course.where(looked.place))
            if looked.judgement is not None:
                judged[place] = looked.judgement
    return tuple(
        _verdict(
            analysis,
            prediction,
            measured,
            judged.get(place),
            {"stated_on": stated_on, "look": look, **history},
        )
        for place, ((prediction, history), measured, look) in enumerate(
            zip(entries, found, looks, strict=True)
        )
    )


def _entries(analysis: Analysis, stated: Statement) -> list[_Entry]:
    now = {test_of(each): each for each in statement_of(analysis.data.experiment, None).predictions or ()}
    then = {test_of(each): each for each in stated.predictions or ()}
    added = {test: each for test, each in now.items() if test not in then}
    entries: list[_Entry] = []
    for test, stated_as in (then | added).items():
        # A claim that said more than its test can be put right; the page shows both.
        claim = now.get(test, stated_as)["claim"]
        if (prediction := prediction_of({**stated_as, "claim": claim})) is not None:
            stated_claim = "" if claim == stated_as["claim"] else str(stated_as["claim"])
            history = {"added_after": test in added, "dropped": test not in now, "stated_claim": stated_claim}
            entries.append((prediction, history))
    return entries


def _judged(
    found: Sequence[PredictionEvidence | str], places: Sequence[int], alpha: float = ALPHA
) -> dict[int, Judgement]:
    claims = {place: each.claim for place in places if isinstance(each := found[place], PredictionEvidence)}
    return dict(zip(claims, judge(list(claims.values()), alpha), strict=True))


def _verdict(
    analysis: Analysis,
    prediction: Prediction,
    measured: PredictionEvidence | str,
    judgement: Judgement | None,
    history: Mapping[str, Any],
) -> Verdict:
    stated = {name: getattr(prediction, name) for name in _PREDICTED}
    stated |= {"margin": prediction.distance, **history}
    if isinstance(measured, str) or judgement is None:
        return Verdict(**stated, outcome="undecided", sentence=f"undecided: {measured}", doubt=str(measured))
    scale, evidence = scale_of(prediction.metric), measured.claim.evidence
    caveat = _caveat(analysis, prediction)
    if caveat == _LENGTHS:
        judgement = replace(judgement, outcome="inconclusive")
    doubt = ", ".join(filter(None, (_doubt(prediction, measured, judgement), history["look"])))
    of_shown, against_shown, unit_shown = _compared(prediction, measured)
    extreme = _extreme(prediction, evidence) if isinstance(evidence, ExtremeEvidence) else ""

    def scaled(value: float | None, offset: float = 0.0) -> float | None:
        return None if value is None else scale * (value - offset)

    verdict = Verdict(
        **stated,
        of_shown=of_shown,
        against_shown=against_shown,
        unit_shown=unit_shown,
        outcome=judgement.outcome,
        sentence="",
        doubt=doubt,
        of_value=scaled(measured.of),
        against_value=scaled(measured.against),
        value=scaled(evidence.value, measured.offset),
        low=scaled(judgement.low, measured.offset),
        high=scaled(judgement.high, measured.offset),
        level=judgement.level,
        family=judgement.family,
        n=evidence.n,
        method=evidence.method,
        p_value=judgement.p_value,
        p_holm=judgement.p_holm,
        caveat=caveat,
        extreme=extreme,
    )
    said = "; ".join(filter(None, (verdict.shown, extreme, caveat)))
    return replace(verdict, sentence=f"{verdict.outcome}: {said} ({doubt})")


def _extreme(prediction: Prediction, evidence: ExtremeEvidence) -> str:
    letter = LETTERS[evidence.place]
    if prediction.on != POSITION:
        return f"the letter is {letter}"
    which = "lowest" if evidence.lowest else "highest"
    return f"with the right option at {letter}, the {which} of {len(evidence.parts)} positions"


def _caveat(analysis: Analysis, prediction: Prediction) -> str:
    """Why the numbers of a prediction may not mean what they seem to; "" for nothing."""
    metric, names = prediction.metric, (prediction.of, prediction.against)
    views = [view for view in analysis.views if view.id in names]
    if metric in ("accuracy", "accuracy_per_second", "paraphrase_gap"):
        unfinished = [(view, _unfinished(rows_on(view.rows, prediction.on))) for view in views]
        said = [
            f"{numbers.percent(share)} of the replies of “{view.label}”"
            for view, share in unfinished
            if share > _MANY
        ]
        if said:
            return f"{numbers.listed(said)} never reached an answer, and count as wrong"
    if metric in _OF_CONFIDENCE and len({view.condition.answer for view in views}) > 1:
        return "the confidences differ in kind"
    if metric in _TO_THE_END and any(many_cut(rows_on(view.rows, prediction.on)) for view in views):
        return "many replies run on to their limit of tokens"
    # A short reply is mostly the wait for its first token.
    if metric == "tokens_per_second" and len(views) > 1 and _lengths_differ(views, prediction.on):
        return _LENGTHS
    return ""


def _unfinished(rows: Sequence[Row]) -> float:
    """Share of the scored replies that were cut or ended before an answer could be read, 0–1."""
    scored = [row.outcome for row in rows if right(row) is not None]
    return sum(outcome in (Outcome.TRUNCATED, Outcome.UNPARSED) for outcome in scored) / max(1, len(scored))


def _lengths_differ(views: Sequence[ConditionView], on: str) -> bool:
    """Whether one of two conditions clearly writes the longer reply to more questions (sign test)."""
    one, other = (replace(view, rows=rows_on(view.rows, on)).means("completion_tokens") for view in views[:2])
    pairs = [(one[item], other[item]) for item in one if item in other]
    return significant(mcnemar_exact(sum(a > b for a, b in pairs), sum(b > a for a, b in pairs)))


def _compared(prediction: Prediction, measured: PredictionEvidence) -> tuple[str, str, str]:
    """The two numbers as they are written, and the unit that both have in words, which then stands once."""
    shown = numbers.in_one_unit(SHOWN[prediction.metric], measured.of, measured.against)
    if prediction.metric in DIFFERENCES and not measured.against:
        return shown(measured.of), "", ""
    of, against = shown(measured.of), shown(measured.against)
    number, _, unit = of.partition(" ")
    if not unit or not against.endswith(f" {unit}"):
        return of, against, ""
    return number, against.removesuffix(f" {unit}"), unit


def _doubt(prediction: Prediction, measured: PredictionEvidence, judgement: Judgement) -> str:
    """``difference 43 points, 95% CI 38 to 48, Holm over 4 predictions``."""
    metric = prediction.metric
    unit = METRICS[metric]["unit"]
    value = measured.claim.evidence.value - measured.offset
    size = _gap(metric, value, prediction.distance)
    if "points" in unit:
        size = numbers.difference(value).lstrip("+")
    of_two = isinstance(prediction.against, str) and prediction.metric in _MEDIANS
    interval = _interval(prediction, judgement, measured.offset)
    about = [f"{'median ' if of_two else ''}difference {size}{unit}", interval]
    if prediction.distance:
        about.append(_margin(prediction, measured, judgement, unit))
    if judgement.family > 1:
        about.append(f"Holm over {judgement.family} predictions")
    return ", ".join(about)


def _margin(prediction: Prediction, measured: PredictionEvidence, judgement: Judgement, unit: str) -> str:
    """What was predicted; where a difference is significant and only its size is open, that."""
    if prediction.within is not None:
        return f"predicted at most {prediction.within:g}{unit} either way"
    sign, nearest = (1, judgement.low) if prediction.direction == "above" else (-1, judgement.high)
    if judgement.outcome == "inconclusive" and nearest is not None and sign * (nearest - measured.offset) > 0:
        return f"so there is a difference, but not surely by the predicted {prediction.margin:g}{unit}"
    return f"predicted more than {prediction.margin:g}{unit}"


def _interval(prediction: Prediction, judgement: Judgement, offset: float) -> str:
    if judgement.low is None or judgement.high is None:
        return "no interval: too few questions at this level"
    low, high = (
        _gap(prediction.metric, each - offset, prediction.distance)
        for each in (judgement.low, judgement.high)
    )
    return f"{100 * judgement.level:.4g}% CI {low} to {high}"


def _gap(metric: Metric, value: float, margin: float) -> str:
    """A signed difference without its unit, with one more digit where it would round to the margin or to nothing."""
    scaled, digits = scale_of(metric) * value, METRICS[metric]["digits"]
    rounded = round(abs(scaled), digits)
    # A difference of two numbers of two digits may round to another one than they show.
    if scaled and (rounded == margin or not rounded or digits == 2):
        digits += 1
    text = numbers.decimal(scaled, digits)
    # −0.0 is no number that people write.
    return text.removeprefix("−") if not round(scaled, digits) else text


SHOWN: Mapping[str, Callable[[float | None], str]] = {
    **dict.fromkeys(("accuracy", "ece", "truncation", "favourite_share"), numbers.percent),
    **dict.fromkeys(("brier", "auroc", "similarity", "same_seed"), numbers.decimal),
    "paraphrase_gap": lambda value: f"{numbers.points(value)} points",
    "latency": numbers.seconds,
    "tokens": lambda value: f"{numbers.decimal(value, 1).removesuffix('.0')} tokens",
    "tokens_per_second": lambda value: f"{numbers.decimal(value, 1)} tokens per second",
    "accuracy_per_second": lambda value: f"{numbers.decimal(value)} correct answers per second",
}
"""How a value of each metric is written."""


def statement_of_hypothesis(data: ExperimentData, judged: Sequence[Verdict] = ()) -> tuple[str, ...]:
    """When the hypothesis of an experiment was written, and with which others earlier recordings were made.

    A sentence each; none where there is no hypothesis, or nothing is known of its time.

    Args:
        judged: the predictions; those that came, or were put in other words, after the first answer are counted.
    """
    now = _plain(data.experiment.hypothesis)
    first = recorded_statement(data.cassette)
    if not now or first.hypothesis is None or first.stated_on is None:
        return ()
    then = _plain(first.hypothesis)
    kind = (
        ("again" if had_seen_earlier(data) else "before") if then == now else "changed" if then else "added"
    )
    what = "Predicted" if data.experiment.predictions else "Written"
    # Of two with the same words, the last that tells its day.
    earlier = {
        _plain(each.hypothesis): each.stated_on
        for each in sorted(first.earlier, key=lambda each: each.stated_on or "")
    }
    findings = [
        Finding(
            f"hypothesis.{kind}",
            what=what,
            day=first.stated_on,
            then=then,
            added=sum(each.added_after for each in judged) or None,
            reworded=sum(bool(each.stated_claim) for each in judged) or None,
        ),
        *(
            Finding("hypothesis.earlier", day=day, then=text)
            for text, day in earlier.items()
            if text not in ("", then)
        ),
        *([Finding("hypothesis.more", n=first.left_out)] if first.left_out else []),
    ]
    return tuple(map(str, findings))


def had_seen_earlier(data: ExperimentData) -> bool:
    """Whether there was a recording of the experiment, in the cassette or in its file, before it was predicted."""
    first = recorded_statement(data.cassette)
    days = (each.date for each in data.experiment.earlier)
    return bool(first.earlier) or any(day <= (first.stated_on or "") for day in days)


def _plain(text: str | None) -> str:
    # A line that was folded otherwise says the same.
    return " ".join((text or "").split())
