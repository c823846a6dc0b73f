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

    prepared = llmxray.prepare(Path("experiments/model-showdown.yaml"))  # the file and its plan
    results = llmxray.read_results(prepared)                             # one Row per trial, no model asked
    llmxray.publish([(prepared, results)], Path("site"))                 # its pages
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmxray.lazy import lazy_names

if TYPE_CHECKING:
    from llmxray.errors import CassetteError, InputError, LlmxrayError, MissError, RunFailedError
    from llmxray.experiment import Experiment
    from llmxray.keys import KeyPermit
    from llmxray.results import Results
    from llmxray.types import Estimate, Item, Outcome, Row
    from llmxray.workflow.demo import demo_workspace
    from llmxray.workflow.preparation import Prepared, Workspace, prepare
    from llmxray.workflow.reading import read_results
    from llmxray.workflow.recording import record
    from llmxray.workflow.replaying import replay
    from llmxray.workflow.report import publish

__version__ = "0.1.0"

# Spelled out, since type checkers read it and do not run the lookup below.
__all__ = [
    "CassetteError",
    "Estimate",
    "Experiment",
    "InputError",
    "Item",
    "KeyPermit",
    "LlmxrayError",
    "MissError",
    "Outcome",
    "Prepared",
    "Results",
    "Row",
    "RunFailedError",
    "Workspace",
    "__version__",
    "demo_workspace",
    "prepare",
    "publish",
    "read_results",
    "record",
    "replay",
]


__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "errors": ("CassetteError", "InputError", "LlmxrayError", "MissError", "RunFailedError"),
        "experiment": ("Experiment",),
        "keys": ("KeyPermit",),
        "results": ("Results",),
        "types": ("Estimate", "Item", "Outcome", "Row"),
        "workflow.demo": ("demo_workspace",),
        "workflow.preparation": ("Prepared", "Workspace", "prepare"),
        "workflow.recording": ("record",),
        "workflow.replaying": ("replay",),
        "workflow.reading": ("read_results",),
        "workflow.report": ("publish",),
    },
)
