"""Whole tasks, composed from the rooms: prepare, run, record, report.

Nothing here prints, exits or reads the environment: that is the command line's part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmxray.lazy import lazy_names

if TYPE_CHECKING:
    from llmxray.workflow import coursework, demo, gradebooks, hub_publishing
    from llmxray.workflow.cluster_recording import PartFinished, PartOptions, record_on_cluster
    from llmxray.workflow.differences import RecordingDiff, diff
    from llmxray.workflow.exporting import export
    from llmxray.workflow.forecasts import forecast
    from llmxray.workflow.foreign import ReadSettings, foreign_data, read_files
    from llmxray.workflow.key_search import refuse_keys_in_experiment, refuse_keys_in_site
    from llmxray.workflow.keys import key_uses
    from llmxray.workflow.ledgers import write_ledger
    from llmxray.workflow.offline import loopback_only
    from llmxray.workflow.packing import (
        Reproduction,
        compare_claims,
        make_pack,
        open_pack,
        prepare_reproduction,
        read_claims,
        refuse_other_pages,
    )
    from llmxray.workflow.predictions import Prospect, prospects
    from llmxray.workflow.preparation import Overrides, Prepared, Workspace, prepare
    from llmxray.workflow.previews import first_question, fixed_position_warning, propose_suite_entry
    from llmxray.workflow.reading import read_results, scorer, verify_recording
    from llmxray.workflow.recording import RecordingListener, record, recording_failures
    from llmxray.workflow.recording_lock import lock_recording
    from llmxray.workflow.remaining import Shard, interruption_note, remaining_trials
    from llmxray.workflow.replaying import replay
    from llmxray.workflow.report import Publisher, changed_labels, data_of, gate, publish, verdicts
    from llmxray.workflow.rescore import score_changes, with_analysis
    from llmxray.workflow.starter_suites import suite_differences

__all__ = [
    "Overrides",
    "PartFinished",
    "PartOptions",
    "Prepared",
    "Prospect",
    "Publisher",
    "ReadSettings",
    "RecordingDiff",
    "RecordingListener",
    "Reproduction",
    "Shard",
    "Workspace",
    "changed_labels",
    "compare_claims",
    "coursework",
    "data_of",
    "demo",
    "diff",
    "export",
    "first_question",
    "fixed_position_warning",
    "forecast",
    "foreign_data",
    "gate",
    "gradebooks",
    "hub_publishing",
    "interruption_note",
    "key_uses",
    "lock_recording",
    "loopback_only",
    "make_pack",
    "open_pack",
    "prepare",
    "prepare_reproduction",
    "propose_suite_entry",
    "prospects",
    "publish",
    "read_claims",
    "read_files",
    "read_results",
    "record",
    "record_on_cluster",
    "recording_failures",
    "refuse_keys_in_experiment",
    "refuse_keys_in_site",
    "refuse_other_pages",
    "remaining_trials",
    "replay",
    "score_changes",
    "scorer",
    "suite_differences",
    "verdicts",
    "verify_recording",
    "with_analysis",
    "write_ledger",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "": ("coursework", "demo", "gradebooks", "hub_publishing"),
        "cluster_recording": ("PartFinished", "PartOptions", "record_on_cluster"),
        "differences": ("RecordingDiff", "diff"),
        "exporting": ("export",),
        "forecasts": ("forecast",),
        "foreign": ("ReadSettings", "foreign_data", "read_files"),
        "key_search": ("refuse_keys_in_experiment", "refuse_keys_in_site"),
        "keys": ("key_uses",),
        "ledgers": ("write_ledger",),
        "offline": ("loopback_only",),
        "packing": (
            "Reproduction",
            "compare_claims",
            "make_pack",
            "open_pack",
            "prepare_reproduction",
            "read_claims",
            "refuse_other_pages",
        ),
        "predictions": ("Prospect", "prospects"),
        "preparation": ("Overrides", "Prepared", "Workspace", "prepare"),
        "previews": ("first_question", "fixed_position_warning", "propose_suite_entry"),
        "recording": ("RecordingListener", "record", "recording_failures"),
        "recording_lock": ("lock_recording",),
        "remaining": ("Shard", "interruption_note", "remaining_trials"),
        "replaying": ("replay",),
        "reading": ("read_results", "scorer", "verify_recording"),
        "report": ("Publisher", "changed_labels", "data_of", "gate", "publish", "verdicts"),
        "rescore": ("score_changes", "with_analysis"),
        "starter_suites": ("suite_differences",),
    },
)
