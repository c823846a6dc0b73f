"""Experiment + suites → Plan: every request that will be sent, with stable ids; and the plan's frozen form.

The same experiment and items give the same plan, byte for byte. Frozen into the cassette, a plan is read back
with the bodies of its requests as they were then, so later versions of the prompts cannot change a replay.

::

    Experiment + Suites ─► build ─► Plan ─► frozen.freeze ─► lines of a cassette ─► frozen.thaw ─► the same Plan
                                     ├► servers.with_findings, with_thinking: what servers say, when recording
                                     └► part.first_questions: a taste of it
    Experiment ─► statement: hypothesis and predictions of the day recording began, frozen with the plan
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmxray.lazy import lazy_names

if TYPE_CHECKING:
    from llmxray.plan.builder import build
    from llmxray.plan.forcing import FORCINGS, force_text
    from llmxray.plan.frozen import (
        freeze,
        labels_to_keep,
        plan_fingerprint,
        recorded_fingerprint,
        recorded_labels,
        source_of,
        thaw,
    )
    from llmxray.plan.model import (
        PROMPTS,
        Plan,
        PlannedSuite,
        Rounds,
        first_looks,
        first_questions,
        item_address,
        reorder_options,
        with_trials,
    )
    from llmxray.plan.plan_match import check_frozen, is_plan_of
    from llmxray.plan.rounds import freeze_rounds, rounds_of
    from llmxray.plan.servers import (
        ServerFinding,
        droppable_fields,
        forced_conditions,
        undecided_conditions,
        with_findings,
        with_thinking,
    )
    from llmxray.plan.statement import (
        Statement,
        first_recorded,
        frozen_statement,
        recorded_statement,
        statement_of,
    )


__getattr__, __dir__ = lazy_names(__name__)
