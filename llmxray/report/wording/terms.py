"""Terms explained where they first appear on a page: a button that opens a sentence and a link to methods.

The buttons open popovers, which need no script. Only paragraphs of plain text are looked at, so that no link, table or
model text is taken apart.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

# What a likelihood answer is, beside the other kind.
LIKELIHOOD = (
    "Each option is forced once, and the most probable one is the answer. A letter answer is read from what the model "
    "writes."
)
# What "sure" means throughout.
CONFIDENCE = "The probability that the model gave the option it chose, among all options of the question."
_CHANCE = "The p-value is how often chance alone would bring a difference at least this large. "


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A term of the field.

    Attributes:
        name: as the glossary lists it.
        said: a sentence or two for a second-year student.
        anchor: of its definition on the methods page, "" for a word that is no number.
        pattern: where it stands in the text of a paragraph; the first group is what becomes the button. "" for a term
            that only the glossary explains.
    """

    name: str
    said: str
    anchor: str = ""
    pattern: str = ""


# Of those with a pattern, in the order in which their popovers are numbered.
TERMS = (
    Term(
        name="95% confidence interval",
        pattern=r"(?:\(|; )(95%) ",
        anchor="accuracy",
        said="95% confidence interval: about 95 of 100 such intervals contain the true value.",
    ),
    Term(
        name="Adjusted p",
        pattern=r"\b(adjusted p)\b",
        anchor="holm",
        said=f"{_CHANCE}It is adjusted because some of many comparisons look striking by chance.",
    ),
    Term(
        name="p-value",
        pattern=r"[,;(] ?(p)\u00a0(?:=|&lt;|&gt;)",
        anchor="sign-flip",
        said=f"{_CHANCE}Below 5% the difference is called significant.",
    ),
    Term(
        name="Exact McNemar test",
        pattern=r"\b(exact McNemar)\b",
        anchor="mcnemar",
        said="Only questions that one got right and the other wrong count: the test asks whether they fall more "
        "unevenly than coin tosses.",
    ),
    Term(
        name="ECE-15",
        pattern=r"\b(ECE(?:-15)?)\b",
        anchor="ece-15",
        said="How far confidence is from accuracy, averaged over 15 bins of confidence: 0% is perfect.",
    ),
    Term(
        name="AUROC",
        pattern=r"\b(AUROC)\b",
        anchor="auroc",
        said="The chance that a right answer was given with more confidence than a wrong one: 0.5 says nothing, 1 "
        "sorts perfectly.",
    ),
    Term(
        name="Minimum detectable effect",
        pattern=r"\b([Mm]inimum detectable effect)\b",
        anchor="detectable",
        said="The smallest true difference that a test on so many questions would find in 8 of 10 studies.",
    ),
    Term(
        name="Permutation test",
        pattern=r"\b(permutation test)\b",
        anchor="groups",
        said="The answers are shuffled over the groups many times: a difference that shuffles rarely reach is more "
        "than chance.",
    ),
    Term(name="Accuracy", anchor="accuracy", said="The share of questions that were answered correctly."),
    Term(
        name="Baseline",
        said="The condition that the others are compared with; the experiment file names it.",
    ),
    Term(
        name="Brier score",
        anchor="brier",
        said="The mean squared distance between confidence and outcome (1 right, 0 wrong): 0 is perfect.",
    ),
    Term(
        name="Budget",
        said="The most tokens that a reply may have. A reply that reaches it is cut off, often before its answer.",
    ),
    Term(
        name="Calibration",
        anchor="ece-15",
        said="Whether confidence means what it says: of the answers given with 80% confidence, 80% should be right.",
    ),
    Term(
        name="Cassette",
        said="The folder of an experiment's recordings: every request, every reply, every token with its time.",
    ),
    Term(
        name="Condition",
        said="One way of asking: a model at a server with its sampling, its prompt layout and its kind of answer.",
    ),
    Term(
        name="Confidence",
        pattern=r"\b([Cc]onfidence)\b(?! interval)",
        anchor="option-confidence",
        said=CONFIDENCE,
    ),
    Term(name="Distractor", said="A wrong option of a multiple-choice question."),
    Term(
        name="Few-shot",
        said="The prompt begins with a few worked examples. Zero-shot: it has none.",
    ),
    Term(
        name="Greedy",
        said="At every position the most probable token is taken, as at temperature 0.",
    ),
    Term(
        name="Holm correction",
        anchor="holm",
        said="Raises the p-values of several tests made together, so that the chance of one false alarm among all of "
        "them stays below 5%.",
    ),
    Term(
        name="Likelihood answer",
        pattern=r"\b(by likelihood)\b",
        anchor="option-confidence",
        said=LIKELIHOOD,
    ),
    Term(
        name="Log-probability",
        said="The logarithm of a token's probability, in nats: 0 is certain, −0.7 is one in two, −2.3 one in ten.",
    ),
    Term(
        name="Median and 90th percentile",
        anchor="latency",
        said="Half of the values lie below the median, nine of ten below the 90th percentile.",
    ),
    Term(
        name="Overconfident, underconfident",
        anchor="gap",
        said="Mean confidence lies above accuracy, or below it.",
    ),
    Term(
        name="Paired",
        anchor="mcnemar",
        said="Both conditions answered the same questions, and are compared question by question: easy and hard "
        "questions cannot favour one of them.",
    ),
    Term(
        name="Paraphrase",
        anchor="paraphrases",
        said="The same question in other words, with the same options and the same right answer.",
    ),
    Term(
        name="Percentile rank",
        anchor="percentile-rank",
        said="The share of the ranked runs that a run beats. Ties count half, its own score among them. It needs a "
        "named population.",
    ),
    Term(
        name="Position bias",
        anchor="recall-deviation",
        said="The answer depends on where an option stands, not only on what it says.",
    ),
    Term(
        name="Reasoning model",
        said="A model that writes its steps before its answer, in tags or in a field of its own, at the cost of time "
        "and tokens. It is called thinking here.",
    ),
    Term(
        name="Replay",
        said="The recorded replies are served again, byte for byte, without a model and without a network.",
    ),
    Term(
        name="Significant",
        anchor="holm",
        said="The adjusted p-value is below 5%. A difference that is not significant may still exist.",
    ),
    Term(
        name="Suite",
        said="A set of questions with their right answers and categories.",
    ),
    Term(
        name="Temperature",
        said="How evenly the next token is drawn: 0 always takes the most probable one, higher values take others more "
        "often.",
    ),
    Term(
        name="Token",
        said="A piece of text that a model reads or writes in one step: a short word, part of a word, or a sign.",
    ),
    Term(
        name="Trial",
        said="One question asked of one condition once.",
    ),
    Term(
        name="Truncated",
        said="The reply reached its budget before an answer could be read. It counts as not right.",
    ),
)
_PARAGRAPH = re.compile(
    r'(<(?:p(?: class="(?:lede|verdict|more|muted|found|badge-line|note|caption)")?(?: data-guessed)?|'
    r'li class="badge-line")>)'
    r"((?:[^<]|</?(?:span|strong|small)\b[^>]*>)+)(</(?:p|li)>)"
)
# Names of tests and intervals; "95%" by itself may be a result.
_NAMED = (
    r"95%(?: confidence| Wilson)? intervals?|95% CI|Wilson|Newcombe|Holm|McNemar|[Pp]ermutation test|[Ss]ign[- ]flip|"
    r"Fisher|Welch|Cochran|[Bb]ootstrap|\badjusted\b|a power of|\bsignificant\b"
)
# An interval or a p-value of ours in brackets: no model writes a p with our space that does not break.
_STATISTIC = re.compile(
    rf" \([^()<>]*(?:95%(?: CI)? [+−]?[\d.]+%? to|p\u00a0(?:=|&lt;|&gt;)\u00a0|no interval|{_NAMED})[^()<>]*\)"
    r"(?=[^<>]*<)"
)
# Blocks with sentences of ours, and the notes in the heads of tables.
_BLOCK = re.compile(
    r'(<(p|figcaption)(?: class="(?:lede|more|muted|note|doubt|caption(?: table-caption)?)")?>)(.*?)(</\2>)',
    re.DOTALL,
)
_NOTE = re.compile(r"(?<=<small>)[^<]+(?=</small></(?:th|span)>)")
_MARKED = re.compile(r'<span class="stat">.*?</span>', re.DOTALL)
_TAG = re.compile(r"<(/?)(\w+)[^>]*>")
_MAIN = re.compile(r'(<main id="main"[^>]*>\n)(.*?)(</main>)', re.DOTALL)
_EXPERIMENT = re.compile(r'href="((?:\.\./)?(?!lesson/)[^"/:#.]+)/index\.html"')


