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

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llmxray.errors import CassetteError, InputError, LlmxrayError, MissError, RunFailedError
    from llmxray.experiment import Experiment
    from llmxray.keys import KeyPermit
    from llmxray.results import Results
    from llmxray.types import Estimate, Item, Outcome, Row
    from llmxray.workflow.preparation import Prepared, Workspace, prepare
    from llmxray.workflow.recording import record
    from llmxray.workflow.replaying import replay
    from llmxray.workflow.report import publish, read_results

__version__ = "0.1.0"

# Found when first asked for: a script that reads one number need not load the proxy and the charts.
_HOMES = {
    "CassetteError": "errors",
    "Estimate": "types",
    "Experiment": "experiment",
    "InputError": "errors",
    "Item": "types",
    "KeyPermit": "keys",
    "LlmxrayError": "errors",
    "MissError": "errors",
    "Outcome": "types",
    "Prepared": "workflow",
    "Results": "results",
    "Row": "types",
    "RunFailedError": "errors",
    "Workspace": "workflow",
    "prepare": "workflow",
    "publish": "workflow",
    "read_results": "workflow",
    "record": "workflow",
    "replay": "workflow",
}

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
    "prepare",
    "publish",
    "read_results",
    "record",
    "replay",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # Kept as a name of the module, so that Python asks here only once (PEP 562).
    found = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
