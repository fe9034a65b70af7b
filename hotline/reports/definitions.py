"""The figures (rules.md 2.2). One figure is a population, who is left out of it, and who is counted.

The report, its breakdowns and the rows behind a number all come from the same three pieces of SQL, so a
number and its rows cannot disagree. `excluded` is never NULL; a `counted` that is NULL does not count.
"""

from hotline.reports.at_work import AT_WORK_FIGURES
from hotline.reports.figure import TICKET as _TICKET
from hotline.reports.figure import Figure, Population

CALLS = Population(
    """
    SELECT c.id, c.started_at AS at, c.hotline, c.end_reason, c.queued_at, c.answered_at, c.ended_at,
           NULL::text AS category, NULL::bigint AS organisation_id
    FROM call c WHERE c.direction = 'inbound' AND c.started_at >= :start AND c.started_at < :stop
    """,
    "call",
    "来电时间",
    "Call received",
)

QUEUED = Population(
    """
    SELECT c.id, c.queued_at AS at, c.hotline, c.end_reason, c.queued_at, c.answered_at, c.ended_at,
           NULL::text AS category, NULL::bigint AS organisation_id
    FROM call c WHERE c.direction = 'inbound' AND c.queued_at >= :start AND c.queued_at < :stop
    """,
    "call",
    "进入人工队列",
    "Call queued",
)

TICKETS = Population(
    f"""
    SELECT t.id, t.accepted_at AS at, t.hotline, t.kind, t.state, t.organisation_id, k.code AS category,
           t.merged_into_id IS NOT NULL AS merged
    FROM {_TICKET} WHERE t.accepted_at >= :start AND t.accepted_at < :stop
    """,
    "ticket",
    "受理时间",
    "Accepted",
)

# A limit that ends at 24:00 of the last day is due in the period of that day, though its instant is the next.
DUE = Population(
    f"""
    SELECT t.id, d.due_at AS at, t.hotline, d.met, d.stopped_at, t.organisation_id, k.code AS category,
           coalesce(d.paused_at <= d.due_at, false) AS stands
    FROM {_TICKET} JOIN ticket_clock d ON d.ticket_id = t.id
    WHERE d.clock = 'closing' AND d.due_at > :start AND d.due_at <= :stop
    """,
    "ticket",
    "办结时限",
    "Closing limit",
)

SURVEYS = Population(
    f"""
    SELECT t.id, s.invited_at AS at, t.hotline, s.state, s.solved, s.satisfaction, t.organisation_id,
           k.code AS category
    FROM {_TICKET} JOIN survey s ON s.ticket_id = t.id
    WHERE s.invited_at >= :start AND s.invited_at < :stop
    """,
    "ticket",
    "邀请测评",
    "Survey sent",
)


