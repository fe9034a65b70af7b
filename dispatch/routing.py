"""Who gets a ticket, and by which principle (D01, D03); pure."""

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    SEND = "send"  # to the organisation that answers for it
    OFFER = "offer"  # to firms, one after the other
    ASK = "ask"  # a dispatcher must choose


class Principle(StrEnum):
    TERRITORIAL = "territorial"  # 属地: the county's own body
    PORTFOLIO = "portfolio"  # 分管: the city body in charge of the matter
    ROTATION = "rotation"  # firms take turns
    DISPATCHER = "dispatcher"  # a person chose


@dataclass(frozen=True)
class Route:
    action: Action
    principle: Principle


def route(handler: str, *, county_known: bool, level: str | None) -> Route:
    """What to do with an item whose handler is `handler` (catalogue.models.HANDLERS).

    `level` is the level of the organisation that has the item's role there, None when nobody has.
    Territory is looked at before portfolio (D03); emergency, legal and mediation bodies are sent to like
    departments. A firm serves an area, so without a county nobody can be offered the job.
    """
    if handler == "firm":
        return Route(Action.OFFER if county_known else Action.ASK, Principle.ROTATION)
    principle = Principle.TERRITORIAL if county_known and level != "city" else Principle.PORTFOLIO
    if level is None:
        return Route(Action.ASK, principle)
    return Route(Action.SEND, principle)
