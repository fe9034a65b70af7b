"""Tables of the catalogue. A version that was live once is never edited; a code is stable across versions."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Identity,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.catalogue.states import OPEN, VersionState
from hotline.db import Base, one_of

TIER_DAYS = '{"simple": 1, "general": 5, "complex": 15, "difficult": 20}'


class CatalogueVersion(Base):
    """One state of a hotline's catalogue. At most one is live, and at most one is being prepared.

    `sha256` is the digest of the content (`content.digest`), empty while it is a draft; `note` says why
    it was made, `released_by` published or scheduled it; `based_on_id` is what the draft was opened from.
    """

    __tablename__ = "catalogue_version"
    __table_args__ = (
        CheckConstraint(one_of("state", VersionState), name="state"),
        CheckConstraint("(state = 'scheduled') = (goes_live_at IS NOT NULL)", name="scheduled_for"),
        CheckConstraint("state = 'draft' OR sha256 <> ''", name="digest"),
        Index(
            "uq_catalogue_version_content",
            "hotline",
            "sha256",
            unique=True,
            postgresql_where=text("sha256 <> ''"),
        ),
        Index("uq_catalogue_version_live", "hotline", unique=True, postgresql_where=text("state = 'live'")),
        Index(
            "uq_catalogue_version_open",
            "hotline",
            unique=True,
            postgresql_where=text(one_of("state", OPEN)),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    hotline: Mapped[str] = mapped_column(String(10))
    version: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(80))
    sha256: Mapped[str] = mapped_column(String(64), default="", server_default="")
    state: Mapped[str] = mapped_column(String(20), default="draft", server_default="draft")
    tier_days: Mapped[dict[str, int]] = mapped_column(JSONB, server_default=text(f"'{TIER_DAYS}'"))
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(60), server_default="system:catalogue")
    note: Mapped[str] = mapped_column(String(300), default="", server_default="")
    released_by: Mapped[str | None] = mapped_column(String(60))
    goes_live_at: Mapped[datetime | None]
    based_on_id: Mapped[int | None] = mapped_column(ForeignKey("catalogue_version.id"))
    edition: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": edition}

    @hybrid_property
    def live(self) -> bool:
        return self.state == VersionState.LIVE

    @live.inplace.expression
    @classmethod
    def _live(cls) -> ColumnElement[bool]:
        return cls.state == "live"


class Publication(Base):
    """A version went live: who, when, why. One that was rolled back to has several."""

    __tablename__ = "catalogue_publication"
    __table_args__ = (CheckConstraint("way IN ('loaded','published','rolled_back')", name="way"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey(CatalogueVersion.id), index=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(60))
    way: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(300))

    version: Mapped[CatalogueVersion] = relationship()


class Category(Base):
    __tablename__ = "catalogue_category"
    __table_args__ = (UniqueConstraint("version_id", "code"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey(CatalogueVersion.id))
    code: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(100))


class Item(Base):
    """What one matter can be. `department` is the role name organisations are found by, `assisting` are the
    roles that help it; `level` is the lowest level the authority is delegated to (B04), empty: the nearest
    office. A retired item stays for the tickets filed under it and is offered to nobody. Under one whose
    handler is unsorted wait matters that fit no other, until a person says what they are (B02).
    """

    __tablename__ = "catalogue_item"
    __table_args__ = (
        UniqueConstraint("version_id", "code"),
        CheckConstraint("kind IN ('consult','help','suggestion','complaint','service')", name="kind"),
        CheckConstraint(
            "handler IN ('department','firm','emergency','legal','mediation','unsorted')", name="handler"
        ),
        CheckConstraint("tier IN ('simple','general','complex','difficult')", name="tier"),
        CheckConstraint("level IN ('city','county','town')", name="level"),
        CheckConstraint("emergency_minutes > 0", name="emergency_minutes"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey(CatalogueVersion.id))
    category_id: Mapped[int] = mapped_column(ForeignKey(Category.id))
    code: Mapped[str] = mapped_column(String(10), index=True)
    official_code: Mapped[str | None] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(150))
    kind: Mapped[str] = mapped_column(String(20))
    handler: Mapped[str] = mapped_column(String(20))
    department: Mapped[str] = mapped_column(String(60))
    assisting: Mapped[list[str]] = mapped_column(JSONB, default=list, server_default=text("'[]'"))
    level: Mapped[str | None] = mapped_column(String(10))
    tier: Mapped[str] = mapped_column(String(20))
    emergency_minutes: Mapped[int | None]
    keywords: Mapped[list[str]] = mapped_column(JSONB)
    examples: Mapped[list[str]] = mapped_column(JSONB)
    confidential_default: Mapped[bool]
    transfer: Mapped[str | None] = mapped_column(String(10))
    statutory_limit: Mapped[str | None] = mapped_column(String(200))
    closing_standard: Mapped[str | None] = mapped_column(String(300))
    evidence_characters: Mapped[int | None]
    evidence_photos: Mapped[int | None]
    retired: Mapped[bool] = mapped_column(default=False, server_default="false")
    edition: Mapped[int] = mapped_column(default=1, server_default="1")

    category: Mapped[Category] = relationship()
    version: Mapped[CatalogueVersion] = relationship()

    __mapper_args__ = {"version_id_col": edition}

    @property
    def urgent(self) -> bool:
        """It does not wait for the morning."""
        return self.handler == "emergency" or self.emergency_minutes is not None
