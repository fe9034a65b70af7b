"""What a new site starts from: both catalogues; for a demonstration, organisations and staff too."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.catalogue import service as catalogue
from hotline.catalogue.models import CatalogueVersion
from hotline.config import settings
from hotline.organisations import generator
from hotline.places import service as places
from hotline.staff import service as staff
from hotline.staff.models import Staff

SEED = 12345


def seed(session: Session, *, preset: str, now: datetime) -> None:
    """Fills what is empty. A catalogue the site has loaded, an account it has closed, stay as they are."""
    if session.scalar(select(CatalogueVersion.id).limit(1)) is None:
        load_catalogues(session, now)
    if settings().site.demo:
        generator.make(session, preset=preset, seed=SEED, now=now)
        places.make(session, SEED, now)
        if session.scalar(select(Staff.id).limit(1)) is None:
            staff.make_demo_staff(session)


def load_catalogues(session: Session, now: datetime) -> None:
    for path in catalogue.SHIPPED:
        catalogue.load(session, path, now)
