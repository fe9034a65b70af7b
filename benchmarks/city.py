"""A city after its first years: millions of tickets, written by PostgreSQL itself.

One ticket is opened by the product; all others are copies of it that differ in what a list looks at:
number, place, time, state, whose they are, their orders and clocks. The last fiftieth is open. Shares are
drawn as a power of a random number: the busiest of 2,300 organisations has a twentieth of all orders, the
least some 800.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg

from hotline.config import settings
from hotline.db import Base, transaction
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket, TicketClock
from hotline.wiring.seed import seed

ORGANISATIONS = 2_300
TABLES = ("ticket", "work_order", "ticket_clock", "ticket_hold")
INDICES = """
SELECT indexname, indexdef FROM pg_indexes
WHERE tablename = ANY(%s) AND indexname NOT IN (SELECT conname FROM pg_constraint)"""

# who: 0 is the busiest; fate: where in its life a ticket of this age is
DRAWN = """
CREATE TEMP TABLE drawn AS
SELECT n, floor(%(organisations)s * power(random(), 2.5))::int AS who, random() AS fate,
       n > %(count)s * 0.98 AS open, floor(random() * %(areas)s)::int AS place
FROM generate_series(1, %(count)s) n"""
WHO = """
CREATE TEMP TABLE who AS
SELECT row_number() OVER (ORDER BY kind = 'firm', md5(code)) - 1 AS who, id,
       CASE kind WHEN 'firm' THEN 'firm' ELSE 'department' END AS kind
FROM organisation WHERE level IN ('city', 'county', 'town') LIMIT %(most)s"""
PLACES = """
CREATE TEMP TABLE place AS
SELECT row_number() OVER (ORDER BY code) - 1 AS place, id FROM area WHERE level IN ('county', 'town')"""
TICKETS = """
INSERT INTO ticket (number, case_number, area_id, state, organisation_id, accepted_at, closed_at, {same})
SELECT 'B' || n, 'B' || n, place.id,
       CASE WHEN drawn.open THEN CASE WHEN fate < 0.20 THEN 'dispatched' WHEN fate < 0.30 THEN 'claimed'
            WHEN fate < 0.85 THEN 'in_hand' WHEN fate < 0.90 THEN 'supplement_asked'
            WHEN fate < 0.92 THEN 'long_term' ELSE 'answered' END
       ELSE CASE WHEN fate < 0.94 THEN 'closed' WHEN fate < 0.95 THEN 'in_follow_up'
            WHEN fate < 0.97 THEN 'not_accepted' WHEN fate < 0.99 THEN 'legal_route' ELSE 'withdrawn' END END,
       who.id, %(now)s - (%(count)s - n) * interval '7.2 s',
       CASE WHEN NOT drawn.open AND (fate < 0.94 OR fate >= 0.95)
            THEN %(now)s - (%(count)s - n) * interval '7.2 s' + fate * interval '5 days' END, {copied}
FROM drawn JOIN who USING (who) JOIN place USING (place) JOIN ticket one ON one.id = %(first)s
ORDER BY n"""
ORDERS = """
INSERT INTO work_order (ticket_id, organisation_id, kind, round, part, state, principle, sent_at, expires_at,
                        accepted_at, ended_at, responsible_person, public_reply)
SELECT t.id, who.id, who.kind, 1, 'lead',
       CASE WHEN t.state = 'dispatched' THEN CASE who.kind WHEN 'firm' THEN 'offered' ELSE 'sent' END
            WHEN t.state IN ('claimed', 'in_hand', 'supplement_asked', 'long_term') THEN 'accepted'
            WHEN t.state IN ('answered', 'in_follow_up', 'closed') THEN 'answered'
            WHEN who.kind = 'firm' THEN 'declined' ELSE 'returned' END,
       CASE who.kind WHEN 'firm' THEN 'rotation' ELSE 'territorial' END, t.accepted_at + interval '1 hour',
       CASE who.kind WHEN 'firm' THEN t.accepted_at + interval '90 minutes' END,
       CASE WHEN t.state <> 'dispatched' THEN t.accepted_at + interval '80 minutes' END,
       CASE WHEN t.state IN ('answered', 'in_follow_up', 'closed', 'not_accepted', 'legal_route', 'withdrawn')
            THEN t.accepted_at + drawn.fate * interval '4 days' END,
       '王工', '已到现场处理完毕,感谢您的反映。'
FROM ticket t JOIN drawn ON t.number = 'B' || drawn.n JOIN who ON who.id = t.organisation_id"""
RETURNED = """
INSERT INTO work_order (ticket_id, organisation_id, kind, round, part, state, principle, sent_at, ended_at,
                        return_code, return_reason)
