"""Who may do what. A role is a set of permissions; a page names the one it needs."""

from enum import StrEnum


class Permission(StrEnum):
    TAKE_CALLS = "take_calls"
    OPEN_TICKET = "open_ticket"
    SEE_TICKETS = "see_tickets"  # all tickets of the hotline
    REVEAL_CONTACT = "reveal_contact"
    CALL_BACK = "call_back"
    DISPATCH = "dispatch"  # review, dispatch, close, re-open
    ADJUDICATE = "adjudicate"  # whose a ticket is that was returned again (D07)
    APPROVE_EXTENSION = "approve_extension"  # more days for an organisation
    MANAGE_FIRMS = "manage_firms"  # licences, prices, suspensions, yearly reviews
    WORK_ORDERS = "work_orders"  # one's own organisation's in-tray
    ANSWER_LEGAL = "answer_legal"  # questions left for the lawyers of 12348
    SEE_REPORTS = "see_reports"
    SUPERVISE = "supervise"
    ADMINISTER = "administer"
    # the six powers of the supervising office (H07)
    COORDINATE = "coordinate"  # 指导协调: bring a leader in
    ASSIGN = "assign"  # 交办转办: take a ticket from a unit
    INSPECT = "inspect"  # 督促检查: cards, reminders, corrected ratings
    MOBILISE = "mobilise"  # 统一调度: in an emergency send whom it takes
    CIRCULATE = "circulate"  # 情况通报
    PUBLISH = "publish"  # let everybody read what supervision circulates (H08)
    HOLD_TO_ACCOUNT = "hold_to_account"  # 责任追究建议: interviews, accountability, discipline referrals


_P = Permission
SIX_POWERS = frozenset({_P.COORDINATE, _P.ASSIGN, _P.INSPECT, _P.MOBILISE, _P.CIRCULATE, _P.HOLD_TO_ACCOUNT})
ROLES: dict[str, frozenset[Permission]] = {
    "agent": frozenset({_P.TAKE_CALLS, _P.OPEN_TICKET, _P.SEE_TICKETS, _P.REVEAL_CONTACT, _P.CALL_BACK}),
    "dispatcher": frozenset(
        {
            _P.OPEN_TICKET,
            _P.SEE_TICKETS,
            _P.DISPATCH,
            _P.APPROVE_EXTENSION,
            _P.REVEAL_CONTACT,
            _P.CALL_BACK,
        }
    ),
    "supervisor": frozenset(
        {
            _P.SEE_TICKETS,
            _P.DISPATCH,
            _P.ADJUDICATE,
            _P.APPROVE_EXTENSION,
            _P.REVEAL_CONTACT,
            _P.CALL_BACK,
            _P.ANSWER_LEGAL,
            _P.SEE_REPORTS,
            _P.SUPERVISE,
            _P.MANAGE_FIRMS,
        }
    )
    | SIX_POWERS,
    # sees no number: an answer goes out as a text, or an agent rings (M05)
    "lawyer": frozenset({_P.ANSWER_LEGAL}),
    "manager": frozenset({_P.SEE_REPORTS, _P.SEE_TICKETS, _P.PUBLISH}),
    "organisation": frozenset({_P.WORK_ORDERS}),
    "administrator": frozenset(
        {_P.ADMINISTER, _P.SEE_REPORTS, _P.SEE_TICKETS, _P.SUPERVISE, _P.MANAGE_FIRMS}
    ),
}


def allows(role: str, permission: Permission) -> bool:
    return permission in ROLES.get(role, frozenset())