def with_statistics(page: str) -> str:
    """The page with its statistics marked, so that a reader can hide them and show them.

    Brackets with an interval or a p-value are marked, sentences that name a test, and such notes in heads of tables.
    """
    main = _MAIN.search(page)
    if main is None:
        return page
    body = _STATISTIC.sub(lambda match: _stat(match[0]), main[2])
    body = _BLOCK.sub(lambda match: match[1] + _with_sentences(match[3]) + match[4], body)
    body = _NOTE.sub(lambda match: _with_notes(match[0]), body)
    start, end = main.span(2)
    return f"{page[:start]}{body}{page[end:]}"


def _stat(text: str) -> str:
    return f'<span class="stat">{text}</span>'


def _with_sentences(block: str) -> str:
    sentences = re.split(r"(?<=[.!?])(?= )", block)
    return "".join(_stat(each) if _is_statistical(each) else each for each in sentences)


def _is_statistical(sentence: str) -> bool:
    """Whether a sentence names a test outside of what is marked, and holds no half of an element."""
    rest = _TAG.sub("", _MARKED.sub("", sentence))
    tags = [match[1] for match in _TAG.finditer(sentence)]
    return bool(re.search(_NAMED, rest)) and tags.count("") == tags.count("/")


def _with_notes(note: str) -> str:
    """The note of a head, its parts about intervals and tests marked."""
    parts = re.split(r"(?=[,;] )", note)
    return "".join(_stat(each) if re.search(rf"\b95%|{_NAMED}|^, Holm", each) else each for each in parts)