FIGURES: tuple[Figure, ...] = (
    Figure(
        "calls_received",
        "呼入量",
        "Calls received",
        "期间内到达本热线号码的全部来电，含遇忙。",
        "All inbound calls that reached our numbers in the period, blocked ones too.",
        CALLS,
        "true",
        rate=False,
    ),
    Figure(
        "calls_answered",
        "接听量",
        "Calls answered",
        "坐席接听的来电。",
        "Inbound calls a person answered.",
        CALLS,
        "answered_at IS NOT NULL",
        rate=False,
    ),
    Figure(
        "calls_abandoned",
        "放弃量",
        "Calls abandoned",
        "接听前来电人挂机，含语音导航中与排队中。",
        "Inbound calls whose caller hung up unanswered, in the IVR or the queue.",
        CALLS,
        "answered_at IS NULL AND end_reason IN ('abandoned_ivr', 'abandoned_queue')",
        rate=False,
    ),
    Figure(
        "calls_overflowed",
        "溢出量",
        "Calls overflowed",
        "坐席全忙，承诺回电的来电。",
        "Inbound calls that no agent took in time; a call-back was promised.",
        CALLS,
        "answered_at IS NULL AND end_reason = 'overflowed'",
        rate=False,
    ),
    Figure(
        "calls_left_message",
        "留言量",
        "Calls that left a message",
        "12348非工作时间留言、由律师答复的来电。",
        "Inbound calls of 12348 that left a message out of hours, for a lawyer to answer.",
        CALLS,
        "answered_at IS NULL AND end_reason = 'message'",
        rate=False,
    ),
    Figure(
        "calls_blocked",
        "遇忙量",
        "Calls blocked",
        "线路全忙未能接入的来电，单列。",
        "Inbound calls that heard busy because all lines were taken.",
        CALLS,
        "answered_at IS NULL AND end_reason = 'blocked'",
        rate=False,
    ),
    Figure(
        "calls_failed",
        "故障量",
        "Calls failed",
        "因电话系统故障中断且未接听的来电。",
        "Inbound calls the telephone system lost before an answer.",
        CALLS,
        "answered_at IS NULL AND end_reason = 'failed'",
        rate=False,
    ),
    Figure(
        "calls_unanswered_yet",
        "在线未接量",
        "Calls not answered yet",
        "统计时仍在振铃、语音导航或排队中的来电。"
        "呼入量 = 接听 + 放弃 + 溢出 + 留言 + 遇忙 + 故障 + 在线未接。",
        "Inbound calls still ringing, in the IVR or waiting now. "
        "Received = answered + abandoned + overflowed + left a message + blocked + failed + these.",
        CALLS,
        "answered_at IS NULL AND end_reason IS NULL",
        rate=False,
    ),
    Figure(
        "connection_rate",
        "接通率",
        "Connection rate",
        "接听 ÷ 人工呼入量（进入人工队列的来电）。",
        "Answered ÷ calls that entered the human queue (N).",
        QUEUED,
        "answered_at IS NOT NULL",
    ),
    Figure(
        "answered_within_15s",
        "15秒接通率",
        "Answered within 15 s",
        "排队至接听不超过15秒的来电 ÷ 人工呼入量。",
        "Answered no later than 15 s after queueing ÷ N.",
        QUEUED,
        "answered_at - queued_at <= interval '15 seconds'",
    ),
    Figure(
        "abandonment_rate",
        "放弃率",
        "Abandonment rate",
        "排队满5秒后挂机 ÷ 人工呼入量。",
        "Hung up after at least 5 s in the queue ÷ N.",
        QUEUED,
        "end_reason = 'abandoned_queue' AND ended_at - queued_at >= interval '5 seconds'",
    ),
    Figure(
        "short_abandonment_rate",
        "短时放弃率",
        "Short abandonment rate",
        "排队不满5秒即挂机 ÷ 人工呼入量。",
        "Hung up within 5 s in the queue ÷ N.",
        QUEUED,
        "end_reason = 'abandoned_queue' AND ended_at - queued_at < interval '5 seconds'",
    ),
    Figure(
        "tickets_accepted",
        "受理量",
        "Tickets accepted",
        "期间内受理的工单，不含便民服务；并单的只计主单。",
        "Tickets accepted in the period; service requests are counted apart, merged ones with their lead.",
        TICKETS,
        "true",
        excluded="kind = 'service' OR merged",
        rate=False,
    ),
    Figure(
        "service_requests",
        "便民服务量",
        "Service requests",
        "期间内受理的便民服务事项；并单的只计主单。",
        "Convenience-service requests accepted in the period, merged ones with their lead.",
        TICKETS,
        "kind = 'service'",
        excluded="merged",
        rate=False,
    ),
    Figure(
        "completion_rate",
        "办结率（受理口径）",
        "Completion rate (cohort)",
        "期间内受理且统计时已办结 ÷ 期间内受理的全部工单，含便民服务；并单的只计主单，"
        "告知法定途径、不予受理和市民撤回的不计入。",
        "Closed by now ÷ all tickets accepted in the period, service requests too; merged ones are counted "
        "with their lead; legal route, not accepted and withdrawn are excluded.",
        TICKETS,
        "state = 'closed'",
        excluded="merged OR state IN ('legal_route', 'not_accepted', 'withdrawn')",
    ),
    Figure(
        "on_time_rate",
        "按时办结率",
        "On-time completion rate",
        "期限内办结 ÷ 期限落在期间内的办理时限；超期未结留在分母，未到期且未结的和中止计时的不计入；"
        "重新办理另起时限；并单和市民撤回的时限不计入。",
        "Closing limits met ÷ closing limits due in the period; open overdue ones stay in the denominator, "
        "open ones not due yet or paused are excluded, and those of merged and withdrawn tickets; "
        "a re-opened ticket has a new limit.",
        DUE,
        "met",
        excluded="CASE WHEN stopped_at IS NULL THEN at >= :now OR stands ELSE met IS NULL END",
    ),
    Figure(
        "response_rate",
        "参评率",
        "Survey response rate",
        "已评价 ÷ 已邀请。",
        "Rated ÷ invited.",
        SURVEYS,
        "state = 'answered'",
    ),
    Figure(
        "solved_rate",
        "解决率",
        "Solved rate",
        "市民答已解决 ÷ 已回答的市民；未回答的不计入。",
        "Citizens who say solved ÷ citizens who answered; silence is excluded.",
        SURVEYS,
        "solved",
        excluded="state <> 'answered'",
    ),
    Figure(
        "satisfied_rate_strict",
        "满意率（严格）",
        "Satisfied rate (strict)",
        "非常满意与满意 ÷ 已评价。",
        "Very satisfied and satisfied ÷ rated.",
        SURVEYS,
        "satisfaction IN ('very_satisfied', 'satisfied')",
        excluded="state <> 'answered'",
    ),
    Figure(
        "satisfied_rate",
        "满意率（含基本满意）",
        "Satisfied rate (with fairly satisfied)",
        "非常满意、满意与基本满意 ÷ 已评价。",
        "Very, satisfied and fairly satisfied ÷ rated.",
        SURVEYS,
        "satisfaction IN ('very_satisfied', 'satisfied', 'fairly_satisfied')",
        excluded="state <> 'answered'",
    ),
    Figure(
        "satisfied_rate_full_sample",
        "满意率（全样本）",
        "Satisfied rate (full sample)",
        "非常满意、满意与基本满意 ÷ 已邀请；未回答不等于满意。",
        "Very, satisfied and fairly satisfied ÷ invited; silence is not satisfaction.",
        SURVEYS,
        "satisfaction IN ('very_satisfied', 'satisfied', 'fairly_satisfied')",
    ),
    *AT_WORK_FIGURES,
)

BY_NAME: dict[str, Figure] = {figure.name: figure for figure in FIGURES}
