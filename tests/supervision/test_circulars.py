"""Circulars: figures put down by one person, published by another, read by everybody (E04, H08, H09)."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select

from hotline import clock
from hotline.db import transaction
from hotline.errors import InvalidInput, NotAllowed, TransitionRefused
from hotline.organisations.models import Organisation
from hotline.reports.queries import Period, report
from hotline.staff.models import Staff
from hotline.supervision import circulars, targets
from hotline.supervision.models import Matter, Target
from hotline.surveys.grades import Satisfaction
from tests.conventions.test_pages_are_sound import Page
from tests.dispatch.people import NOW
from tests.supervision.people import DAY, officer, rated
from tests.support.people import signed_in_as, staff_with

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31), ZoneInfo("Asia/Shanghai"))
LATER = NOW + timedelta(days=40)


def drawn_up(note: str = "") -> int:
    with transaction() as session:
        return circulars.draw_up(session, MARCH, note=note, staff=officer(session), now=LATER).id


def test_every_unit_under_supervision_stands_in_it_with_the_figures_of_the_report(seeded: str) -> None:
    with transaction() as session:
        unit_id = rated(session, Satisfaction.SATISFIED).organisation_id
        session.get_one(Organisation, unit_id).supervised = True
    made = drawn_up()
    with transaction() as session:
        lines = circulars.one(session, made).lines
        assert len(lines) == session.scalar(select(func.count()).where(Organisation.supervised)) > 60
        told = {line["name"]: line["figures"] for line in lines}
        unit = session.get_one(Organisation, unit_id)
        of_unit = [
            one for one in report(session, MARCH, LATER, by="organisation_id") if one.group == str(unit_id)
        ]
        reported = {
            one.figure.name: str(one.value) for one in of_unit if one.figure.name in circulars.FIGURES
        }
        assert told[unit.name] == reported
        assert reported["tickets_accepted"] == "1" and reported["satisfied_rate"] == "100.00"


def test_a_circular_needs_a_second_person_and_is_published_once(seeded: str) -> None:
    made = drawn_up()
    with transaction() as session:
        assert circulars.newest_published(session) is None
        with pytest.raises(NotAllowed):
            circulars.publish(session, made, staff=officer(session), now=LATER)
    manager = staff_with("manager").id
    with transaction() as session:
        circulars.publish(session, made, staff=session.get_one(Staff, manager), now=LATER)
    with pytest.raises(TransitionRefused), transaction() as session:
        circulars.publish(session, made, staff=session.get_one(Staff, manager), now=LATER)


def test_what_is_not_over_and_what_may_be_a_number_is_refused(seeded: str) -> None:
    with pytest.raises(InvalidInput, match="note"):
        drawn_up("请拨打 138 0013 8000 核实")
    with pytest.raises(InvalidInput, match="to"), transaction() as session:
        circulars.draw_up(session, MARCH, note="", staff=officer(session), now=NOW)


def test_supervisor_and_manager_publish_it_and_everybody_reads_it(app: Flask) -> None:
    supervisor, manager, citizen = (
        signed_in_as(app, "supervisor"),
        signed_in_as(app, "manager"),
        app.test_client(),
    )
    yesterday = clock.to_local(clock.now(), "Asia/Shanghai").date() - timedelta(days=1)
    period = {
        "first": yesterday.replace(day=1).isoformat(),
        "last": yesterday.isoformat(),
        "note": "上月情况",
    }
    assert "还没有发布过通报" in citizen.get("/p/scoreboard").text
    assert manager.post("/manage/circulars", data=period).status_code == 403
    for wrong in ({"last": "2099-01-01"}, {"first": "2099-01-01"}, {"note": "联系13800138000"}):
        assert supervisor.post("/manage/circulars", data=period | wrong).status_code == 400
    page = supervisor.post("/manage/circulars", data=period).headers["Location"]
    assert supervisor.post(f"{page}/publish").status_code == 403
    assert "还没有发布过通报" in citizen.get("/p/scoreboard").text
    assert "审核发布" in manager.get(page).text
    assert manager.post(f"{page}/publish").status_code == 303
    shown = citizen.get("/p/scoreboard")
    assert shown.status_code == 200 and "上月情况" in shown.text and "审核发布" not in shown.text
    with transaction() as session:
        names = session.scalars(select(Organisation.name).where(Organisation.supervised)).all()
    assert [name for name in names if name not in shown.text] == []
    for language in ("zh", "en"):
        manager.set_cookie("language", language)
        for path in ("/manage/circulars", page, "/p/scoreboard"):
            assert Page(manager.get(path).text).complaints() == [], path


def test_a_veto_makes_nothing_of_the_year_whatever_the_figures_until_it_is_lifted(app: Flask) -> None:
    supervisor, now = signed_in_as(app, "supervisor"), clock.now()
    year = clock.to_local(now, "Asia/Shanghai").year
    with transaction() as session:
        unit_id = rated(session, Satisfaction.SATISFIED, now - DAY).organisation_id
        promise = Target(year=year, organisation_id=unit_id, figure="satisfied_rate", percent=50)
        session.add(promise)
    home = "/manage/supervision"
    assert signed_in_as(app, "administrator").post(f"{home}/units/{unit_id}/veto").status_code == 403
    reason = {"reason": "处置不力引发群体事件"}
    assert met(year) is True
    for _twice in range(2):
        assert supervisor.post(f"{home}/units/{unit_id}/veto", data=reason).status_code == 303
    assert met(year) is False
    with transaction() as session:
        matter = session.scalars(select(Matter).where(Matter.what == "veto")).one()
    assert reason["reason"] in supervisor.get(f"{home}/units/{unit_id}").text
    for page in ("/units", "/targets"):
        assert "一票否决</span>" in supervisor.get(home + page).text
    assert "veto" not in supervisor.get(home).text, "it waits for nobody"
    supervisor.post(f"{home}/tasks/{matter.id}/end", data={"note": "复核后认定不实"})
    assert met(year) is True
    with transaction() as session:
        kept = session.get_one(Matter, matter.id).note or ""
        assert reason["reason"] in kept and "复核后认定不实" in kept


def met(year: int) -> bool | None:
    with transaction() as session:
        units = session.scalars(targets.promising(year)).all()
        return targets.held(session, year, clock.now(), units)[0].met("satisfied_rate")


def test_a_unit_is_put_on_the_scoreboard_and_taken_off_it(app: Flask) -> None:
    supervisor, manager = signed_in_as(app, "supervisor"), signed_in_as(app, "manager")
    with transaction() as session:
        unit = session.scalars(select(Organisation).where(~Organisation.supervised).limit(1)).one()
    page = f"/manage/supervision/units/{unit.id}"
    assert manager.post(f"{page}/watch", data={"supervised": "yes"}).status_code == 403
    for answer, badge, stands in (("yes", "移出社会监督", 1), ("no", "未列入社会监督", 0)):
        assert supervisor.post(f"{page}/watch", data={"supervised": answer}).status_code == 303
        assert badge in supervisor.get(page).text
        with transaction() as session:
            lines = circulars.one(session, drawn_up()).lines
            assert sum(line["code"] == unit.code for line in lines) == stands
