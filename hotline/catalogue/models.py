"""Tables of the catalogue. A version is never edited once loaded; a code is stable across versions."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.db import Base


class CatalogueVersion(Base):
    """One loaded file. At most one version a hotline is live."""

    __tablename__ = "catalogue_version"
    __table_args__ = (
        UniqueConstraint("hotline", "sha256"),
        Index("uq_catalogue_version_live", "hotline", unique=True, postgresql_where=text("live")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    hotline: Mapped[str] = mapped_column(String(10))
    version: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(80))
    sha256: Mapped[str] = mapped_column(String(64))
    loaded_at: Mapped[datetime]
    live: Mapped[bool] = mapped_column(default=False, server_default="false")


class Category(Base):
    __tablename__ = "catalogue_category"
    __table_args__ = (UniqueConstraint("version_id", "code"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey(CatalogueVersion.id))
    code: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(100))


class Item(Base):
    """What one matter can be. `department` is the role name organisations are found by."""

    __tablename__ = "catalogue_item"
    __table_args__ = (
        UniqueConstraint("version_id", "code"),
        CheckConstraint("kind IN ('consult','help','suggestion','complaint','service')", name="kind"),
        CheckConstraint("handler IN ('department','firm','emergency','legal','mediation')", name="handler"),
        CheckConstraint("tier IN ('simple','general','complex','difficult')", name="tier"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey(CatalogueVersion.id))
    category_id: Mapped[int] = mapped_column(ForeignKey(Category.id))
    code: Mapped[str] = mapped_column(String(10), index=True)
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(150))
    kind: Mapped[str] = mapped_column(String(20))
    handler: Mapped[str] = mapped_column(String(20))
    department: Mapped[str] = mapped_column(String(60))
    tier: Mapped[str] = mapped_column(String(20))
    keywords: Mapped[list[str]] = mapped_column(JSONB)
    examples: Mapped[list[str]] = mapped_column(JSONB)
    confidential_default: Mapped[bool]
    transfer: Mapped[str | None] = mapped_column(String(10))
    statutory_limit: Mapped[str | None] = mapped_column(String(200))

    category: Mapped[Category] = relationship()
    version: Mapped[CatalogueVersion] = relationship()
