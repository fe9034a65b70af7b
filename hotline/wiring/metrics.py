"""/metrics for Prometheus: states of the work, straight from the tables (several processes, one truth),
and the recogniser's own figures.
"""

from collections.abc import Iterator

from flask import Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import text

from hotline.config import settings
from hotline.db import transaction
from hotline.speech import status
from hotline.trail import queries as trail
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
        """
        SELECT clock, count(*) FROM ticket_clock WHERE stopped_at IS NULL AND due_at < now()
        AND (paused_at IS NULL OR paused_at > due_at) AND clock <> 'return_window' GROUP BY clock
        """,
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
        "hotline_web_hooks",
        "Deliveries to partners not yet settled, and those given up, which need a person",
        "state",
        "SELECT state, count(*) FROM web_hook_delivery WHERE state <> 'delivered' GROUP BY state",
    ),
    (
        "hotline_deliveries_owed",
        "Facts owed to handlers; given_up needs a person",
        "state",
        """SELECT CASE WHEN gave_up_at IS NULL THEN 'owed' ELSE 'given_up' END, count(*)
           FROM event_delivery WHERE done_at IS NULL GROUP BY 1""",
    ),
)

RECOGNISER = {
    "waiting": "Utterances waiting for their words, the one at work included",
    "recognised": "Utterances recognised since its start",
    "refused": "Utterances refused since its start, because too many waited",
    "failed": "Recognitions that failed since its start",
    "seconds": "What a recognition takes now",
}


class TableCollector(Collector):
    """Reads the gauges anew at each scrape."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with transaction() as session:
            for name, description, label, query in GAUGES:
                family = GaugeMetricFamily(name, description, labels=[label])
                for value, count in session.execute(text(query)):
                    family.add_metric([value], count)
                yield family


class TrailCollector(Collector):
    """A count of sealed facts that falls says from outside that somebody cut the trail."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with transaction() as session:
            state = trail.state(session)
        facts = GaugeMetricFamily("hotline_trail_facts", "Facts under seals, and not yet", labels=["state"])
        facts.add_metric(["sealed"], state.sealed)
        facts.add_metric(["unsealed"], state.unsealed)
        yield facts
        description = "1: the last verification found facts changed, removed or added"
        yield GaugeMetricFamily("hotline_trail_broken", description, value=float(state.broken))


class RecogniserCollector(Collector):
    """Our own recogniser's figures; nothing but `up` for one that tells none, nothing at all without one."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        speech = settings().speech
        if not (speech.enabled and speech.url):
            return
        told = status.counts(speech)
        yield GaugeMetricFamily("hotline_recogniser_up", "Does it answer?", value=float(told is not None))
        for name, description in RECOGNISER.items():
            if told and name in told:
                yield GaugeMetricFamily(f"hotline_recogniser_{name}", description, value=told[name])


@open_to_all
def view() -> Response:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(TableCollector())
    registry.register(TrailCollector())
    registry.register(RecogniserCollector())
    return Response(generate_latest(registry), mimetype="text/plain; version=0.0.4")
