"""The embedded models: tiny real language models on llama.cpp, for recording on any laptop.

They run in a process of their own, so that stopping one frees its memory and a crash takes nothing along.
Only this room imports xllamacpp.
"""

from llmxray.local.download import FetchProgress, fetch
from llmxray.local.models import MODELS, LocalModel, find
from llmxray.local.process import LocalServer

__all__ = ["MODELS", "FetchProgress", "LocalModel", "LocalServer", "fetch", "find"]
