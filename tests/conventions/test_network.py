"""Tests speak to this machine only; conftest refuses anything else."""

import socket

import pytest


def test_a_connection_to_the_outside_is_refused() -> None:
    with pytest.raises(RuntimeError, match="loopback"), socket.socket() as outside:
        outside.connect(("192.0.2.1", 80))


def test_loopback_is_allowed() -> None:
    with socket.socket() as listener, socket.socket() as client:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        client.connect(listener.getsockname())
