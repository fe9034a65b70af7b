"""Where it is: an agent's place fields, with and without JavaScript."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from markupsafe import Markup
from sqlalchemy import select

from agents import service
from hotline.calls import service as calls
from hotline.calls.models import Call
from hotline.db import transaction
from hotline.organisations import queries as organisations
from hotline.organisations import service as lists
from hotline.organisations.models import Area
from hotline.places.models import PlaceName
from hotline.tickets.models import Ticket
from tests.agents.people import NOW, agent, sign_in_as, waiting_call


@pytest.fixture
def me(client: FlaskClient) -> int:
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "zh"
    with transaction() as session:
        staff_id = agent(session).id
        service.become_available(session, staff_id, NOW)
    sign_in_as(client, staff_id)
    return staff_id


@pytest.fixture
def school() -> tuple[str, Area]:
    """A school whose name stands nowhere else, and its village."""
    with transaction() as session:
        name, area_id = session.execute(
            select(PlaceName.name, PlaceName.area_id).where(PlaceName.kind == "school").order_by(PlaceName.id)
        ).first() or ("", 0)
        return name, session.get_one(Area, area_id)


def area(level: str, number: int = 0) -> Area:
    with transaction() as session:
        return session.scalars(select(Area).where(Area.level == level).order_by(Area.code)).all()[number]


def form_of(page: str, **values: Any) -> dict[str, Any]:
    """What the page's form would send without JavaScript."""
    key = re.search(r'name="form_key"[^>]*value="([^"]+)"', page)
    assert key
    form = {"form_key": key[1], "hotline": "12345", "kind": "complaint", "contact_wish": "none"}
    return form | {"item_code": "0801", "text": "占道经营"} | values


def selected(page: str) -> list[str]:
    """Names of the areas that are chosen, from county down."""
    return re.findall(r"<option value=\"\d+\" selected>([^<]+)</option>", page.split('id="area_id"')[1])


def test_what_an_agent_types_is_answered_with_places_of_the_city(
    client: FlaskClient, me: int, school: tuple[str, Area]
) -> None:
    name, village = school
    answer = client.get("/agent/places", query_string={"text": f"{name}门口的路灯坏了"}).text
    assert village.name in answer and name in answer
    assert int(re.findall(r"” (\d+)%", answer)[0]) > 90
    assert "data-area-id" not in client.get("/agent/places", query_string={"text": "电梯坏了"}).text


def test_a_part_of_a_name_looks_it_up(client: FlaskClient, me: int, school: tuple[str, Area]) -> None:
    answer = client.get("/agent/places", query_string={"place": school[0][:3]}).text
    assert school[0] in answer
    assert "%</span>" not in answer, "who looks a name up is not told a confidence"


def test_the_selects_follow_the_area_that_is_chosen(client: FlaskClient, me: int) -> None:
    village = area("village")
    drawn = client.get("/agent/places/areas", query_string={"area_id": village.id}).text
    assert drawn.count("selected") == 3
    assert f'value="{village.id}" selected' in drawn
    assert drawn.count("<select") == 4 and " disabled" not in drawn
    assert client.get("/agent/places/areas").text.count(" disabled") == 3


def test_without_javascript_the_form_comes_back_with_proposals_and_takes_one(
    client: FlaskClient, me: int, school: tuple[str, Area]
) -> None:
    name, village = school
    form = form_of(client.get("/agent").text, text=f"{name}门口有人占道经营")
    asked = client.post("/agent/place", data=form)
    assert asked.status_code == 200 and form["text"] in asked.text
    taking = str(Markup(re.findall(r'formaction="([^"]+take=[^"]+)"', asked.text)[0]).unescape())
    taken = client.post(taking, data=form)
    assert village.name in selected(taken.text)
    assert f'value="{name}"' in taken.text, "the words are the place"
    picked = re.findall(r'<option value="(\d+)" selected>', taken.text.split('id="area_id"')[1])
    assert client.post("/agent/tickets", data=form | {"area_id": picked, "place": name}).status_code == 303
    with transaction() as session:
        ticket = session.scalars(select(Ticket)).one()
        assert ticket.area and ticket.area.path.startswith(village.path)
        assert ticket.place == name
    page = client.get(f"/agent/tickets/{ticket.number}").text
    with transaction() as session:
        town = session.get_one(Area, village.parent_id)
        county = session.get_one(Area, town.parent_id)
        assert f"{county.name} {town.name} {village.name}" in page


