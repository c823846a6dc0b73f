"""Whole tasks, composed from the rooms: prepare, run, record, report.

Nothing here prints, exits or reads the environment: that is the command line's part.
"""

from llmxray.workflow.app_files import report_app_files
from llmxray.workflow.cluster_recording import record_on_cluster
from llmxray.workflow.differences import RecordingDiff, diff
from llmxray.workflow.exporting import Exported, Form, export
from llmxray.workflow.failures import RecordingFailures
from llmxray.workflow.forecasts import Forecast, forecast
from llmxray.workflow.keys import key_uses
from llmxray.workflow.offline import loopback_only
from llmxray.workflow.packing import (
    OpenPack,
    Reproduction,
    experiment_of,
    judged,
    make_pack,
    opened,
    prepare_reproduction,
    read_claims,
    refuse_other_pages,
)
from llmxray.workflow.predictions import Prospect, prospects
from llmxray.workflow.preparation import Overrides, Prepared, Workspace, prepare
from llmxray.workflow.recording import Shard, open_trials, record, recording_failures, recording_folder
from llmxray.workflow.replaying import replay
from llmxray.workflow.report import Publisher, data_of, publish, read_results, verdicts
from llmxray.workflow.rescore import Change, changes, with_analysis

__all__ = [
    "Change",
    "Exported",
    "Forecast",
    "Form",
    "OpenPack",
    "Overrides",
    "Prepared",
    "Prospect",
    "Publisher",
    "RecordingDiff",
    "RecordingFailures",
    "Reproduction",
    "Shard",
    "Workspace",
    "changes",
    "data_of",
    "diff",
    "experiment_of",
    "export",
    "forecast",
    "judged",
    "key_uses",
    "loopback_only",
    "make_pack",
    "open_trials",
    "opened",
    "prepare",
    "prepare_reproduction",
    "prospects",
    "publish",
    "read_claims",
    "read_results",
    "record",
    "record_on_cluster",
    "recording_failures",
    "recording_folder",
    "refuse_other_pages",
    "replay",
    "report_app_files",
    "verdicts",
    "with_analysis",
]
