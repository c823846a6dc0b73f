"""mitmproxy kept running from one proxy to the next: it takes longer to start than many a recording."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from llmxray.errors import MissingExtraError

if TYPE_CHECKING:
    from llmxray.proxy.upstream import Upstream


def start_upstream(targets: Mapping[str, str]) -> Upstream:
    """Start mitmproxy before these targets.

    Raises:
        MissingExtraError: mitmproxy is not installed.
        EndpointError, LlmxrayError: as for `Upstream`.
    """
    try:
        from llmxray.proxy.upstream import Upstream  # noqa: PLC0415  mitmproxy is an extra
    except ModuleNotFoundError as error:
        raise MissingExtraError("recording", "record") from error
    return Upstream(targets)


class SharedUpstream:
    """One mitmproxy for proxies that follow one another; it starts on first use and runs until `close`."""

    def __init__(self) -> None:
        self._upstream: Upstream | None = None
        self._targets: dict[str, str] = {}

    def running_for(self, targets: Mapping[str, str]) -> Upstream:
        """The running one, restarted if it ended or has other targets.

        Raises:
            as `start_upstream`.
        """
        if self._upstream is None or not self._upstream.is_running or self._targets != targets:
            self.close()
            self._upstream, self._targets = start_upstream(targets), dict(targets)
        return self._upstream

    def close(self) -> None:
        """Stop it, if it runs."""
        upstream, self._upstream = self._upstream, None
        if upstream is not None:
            upstream.stop()
