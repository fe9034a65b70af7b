"""Which of the offices above a place answers for a matter there (B04, D01, D03); pure."""

from collections.abc import Sequence
from typing import Literal, Protocol, TypeVar

TOWN_GOVERNMENT = "街道办事处(乡镇政府)"  # what is delegated to towns is done by the town itself
LEVELS = ("city", "county", "town", "village", "grid")


class Office(Protocol):
    @property
    def role_name(self) -> str: ...
    @property
    def level(self) -> str: ...


Found = TypeVar("Found", bound=Office)


def nearest(
    offices: Sequence[Found], role_name: str, level: str | None = None, *, town_takes_it: bool = False
) -> Found | None:
    """The office of the role with the smallest territory, not below `level` where authority ends there.

    `offices` are those on the way from the place up to the city, in the order of their ids. An item delegated
    to towns goes to the town's own government where the role has no town office; `town_takes_it`: the item
    stands on the town's list of duties, without which nothing is pushed down to it (Z11).
    """
    fitting = [office for office in offices if office.role_name == role_name and not _below(office, level)]
    found = max(fitting, key=_smallness, default=None)
    if level == "town" and town_takes_it and (found is None or _smallness(found) < LEVELS.index("town")):
        town = next((office for office in offices if _is_town_government(office)), None)
        return town or found
    return found


def principle_of(office: Office) -> Literal["territorial", "portfolio"]:
    """属地 or 分管 (D01)."""
    return "portfolio" if office.level == "city" else "territorial"


def _below(office: Office, level: str | None) -> bool:
    return level is not None and _smallness(office) > LEVELS.index(level)


def _smallness(office: Office) -> int:
    return LEVELS.index(office.level)


def _is_town_government(office: Office) -> bool:
    return office.role_name == TOWN_GOVERNMENT and office.level == "town"
