"""Citizens and agents at simulated telephones, Hotline behind them over real HTTP."""

from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from hotline.calls.models import Call, Recording
from hotline.config import settings
from hotline.db import transaction
from hotline.errors import HotlineError, ProviderError
from hotline.event_log import Event
from hotline.telephony.ports import telephony
from hotline.telephony.simulated.handset import SimulatedHandset
from ivr import jobs, prompts
from tests.conftest import Servers, sections
from tests.support.switch import SimulatedSite, simulated_site
from tests.support.waiting import eventually

CITIZEN = "+8613800138000"


def says(key: str) -> str:
    return prompts.spoken(key, "zh")


def the_call() -> Call | None:
    with transaction() as session:
        return session.scalars(select(Call).order_by(Call.id.desc())).first()


def call_that_is(state: str) -> Call:
    def check() -> Call | None:
        call = the_call()
        return call if call and call.state == state else None

    return eventually(check)


def waiting_citizen(site: SimulatedSite) -> tuple[SimulatedHandset, Call]:
    citizen = site.citizen()
    citizen.dial("12345")
    citizen.press("0#")
    return citizen, call_that_is("queued")


def test_a_citizen_hears_the_greeting_presses_an_item_and_waits(site: SimulatedSite) -> None:
    citizen = site.citizen()
    citizen.dial("12345")
    citizen.wait_to_hear(says("greeting_12345"))
    citizen.press("0801")
    citizen.wait_to_hear(says("item_understood"))
    citizen.wait_to_hear(says("queue_position_1"))
    call = call_that_is("queued")
    assert (call.item_code, call.system) == ("0801", "simulated")
    assert telephony().waiting("hotline_12345") == (call.system_id,)


def test_a_citizen_says_what_it_is_about(site: SimulatedSite) -> None:
    citizen = site.citizen()
    citizen.dial("12345")
    citizen.say_to_line("楼下饭店油烟太大，一直往我家里灌")
    citizen.wait_to_hear(says("confirm_item"))
    citizen.press("1")
    citizen.wait_to_hear(says("item_understood"))
    call = call_that_is("queued")
    assert (call.heard, call.understood_by) == ("楼下饭店油烟太大，一直往我家里灌", "confirmed")


def test_a_silent_citizen_reaches_the_queue(site: SimulatedSite) -> None:
    citizen = site.citizen()
    citizen.dial("12348")
    citizen.wait_to_hear(says("transfer_to_agent"))
    assert call_that_is("queued").queue == "hotline_12348"


def test_agent_and_citizen_talk_and_the_talk_is_kept(site: SimulatedSite) -> None:
    citizen, call = waiting_citizen(site)
    agent = site.agent()
    telephony().ring_agent(call.system_id, "1001")
    agent.answer()
    agent.wait_to_hear(says("agent_whisper"))
    call_that_is("answered")
    agent.say("您好，请讲")
    citizen.wait_to_hear("您好，请讲")
    citizen.say("我家门口的路灯坏了")
    agent.wait_to_hear("我家门口的路灯坏了")
    citizen.hang_up()
    agent.wait_for("idle")
    assert call_that_is("ended").end_reason == "answered"
    recording = kept_recording()
    sound = (settings().telephony.recordings_dir / recording.path).read_bytes()
    assert sound.startswith(b"RIFF")
    assert b"Simulated" in sound


def kept_recording() -> Recording:
    def fetch() -> Recording | None:
        jobs.fetch_recordings()
        with transaction() as session:
            return session.scalars(select(Recording)).first()

    return eventually(fetch)


def test_an_agent_who_hangs_up_ends_the_call(site: SimulatedSite) -> None:
    citizen, call = waiting_citizen(site)
    agent = site.agent()
    telephony().ring_agent(call.system_id, "1001")
    agent.answer()
    call_that_is("answered")
    agent.hang_up()
    citizen.wait_for("idle")
    assert call_that_is("ended").end_reason == "answered"


def test_an_agents_line_never_shows_a_citizens_number(site: SimulatedSite) -> None:
    _, call = waiting_citizen(site)
    agent = site.agent()
    telephony().ring_agent(call.system_id, "1001")
    agent.wait_for("ringing")
    assert CITIZEN[-4:] not in str(agent.look()["peer"])


@pytest.mark.parametrize("refuses", [True, False])
def test_after_an_agent_who_does_not_answer_the_citizen_waits_on(site: SimulatedSite, refuses: bool) -> None:
    citizen, call = waiting_citizen(site)
    agent = site.agent()
    telephony().ring_agent(call.system_id, "1001")
    agent.wait_for("ringing")
    if refuses:
        agent.hang_up()
    agent.wait_for("idle")
    eventually(lambda: "agent_missed_ring" in facts(call))
    eventually(lambda: telephony().waiting("hotline_12345") == (call.system_id,))
    assert citizen.state == "in_call"
    assert call_that_is("queued").queued_at == call.queued_at


def facts(call: Call) -> list[str]:
    with transaction() as session:
        return list(session.scalars(select(Event.kind).where(Event.call_id == call.id).order_by(Event.id)))


