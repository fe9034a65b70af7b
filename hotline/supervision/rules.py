"""The rules of supervision as two tables: what may be issued after what (PAPERS), and what so many marks
lead to (CONSEQUENCES). Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from hotline.permissions import Permission
from hotline.tickets.acts import Clock


class PaperKind(StrEnum):
    YELLOW = "yellow"
    RED = "red"
    REMIND = "remind"
    URGE = "urge"
    ORDER = "order"
    LEADER = "leader"
    REPORT = "report"
    REFERRAL = "referral"


class MarkKind(StrEnum):
    """What counts against a unit."""

    LIGHT = "light"
    RATING = "rating"


class Per(StrEnum):
    UNIT = "unit"
    PERSON = "person"
    TICKET = "ticket"


class What(StrEnum):
    """What a count leads to."""

    ACCOUNTABILITY = "accountability"
    INTERVIEW = "interview"
    BARRED = "barred"
    VETO = "veto"  # 一票否决: no count leads to it, a person says so (H06)


class MatterState(StrEnum):
    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"
    WITHDRAWN = "withdrawn"  # the count fell: it is as if it had never been


@dataclass(frozen=True)
class PaperRule:
    """`after`: all of these stand for the ticket and unit; `after_any`: one of these does. `answered`: the
    unit has to answer by a date. `once` a ticket and unit. `shown` to the unit concerned."""

    power: Permission
    after: frozenset[PaperKind] = frozenset()
    after_any: frozenset[PaperKind] = frozenset()
    answered: bool = False
    once: bool = True
    shown: bool = True


@dataclass(frozen=True)
class Consequence:
    what: What
    mark: MarkKind
    per: Per


_K, _P = PaperKind, Permission
CARDS = frozenset({_K.YELLOW, _K.RED})
LADDER = (_K.REMIND, _K.URGE, _K.ORDER, _K.LEADER, _K.REPORT)
PAPERS: dict[PaperKind, PaperRule] = {
    _K.YELLOW: PaperRule(_P.INSPECT, answered=True, once=False),
    _K.RED: PaperRule(_P.INSPECT, answered=True, once=False),
    _K.REMIND: PaperRule(_P.INSPECT, answered=True),
    _K.URGE: PaperRule(_P.INSPECT, after=frozenset({_K.REMIND}), answered=True),
    _K.ORDER: PaperRule(_P.INSPECT, after=frozenset({_K.URGE}), answered=True),
    _K.LEADER: PaperRule(_P.COORDINATE, after=frozenset({_K.ORDER}), shown=False),
    _K.REPORT: PaperRule(_P.CIRCULATE, after=frozenset({_K.LEADER})),
    # after card and order without result; nobody of the unit sees it (H04)
    _K.REFERRAL: PaperRule(
        _P.HOLD_TO_ACCOUNT, after=frozenset({_K.ORDER}), after_any=CARDS, shown=False
    ),
}  # fmt: skip
CONSEQUENCES = (
    Consequence(What.ACCOUNTABILITY, MarkKind.LIGHT, Per.UNIT),
    Consequence(What.INTERVIEW, MarkKind.RATING, Per.UNIT),
    Consequence(What.INTERVIEW, MarkKind.RATING, Per.PERSON),
    Consequence(What.BARRED, MarkKind.RATING, Per.UNIT),
    Consequence(What.BARRED, MarkKind.RATING, Per.PERSON),
)

STANDING = frozenset({What.BARRED, What.VETO})  # these wait for nobody
SHOWN = frozenset(kind for kind, rule in PAPERS.items() if rule.shown)
# Until somebody is sent it is the hotline that is late; a lapsed right of the unit's is no fault of its.
OF_THE_UNIT = frozenset(Clock) - {Clock.EMERGENCY_DISPATCH, Clock.CLAIM, Clock.RETURN_WINDOW}
CORRECTIONS = ("invalid", "withdrawn", "duplicate", "wrong_unit", "not_about_handling")


def missing(kind: PaperKind, issued: Collection[str]) -> frozenset[PaperKind]:
    """The papers that have to go before; empty: it may be issued. `issued` are those of ticket and unit."""
    rule = PAPERS[kind]
    before = rule.after - set(issued)
    return before | (rule.after_any if rule.after_any.isdisjoint(issued) else frozenset())


def next_rung(issued: Collection[str]) -> PaperKind | None:
    """The lowest step of the ladder that was not taken."""
    return next((rung for rung in LADDER if rung not in issued), None)


def escalated(kind: str, issued: Collection[str]) -> PaperKind | None:
    """One rung up from a paper that was not answered."""
    first_card = kind == PaperKind.YELLOW and PaperKind.RED not in issued
    return PaperKind.RED if first_card else next_rung(issued)


def verdict(count: int, at: int, *, stands: bool) -> MatterState | None:
    """A count against what stands: open it, withdraw it, or leave it (None). The third is included (X5)."""
    if count >= at:
        return None if stands else MatterState.OPEN
    return MatterState.WITHDRAWN if stands else None
