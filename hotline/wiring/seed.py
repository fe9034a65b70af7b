"""What a new site starts from: both catalogues, generated organisations, demo staff."""

from datetime import datetime
from importlib.resources import files

from sqlalchemy.orm import Session

from hotline.catalogue import service as catalogue
from hotline.organisations import generator
from hotline.staff import service as staff

CATALOGUES = ("catalogue_12345.toml", "catalogue_12348.toml")
SEED = 12345


def seed(session: Session, *, preset: str, now: datetime) -> None:
    """Safe to run again: what is there stays."""
    load_catalogues(session, now)
    generator.make(session, preset=preset, seed=SEED, now=now)
    staff.make_demo_staff(session)


def load_catalogues(session: Session, now: datetime) -> None:
    for name in CATALOGUES:
        text = files("hotline.catalogue").joinpath("data", name).read_text(encoding="utf-8")
        catalogue.load(session, text, now)
