"""Panels of the live view: from the state of a run to rich renderables. Model text is made safe first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from llmxray.metrics.latency import tokens_per_second
from llmxray.runner.tally import Count, Tally
from llmxray.runner.watch import FinishedTrial
from llmxray.safe import last_lines, one_line
from llmxray.types import LETTERS, Condition, Estimate, Item, Outcome

# Outcomes also differ in their marks, so that colour is never the only sign.
STYLES = {
    Outcome.CORRECT: "green",
    Outcome.WRONG: "red",
    Outcome.UNPARSED: "yellow",
    Outcome.TRUNCATED: "yellow",
    Outcome.REFUSED: "magenta",
    Outcome.TOOL_CALL: "blue",
    Outcome.UNREAD: "bold magenta",
    Outcome.ERROR: "bold red",
    Outcome.UNSCORED: "cyan",
}
# Sizes at which everything fits 80 × 24; from 110 columns or 36 rows on there is room for more.
_WIDE, _WIDE_BAR, _NARROW_BAR = 110, 24, 8
_TALL, _LOW_LINES, _TALL_LINES = 36, 3, 8


def percent(value: float | None) -> str:
    """A proportion as whole per cent, never rounded up to 100 or down to 0."""
    if value is None:
        return "—"
    shown = round(value * 100)
    return ">99%" if value < 1 and shown == 100 else "<1%" if value > 0 and shown == 0 else f"{shown}%"


def accuracy_text(estimate: Estimate) -> str:
    """Accuracy with its interval: "52% (47% to 57%)"."""
    if estimate.low is None or estimate.high is None:
        return percent(estimate.value)
    return f"{percent(estimate.value)} ({percent(estimate.low)} to {percent(estimate.high)})"


def duration(seconds: float) -> str:
    """Seconds as "1:02:03" or "2:03"."""
    whole_seconds = int(seconds)
    hours, minutes = divmod(whole_seconds // 60, 60)
    return f"{hours}:{minutes:02}:{whole_seconds % 60:02}" if hours else f"{minutes}:{whole_seconds % 60:02}"


def marks(outcomes: Iterable[Outcome]) -> Text:
    """Marks of outcomes, oldest first."""
    text = Text()
    for outcome in outcomes:
        text.append(outcome.mark, STYLES[outcome])
    return text


def room(width: int) -> int:
    """Width of bars and rows of marks on a terminal of that width."""
    return _WIDE_BAR if width >= _WIDE else _NARROW_BAR


def bar(count: Count, width: int) -> ProgressBar:
    """A bar of the trials that are done; its colours stand for neither right nor wrong."""
    return ProgressBar(
        max(count.total, 1), count.done, width=width, complete_style="cyan", finished_style="bright_black"
    )


def overall(tally: Tally, seconds: float, title: str, width: int) -> RenderableType:
    """The whole run: bar, counts by outcome, time, tokens per second.

    Args:
        tally: counts so far.
        seconds: since the run began.
        title: of the run.
        width: of the terminal, in columns.
    """
    count = tally.overall
    grid = Table.grid(padding=(0, 2), expand=False)
    left = seconds / count.done * (count.total - count.done) if count.done else None
    grid.add_row(
        # `Text` is used here and below, because rich reads brackets in a plain string as markup.
        Text(one_line(title, max(width - 60, 16)), "bold"),
        bar(count, 2 * room(width)),
        f"{count.done}/{count.total}",
        f"{duration(seconds)} elapsed" + ("" if left is None else f", about {duration(left)} left"),
    )
    summary = Text(no_wrap=True, overflow="ellipsis")
    for outcome, n in ((outcome, count.outcomes[outcome]) for outcome in Outcome):
        if n:
            summary.append(f"{outcome.mark} ", STYLES[outcome]).append(f"{n} {outcome.label}   ")
    rate = tally.tokens / seconds if seconds > 0 else None
    if tally.tokens and rate is not None:
        # Includes waits and parallel requests, so it is not the model's speed, which stands with the last answer.
        summary.append(f"{rate:.0f} tokens/s over the run", "dim")
    return Group(grid, summary)


def by_condition(tally: Tally, current: str, width: int) -> RenderableType:
    """A row per condition; the current one is marked."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("", "condition", "", "done", "accuracy (95%)"):
        table.add_column(name, no_wrap=True)
    for name, count in tally.conditions.items():
        table.add_row(
            "▸" if name == current else " ",
            Text(one_line(name, 32), "bold" if name == current else ""),
            bar(count, room(width)),
            f"{count.done}/{count.total}",
            accuracy_text(count.accuracy),
        )
    return table


