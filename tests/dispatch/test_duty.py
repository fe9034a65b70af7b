"""Who is on duty out of hours: the roster on the organisation's own page, and the text to whoever it is."""

import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook
from sqlalchemy import select

from dispatch import service
from dispatch.models import WorkOrder
from hotline import clock
from hotline.catalogue.models import Item
from hotline.db import transaction
from hotline.organisations import duty
from hotline.organisations.models import DutyShift, Organisation
from hotline.organisations.roster_file import RosterRefused, Shift, read
from sms.models import SmsMessage
from sms.texts import Template
from tests.dispatch.people import DISPATCHER, NOW, STREET_ITEM, open_ticket, sign_in_as, staff_of
from tests.support.people import signed_in_as
from tests.support.relay import deliver_all

ZONE = ZoneInfo("Asia/Shanghai")
NIGHT = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)  # a Tuesday, 22:00
ROSTER = "开始,结束,姓名,电话\n2026-03-03 17:30,2026-03-04 08:30,赵值班,13900139001\n"


def sent(now: datetime, item: str | None = None) -> int:
    """A work order goes out; the organisation has somebody on duty that night. Returns the organisation."""
    with transaction() as session:
        urgent = select(Item.code).where(Item.emergency_minutes.is_not(None))
        code = item or session.scalars(urgent.order_by(Item.code).limit(1)).one()
        ticket = open_ticket(session, code, now=now, contact_wish="none")
        order = service.dispatch(session, ticket, actor=DISPATCHER, now=now)
        assert order is not None
        shift = Shift(NIGHT - timedelta(hours=4), NIGHT + timedelta(hours=10), "赵值班", "139 0013 9001")
        duty.add(session, order.organisation_id, shift, actor="staff:9", now=NOW)
        over = Shift(NIGHT - timedelta(days=2), NIGHT - timedelta(days=1), "钱值班", "13900139002")
        duty.add(session, order.organisation_id, over, actor="staff:9", now=NOW)
        return order.organisation_id


def texts() -> list[tuple[str, str]]:
    deliver_all()
    with transaction() as session:
        found = session.scalars(select(SmsMessage).where(SmsMessage.template == Template.DUTY_CALLED))
        return [(text.recipient, text.text) for text in found]


def test_at_night_an_urgent_order_is_texted_to_whoever_is_on_duty(seeded: str) -> None:
    sent(NIGHT)
    ((recipient, text),) = texts()
    assert recipient == "+8613900139001"
    assert "紧急工单" in text and "占道" not in text


def test_by_day_and_for_what_can_wait_nobody_is_texted(seeded: str) -> None:
    sent(NOW)
    assert texts() == []
    sent(NIGHT, STREET_ITEM)
    assert texts() == []


@pytest.mark.parametrize(
    ("moment", "closed"),
    [
        ("2026-03-03 10:00", False),
        ("2026-03-03 13:00", True),  # lunch
        ("2026-03-03 17:30", True),
        ("2026-03-07 10:00", True),  # Saturday
        ("2026-10-01 10:00", True),  # National Day
        ("2044-03-03 10:00", True),  # no calendar yet: somebody is asked
    ],
)
def test_out_of_hours_follows_the_working_calendar(seeded: str, moment: str, closed: bool) -> None:
    assert duty.out_of_hours(datetime.fromisoformat(moment).replace(tzinfo=ZONE)) == closed


naive = datetime.fromisoformat  # a workbook knows no time zones


def workbook(*rows: list[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def test_a_roster_is_read_from_csv_and_from_a_workbook_alike() -> None:
    heading: list[object] = ["开始", "结束", "姓名", "电话"]
    night: list[object] = [naive("2026-03-03 17:30"), naive("2026-03-04 08:30"), "赵值班", 13900139001]
    from_book = read(workbook(heading, night, []), "三月.XLSX", ZONE, "CN")
    assert from_book == read(ROSTER.encode(), "roster.csv", ZONE, "CN")
    assert from_book == read(ROSTER.encode("gb18030"), "roster.csv", ZONE, "CN")
    assert from_book == [
        Shift(
            datetime(2026, 3, 3, 17, 30, tzinfo=ZONE),
            datetime(2026, 3, 4, 8, 30, tzinfo=ZONE),
            "赵值班",
            "+8613900139001",
        )
    ]


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"a,b\n", "x.csv", [(1, "columns")]),
        (b"", "x.csv", [(1, "columns")]),
        ("开始,结束,姓名,电话\n".encode(), "x.csv", [(0, "empty")]),
        (b"PK", "x.xlsx", [(0, "unreadable")]),
        (b"\xff\xff\x00", "x.csv", [(0, "unreadable")]),
        (b"x" * 1_000_001, "x.csv", [(0, "too_large")]),
        (b"from,to,name,phone\n" + b"1,2,3,4\n" * 2001, "x.csv", [(0, "too_large")]),
        (
            (
                "from,to,name,phone\n昨天,2026-03-04 08:30,赵,13900139001\n"
                "2026-03-03 17:30,2026-03-03 08:30,赵,13900139001\n"
                "2026-03-03 17:30,2026-03-04 08:30,,13900139001\n"
                "2026-03-03 17:30,2026-03-04 08:30,赵,12\n"
                "2026-03-03 17:30,2026-03-04 08:30,赵,13900139001\n"
                "2026-03-03 17:30,2026-03-04 08:30,赵,13900139001\n"
            ).encode(),
            "x.csv",
            [(2, "starts_at"), (3, "ends_at"), (4, "name"), (5, "phone"), (7, "twice")],
        ),
    ],
)
def test_every_row_at_fault_is_named(data: bytes, name: str, said: list[tuple[int, str]]) -> None:
    with pytest.raises(RosterRefused) as refused:
        read(data, name, ZONE, "CN")
    assert [(fault.row, fault.code) for fault in refused.value.faults] == said


