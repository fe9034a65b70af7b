"""Counts the report's figures again, from the exported facts alone; shares no code with the product.

hotline export events --jsonl | python3 scripts/recount.py --from 2026-03-01 --to 2026-03-31

Prints a JSON list: name, group, numerator, denominator, excluded; docs/decisions/figures.md says what they
mean.
"""

import argparse
import json
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

ABANDONED = ("abandoned_ivr", "abandoned_queue")
UNANSWERED = ("legal_route", "not_accepted", "withdrawn")
SATISFIED = ("very_satisfied", "satisfied")


Row = dict[str, Any]
Counted = list[tuple[Row, Any, bool]]  # (ticket, counts in the numerator, is left out)


@dataclass(frozen=True)
class Question:
    """The report covers start <= moment < stop; `hotline` None means all."""

    start: datetime
    stop: datetime
    now: datetime
    hotline: str | None
    by: str


class Facts:
    """What the facts say happened, one row a call, ticket, closing limit, survey, dispatch and return."""

    def __init__(self) -> None:
        self.calls: dict[int, Row] = {}
        self.tickets: dict[int, Row] = {}
        self.limits: dict[int, list[Row]] = {}
        self.surveys: dict[int, Row] = {}
        self.dispatches: list[Row] = []
        self.returns: list[Row] = []

    def read(self, line: str) -> None:
        fact = json.loads(line)
        learn = getattr(self, "on_" + fact["kind"], None)
        if learn:
            learn(fact["subjects"], fact["data"], datetime.fromisoformat(fact["at"]))

    def on_call_received(self, ids: Row, data: Row, at: datetime) -> None:
        row = {"at": at, "queued": None, "answered": None, "ended": None, "reason": None}
        self.calls[ids["call_id"]] = row | {"hotline": data["hotline"], "direction": data["direction"]}

    def on_call_queued(self, ids: Row, data: Row, at: datetime) -> None:
        self.calls[ids["call_id"]]["queued"] = at

    def on_call_answered(self, ids: Row, data: Row, at: datetime) -> None:
        row = self.calls[ids["call_id"]]
        row["answered"] = row["answered"] or at

    def on_call_ended(self, ids: Row, data: Row, at: datetime) -> None:
        self.calls[ids["call_id"]] |= {"ended": at, "reason": data["reason"]}

    def on_ticket_opened(self, ids: Row, data: Row, at: datetime) -> None:
        self.tickets[ids["ticket_id"]] = {
            "at": at,
            "hotline": data["hotline"],
            "kind": data["ticket_kind"],
            "category": data["category_code"],
            "organisation_id": "",
            "state": "registered",
            "merged": False,
            "extended": False,
            "closed": None,
        }
        self.limits[ids["ticket_id"]] = []

    def on_ticket_state_changed(self, ids: Row, data: Row, at: datetime) -> None:
        organisation = str(ids.get("organisation_id", ""))
        self.tickets[ids["ticket_id"]] |= {"state": data["new"], "organisation_id": organisation}

    def _on_dispatch(self, ids: Row, data: Row, at: datetime) -> None:
        """A return that ends with the same organisation was not right."""
        sent = {"ticket": ids["ticket_id"], "order": ids["work_order_id"], "at": at, "returned": False}
        self.dispatches.append(sent | {"organisation": str(ids["organisation_id"])})
        for one in self.returns:
            if one["ticket"] == ids["ticket_id"] and one["again"] is None:
                one["again"] = one["organisation"] == str(ids["organisation_id"])

    on_work_order_sent = on_work_order_offered = _on_dispatch

    def on_work_order_returned(self, ids: Row, data: Row, at: datetime) -> None:
        if data.get("code") == "":
            return
        for one in self.dispatches:
            one["returned"] |= one["order"] == ids["work_order_id"]
        returned = {"ticket": ids["ticket_id"], "at": at, "again": None}
        self.returns.append(returned | {"organisation": str(ids["organisation_id"])})

    def on_extension_decided(self, ids: Row, data: Row, at: datetime) -> None:
        self.tickets[ids["ticket_id"]]["extended"] |= data["granted"]

    def on_ticket_closed(self, ids: Row, data: Row, at: datetime) -> None:
        self.tickets[ids["ticket_id"]]["closed"] = at

    def on_item_changed(self, ids: Row, data: Row, at: datetime) -> None:
        self.tickets[ids["ticket_id"]]["category"] = data["new"][:-2]
        self.limits[ids["ticket_id"]][-1]["due"] = datetime.fromisoformat(data["due_at"])

    def on_ticket_referred(self, ids: Row, data: Row, at: datetime) -> None:
        self.tickets[ids["ticket_id"]] |= {"hotline": data["to_hotline"], "category": data["category_code"]}

    def on_ticket_merged(self, ids: Row, data: Row, at: datetime) -> None:
        self.tickets[ids["ticket_id"]]["merged"] = True

    def on_ticket_reconsidered(self, ids: Row, data: Row, at: datetime) -> None:
        self.tickets[ids["ticket_id"]]["merged"] = False

    def on_ticket_reopened(self, ids: Row, data: Row, at: datetime) -> None:
        self.tickets[ids["ticket_id"]] |= {"merged": False, "closed": None}

    def on_clock_started(self, ids: Row, data: Row, at: datetime) -> None:
        if data["clock"] == "closing":
            limit = {"due": datetime.fromisoformat(data["due_at"]), "stopped": False, "met": False}
            self.limits[ids["ticket_id"]].append(limit | {"pauses": {}, "stands_from": None})

    def on_clock_stopped(self, ids: Row, data: Row, at: datetime) -> None:
        if data["clock"] == "closing":
            self.limits[ids["ticket_id"]][-1] |= {"stopped": True, "met": data["met"]}

    def _on_due_anew(self, ids: Row, data: Row, at: datetime) -> None:
        if data["clock"] == "closing":
            self.limits[ids["ticket_id"]][-1]["due"] = datetime.fromisoformat(data["due_at"])

    on_clock_extended = on_clock_limit_changed = _on_due_anew

    def on_clock_paused(self, ids: Row, data: Row, at: datetime) -> None:
        if data["clock"] == "closing":
            limit = self.limits[ids["ticket_id"]][-1]
            limit["stands_from"] = limit["stands_from"] or at
            limit["pauses"][data["reason"]] = at

    def on_clock_resumed(self, ids: Row, data: Row, at: datetime) -> None:
        if data["clock"] == "closing":
            limit = self.limits[ids["ticket_id"]][-1]
            del limit["pauses"][data["reason"]]
            limit["stands_from"] = limit["stands_from"] if limit["pauses"] else None
            self._on_due_anew(ids, data, at)

    def on_survey_invited(self, ids: Row, data: Row, at: datetime) -> None:
        self.surveys[ids["survey_id"]] = {"ticket": ids["ticket_id"], "at": at, "answer": None}

    def on_survey_answered(self, ids: Row, data: Row, at: datetime) -> None:
        self.surveys[ids["survey_id"]]["answer"] = data


