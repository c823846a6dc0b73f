"""From the YAML file an experiment is written in to a validated, frozen ``Experiment``.

::

    text ─► yaml_loader ─► plain values + positions ─► model (pydantic) ─► Experiment
                                                         │  fields, suite, sampling, predictions, prices …
                                                         └── sentences ─► ExperimentError
                                                                file:line:column: models[1].endpoint: …

``presets`` defines presets, ``fingerprint`` tells whether an edit changes a request, ``schema`` describes the file to
editors. Everything that changes a request is in the file; this room reads that one file and never the environment, the
network or another file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmxray.lazy import lazy_names

if TYPE_CHECKING:
    from llmxray.experiment.endpoint import checked_base_url
    from llmxray.experiment.fingerprint import request_fingerprint
    from llmxray.experiment.loader import error_at, load, load_site, parse
    from llmxray.experiment.model import Experiment, Model
    from llmxray.experiment.predictions import (
        CHANCE,
        DIFFERENCES,
        EVERYWHERE,
        PERCENT,
        POSITION,
        Metric,
        Prediction,
        prediction_of,
    )
    from llmxray.experiment.prices import Price
    from llmxray.experiment.schema import SCHEMA_FILE, SCHEMA_ID, json_schema, schema_text
    from llmxray.experiment.site import SITE_FILE, Site
    from llmxray.experiment.suite import AnswerIs, Columns, Source, SuiteRef


__getattr__, __dir__ = lazy_names(__name__)