def explained(page: str, path: str) -> str:
    """The page with its terms explained; unchanged where it has none, or no methods page to lead to.

    Args:
        page: the whole HTML. path: of the page, relative to the site, with forward slashes.
    """
    main = _MAIN.search(page)
    methods = _methods(page, path)
    if main is None or not methods:
        return page
    name = path.rpartition("/")[2].removesuffix(".html")
    body, notes = main[2], []
    places = [
        (span, place) for place, term in enumerate(TERMS) if term.pattern and (span := _first(body, term))
    ]
    places.sort()
    # From the end, so that places before it stay where they are.
    for at, ((start, end), place) in reversed(list(enumerate(places))):
        # Ids name their page: in a file of many pages none may come twice.
        mark = f"about-{name}-{place}"
        button = f'<button type="button" class="term" popovertarget="{mark}">{body[start:end]}</button>'
        # A line may break on either side of a button: its bracket or its number would stand on another line.
        # Not further than the term before it, whose place would move.
        floor = places[at - 1][0][1] if at else 0
        before = max(floor, *(body.rfind(edge, 0, start) + 1 for edge in " \n>"))
        after = min(found for edge in " \n<" if (found := body.find(edge, end)) >= 0)
        whole = f'<span class="whole">{body[before:start]}{button}{body[end:after]}</span>'
        body = body[:before] + whole + body[after:]
        notes.append(
            f'<div popover class="about" id="{mark}"><p>{html.escape(TERMS[place].said)} '
            f'<a href="{methods}#{TERMS[place].anchor}">More under methods</a></p></div>\n'
        )
    start, end = main.span()
    return f"{page[:start]}{main[1]}{body}{''.join(reversed(notes))}{main[3]}{page[end:]}"


def _methods(page: str, path: str) -> str:
    if "/" in path and not path.startswith("lesson/"):
        return "methods.html"
    # Front page, ledger and lesson have no methods of their own; every experiment defines the same terms.
    found = _EXPERIMENT.search(page)
    return f"{found[1]}/methods.html" if found else ""


def _first(body: str, term: Term) -> tuple[int, int] | None:
    """Where the term first stands in a paragraph of the body; None for nowhere."""
    # Statistics are hidden until they are asked for: a term that stands elsewhere too is explained there.
    whole = _TAG.sub(_blank, body)
    plain = _TAG.sub(_blank, _MARKED.sub(_blank, body))
    for text in (plain, whole):
        for paragraph in _PARAGRAPH.finditer(body):
            found = re.search(term.pattern, text[paragraph.start(2) : paragraph.end(2)])
            if found:
                return paragraph.start(2) + found.start(1), paragraph.start(2) + found.end(1)
    return None


def _blank(match: re.Match[str]) -> str:
    """As many characters that no term has: places stay where they are."""
    return "\0" * len(match[0])


def glossary_document() -> list[str]:
    """All terms from A to Z, as Markdown."""
    lines = [
        "# Glossary\n",
        "What the pages take for known, in a sentence or two. Numbers link to their definitions under Methods.\n",
        "| term | meaning |",
        "|---|---|",
    ]
    for term in sorted(TERMS, key=lambda each: each.name.casefold()):
        name = f"[{term.name}](methods.md#{term.anchor})" if term.anchor else term.name
        lines.append(f"| {name} | {term.said} |")
    return lines
