"""Whole tasks, composed from the rooms: prepare, run, record, report.

Nothing here prints, exits or reads the environment: that is the command line's part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmxray.lazy import lazy_names

if TYPE_CHECKING:
    from llmxray.workflow import coursework, demo, hub_publishing
    from llmxray.workflow.cluster_recording import PartFinished, record_on_cluster
    from llmxray.workflow.differences import RecordingDiff, diff
    from llmxray.workflow.drafting import (
        benchmark_draft,
        comparison_draft,
        free_name,
        local_servers,
        served_models,
        write_draft,
    )
    from llmxray.workflow.exporting import export
    from llmxray.workflow.imported_results import ReadSettings, imported_data, read_files, recorded_data
    from llmxray.workflow.keys import key_uses, refuse_keys_in_experiment, refuse_keys_in_site
    from llmxray.workflow.offline import loopback_only
    from llmxray.workflow.packing import (
        compare_claims,
        make_pack,
        open_pack,
        prepare_reproduction,
        read_claims,
        refuse_other_pages,
    )
    from llmxray.workflow.part_recording import PartOptions
    from llmxray.workflow.predictions import DIFFERENCES, PredictionPreview, preview_predictions
    from llmxray.workflow.preparation import Overrides, Prepared, Workspace, prepare
    from llmxray.workflow.previews import (
        first_question,
        fixed_position_warning,
        name_of_data,
        propose_suite_entry,
    )
    from llmxray.workflow.reading import read_results, score_changes, scorer, verify_recording, with_analysis
    from llmxray.workflow.recording import RecordingListener, record, recording_failures
    from llmxray.workflow.recording_lock import lock_recording
    from llmxray.workflow.replaying import replay
    from llmxray.workflow.report import changed_labels, live_page, publish, report_data, verdicts
    from llmxray.workflow.rounds import progress_of
    from llmxray.workflow.starter_suites import suite_differences
    from llmxray.workflow.trials_to_record import (
        Shard,
        forecast,
        interruption_note,
        missing_branches,
        remaining_trials,
    )


__getattr__, __dir__ = lazy_names(__name__)
