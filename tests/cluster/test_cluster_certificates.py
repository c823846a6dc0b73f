"""Connections of a run's own processes: who ends one leaves the others as they are."""

import pickle
import socket
import ssl

import pytest

pytest.importorskip("distributed")

from llmxray.cluster.certificates import RunCertificates


def connected(certificates: RunCertificates) -> tuple[ssl.SSLSocket, ssl.SSLSocket]:
    """A worker's end and the scheduler's, after the handshake; neither waits."""
    worker, scheduler = socket.socketpair()
    ours = certificates.get_connection_args("worker")["ssl_context"].wrap_socket(
        worker, do_handshake_on_connect=False
    )
    theirs = certificates.get_listen_args("scheduler")["ssl_context"].wrap_socket(
        scheduler, server_side=True, do_handshake_on_connect=False
    )
    ends = [ours, theirs]
    for end in ends:
        end.setblocking(False)
    shaken = set[ssl.SSLSocket]()
    while len(shaken) < len(ends):
        for end in ends:
            try:
                end.do_handshake()
                shaken.add(end)
            except ssl.SSLWantReadError:
                pass
    # Tickets for a later session, which come behind the handshake.
    with pytest.raises(ssl.SSLWantReadError):
        ours.recv(1)
    return ours, theirs


def test_the_end_of_a_connection_harms_no_other():
    """A worker that closes as Dask closes, without a goodbye, is one connection that has ended, not two."""
    # What a spawned worker gets is a copy.
    certificates = pickle.loads(pickle.dumps(RunCertificates.temporary()))
    (leaving, left), (staying, kept) = connected(certificates), connected(certificates)
    leaving.close()
    assert left.recv(10) == b""
    with pytest.raises(ssl.SSLWantReadError):
        kept.recv(10)
    for connection in (left, staying, kept):
        connection.close()
