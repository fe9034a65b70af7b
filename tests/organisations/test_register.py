"""The register of firms: what is kept about each one, what bars it, and the trail of every change."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from hotline.db import transaction
from hotline.errors import InvalidInput, NotFound
from hotline.organisations import credit_code, directory, queries, register, service
from hotline.organisations.models import Organisation
from hotline.organisations.register import Price
from hotline.organisations.standing import Standing, standing_of

pytestmark = pytest.mark.usefixtures("seeded")
NOW = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
TODAY = date(2026, 3, 3)
WHO = {"actor": "staff:6", "now": NOW}


def a_firm(session: Session) -> Organisation:
    county = queries.areas(session, "county")[0]
    return queries.eligible_firms(session, "管道疏通企业", county.id, NOW)[0]


def change(session: Session, firm: Organisation, **fields: Any) -> None:
    register.change(session, firm.id, replace(register.entry_of(session, firm), **fields), **WHO)


def changes(session: Session, firm: Organisation) -> list[dict[str, list[str]]]:
    return [event.data["changes"] for event in session.scalars(directory.history(firm.id))]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"licence_until": TODAY}, Standing.GOOD),
        ({"licence_until": TODAY - timedelta(days=1)}, Standing.LICENCE_EXPIRED),
        ({"licensed": False}, Standing.UNLICENSED),
        ({"review_due": TODAY}, Standing.GOOD),
        ({"review_due": TODAY - timedelta(days=1)}, Standing.REVIEW_OVERDUE),
        ({"review_due": TODAY + timedelta(days=300), "review_passed": False}, Standing.REVIEW_FAILED),
        ({"suspended": True}, Standing.SUSPENDED),
        ({"suspended": True, "suspended_from": NOW + timedelta(days=1)}, Standing.GOOD),
        ({"suspended": True, "suspended_until": NOW}, Standing.GOOD),
        ({"suspended": True, "suspended_until": NOW + timedelta(days=1)}, Standing.SUSPENDED),
    ],
)
def test_what_bars_a_firm_bars_it_everywhere(fields: dict[str, Any], expected: Standing) -> None:
    with transaction() as session:
        firm = a_firm(session)
        for name, value in fields.items():
            setattr(firm, name, value)
        session.flush()
        assert standing_of(session, firm.id, NOW) == expected
        area = queries.areas(session, "county")[0].id
        offered = queries.eligible_firms(session, firm.role_name, area, NOW)
        assert (firm in offered) == (expected == Standing.GOOD)
        barred = directory.search(firm.name, "", None, directory.BARRED, NOW)
        assert (session.scalars(barred).first() is None) == (expected == Standing.GOOD)


def test_a_change_is_on_record_with_old_and_new_and_no_change_is_none() -> None:
    with transaction() as session:
        firm = a_firm(session)
        change(session, firm)
        change(
            session, firm, hours="08:00-18:30", closed_on="2026-10-01", open_days=(1, 2), licence_until=TODAY
        )
        change(session, firm, licence_number=None, licence_until=None)
        assert [set(one) for one in changes(session, firm)] == [
            {"licence_number", "licence_until"},
            {"hours", "closed_on", "open_days", "licence_until"},
        ]
        assert changes(session, firm)[1]["hours"] == ["", "08:00-18:30"]
        assert not firm.licensed


def test_a_firm_serves_the_counties_of_its_entry() -> None:
    with transaction() as session:
        firm = a_firm(session)
        second = queries.areas(session, "county")[1]
        change(session, firm, counties=(second.id,), further_roles=("备案开锁企业",))
        assert firm in queries.eligible_firms(session, "备案开锁企业", second.id, NOW)
        first = queries.areas(session, "county")[0]
        assert firm not in queries.eligible_firms(session, firm.role_name, first.id, NOW)
        assert firm.area_id == second.id


def test_a_new_firm_is_registered_under_its_credit_code_once() -> None:
    with transaction() as session:
        code = credit_code.make("990101", "MA999999")
        new = replace(register.entry_of(session, a_firm(session)), credit_code=code, name="新来疏通有限公司")
        firm = register.add(session, new, **WHO)
        assert standing_of(session, firm.id, NOW) == Standing.GOOD
        assert changes(session, firm) == [{"added": ["", "新来疏通有限公司"]}]
        with pytest.raises(InvalidInput, match="already"):
            register.add(session, new, **WHO)
        with pytest.raises(InvalidInput, match="credit code"):
            register.add(session, replace(new, credit_code="12345"), **WHO)


@pytest.mark.parametrize(
    "wrong",
    [
        {"counties": ()},
        {"licence_number": None, "licence_until": TODAY},
        {"hours": "08:00"},
        {"closed_on": "soon"},
        {"open_days": ()},
    ],
)
def test_an_entry_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with transaction() as session, pytest.raises(InvalidInput):
        change(session, a_firm(session), **wrong)


def test_who_fails_the_yearly_review_is_barred_until_it_passes() -> None:
    def reviewed(session: Session, passed: bool, **more: Any) -> Standing:
        firm = a_firm(session)
        terms = {"note": "现场检查", "next_due": date(2027, 3, 1)} | more
        register.review(session, firm.id, passed=passed, **terms, **WHO)
        session.flush()
        standing = standing_of(session, firm.id, NOW)
        firm.review_passed = None
        session.flush()
        return standing

    with transaction() as session:
        assert reviewed(session, False) == Standing.REVIEW_FAILED
        assert reviewed(session, True) == Standing.GOOD
        for wrong in ({"note": " "}, {"next_due": TODAY}):
            with pytest.raises(InvalidInput):
                reviewed(session, True, **wrong)
        kinds = [event.data["passed"] for event in session.scalars(directory.history(a_firm(session).id))]
        assert kinds == [True, False]


def test_a_suspension_has_days_a_reason_and_somebody_who_ordered_it() -> None:
    until = NOW + timedelta(days=30)
    with transaction() as session:
        firm = a_firm(session)
        service.suspend(session, firm.id, reason="乱收费", until=until, **WHO)
        told = directory.suspension(session, firm.id)
        assert told is not None
        assert (told.actor, told.data["reason"], told.data["until"]) == (
            "staff:6",
            "乱收费",
            until.isoformat(),
        )
        assert standing_of(session, firm.id, until) == Standing.GOOD
        service.suspend(session, firm.id, reason="乱收费，延长", until=until + timedelta(days=5), **WHO)
        assert standing_of(session, firm.id, until) == Standing.SUSPENDED
        service.unsuspend(session, firm.id, reason="已整改", **WHO)
        assert standing_of(session, firm.id, NOW) == Standing.GOOD
        with pytest.raises(InvalidInput):
            service.suspend(session, firm.id, reason="倒着写", until=NOW, **WHO)


def test_a_price_list_has_one_line_for_each_work_of_the_firms_classes() -> None:
    unblock = Price("管道疏通企业", "疏通马桶", Decimal(30), Decimal(80), "次", "不含材料")
    with transaction() as session:
        firm = a_firm(session)
        for line in register.prices(session, firm.id):
            register.unprice(session, firm.id, line.id, **WHO)
        for price in (unblock, unblock, replace(unblock, unit_price=Decimal(90))):
            register.price(session, firm.id, price, **WHO)
        (line,) = register.prices(session, firm.id, firm.role_name)
        assert (line.unit_price, line.call_out_fee) == (Decimal(90), Decimal(30))
        assert register.prices(session, firm.id, "备案开锁企业") == []
        assert len(changes(session, firm)) == 3
        with pytest.raises(InvalidInput):
            register.price(session, firm.id, replace(unblock, role_name="备案开锁企业"), **WHO)
        with pytest.raises(NotFound):
            register.unprice(session, firm.id, 10**9, **WHO)


def test_a_department_is_no_firm() -> None:
    with transaction() as session:
        office = queries.handler_for(session, "城市管理局", None).organisation
        with pytest.raises(NotFound):
            register.firm(session, office.id)


def test_firms_are_found_by_class_county_and_what_is_due() -> None:
    with transaction() as session:
        firm = a_firm(session)
        county = queries.areas(session, "county")[0].id
        firm.licence_until = TODAY + timedelta(days=20)
        firm.review_due = TODAY + timedelta(days=40)
        session.flush()

        def found(words: str, role: str, county_id: int | None, state: str) -> bool:
            return firm in session.scalars(directory.search(words, role, county_id, state, NOW)).all()

        assert found(firm.name[2:5], firm.role_name, county, "")
        assert found(firm.code, "", None, directory.LICENCE_DUE)
        assert not found("", "", None, directory.REVIEW_DUE)
        assert not found("", "备案开锁企业", None, "")
        assert not found("没有这个名字", "", None, "")
        assert firm.role_name in directory.classes(session)