# --- pages -----------------------------------------------------------------------------------------------


@pytest.fixture
def bureau(client: FlaskClient) -> int:
    """Its person is signed in."""
    with transaction() as session:
        wanted = select(Organisation.id).where(Organisation.role_name == "城市管理局").limit(1)
        organisation_id = session.scalars(wanted).one()
        sign_in_as(client, staff_of(session, organisation_id))
    return organisation_id


def names(organisation_id: int) -> list[str]:
    with transaction() as session:
        mine = select(DutyShift.name).where(DutyShift.organisation_id == organisation_id)
        return list(session.scalars(mine.order_by(DutyShift.id)))


def test_an_organisation_keeps_its_roster_on_its_own_page(client: FlaskClient, bureau: int) -> None:
    assert "还没有值班表" in client.get("/work/office").text
    now = clock.to_local(clock.now(), "Asia/Shanghai").replace(microsecond=0, second=0, tzinfo=None)
    shift = {
        "starts_at": f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M}",
        "ends_at": f"{now + timedelta(hours=1):%Y-%m-%dT%H:%M}",
        "person": "孙值班",
        "phone": "13900139003",
    }
    backwards = client.post("/work/office/shifts", data=shift | {"ends_at": shift["starts_at"]})
    assert backwards.status_code == 400 and "结束时间要晚于开始时间" in backwards.text
    assert client.post("/work/office/shifts", data=shift | {"phone": "12"}).status_code == 400
    assert client.post("/work/office/shifts", data=shift).status_code == 303
    twice = client.post("/work/office/shifts", data=shift)
    assert twice.status_code == 400 and "已经在值班表里" in twice.text
    page = client.get("/work/office").text
    assert "现在值班：<strong>孙值班</strong>" in page
    with transaction() as session:
        shift_id = session.scalars(select(DutyShift.id)).one()
        stranger = select(Organisation.id).where(Organisation.id != bureau).limit(1)
        sign_in_as(client, staff_of(session, session.scalars(stranger).one()))
    assert "孙值班" not in client.get("/work/office").text
    assert client.post(f"/work/office/shifts/{shift_id}/remove").status_code == 404
    with transaction() as session:
        sign_in_as(client, staff_of(session, bureau))
    assert client.post(f"/work/office/shifts/{shift_id}/remove").status_code == 303
    assert names(bureau) == []


def test_an_imported_file_replaces_the_days_it_covers_or_changes_nothing(
    client: FlaskClient, bureau: int
) -> None:
    def imported(text: str) -> int:
        file = (io.BytesIO(text.encode()), "roster.csv")
        return client.post("/work/office/roster", data={"file": file}).status_code

    assert client.post("/work/office/roster").status_code == 400
    assert imported(ROSTER) == 303
    assert imported(ROSTER.replace("03-03", "03-05").replace("03-04", "03-06").replace("赵", "钱")) == 303
    assert names(bureau) == ["赵值班", "钱值班"]
    assert imported(ROSTER.replace("赵", "孙")) == 303
    assert names(bureau) == ["钱值班", "孙值班"]
    assert imported(ROSTER + "坏的一行,,,\n") == 400
    assert names(bureau) == ["钱值班", "孙值班"]


def test_the_desk_sees_whom_to_ring(app: Flask) -> None:
    """Whatever the hour of this test: the office is closed when nobody's calendar says otherwise."""
    now = clock.now()
    organisation_id = sent(now)
    with transaction() as session:
        shift = Shift(now - timedelta(hours=1), now + timedelta(hours=1), "李值班", "13900139004")
        duty.add(session, organisation_id, shift, actor="staff:9", now=now)
        order_ticket = session.scalars(
            select(WorkOrder.ticket_id).where(WorkOrder.organisation_id == organisation_id)
        ).one()
    page = signed_in_as(app, "dispatcher").get(f"/dispatch/tickets/{order_ticket}").text
    assert ("李值班" in page) == duty.out_of_hours(now)
