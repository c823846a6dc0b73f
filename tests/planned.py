"""Plans of experiments that are written down in a test."""

import json
from dataclasses import replace
from pathlib import Path

from llmxray import plan as plans
from llmxray import suites
from llmxray.cassette.store import Frozen
from llmxray.experiment import Experiment, parse
from llmxray.plan import Plan
from llmxray.suites import Suite

TEXT = """experiment: e
kind: benchmark
endpoints: {tiny: {preset: local}}
models: [{id: m, endpoint: tiny, model: m}]
suites: [{suite: starter/arc, limit: 3}]
"""
WEIGHED = TEXT.replace("model: m}", "model: m, answer: likelihood}")


def built(text: str | Experiment, *pools: Suite, folder: Path = Path()) -> Plan:
    """The plan of an experiment's text, over other suites where they are given."""
    experiment = parse(text) if isinstance(text, str) else text
    return plans.build(experiment, pools or [suites.load(ref, folder) for ref in experiment.suites])


def frozen(text: str, folder: Path = Path()) -> Frozen:
    """The same as it is read from a disk."""
    today = plans.freeze(built(text, folder=folder), text)
    lines, items = json.loads(json.dumps([today.plan, today.items]))
    return replace(today, plan=tuple(lines), items=tuple(items))