def test_the_deepest_area_that_was_chosen_counts(client: FlaskClient, me: int) -> None:
    grid = area("grid")
    with transaction() as session:
        chain = [
            session.scalars(select(Area).where(Area.code == code)).one() for code in grid.path.split("/")
        ]
    other = area("county", 1)
    ids = [str(one.id) for one in chain[1:]]
    for sent, kept in (
        ([*ids[:2], "", ""], chain[2].id),
        (ids, grid.id),
        (
            [str(other.id), *ids[1:]],
            other.id,
        ),  # the county was changed: what lies below the old one falls away
        (["", "", "", ""], None),
    ):
        form = form_of(client.get("/agent").text, area_id=sent)
        assert client.post("/agent/tickets", data=form).status_code == 303
        with transaction() as session:
            newest = session.scalars(select(Ticket).order_by(Ticket.id.desc()).limit(1)).one()
        assert newest.area_id == kept


def test_what_the_caller_told_the_machine_is_proposed_as_the_place(
    client: FlaskClient, me: int, school: tuple[str, Area]
) -> None:
    name, village = school
    with transaction() as session:
        call = waiting_call(session, "call-1")
        session.get_one(Call, call.id).heard = f"{name}楼下有人摆摊"
        calls.answer(session, call, staff_id=me, system_id="leg", now=NOW)
        service.talk(session, me, call, NOW)
    page = client.get("/agent").text
    pop = page.split('id="pop"')[1].split("登记工单")[0]
    assert village.name in pop and "可能的地点" in pop
    link = str(Markup(re.findall(r'href="(/agent\?[^"]+)"', pop)[0]).unescape())
    assert parse_qs(urlsplit(link).query)["place"] == [name]
    assert village.name in selected(client.get(link).text)


@pytest.mark.parametrize(
    "asked", ["area_id=moon", "area_id=99999999999999999999999", "text=" + "长" * 3000, "place=%00"]
)
def test_a_strange_question_is_answered_with_nothing(client: FlaskClient, me: int, asked: str) -> None:
    for path in ("/agent/places", "/agent/places/areas"):
        assert client.get(f"{path}?{asked}").status_code == 200


def test_the_agent_sees_where_the_citizen_can_go_with_it(client: FlaskClient, me: int) -> None:
    """The counter that has the item on its list (B03); for 12348 the nearest legal service centre too."""
    village = area("village")
    with transaction() as session:
        town = session.get_one(Area, village.parent_id)
        lists.offer(session, town, "12345", ["0101"], seen=(), actor="staff:1", now=NOW)
        legal = organisations.handler_for(session, organisations.LEGAL_CENTRE, village.id).organisation

    def shown(**asked: str) -> str:
        return client.get("/agent/places/centres", query_string={"area_id": str(village.id)} | asked).text

    page = shown(hotline="12345", item_code="0101 行政审批")
    assert f"{town.name}服务中心" in page and legal.name not in page
    assert shown(hotline="12345", item_code="0801").strip() == ""
    page = shown(hotline="12348", item_code="L0101")
    assert legal.name in page and str(legal.phone) in page
    assert shown(hotline="12345", item_code="0101", area_id="x").strip() == ""
    assert shown(hotline="12345", item_code="0101", area_id="99999999").strip() == ""
    form = form_of(client.get("/agent").text, item_code="0101", area_id=str(village.id), place="村口")
    assert f"{town.name}服务中心" in client.post("/agent/place", data=form).text, "without JavaScript"
