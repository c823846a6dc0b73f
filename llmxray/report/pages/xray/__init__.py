"""The x-ray: answers token by token, with what else could have stood there; where wrong ones left the right way first.

The most telling answer stands in the page. Any other is put together by the browser from the data files of `answers`.
"""

from __future__ import annotations

from llmxray.metrics.verdict import ALPHA
from llmxray.plan import item_address, reorder_options
from llmxray.report import numbers
from llmxray.report.analysis import Analysis
from llmxray.report.analysis.condition_colours import hue_of, model_in
from llmxray.report.analysis.front_examples import shown_branch, shown_options, shown_tokens
from llmxray.report.analysis.near_misses import NearMisses, WrongTurn, beyond_luck, most_telling, near_misses
from llmxray.report.analysis.questions import opening, questions_of, with_option
from llmxray.report.analysis.reply_tokens import PUBLISHED
from llmxray.report.analysis.roads import Cure, Roads, roads_of, trunks_of
from llmxray.report.files import shards
from llmxray.report.sentences import Finding
from llmxray.report.widgets.frame import TemplateValues, framed
from llmxray.report.widgets.render import Output
from llmxray.report.widgets.shown_tokens import forked
from llmxray.types import Item, Outcome

# So many wrong turns are listed for a condition and a suite.
_MOST_TURNS = 15
# Conditions and suites whose near misses are counted on the page, most first.
_MOST_COUNTED = 3


def write_page(renderer: Output, analysis: Analysis) -> None:
    """Write the page; the data files are those of the pages of answers."""
    index = shards.write_shards(analysis, renderer)
    renderer.page(
        f"{analysis.data.name}/xray.html", "pages/xray/page.html", page_values(analysis, index["places"])
    )


def page_values(analysis: Analysis, index: str) -> TemplateValues:
    """The page.

    Args:
        index: path of the data file that says where each question is, relative to the page.
    """
    turn = most_telling(analysis)
    counted = [_counted(analysis, miss) for miss in near_misses(analysis) if beyond_luck(miss)][
        :_MOST_COUNTED
    ]
    asked = [view.condition.sampling.get("top_logprobs") for view in analysis.views]
    return framed(
        analysis.data,
        "xray",
        "X-ray",
        index=index,
        first=opening(analysis),
        telling=None if turn is None else _telling(analysis, turn),
        counted=counted,
        roads=_taken(analysis),
        another=next((of.href for each in counted for of in each.turns if of.turn is not turn), None),
        # Alternatives per token in the data files, and those asked for when recording.
        published=PUBLISHED,
        asked=max((value for value in asked if isinstance(value, int)), default=None),
    )


def _telling(analysis: Analysis, turn: WrongTurn) -> TemplateValues:
    view = next(each for each in analysis.views if each.id == turn.row.condition)
    shares, options = turn.row.option_probs, shown_options(_item(turn))
    followed, ends_right = shown_branch(analysis, turn)
    # A letter alone shows no way that parts: its options are shown instead.
    is_letter = not turn.has_way and len(options) == len(shares) > 0 and None not in shares
    return TemplateValues(
        kicker=Finding("xray.kicker", suite=analysis.label_of_suite(turn.row.suite), view=view),
        question=turn.question.item.question,
        model=model_in(view.label, view.condition.model) or view.label,
        css=hue_of(view.css),
        written=_with_option(turn, turn.row.answer or ""),
        right=_with_option(turn, turn.row.expected),
        fork=forked(
            shown_tokens(turn.tokens),
            turn.place,
            turn.right,
            Finding("xray.turn"),
            followed,
            ends_right=ends_right,
        ),
        options=tuple(zip(options, shares, strict=True)) if is_letter else (),
        named=turn.row.answer,
        href=analysis.contents.question(turn.question.address),
    )


def _item(turn: WrongTurn) -> Item:
    item = turn.question.item
    return reorder_options(item, turn.row.order) if turn.question.mixed else item


def _with_option(turn: WrongTurn, written: str) -> str:
    return with_option(written, _item(turn))


def _counted(analysis: Analysis, found: NearMisses) -> TemplateValues:
    # Of two options the other one is always second.
    listed = [turn for turn in found.near if len(turn.question.item.choices) != 2][:_MOST_TURNS]
    suite = analysis.label_of_suite(found.suite)
    return TemplateValues(
        headline=Finding("xray.counted", near=len(found.near), wrong=found.wrong, suite=suite),
        said=Finding(
            "xray.counted-of",
            found=found,
            luck=numbers.decimal(found.luck, 0),
            left=(left := len(found.near) - len(listed)) or None,
            are="is" if left == 1 else "are",
        ),
        turns=tuple(
            TemplateValues(
                turn=turn,
                href=f"{analysis.contents.href('xray')}?q={turn.question.address}#c={found.view.id}",
                written=_with_option(turn, turn.tokens[turn.place].token.strip()),
                right=_with_option(turn, turn.right.strip()),
            )
            for turn in listed
        ),
    )


def _taken(analysis: Analysis) -> TemplateValues | None:
    """What other tokens would have changed; None without recorded branches."""
    roads, trunks, rule = (
        roads_of(analysis),
        trunks_of(analysis).values(),
        analysis.data.results.plan.branches,
    )
    if not roads or rule is None:
        return None
    # What luck explains least stands first.
    first = min(roads, key=lambda each: (each.p_value, -len(each.cures)))
    failed, astray = sum(not trunk.repeats for trunk in trunks), sum(each.astray for each in trunks)
    n = len(trunks)
    return TemplateValues(
        headline=Finding(
            "xray.roads",
            cured=len(first.cures),
            wrong=first.wrong,
            suite=analysis.label_of_suite(first.suite),
        )
        if first.cures
        else Finding("xray.roads-none"),
        said=Finding(
            "xray.roads-luck",
            found=first,
            luck=numbers.decimal(first.luck, 1),
        )
        if first.cures
        else None,
        what=Finding("xray.roads-what", digits="digits" if rule.digits else None),
        rule=Finding(
            "xray.roads-rule", rule=rule, second=rule.second / 100, digits="digits" if rule.digits else None
        ),
        control=Finding(
            "xray.roads-control",
            n=n,
            were="was" if n == 1 else "were",
            their="its" if n == 1 else "their",
            same=n - failed if failed else "all",
            failed=failed or None,
            astray=astray or None,
            are="is" if astray == 1 else "are",
        ),
        rows=[
            TemplateValues(
                of=road,
                suite=analysis.label_of_suite(road.suite),
                luck=numbers.decimal(road.luck, 1),
                interval=numbers.interval(road.share),
                is_luck=road.wrong and road.p_value >= ALPHA,
                all_wrong=sum(row.outcome is Outcome.WRONG for row in road.view.of(suite=road.suite)),
            )
            for road in roads
        ],
        cures=[_cured(analysis, each, cure) for each in roads if each.p_value < ALPHA for cure in each.cures],
    )


# Characters before a token that place it in its answer.
_BEFORE = 16


def _cured(analysis: Analysis, found: Roads, cure: Cure) -> TemplateValues:
    fork, address = cure.branch.fork, item_address(cure.row.suite, cure.row.item_id)
    before = "".join(token.token for token in cure.trunk.reply.tokens[: fork.place])[-_BEFORE:]
    question = next(each for each in questions_of(analysis) if each.address == address)
    return TemplateValues(
        question=question.short,
        view=found.view,
        before=before,
        fork=fork,
        href=f"{analysis.contents.href('xray')}?q={address}#c={found.view.id}&b={cure.number + 1}",
    )
