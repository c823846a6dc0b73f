"""Record language-model experiments once, replay them anywhere, publish them as a static site.

The flow, one way; every arrow is a file or a value::

    experiment.yaml ─► Experiment ─► Plan (trials) ─► runner ──HTTP──► proxy ──► upstream model
                                        │               │                │  ▲
                                        │ frozen into   │ receipts  record▼  │replay
                                        └───────────►  cassette ◄─────────────┘
                                                        │
                           Results (one row per trial) ◄┘
                                        ▼
                        metrics (estimates with intervals) ─► charts ─► pages ─► site/

From Python, as `docs/python.md` shows::

    found = llmxray.load("model-showdown")     # what was recorded; no model is asked
    found["qwen-1.5b"].accuracy("starter/arc")  # with its interval
    found.compare("qwen-1.5b", "qwen-0.5b")
    found.plot.reliability()
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmxray.lazy import lazy_names

if TYPE_CHECKING:
    from llmxray.cassette import Cassette
    from llmxray.errors import CassetteError, InputError, LlmxrayError, MissError, RunFailedError
    from llmxray.experiment import Experiment, Site
    from llmxray.keys import KeyPermit
    from llmxray.plan import Plan
    from llmxray.report.analysis.data import ExperimentData, TokenDetail
    from llmxray.results import Results
    from llmxray.runner import Progress, Watch
    from llmxray.types import Completion, Condition, Estimate, Item, Outcome, Row, TokenLogprob, Trial
    from llmxray.workflow.demo import demo_workspace
    from llmxray.workflow.loading import load
    from llmxray.workflow.preparation import Overrides, Prepared, Workspace, prepare
    from llmxray.workflow.reading import read_results
    from llmxray.workflow.recording import RecordingListener, record
    from llmxray.workflow.replaying import replay
    from llmxray.workflow.report import publish
    from llmxray.workflow.server_facts import RecordingCache
    from llmxray.workflow.trials_to_record import Shard

__version__ = "0.1.0"

# Spelled out, since type checkers read it and do not run the lookup below.
__all__ = [
    "Cassette",
    "CassetteError",
    "Completion",
    "Condition",
    "Estimate",
    "Experiment",
    "ExperimentData",
    "InputError",
    "Item",
    "KeyPermit",
    "LlmxrayError",
    "MissError",
    "Outcome",
    "Overrides",
    "Plan",
    "Prepared",
    "Progress",
    "RecordingCache",
    "RecordingListener",
    "Results",
    "Row",
    "RunFailedError",
    "Shard",
    "Site",
    "TokenDetail",
    "TokenLogprob",
    "Trial",
    "Watch",
    "Workspace",
    "__version__",
    "demo_workspace",
    "load",
    "prepare",
    "publish",
    "read_results",
    "record",
    "replay",
]


__getattr__, __dir__ = lazy_names(__name__)
