"""Who gets a ticket, and by which principle (D01, D03); pure."""

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    SEND = "send"  # to the organisation that answers for it
    OFFER = "offer"  # to firms, one after the other
    ASK = "ask"  # a dispatcher must choose
    REVIEW = "review"  # a centre must first say where it belongs (D03)


class Principle(StrEnum):
    TERRITORIAL = "territorial"  # 属地: the county's own body
    PORTFOLIO = "portfolio"  # 分管: the city body in charge of the matter
    ROTATION = "rotation"  # firms take turns
    DISPATCHER = "dispatcher"  # a person chose
    ADJUDICATED = "adjudicated"  # the centre decided a dispute: cannot be returned (D07)
    RAISED = "raised"  # 提级: a higher level takes it (Z13)
    JOINT = "joint"  # asked to assist the lead (F01)
    HANDED_DOWN = "handed_down"  # 下派: by the office above it, which stays responsible (D04)
    DELEGATED = "delegated"  # 委托: whoever the body in charge delegated its matters to


@dataclass(frozen=True)
class Route:
    action: Action
    principle: Principle


def route(
    handler: str, *, county_known: bool, found: Principle | None, territory_undecided: bool = False
) -> Route:
    """What to do with an item whose handler is `handler`.

    `found` is the principle by which an office has the item's role at this place: territory before portfolio
    (D03); None when nobody has it. Emergency, legal and mediation bodies are sent to like departments.
    A firm serves counties, so where the county is unknown nobody can be offered the job.
    """
    if territory_undecided:
        return Route(Action.REVIEW, Principle.TERRITORIAL)
    if handler == "firm":
        return Route(Action.OFFER if county_known else Action.ASK, Principle.ROTATION)
    return Route(Action.SEND, found) if found else Route(Action.ASK, Principle.DISPATCHER)
