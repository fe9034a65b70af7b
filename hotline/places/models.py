"""The gazetteer: places by the names people use, each tied to the area it lies in."""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db import Base, one_of
from hotline.organisations.models import Area
from hotline.places.kinds import PlaceKind


class PlaceName(Base):
    """One name in one area. A road has a row for each town it crosses, with the house numbers there when
    they are known; the same name may stand in several areas. `sound` is its fuzzy pinyin ('jian se lu')."""

    __tablename__ = "place_name"
    __table_args__ = (
        UniqueConstraint("kind", "name", "area_id"),
        CheckConstraint(one_of("kind", PlaceKind), name="kind"),
        CheckConstraint(
            "(first_number IS NULL) = (last_number IS NULL) AND last_number >= first_number", name="numbers"
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(60))
    area_id: Mapped[int] = mapped_column(ForeignKey(Area.id), index=True)
    sound: Mapped[str] = mapped_column(String(400))
    first_number: Mapped[int | None]
    last_number: Mapped[int | None]
