"""Certificates for one run alone, so that only its processes can reach its scheduler and its workers."""

from __future__ import annotations

import ssl
from typing import Any

from distributed import Security


class RunCertificates(Security):
    """Dask's security with a key for this run alone; a connection may end without TLS's closing message.

    Dask's processes close a connection without that message. From OpenSSL 3.4 on, Python's ``ssl`` keeps the error of
    such an end for the thread's next read on any connection (python/cpython#148594), so that a worker or the scheduler
    seems to be gone. If the message is not required, there is no such error. A message that is cut off is still
    noticed, because Dask sends the length of each.
    """

    def _get_tls_context(self, tls: Any, purpose: Any) -> ssl.SSLContext | None:
        # Dask makes every context here, for servers and clients.
        context: ssl.SSLContext | None = super()._get_tls_context(tls, purpose)  # type: ignore[no-untyped-call]
        if context is not None:
            # OpenSSL 1 has no such option and does not need it.
            context.options |= getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
        return context
