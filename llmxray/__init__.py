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
"""

__version__ = "0.1.0"