SELECT t.id, (SELECT id FROM who WHERE who = (t.id * 7) %% %(offices)s), 'department', 0, 'lead', 'returned',
       'territorial', t.accepted_at, t.accepted_at + interval '40 minutes', 'not_our_duty', '不属于本单位职责'
FROM ticket t WHERE t.id %% 16 = 3"""
ASSISTING = """
INSERT INTO work_order (ticket_id, organisation_id, kind, round, part, state, principle, sent_at, due_at,
                        ended_at, responsible_person, joint_kind, task)
SELECT o.ticket_id, who.id, 'department', 1, 'assist',
       CASE WHEN o.ended_at IS NULL THEN 'accepted' ELSE 'answered' END, 'joint', o.sent_at,
       o.sent_at + interval '3 days', o.ended_at, '李工', 'office', '到现场核实'
FROM work_order o JOIN who ON who.who = (o.id * 11) %% %(offices)s
WHERE o.id %% 33 = 5 AND o.state IN ('accepted', 'answered') AND who.id <> o.organisation_id"""
CLOCKS = """
INSERT INTO ticket_clock (ticket_id, started_at, due_at, yellow_at, stopped_at, met, turns_at, {same})
SELECT t.id, t.accepted_at, t.accepted_at + (one.due_at - one.started_at) * drawn.late,
       t.accepted_at + (one.yellow_at - one.started_at) * drawn.late,
       CASE WHEN NOT drawn.open THEN t.accepted_at + drawn.fate * interval '4 days' END,
       CASE WHEN NOT drawn.open THEN drawn.fate < 0.9 END,
       CASE WHEN drawn.open THEN %(now)s + interval '1 day' END, {copied}
FROM ticket t JOIN (SELECT *, 0.8 + 0.6 * fate AS late FROM drawn) drawn ON t.number = 'B' || drawn.n
JOIN ticket_clock one ON one.ticket_id = %(first)s AND (drawn.open OR one.clock IN ('closing', 'reply'))"""


def grow(count: int, now: datetime, preset: str = "xuzhou_like") -> None:
    """So many tickets with their orders; the closing and the reply clock of each, all clocks of open ones."""
    with transaction() as session:
        seed(session, preset=preset, now=now)
        new = tickets.NewTicket(
            hotline="12345", channel="phone", kind="complaint", item_code="0801", text="夜市占道经营" * 5
        )
        first = tickets.open_ticket(session, new, actor="system:benchmark", now=now).id
    url = settings().database.owner_url.replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as database:
        for name in ("synchronous_commit = off", "session_replication_role = replica", "work_mem = '256MB'"):
            database.execute(f"SET {name}".encode())
        database.execute("SELECT setseed(0.12345)")
        database.execute("CHECKPOINT")
        _write(database, {"count": count, "now": now, "first": first})
        database.execute(f"VACUUM (ANALYZE) {', '.join(TABLES)}".encode())


def _write(database: psycopg.Connection, told: dict[str, Any]) -> None:
    database.execute(WHO, {"most": ORGANISATIONS})
    database.execute(PLACES)
    told["organisations"] = _count(database, "who")
    told["areas"] = _count(database, "place")
    told["offices"] = _count(database, "who WHERE kind <> 'firm'")
    database.execute(DRAWN, told)
    with _without_indices(database):
        database.execute(_copying(TICKETS, Ticket), told)
    database.execute("ANALYZE ticket, drawn, who")
    with _without_indices(database, "work_order"):
        for statement in (ORDERS, RETURNED, ASSISTING):
            database.execute(statement, told)
    with _without_indices(database, "ticket_clock"):
        database.execute(_copying(CLOCKS, TicketClock), told)


@contextmanager
def _without_indices(database: psycopg.Connection, table: str = "ticket") -> Iterator[None]:
    """Made anew afterwards: ten times as fast as kept while millions of rows are written."""
    indices = database.execute(INDICES, [[table]]).fetchall()
    for name, _definition in indices:
        database.execute(f"DROP INDEX {name}".encode())
    yield
    for _name, definition in indices:
        database.execute(definition.encode())


def _count(database: psycopg.Connection, of: str) -> int:
    found: int = database.execute(f"SELECT count(*) FROM {of}".encode()).fetchall()[0][0]
    return found


def _copying(statement: str, table: type[Base]) -> bytes:
    """With all columns it does not name itself, as the first one has them."""
    named = {"id", *statement.partition("(")[2].partition(", {same}")[0].split(", ")}
    same = [column.name for column in table.__table__.columns if column.name not in named]
    copied = ", ".join(f"one.{name}" for name in same)
    return statement.format(same=", ".join(same), copied=copied).encode()
