"""The live view of a run on a terminal, and its plain lines where there is none.

Both use the same `Tally`. On a terminal, four pictures a second show progress, accuracy so far, the marks of outcomes
and the answer as it streams; elsewhere, or on request, a line is printed now and then.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.text import Text

from llmxray.results import Scorer
from llmxray.runner import panels
from llmxray.runner.tally import Tally
from llmxray.runner.trials import Progress
from llmxray.runner.watch import Listener
from llmxray.safe import one_line
from llmxray.types import PlannedRequest, Trial

_PICTURES_PER_S = 4
_PLAIN_LINES = 20
_BAR_EVERY_S = 0.05
# Rows of everything but the categories, so that a picture fits 80 × 24 (a test checks it).
_OTHER_ROWS = 16


class LiveView:
    """A `Watch` that draws a run on a terminal; its `progress` must be called for every trial that has ended.

    Args:
        trials: of this run.
        scorer: of the plan.
        title: of the run, for its first line.
        clock: returns monotonic seconds.
    """

    def __init__(
        self,
        trials: Sequence[Trial],
        scorer: Scorer,
        title: str,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.tally = Tally(trials, scorer.items)
        # The last look at the answers of a recording that may end early.
        self.look = ""
        self._title, self._scorer, self._clock = title, scorer, clock
        self._listener = Listener(scorer)
        self._began = clock()
        self._condition = trials[0].condition if trials else ""
        # A thread of rich's draws the pictures while the run goes on in another.
        self._lock = threading.Lock()

    def began(self, trial: Trial, request: PlannedRequest) -> None:
        """A request is being sent."""
        with self._lock:
            self._listener.began(trial, request)
            self._condition = trial.condition

    def received(self, trial: Trial, request: PlannedRequest, piece: bytes, t_s: float) -> None:
        """A piece arrived."""
        with self._lock:
            self._listener.received(trial, request, piece, t_s)

    def ended(self, trial: Trial, request: PlannedRequest, status: int | None, content_type: str) -> None:
        """A reply is over."""
        with self._lock:
            self._listener.ended(trial, request, status, content_type)

    def progress(self, step: Progress) -> None:
        """A trial is done."""
        with self._lock:
            self.tally.add(self._listener.finished(step.trial))

    def picture(self, width: int, height: int) -> RenderableType:
        """The view as it is now."""
        with self._lock:
            parts: list[RenderableType] = [
                panels.overall(self.tally, self._clock() - self._began, self._title, width)
            ]
            if self.look:
                parts.append(Text(one_line(self.look, width)))
            room = height - _OTHER_ROWS - len(self.tally.conditions) - bool(self.look)
            if len(self.tally.conditions) > 1:
                parts.append(panels.by_condition(self.tally, self._condition, width))
            if self._condition:
                parts.append(panels.by_category(self.tally, self._condition, max(room, 3), width))
            done = self.tally.last
            parts.append(panels.last(done, self._scorer.item(done.trial).answer if done else ""))
            parts += self._answer(width, height)
            return Group(*parts)

    def _answer(self, width: int, height: int) -> list[RenderableType]:
        current = self._listener.current
        if current is None:
            return []
        trial = current.trial
        thinking, answer = current.so_far(thinks=self._scorer.thinks(trial))
        item, condition = self._scorer.item(trial), self._scorer.conditions[trial.condition]
        size = {"width": width, "height": height}
        return [panels.answer(item, condition, thinking, answer, **size, waiting=not current.chunks)]


class PlainView(LiveView):
    """A view that prints lines of text: about twenty in a run, and one whenever a condition ends."""

    def __init__(
        self,
        trials: Sequence[Trial],
        scorer: Scorer,
        title: str,
        *,
        say: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(trials, scorer, title, clock=clock)
        self._say = say
        self._step = max(1, len(trials) // _PLAIN_LINES)

    def progress(self, step: Progress) -> None:
        """A trial is done."""
        super().progress(step)
        count = self.tally.conditions[step.trial.condition]
        overall = self.tally.overall
        # The last line of a condition is its result, so it is never skipped.
        if overall.done % self._step and count.done < count.total:
            return
        outcomes = ", ".join(f"{outcome.mark} {n}" for outcome, n in sorted(count.outcomes.items()))
        accuracy = panels.accuracy_text(count.accuracy)
        self._say(
            f"{overall.done}/{overall.total} {step.trial.condition} {count.done}/{count.total}: "
            f"{outcomes}; accuracy so far {accuracy}"
        )


@contextmanager
def watching(
    console: Console, trials: Sequence[Trial], scorer: Scorer, title: str, *, plain: bool = False
) -> Iterator[LiveView]:
    """Draw a run while the block runs: a live view on a terminal, else plain lines; the last picture stays.

    Args:
        console: where it is drawn.
        trials: of this run.
        scorer: of the plan.
        title: of the run.
        plain: print plain lines on a terminal too.
    """
    if plain or not console.is_terminal:
        yield PlainView(trials, scorer, title, say=lambda line: console.print(line, markup=False))
        return
    view = LiveView(trials, scorer, title)

    def picture() -> RenderableType:
        return view.picture(console.width, console.height)

    with Live(
        console=console, get_renderable=picture, refresh_per_second=_PICTURES_PER_S, vertical_overflow="crop"
    ):
        yield view


@contextmanager
def bar(console: Console, title: str) -> Iterator[Callable[[Progress], None]]:
    """A progress bar while the block runs, on a terminal only; yields the function that moves it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # Disabled unless on a terminal, because it would leave an empty line in a file.
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as drawn:
        task = drawn.add_task(title, total=None)
        shown_s = 0.0

        def update(step: Progress) -> None:
            nonlocal shown_s
            # Updated now and then only: a replay takes a thousand steps a second, and each update takes the bar's lock.
            if step.done == step.total or step.seconds - shown_s > _BAR_EVERY_S:
                shown_s = step.seconds
                drawn.update(task, completed=step.done, total=step.total)

        yield update
