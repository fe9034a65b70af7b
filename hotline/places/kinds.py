"""The kinds of places a gazetteer holds; pure."""

from enum import StrEnum


class PlaceKind(StrEnum):
    ROAD = "road"
    CROSSING = "crossing"  # of two roads, its name is theirs with a slash: 建设路/人民路
    ESTATE = "estate"
    HAMLET = "hamlet"  # 自然村, a part of an administrative village
    SCHOOL = "school"
    HOSPITAL = "hospital"
    MARKET = "market"
    PARK = "park"
    STATION = "station"
    BUILDING = "building"
