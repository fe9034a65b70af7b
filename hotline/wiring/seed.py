"""What a new site starts from: both catalogues, generated organisations, demo staff."""

from datetime import datetime

from sqlalchemy.orm import Session

from hotline.catalogue import service as catalogue
from hotline.organisations import generator
from hotline.staff import service as staff

SEED = 12345


def seed(session: Session, *, preset: str, now: datetime) -> None:
    """Safe to run again: what is there stays."""
    load_catalogues(session, now)
    generator.make(session, preset=preset, seed=SEED, now=now)
    staff.make_demo_staff(session)


def load_catalogues(session: Session, now: datetime) -> None:
    for path in catalogue.SHIPPED:
        catalogue.load(session, path, now)