def test_a_citizen_who_hangs_up_while_the_agent_rings_has_abandoned(site: SimulatedSite) -> None:
    citizen, call = waiting_citizen(site)
    agent = site.agent()
    telephony().ring_agent(call.system_id, "1001")
    agent.wait_for("ringing")
    citizen.hang_up()
    agent.wait_for("idle")
    assert call_that_is("ended").end_reason == "abandoned_queue"
    assert "agent_missed_ring" not in facts(call)


def test_a_citizen_who_hangs_up_in_the_queue_is_out_of_it(site: SimulatedSite) -> None:
    citizen, _ = waiting_citizen(site)
    citizen.hang_up()
    assert call_that_is("ended").end_reason == "abandoned_queue"
    assert telephony().waiting("hotline_12345") == ()


def test_hotline_can_end_a_call(site: SimulatedSite) -> None:
    citizen, call = waiting_citizen(site)
    telephony().hang_up(call.system_id)
    citizen.wait_for("idle")
    call_that_is("ended")
    telephony().hang_up(call.system_id)


def test_an_agent_cannot_be_rung_for_a_caller_who_is_gone(site: SimulatedSite) -> None:
    citizen, call = waiting_citizen(site)
    citizen.hang_up()
    call_that_is("ended")
    with pytest.raises(ProviderError) as refused:
        telephony().ring_agent(call.system_id, "1001")
    assert refused.value.permanent


def test_an_unknown_number_is_refused(site: SimulatedSite) -> None:
    citizen = site.citizen()
    citizen.dial("99999")
    citizen.wait_for("idle")
    assert the_call() is None


def test_a_telephone_in_a_call_cannot_dial_another(site: SimulatedSite) -> None:
    citizen, _ = waiting_citizen(site)
    with pytest.raises(HotlineError, match="409"):
        citizen.dial("12345")


@pytest.mark.parametrize(
    ("deed", "wishes"),
    [("dial", {"number": "abc"}), ("dial", {}), ("press", {"keys": "x"}), ("speak", {"text": " "})],
)
def test_nonsense_is_refused_with_what_to_mend(
    site: SimulatedSite, deed: str, wishes: dict[str, str]
) -> None:
    answer = requests.post(f"{site.switch_url}/phone/api/handsets/13800138000/{deed}", json=wishes, timeout=5)
    assert answer.status_code == 400
    assert ": " in answer.json()["error"]


def test_a_handset_needs_a_number_that_can_exist(site: SimulatedSite) -> None:
    assert requests.get(f"{site.switch_url}/phone/api/handsets/12", timeout=5).status_code == 400


def test_the_rest_interface_wants_the_accounts_token(site: SimulatedSite) -> None:
    url = f"{site.switch_url}/2010-04-01/Accounts/{settings().twilio.account_sid}/Queues.json"
    assert requests.get(url, timeout=5).status_code == 401
    assert requests.get(url, auth=(settings().twilio.account_sid, "guess"), timeout=5).status_code == 401


def test_the_page_says_on_its_face_that_it_is_simulated(site: SimulatedSite) -> None:
    page = requests.get(f"{site.switch_url}/phone", timeout=5).text
    assert "模拟电话" in page
    assert "Simulated phone" in page
    for script in ("phone.js", "handset.js", "line.js"):
        assert requests.get(f"{site.switch_url}/phone/static/{script}", timeout=5).ok


def test_only_pages_of_this_hotline_may_use_the_handsets(site: SimulatedSite) -> None:
    url = f"{site.switch_url}/phone/api/handsets/client:1001"
    ours = requests.get(url, headers={"Origin": site.hotline_url}, timeout=5).headers
    theirs = requests.get(url, headers={"Origin": "https://elsewhere.example"}, timeout=5).headers
    assert ours["Access-Control-Allow-Origin"] == site.hotline_url
    assert "Access-Control-Allow-Origin" not in theirs


def test_a_public_address_that_leads_nowhere_yet_stops_no_call(
    servers: Servers, seeded_template: str, tmp_path: Path
) -> None:
    """Addresses are the public ones, and signed as such; the switch takes the short way to this machine."""
    name = servers.copy_of(seeded_template)
    public = {"site": {"public_url": "https://hotline.example"}}
    with simulated_site(tmp_path / "hotline.toml", sections(servers, name), **public) as site:
        _, call = waiting_citizen(site)
        agent = site.agent()
        telephony().ring_agent(call.system_id, "1001")
        agent.answer()
        agent.wait_to_hear(says("agent_whisper"))
        call_that_is("answered")
    servers.run_sql(f"DROP DATABASE {name} WITH (FORCE)")


def test_when_hotline_is_away_the_caller_is_told_and_the_call_ends(site: SimulatedSite) -> None:
    from hotline.telephony.simulated.switchboard import Switchboard

    away = "http://127.0.0.1:9"
    board = Switchboard("AC1", "token", hotline_url=away, reached_at=away, pace=0)
    handset = board.exchange.handset(CITIZEN)
    board.act(handset, "dial", {"number": "12345"})
    eventually(lambda: handset.state == "idle")
    assert "An application error has occurred" in str(handset.events)
