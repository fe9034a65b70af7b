"""When people answer the legal line, and by when a lawyer answers what was left outside these hours. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from hotline.service_hours import Calendar


@dataclass(frozen=True)
class LegalHours:
    """From `opens` until `closes` on legal days, by the clocks of the calendar; both alike: day and night.

    Both functions raise CalendarYearMissing where only working days are legal days.
    """

    opens: time
    closes: time
    working_days_only: bool
    calendar: Calendar

    def include(self, moment: datetime) -> bool:
        if self.opens == self.closes:
            return True
        local = moment.astimezone(self.calendar.zone)
        return self._is_legal_day(local.date()) and self.opens <= local.time() < self.closes

    def answer_due(self, left_at: datetime) -> datetime:
        """The end of the first opening that begins after `left_at`: the next legal day."""
        local = left_at.astimezone(self.calendar.zone)
        day = local.date() if local.time() < self.opens else local.date() + timedelta(days=1)
        while not self._is_legal_day(day):
            day += timedelta(days=1)
        return datetime.combine(day, self.closes, self.calendar.zone)

    def _is_legal_day(self, day: date) -> bool:
        return not self.working_days_only or self.calendar.is_working_day(day)
