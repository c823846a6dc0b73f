"""The async runner: sends a plan's requests to a base URL and keeps a receipt for each.

It knows only a URL per endpoint, not whether a model, a recorder or a cassette answers. Replies are read later, from
the cassette; the receipts prove that what was read is what was served. A `Watch` can follow a run, such as the live
view of a terminal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmxray.lazy import lazy_names

if TYPE_CHECKING:
    from llmxray.runner.live import LiveView, bar, watching
    from llmxray.runner.tally import FIRST, cut_off
    from llmxray.runner.trials import Progress, RunnerConfig, run
    from llmxray.runner.watch import Watch


__getattr__, __dir__ = lazy_names(__name__)
