"""Which lawyer a waiting question goes to (M05); pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time


@dataclass(frozen=True)
class OnRota:
    """When a lawyer is on duty by the site's clock (0 is Monday), and for which categories of 12348: all, if
    none is named. `load` is how many questions they have in hand."""

    staff_id: int
    weekdays: frozenset[int]
    begins: time
    ends: time
    categories: frozenset[str] = frozenset()
    load: int = 0

    def takes(self, category: str, local: datetime) -> bool:
        there = local.weekday() in self.weekdays and self.begins <= local.time() < self.ends
        return there and (not self.categories or category in self.categories)


def whose(
    rota: Iterable[OnRota], category: str, local: datetime, *, let_go_by: int | None = None
) -> int | None:
    """Somebody on duty, never who let it go: those who are there for this category first, the least busy of
    them. None: nobody, so it stays open to all."""
    fitting = [one for one in rota if one.takes(category, local) and one.staff_id != let_go_by]
    chosen = min(fitting, key=lambda one: (not one.categories, one.load, one.staff_id), default=None)
    return chosen.staff_id if chosen else None
