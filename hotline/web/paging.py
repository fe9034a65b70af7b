"""Pages of a long list. Counting stops at COUNTED: a million rows cost no more than a few thousand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

COUNTED = 10_000


@dataclass(frozen=True)
class Page:
    """`rows` of page `number` (from 1); `total` is at most COUNTED."""

    rows: Sequence[Any]
    number: int
    pages: int
    total: int

    def url(self, number: int) -> str:
        """The same list with the same filter, at another page."""
        arguments = {**request.args.to_dict(flat=True), **(request.view_args or {}), "page": number}
        return url_for(request.endpoint or "staff.home", **arguments)


def asked_page() -> int:
    """?page=…; anything but a positive number is the first page."""
    return max(1, request.args.get("page", 1, type=int))


def slice_of(rows: Sequence[Any], *, size: int) -> Page:
    """One page of lines that are all at hand; a number past the end gives the last page."""
    pages = max(1, -(-len(rows) // size))
    number = min(asked_page(), pages)
    return Page(rows[(number - 1) * size : number * size], number, pages, len(rows))


def page_of(session: Session, statement: Select[Any], *, size: int = 50, number: int | None = None) -> Page:
    """One page of ORM rows; a number past the end gives the last page."""
    counted = statement.order_by(None).limit(COUNTED).subquery()
    total = session.scalar(select(func.count()).select_from(counted)) or 0
    pages = max(1, -(-total // size))
    number = min(number or asked_page(), pages)
    rows = session.scalars(statement.limit(size).offset((number - 1) * size)).unique().all()
    return Page(rows, number, pages, total)