def recount(facts: Facts, asked: Question) -> list[Row]:
    found = _calls(facts, asked) if asked.by == "all" else []
    for name, rows in _tickets(facts, asked).items():
        counts: Counter[tuple[str, str]] = Counter()
        groups = {""} if asked.by == "all" else set()
        for ticket, counted, excluded in rows:
            group = "" if asked.by == "all" else ticket[asked.by]
            groups.add(group)
            counts[group, "excluded" if excluded else "denominator"] += 1
            counts[group, "numerator"] += bool(counted) and not excluded
        parts = ("numerator", "denominator", "excluded")
        found += [{"name": name, "group": g} | {part: counts[g, part] for part in parts} for g in groups]
    return found


def _calls(facts: Facts, asked: Question) -> list[Row]:
    inbound = [
        c
        for c in facts.calls.values()
        if c["direction"] == "inbound" and asked.hotline in (None, c["hotline"])
    ]
    received = [c for c in inbound if asked.start <= c["at"] < asked.stop]
    queued = [c for c in inbound if c["queued"] and asked.start <= c["queued"] < asked.stop]
    unanswered = [c for c in received if not c["answered"]]
    gave_up = [c["ended"] - c["queued"] for c in queued if c["reason"] == "abandoned_queue"]
    waits = [c["answered"] - c["queued"] for c in queued if c["answered"]]
    five, fifteen = timedelta(seconds=5), timedelta(seconds=15)
    of_received = {
        "calls_received": len(received),
        "calls_answered": len(received) - len(unanswered),
        "calls_abandoned": sum(c["reason"] in ABANDONED for c in unanswered),
        "calls_overflowed": sum(c["reason"] == "overflowed" for c in unanswered),
        "calls_left_message": sum(c["reason"] == "message" for c in unanswered),
        "calls_blocked": sum(c["reason"] == "blocked" for c in unanswered),
        "calls_failed": sum(c["reason"] == "failed" for c in unanswered),
        "calls_unanswered_yet": sum(c["reason"] is None for c in unanswered),
    }
    of_queued = {
        "connection_rate": len(waits),
        "answered_within_15s": sum(wait <= fifteen for wait in waits),
        "abandonment_rate": sum(wait >= five for wait in gave_up),
        "short_abandonment_rate": sum(wait < five for wait in gave_up),
    }
    counts = [(of_received, len(received)), (of_queued, len(queued))]
    return [
        {"name": name, "group": "", "numerator": count, "denominator": whole, "excluded": 0}
        for figures, whole in counts
        for name, count in figures.items()
    ]


