"""Figures of the work of organisations: what they return and what is extended (rules.md 2.2)."""

from hotline.reports.figure import TICKET, Figure, Population

_SENT = "('work_order_sent', 'work_order_offered')"
_WHOSE = "(e.data->>'organisation_id')::bigint AS organisation_id"


def _returned(fact: str) -> str:
    """A centre that only decided the territory returns with an empty code."""
    return f"{fact}.kind = 'work_order_returned' AND {fact}.data->>'code' IS DISTINCT FROM ''"


DISPATCHES = Population(
    f"""
    SELECT t.id, e.at, t.hotline, k.code AS category, {_WHOSE},
           EXISTS (SELECT FROM event_log r WHERE r.ticket_id = t.id AND {_returned("r")}
                   AND r.data->>'work_order_id' = e.data->>'work_order_id') AS returned
    FROM {TICKET} JOIN event_log e ON e.ticket_id = t.id
    WHERE e.kind IN {_SENT} AND e.at >= :start AND e.at < :stop
    """,
    "ticket",
    "派单时间",
    "Dispatched",
)

RETURNS = Population(
    f"""
    SELECT t.id, e.at, t.hotline, k.code AS category, {_WHOSE},
           (SELECT n.data->>'organisation_id' FROM event_log n
            WHERE n.ticket_id = t.id AND n.id > e.id AND n.kind IN {_SENT} ORDER BY n.id LIMIT 1)
           = e.data->>'organisation_id' AS sent_again
    FROM {TICKET} JOIN event_log e ON e.ticket_id = t.id
    WHERE {_returned("e")} AND e.at >= :start AND e.at < :stop
    """,
    "ticket",
    "退单时间",
    "Returned",
)

CLOSED = Population(
    f"""
    SELECT t.id, t.closed_at AS at, t.hotline, k.code AS category, t.organisation_id,
           EXISTS (SELECT FROM event_log e WHERE e.ticket_id = t.id AND e.kind = 'extension_decided'
                   AND (e.data->>'granted')::boolean) AS extended
    FROM {TICKET} WHERE t.state = 'closed' AND t.closed_at >= :start AND t.closed_at < :stop
    """,
    "ticket",
    "办结时间",
    "Closed",
)

AT_WORK_FIGURES = (
    Figure(
        "return_rate",
        "退单率",
        "Return rate",
        "期间内派出后被退回的派单 ÷ 期间内的派单；只审定属地的不算退单。",
        "Dispatches that were returned ÷ dispatches in the period; deciding the territory is no return.",
        DISPATCHES,
        "returned",
    ),
    Figure(
        "improper_return_rate",
        "不当退单率",
        "Improper return rate",
        "退回后经审核或裁定仍派给原单位的退单 ÷ 期间内的退单。",
        "Returns after which the same organisation was sent the ticket again ÷ returns in the period.",
        RETURNS,
        "sent_again",
    ),
    Figure(
        "extension_rate",
        "延期率",
        "Extension rate",
        "获准延期的工单 ÷ 期间内办结的工单。",
        "Tickets that were extended ÷ tickets closed in the period.",
        CLOSED,
        "extended",
    ),
)
