"""Whole tasks, composed from the rooms: prepare, run, record, report.

Nothing here prints, exits or reads the environment: that is the command line's part.
"""

from llmxray.workflow.diff import RecordingDiff, diff
from llmxray.workflow.prepare import Overrides, Prepared, Workspace, prepare
from llmxray.workflow.record import Shard, record
from llmxray.workflow.replay import replay
from llmxray.workflow.report import publish, read_results

__all__ = [
    "Overrides",
    "Prepared",
    "RecordingDiff",
    "Shard",
    "Workspace",
    "diff",
    "prepare",
    "publish",
    "read_results",
    "record",
    "replay",
]
