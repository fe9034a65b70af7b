"""The web process: gunicorn with threads, the application loaded in each worker."""

import socket
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from hotline.catalogue import alarms
from hotline.config import settings
from hotline.log_setup import set_up_logging
from hotline.wiring.app import create_app

# How long a connection may stay silent before the kernel gives it up, or to a thread.
SILENT_SECONDS = 30


class WebServer(BaseApplication):  # type: ignore[misc]
    """gunicorn configured from our settings instead of its own file."""

    def load_config(self) -> None:
        web = settings().web
        options: dict[str, Any] = {
            "bind": f"{web.host}:{web.port}",
            "workers": web.workers,
            "worker_class": "gthread",
            "threads": web.threads,
            "keepalive": 30,
            "timeout": 60,
            "graceful_timeout": 10,
            "proc_name": "hotline-web",
            "control_socket_disable": True,
            "when_ready": _wait_for_requests,
        }
        for name, value in options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        set_up_logging()
        return create_app()


def _wait_for_requests(arbiter: Any) -> None:
    """The kernel hands a connection over once its request has begun: gunicorn lets a thread wait for five
    seconds on every new connection, and browsers open some ahead of need.
    """
    for listener in arbiter.LISTENERS:
        listener.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, SILENT_SECONDS)


def run() -> None:
    alarms.listener()  # nobody in danger waits until it is read
    WebServer().run()
