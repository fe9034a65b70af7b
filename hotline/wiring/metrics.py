"""/metrics for Prometheus: states of the work, straight from the tables (several processes, one truth)."""

from collections.abc import Iterator

from flask import Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import text

from hotline.db import transaction
from hotline.web.access import open_to_all

# name, help, label, query giving (label, value); every query reads a partial index or a small table
GAUGES = (
    (
        "hotline_calls_live",
        "Calls now, by state",
        "state",
        "SELECT state, count(*) FROM call WHERE state <> 'ended' GROUP BY state",
    ),
    (
        "hotline_agents",
        "Agents by state",
        "state",
        "SELECT state, count(*) FROM agent_presence GROUP BY state",
    ),
    (
        "hotline_tickets_open",
        "Open tickets by state",
        "state",
        "SELECT state, count(*) FROM ticket WHERE state <> 'closed' GROUP BY state",
    ),
    (
        "hotline_tickets_late",
        "Clocks running past their deadline",
        "clock",
        "SELECT clock, count(*) FROM ticket_clock WHERE stopped_at IS NULL AND due_at < now() GROUP BY clock",
    ),
    (
        "hotline_sms",
        "Short messages not yet settled, by state",
        "state",
        """SELECT state, count(*) FROM sms_message
           WHERE state IN ('queued', 'sending', 'unknown') GROUP BY state""",
    ),
    (
        "hotline_callbacks_open",
        "Citizens to ring back, by reason",
        "reason",
        "SELECT reason, count(*) FROM callback WHERE state = 'open' GROUP BY reason",
    ),
    (
        "hotline_deliveries_owed",
        "Facts owed to handlers; given_up needs a person",
        "state",
        """SELECT CASE WHEN gave_up_at IS NULL THEN 'owed' ELSE 'given_up' END, count(*)
           FROM event_delivery WHERE done_at IS NULL GROUP BY 1""",
    ),
)


class TableCollector(Collector):
    """Reads the gauges anew at each scrape."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with transaction() as session:
            for name, description, label, query in GAUGES:
                family = GaugeMetricFamily(name, description, labels=[label])
                for value, count in session.execute(text(query)):
                    family.add_metric([value], count)
                yield family


@open_to_all
def view() -> Response:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(TableCollector())
    return Response(generate_latest(registry), mimetype="text/plain; version=0.0.4")
