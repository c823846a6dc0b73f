"""The record/replay proxy of an OpenAI-compatible endpoint.

::

    client ──► proxy (aiohttp, loopback) ──► decide: Serve | Forward | Refuse
                  │ Serve: the recorded chunks, at once or in their rhythm
                  │ Forward: upstream (mitmproxy, only while recording) ──► model server
                  └► journal: every chunk with its time, how the body ended

The proxy owns identity and journal. mitmproxy stands between the proxy and the model server, in a thread of
its own, and reports each chunk as it arrives; what the client receives is what was reported, chunk by chunk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmxray.lazy import lazy_names

if TYPE_CHECKING:
    from llmxray.proxy.decide import Mode
    from llmxray.proxy.probe import probe_server
    from llmxray.proxy.server import ProxyConfig, ProxyServer


__getattr__, __dir__ = lazy_names(__name__)