def by_category(tally: Tally, condition: str, rows: int, width: int) -> RenderableType:
    """The categories of a condition; if there are more than ``rows``, those around the current category."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("category", "", "done", "accuracy (95%)", "latest"):
        table.add_column(name, no_wrap=True)
    counts = list(tally.of(condition).items())
    for (suite, category), count in _window(counts, rows):
        table.add_row(
            Text(one_line(f"{suite} · {category}" if category else suite, width // 2 - 8)),
            bar(count, room(width)),
            f"{count.done}/{count.total}",
            accuracy_text(count.accuracy),
            marks(list(count.marks)[-room(width) :]),
        )
    hidden = len(counts) - rows
    return Group(table, Text(f"and {hidden} more categories", "dim")) if hidden > 0 else table


def _window(
    counts: Sequence[tuple[tuple[str, str], Count]], rows: int
) -> Sequence[tuple[tuple[str, str], Count]]:
    if len(counts) <= rows:
        return counts
    # The window ends just behind the last category that has begun, so that the current one is shown.
    begun = max((index for index, (_, count) in enumerate(counts) if count.done), default=0)
    start = min(max(begun + 2 - rows, 0), len(counts) - rows)
    return counts[start : start + rows]


def answer(
    item: Item,
    condition: Condition,
    thinking: str,
    answer_text: str,
    *,
    width: int,
    height: int,
    waiting: bool,
) -> RenderableType:
    """The current question and its answer as it streams, with thinking shown separately.

    Args:
        thinking: text of the thinking so far.
        answer_text: text of the answer so far.
        width, height: of the terminal, in columns and rows.
        waiting: whether nothing has arrived yet.
    """
    lines = _TALL_LINES if height >= _TALL else _LOW_LINES
    body = [Text(one_line(item.question, max(width - 6, 20)), "bold")]
    if item.choices:
        shown = "   ".join(f"{LETTERS[n]}) {one_line(text, 28)}" for n, text in enumerate(item.choices))
        body.append(Text(one_line(shown, max(width - 6, 20)), "dim"))
    inner = max(width - 6, 20)
    if thinking:
        body.append(Text("<think>", "dim"))
        body.append(
            Text(last_lines(thinking, inner, lines - (2 if answer_text and lines > 3 else 0)), "italic dim")
        )
        if answer_text:
            body.append(Text("</think>", "dim"))
    if answer_text:
        body.append(Text(last_lines(answer_text, inner, 2 if thinking else lines)))
    if not thinking and not answer_text:
        body.append(Text("waiting for the first token" if waiting else "", "dim"))
    kind = f"budget {condition.max_tokens} tokens"
    if condition.budget_reason:
        kind += f", {condition.budget_reason}"
    title = Text.assemble(
        (one_line(condition.label or condition.id, 40), "bold"), "  ", (one_line(kind, 80), "dim")
    )
    return Panel(Group(*body), title=title, title_align="left", border_style="dim", padding=(0, 1))


def last(finished: FinishedTrial | None, expected: str = "") -> Text:
    """The result of the last trial: its mark, its answer beside the expected one, and its times."""
    if finished is None:
        return Text("")
    scored, trial = finished.scored, finished.trial
    text = Text("last: ", "dim", no_wrap=True, overflow="ellipsis")
    text.append(f"{scored.outcome.mark} ", STYLES[scored.outcome])
    text.append(one_line(f"{trial.suite}/{trial.item}", 40))
    text.append(f"  answer {one_line(scored.answer or '—', 24)}")
    if expected:
        text.append(f", expected {one_line(expected, 24)}")
    if finished.ttft_s is not None:
        text.append(f"  first token {finished.ttft_s:.2f} s", "dim")
    rate = tokens_per_second(finished.latency_s, finished.tokens)
    if finished.latency_s is not None:
        text.append(f"  whole {finished.latency_s:.2f} s", "dim")
    if rate is not None:
        text.append(f"  {rate:.0f} tokens/s", "dim")
    return text
