"""Hotline's web and the simulated switch, each on a port of its own, inside the test process."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

from flask import Flask
from werkzeug.serving import make_server

from hotline.telephony import ports
from hotline.telephony.asterisk.free_ports import free_tcp_port
from hotline.telephony.simulated import switch
from hotline.telephony.simulated.handset import SimulatedHandset
from hotline.wiring.app import create_app
from tests.support.instance import configured

T = TypeVar("T")
ACCOUNT_SID, TOKEN = "AC" + "5" * 32, "a token for tests only"


@dataclass(frozen=True)
class SimulatedSite:
    hotline_url: str
    switch_url: str

    def citizen(self, number: str = "+8613800138000") -> SimulatedHandset:
        return SimulatedHandset(self.switch_url, number)

    def agent(self, extension: str = "1001") -> SimulatedHandset:
        return SimulatedHandset(self.switch_url, f"client:{extension}")


@contextmanager
def simulated_site(path: Path, sections: dict[str, Any], **chosen: dict[str, Any]) -> Iterator[SimulatedSite]:
    """`chosen` sections are laid over the usual ones, key by key."""
    web_port, switch_port = free_tcp_port(), free_tcp_port()
    site = SimulatedSite(f"http://127.0.0.1:{web_port}", f"http://127.0.0.1:{switch_port}")
    usual = sections | {
        "site": sections.get("site", {}) | {"public_url": site.hotline_url},
        "web": {"port": web_port, "simulators_port": switch_port},
        "telephony": {"system": "simulated", "recordings_dir": str(path.parent / "recordings")},
        "twilio": {"account_sid": ACCOUNT_SID, "auth_token": TOKEN, "api_base": site.switch_url},
    }
    merged = {name: usual.get(name, {}) | chosen.get(name, {}) for name in usual | chosen}
    with ExitStack() as stack:
        stack.enter_context(configured(path, merged))
        ports.telephony.cache_clear()
        stack.callback(ports.telephony.cache_clear)
        simulators = Flask("simulators")
        simulators.register_blueprint(switch.create_blueprint())
        stack.enter_context(served(simulators, switch_port))
        stack.enter_context(served(create_app(), web_port))
        yield site


@contextmanager
def served(app: Flask, port: int) -> Iterator[None]:
    """`app` on a port of this machine, as long as the block lasts."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)  # how soon it sees that it may go
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
