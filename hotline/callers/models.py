"""Tables of callers. The only table, beside sms, that holds raw numbers."""

from datetime import datetime

from sqlalchemy import BigInteger, Identity, String
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db import Base


class Caller(Base):
    __tablename__ = "caller"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str | None] = mapped_column(String(80))
    language: Mapped[str] = mapped_column(String(2), default="zh", server_default="zh")
    created_at: Mapped[datetime]
