"""Real accounts: made by a command, with a role that fits; a real site starts without any."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from hotline import clock
from hotline.catalogue import service as catalogue
from hotline.catalogue.models import CatalogueVersion
from hotline.db import transaction
from hotline.errors import InvalidInput
from hotline.organisations.models import Organisation
from hotline.staff import service
from hotline.staff.models import Staff
from hotline.wiring.seed import seed
from tests.conftest import Servers, sections
from tests.support.instance import configured


def test_a_new_account_can_sign_in(database: str) -> None:
    with transaction() as session:
        service.add(session, username="li", name="李", role="agent", password="a long password")
        assert service.sign_in(session, "li", "a long password", clock.now())


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"role": "emperor"}, "role"),
        ({"password": "short"}, "password"),
        ({"role": "organisation"}, "organisation"),
        ({"organisation_code": "X"}, "organisation"),
        ({"username": "taken"}, "username"),
    ],
)
def test_an_account_that_does_not_fit_is_refused_by_field(
    database: str, wrong: dict[str, str], field: str
) -> None:
    fitting = {"username": "wang", "name": "王", "role": "agent", "password": "a long password"}
    with transaction() as session:
        service.add(session, **{**fitting, "username": "taken"})
        with pytest.raises(InvalidInput) as refused:
            service.add(session, **{**fitting, **wrong})
    assert refused.value.field == field


def test_a_real_city_starts_without_demonstration_accounts(
    servers: Servers, database: str, tmp_path: Path
) -> None:
    wanted = sections(servers, database)
    wanted["site"]["demo"] = False
    with configured(tmp_path / "real.toml", wanted), transaction() as session:
        seed(session, preset="small", now=clock.now())
        assert session.scalar(select(func.count()).select_from(Staff)) == 0
        assert session.scalar(select(func.count()).select_from(Organisation)) == 0
        assert session.scalar(select(func.count()).select_from(CatalogueVersion)) == 2


def test_starting_again_keeps_the_sites_own_catalogue_and_its_closed_accounts(seeded: str) -> None:
    own = catalogue.SHIPPED[0].read_text(encoding="utf-8").replace("0.1-draft", "our-own")
    with transaction() as session:
        catalogue.load(session, own, clock.now())
        session.delete(session.scalars(select(Staff).where(Staff.username == "manager")).one())
    with transaction() as session:
        seed(session, preset="small", now=clock.now())
        live = session.scalars(select(CatalogueVersion.version).where(CatalogueVersion.live)).all()
        assert "our-own" in live
        assert not session.scalar(select(Staff.id).where(Staff.username == "manager"))
