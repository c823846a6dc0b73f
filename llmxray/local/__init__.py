"""The embedded models: tiny real language models on llama.cpp, for recording on any laptop.

They run in a process of their own, so that stopping one frees its memory and a crash ends nothing else. Only this room
imports xllamacpp.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmxray.lazy import lazy_names

if TYPE_CHECKING:
    from llmxray.local.download import fetch
    from llmxray.local.models import MODELS, LocalModel, find
    from llmxray.local.process import LocalServer


__getattr__, __dir__ = lazy_names(__name__)
