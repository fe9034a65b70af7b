"""The hours in which a machine may ring citizens. Pure."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class RingingHours:
    """From `start` until `end` by the clocks of `zone`, perhaps across midnight; both alike: at any hour."""

    start: time
    end: time
    zone: ZoneInfo

    def include(self, moment: datetime) -> bool:
        local = moment.astimezone(self.zone).time()
        if self.start < self.end:
            return self.start <= local < self.end
        return self.start == self.end or local >= self.start or local < self.end

    def next_start(self, moment: datetime) -> datetime:
        """The first start after `moment`."""
        local = moment.astimezone(self.zone)
        today = datetime.combine(local.date(), self.start, self.zone)
        return today if today > local else today + timedelta(days=1)