def _tickets(facts: Facts, asked: Question) -> dict[str, Counted]:
    """Each figure with the rows of its population."""
    start, stop = asked.start, asked.stop
    ours = {n: t for n, t in facts.tickets.items() if asked.hotline in (None, t["hotline"])}
    accepted = [t for t in ours.values() if start <= t["at"] < stop]
    due = [(t, limit) for n, t in ours.items() for limit in facts.limits[n] if start < limit["due"] <= stop]
    rated = [
        (ours[s["ticket"]], s["answer"])
        for s in facts.surveys.values()
        if s["ticket"] in ours and start <= s["at"] < stop
    ]

    def graded(grades: tuple[str, ...], silence_excluded: bool) -> Counted:
        return [(t, a and a["satisfaction"] in grades, silence_excluded and a is None) for t, a in rated]

    def at_work(rows: list[Row], counted: str) -> Counted:
        theirs = [one for one in rows if one["ticket"] in ours and start <= one["at"] < stop]
        return [
            (ours[one["ticket"]] | {"organisation_id": one["organisation"]}, one[counted], False)
            for one in theirs
        ]

    closed = [t for t in ours.values() if t["closed"] and start <= t["closed"] < stop]
    fairly = (*SATISFIED, "fairly_satisfied")
    return {
        "tickets_accepted": [(t, True, t["kind"] == "service" or t["merged"]) for t in accepted],
        "service_requests": [(t, t["kind"] == "service", t["merged"]) for t in accepted],
        "completion_rate": [
            (t, t["state"] == "closed", t["merged"] or t["state"] in UNANSWERED) for t in accepted
        ],
        "on_time_rate": [(t, d["met"], _not_counted(d, asked.now)) for t, d in due],
        "response_rate": [(t, a is not None, False) for t, a in rated],
        "solved_rate": [(t, a and a["solved"], a is None) for t, a in rated],
        "satisfied_rate_strict": graded(SATISFIED, True),
        "satisfied_rate": graded(fairly, True),
        "satisfied_rate_full_sample": graded(fairly, False),
        "return_rate": at_work(facts.dispatches, "returned"),
        "improper_return_rate": at_work(facts.returns, "again"),
        "extension_rate": [(t, t["extended"], False) for t in closed],
    }


def _not_counted(limit: Row, now: datetime) -> bool:
    """Not due yet or paused before it was, or stopped because its ticket was merged or withdrawn."""
    if limit["stopped"]:
        return limit["met"] is None
    stands_from = limit["stands_from"]
    return limit["due"] >= now or (stands_from is not None and stands_from <= limit["due"])


def main() -> None:
    ask = argparse.ArgumentParser(description="Counts the report's figures again, from the exported facts.")
    ask.add_argument("facts", nargs="?", help="file of `hotline export events --jsonl` (default: stdin)")
    ask.add_argument("--from", dest="first", type=date.fromisoformat, required=True)
    ask.add_argument("--to", dest="last", type=date.fromisoformat, required=True)
    ask.add_argument("--zone", type=ZoneInfo, default=ZoneInfo("Asia/Shanghai"))
    ask.add_argument("--now", type=datetime.fromisoformat, default=datetime.now(UTC), help="with zone")
    ask.add_argument("--hotline")
    ask.add_argument("--by", choices=["all", "category", "organisation_id"], default="all")
    said = ask.parse_args()
    facts = Facts()
    with open(said.facts, encoding="utf-8") if said.facts else sys.stdin as lines:
        for line in lines:
            facts.read(line)
    start = datetime.combine(said.first, time(0), said.zone)
    stop = datetime.combine(said.last + timedelta(days=1), time(0), said.zone)
    found = recount(facts, Question(start, stop, said.now, said.hotline, said.by))
    json.dump(found, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
