"""A citizen writes where it is; the page asks once whether it understood the place, without JavaScript."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from hotline.db import transaction
from hotline.organisations.models import Area
from hotline.places.models import PlaceName
from hotline.tickets.models import Ticket
from tests.public.test_pages import TEXT, form, newest_ticket


@pytest.fixture
def school(seeded: str) -> tuple[str, Area]:
    """One whose name stands nowhere else, and its village."""
    with transaction() as session:
        once = select(PlaceName.name).group_by(PlaceName.name).having(func.count() == 1)
        rows = session.execute(
            select(PlaceName.name, PlaceName.area_id)
            .where(PlaceName.kind == "school", PlaceName.name.in_(once))
            .order_by(PlaceName.id)
        )
        name, area_id = rows.first() or ("", 0)
        return name, session.get_one(Area, area_id)


def offered(page: str) -> dict[int, bool]:
    """Area -> chosen, as the radios have it."""
    inputs = re.findall(r'<input[^>]*name="here"[^>]*>', page)
    return {int(re.findall(r'value="(\d+)"', one)[0]): "checked" in one for one in inputs}


def seen(**changes: str) -> dict[str, str]:
    """As the page sends it: with the hidden fields it has."""
    return form(**{"asked": "", "told": ""} | changes)


def test_the_place_in_the_words_is_confirmed_once(client: FlaskClient, school: tuple[str, Area]) -> None:
    name, village = school
    asked = client.post("/p/new", data=seen(text=f"{name}{TEXT}", place=""))
    assert asked.status_code == 400 and "还没有保存" in asked.text
    places = offered(asked.text)
    assert 0 in places
    (first,) = (area for area, chosen in places.items() if chosen)
    again = seen(text=f"{name}{TEXT}", place="", asked="1", here=str(first))
    assert client.post("/p/new", data=again).status_code == 303
    area = newest_ticket().area_id
    with transaction() as session:
        assert session.get_one(Area, area).path.startswith(village.path)


def test_who_says_none_of_these_is_believed(client: FlaskClient, school: tuple[str, Area]) -> None:
    sent = client.post("/p/new", data=seen(text=f"{school[0]}{TEXT}", place="", asked="1", here="0"))
    assert sent.status_code == 303
    assert newest_ticket().area_id is None


def test_an_area_that_was_not_offered_is_not_taken(client: FlaskClient, school: tuple[str, Area]) -> None:
    with transaction() as session:
        other = session.scalars(
            select(Area).where(Area.level == "grid").order_by(Area.id.desc()).limit(1)
        ).one()
    sent = client.post("/p/new", data=seen(place="", asked="1", here=str(other.id)))
    assert sent.status_code == 303
    assert newest_ticket().area_id is None
    assert client.post("/p/new", data=seen(place="", asked="1", here="moon")).status_code == 400


def test_a_county_that_was_chosen_is_only_made_closer(client: FlaskClient, school: tuple[str, Area]) -> None:
    name, village = school
    with transaction() as session:
        counties = session.scalars(select(Area).where(Area.level == "county").order_by(Area.code)).all()
    for county in counties:
        inside = village.path.startswith(county.path)
        sent = client.post("/p/new", data=seen(text=f"{name}{TEXT}", place="", area_id=str(county.id)))
        assert sent.status_code == (400 if inside else 303)
    assert newest_ticket().area_id in {county.id for county in counties}


def test_a_matter_without_a_place_is_not_held_up(client: FlaskClient) -> None:
    with transaction() as session:
        before = session.scalar(select(func.count()).select_from(Ticket))
    assert client.post("/p/new", data=seen(place="")).status_code == 303
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(Ticket)) == (before or 0) + 1
