"""A caller of 12348 is put through to 12345 on a real Asterisk: one call, one case, two recordings."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from agents.queries import screen_pop
from hotline.calls.models import Recording
from hotline.db import transaction
from hotline.telephony.asterisk.sipp import hang_up, keys, pause, talk
from hotline.wiring.app import create_app
from tests.conftest import Servers
from tests.support.line import Line, call_of, ended, facts_of, running_line
from tests.support.people import signed_in
from tests.support.waiting import eventually


@pytest.fixture(scope="module")
def line(servers: Servers, seeded_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    with running_line(servers, seeded_template, tmp_path_factory.mktemp("line")) as made:
        yield made


def test_an_agent_puts_the_caller_through_and_the_next_one_sees_the_case(line: Line) -> None:
    app = create_app()
    app.config["WTF_CSRF_ENABLED"] = False
    with line.agent("1001") as first:
        caller = "13700000001"
        phone = line.called("12348", talk(), *keys("0#", after=0.4), pause(25), hang_up(), caller=caller)
        eventually(lambda: line.presence(first).state == "talking")
        desk = signed_in(app, "1001")
        assert "转到 12345" in desk.get("/agent").text
        call = call_of(caller)
        assert call
        form = {"call_id": str(call.id), "note": "路灯的事"}
        with line.agent("1002") as second:
            assert desk.post("/agent/transfer", data=form).status_code == 303
            eventually(lambda: line.presence(second).state == "talking")
            assert line.presence(first).state == "wrap_up"
            with transaction() as session:
                pop = screen_pop(session, line.presence(second))
            assert pop
            assert (pop.hotline, [move.note for move in pop.moves]) == ("12345", ["路灯的事"])
            assert "转到 12348" in signed_in(app, "1002").get("/agent").text
            phone.succeeds()
            call = eventually(lambda: ended(caller))
    assert (call.end_reason, call.staff_id, call.hotline) == ("answered", second, "12348")
    assert facts_of(call).count("call_answered") == 2
    eventually(lambda: facts_of(call).count("call_recorded") == 2)
    with transaction() as session:
        paths = session.scalars(select(Recording.path).where(Recording.call_id == call.id)).all()
    assert len(set(paths)) == 2
