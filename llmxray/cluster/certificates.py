"""Certificates of one run's own: only its processes can reach its scheduler and its workers."""

from __future__ import annotations

import ssl
from typing import Any

from distributed import Security


class RunCertificates(Security):
    """Dask's security with a key for this run alone, on connections that end as plain ones do.

    Dask's processes close a connection without TLS's goodbye. From OpenSSL 3.4 on, Python's ``ssl`` keeps the error of
    such an end for the thread's next read, on whichever connection that is (python/cpython#148594), and so a worker or
    the scheduler seems to have gone. Where the goodbye is not asked for there is no error to keep. A message that is
    cut off is still noticed: Dask says the length of each.
    """

    def _get_tls_context(self, tls: Any, purpose: Any) -> ssl.SSLContext | None:
        # The one place where Dask makes a context, for those who listen and those who connect.
        context: ssl.SSLContext | None = super()._get_tls_context(tls, purpose)  # type: ignore[no-untyped-call]
        if context is not None:
            # OpenSSL 1 has no such option, and no need of it.
            context.options |= getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
        return context
