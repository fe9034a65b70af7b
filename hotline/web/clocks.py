"""The clocks of a ticket in words; {{ clock | why }} answers "why is it due then?"."""

from datetime import datetime, time
from typing import Any

from flask_babel import gettext, lazy_gettext

from hotline import clock
from hotline.config import settings
from hotline.service_hours import ONE_DAY, CalendarYearMissing
from hotline.tickets import clocks
from hotline.tickets.acts import Clock
from hotline.tickets.lights import COLOURS, light
from hotline.tickets.models import Ticket, TicketClock
from hotline.tickets.queries import closing_clock
from hotline.tickets.sla import WALL_CLOCK, Limit, Step
from hotline.web.labels import label, limit

STEPS: dict[str, Any] = {
    "wall": lazy_gettext("%(days)s：不分昼夜连续计时"),
    "worked": lazy_gettext("%(days)s：工作时间 %(n)s 分钟"),
    "first_day": lazy_gettext("%(days)s：起算当日不计"),
    "counted": lazy_gettext("%(days)s：计 %(n)s 天"),
    "make_up": lazy_gettext("%(days)s：调休上班，计 %(n)s 天"),
    "weekend": lazy_gettext("%(days)s：周末，不计"),
    "holiday": lazy_gettext("%(days)s：法定节假日，不计"),
    "paused": lazy_gettext("%(days)s：中止计时，不计"),
    "moved_on": lazy_gettext("%(days)s：顺延到工作日"),
}


def colour(row: TicketClock) -> str:
    return light(row, clock.now())


def newest_clocks(ticket: Ticket) -> list[TicketClock]:
    """One of each kind, in the order of `Clock`; earlier rounds are in the history."""
    newest = {row.clock: row for row in sorted(ticket.clocks, key=lambda row: row.round)}
    return [newest[name] for name in Clock if name in newest]


def pressing(ticket: Ticket) -> TicketClock | None:
    """What a list shows: of the clocks that run one with the worst light, else the closing clock."""
    running = [row for row in newest_clocks(ticket) if row.stopped_at is None]
    worst_first = sorted(running, key=lambda row: (-COLOURS.index(colour(row)), row.clock != Clock.CLOSING))
    return worst_first[0] if worst_first else closing_clock(ticket)


def why(row: TicketClock) -> list[str]:
    """How its deadline was counted, a line for each step."""
    try:
        found = clocks.why(row)
    except CalendarYearMissing:
        return [gettext("当时的工作日历已不在系统中，无法重算。")]
    lines = [gettext("起算 %(at)s，时限 %(limit)s", at=_at(row.started_at), limit=limit(row.limit_text))]
    if row.extension:
        more = str(Limit(row.extension, Limit.read(row.limit_text).unit))
        lines.append(gettext("准予延期 %(limit)s", limit=limit(more)))
    lines += map(_pause, row.pauses)
    lines += map(_step, found.steps)
    if found.calendar != WALL_CLOCK:
        lines.append(gettext("依据工作日历 %(version)s", version=found.calendar))
    return [*lines, gettext("到期 %(due)s", due=due_time(found.due_at))]


def due_time(moment: datetime | None) -> str:
    """'2026-03-05 17:30'; what ends with a day, '2026-03-05 24:00': nobody reads that as the next day's."""
    if moment is None:
        return ""
    local = moment.astimezone(settings().site.zone)
    ends_a_day = local.time() == time(0)
    return f"{local - ONE_DAY:%Y-%m-%d} 24:00" if ends_a_day else f"{local:%Y-%m-%d %H:%M}"


def _step(step: Step) -> str:
    days = f"{step.first}" if step.first == step.last else f"{step.first} – {step.last}"
    return str(STEPS[step.verdict]) % {"days": days, "n": step.amount}


def _pause(said: dict[str, str]) -> str:
    since, reason = _at(datetime.fromisoformat(said["since"])), label(said["reason"], "clock_pause")
    if "until" not in said:
        return str(gettext("中止计时 %(since)s 起（%(reason)s），恢复后重新计算", since=since, reason=reason))
    until = _at(datetime.fromisoformat(said["until"]))
    words = gettext("中止计时 %(since)s – %(until)s（%(reason)s）", since=since, until=until, reason=reason)
    return str(words)


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(settings().site.zone):%Y-%m-%d %H:%M}"
