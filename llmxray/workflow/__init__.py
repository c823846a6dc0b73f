"""Whole tasks, composed from the rooms: prepare, run, record, report.

Nothing here prints, exits or reads the environment: that is the command line's part.
"""

from llmxray.workflow.prepare import Prepared, Workspace, prepare
from llmxray.workflow.record import record
from llmxray.workflow.replay import replay

__all__ = ["Prepared", "Workspace", "prepare", "record", "replay"]
