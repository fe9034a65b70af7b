"""Tables of staff: who may sign in, as what, for which organisation."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.db import Base
from hotline.organisations.models import Organisation


class Staff(Base):
    """A person who signs in. `extension` is an agent's telephone; `organisation_id` whose work they do."""

    __tablename__ = "staff"
    __table_args__ = (
        CheckConstraint(
            "role IN ('agent','dispatcher','supervisor','lawyer','manager','organisation','administrator')",
            name="role",
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    username: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    extension: Mapped[str | None] = mapped_column(String(10), unique=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey(Organisation.id))
    language: Mapped[str] = mapped_column(String(2), default="zh", server_default="zh")
    active: Mapped[bool] = mapped_column(default=True, server_default="true")
    failed_sign_ins: Mapped[int] = mapped_column(default=0, server_default="0")
    locked_until: Mapped[datetime | None]

    organisation: Mapped[Organisation | None] = relationship()
