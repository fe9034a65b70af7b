"""`hotline check`: everything a site depends on, each with what to do when it is missing."""

import os
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass

import redis
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import SQLAlchemyError

from hotline import clock, live
from hotline.attachments.store import MB
from hotline.catalogue import alarms
from hotline.catalogue.models import CatalogueVersion, Item
from hotline.config import Settings, settings
from hotline.db import transaction
from hotline.errors import HotlineError
from hotline.service_hours import shipped_calendar
from hotline.speech import status, whisper
from hotline.tickets import clocks
from hotline.tickets.profiles import limits_of_law
from hotline.trail import queries as trail
from hotline.wiring.relay import backlog


@dataclass(frozen=True)
class Finding:
    name: str
    ok: bool
    text: str
    needed: bool = True
    remark: bool = False

    @property
    def word(self) -> str:
        if self.ok:
            return "remark" if self.remark else "ok"
        return "MISSING" if self.needed else "absent"


def findings() -> Iterator[Finding]:
    """In the order a newcomer would mend them."""
    try:
        wanted = settings()
    except HotlineError as error:
        yield Finding("settings", False, str(error))
        return
    yield Finding("settings", True, "every setting is known and well formed")
    yield _database(wanted)
    yield _valkey(wanted)
    yield from _contents(wanted)
    yield _calendar(wanted)
    yield _attachments(wanted)
    yield _limits()
    yield _lexicon(wanted)
    yield _asterisk(wanted)
    yield _recogniser(wanted)
    yield Finding(
        "sipp", bool(shutil.which("sipp")), "plays callers and agents in tests and stories", needed=False
    )


def _database(wanted: Settings) -> Finding:
    if not wanted.database.url:
        return Finding(
            "PostgreSQL", True, "embedded, started by `hotline up`; database.url points at your own"
        )
    try:
        with create_engine(wanted.database.url).connect() as connection:
            version = connection.execute(text("SHOW server_version")).scalar()
        return Finding("PostgreSQL", True, f"answers, version {version}")
    except SQLAlchemyError as error:
        return Finding(
            "PostgreSQL", False, f"does not answer: {str(error).splitlines()[0]}; mend database.url"
        )


def _valkey(wanted: Settings) -> Finding:
    if not wanted.redis.url:
        return Finding("Valkey", True, "embedded, started by `hotline up`; redis.url points at your own")
    try:
        live.connection().ping()
        return Finding("Valkey", True, "answers")
    except redis.RedisError as error:
        return Finding("Valkey", False, f"does not answer: {error}; mend redis.url")


def _contents(wanted: Settings) -> Iterator[Finding]:
    if not wanted.database.url:
        return
    try:
        with transaction() as session:
            live_versions = session.scalars(select(CatalogueVersion).where(CatalogueVersion.live)).all()
            owed, given_up = backlog(session)
            live_items = select(Item.statutory_limit).join(CatalogueVersion).where(CatalogueVersion.live)
            wordings = set(session.scalars(live_items))
            state, may_change = trail.state(session), trail.may_be_changed(session)
    except SQLAlchemyError:
        yield Finding("schema", False, "the tables are not there or old; run `hotline migrate`")
        return
    names = ", ".join(f"{v.hotline} {v.version}" for v in live_versions)
    yield Finding("catalogues", len(live_versions) == 2, names or "none live; run `hotline load-catalogue`")
    yield _limits_of_law(wordings)
    yield Finding(
        "facts", given_up == 0, f"{owed} owed to handlers, {given_up} given up (see event_delivery.error)"
    )
    yield _trail(state, may_change)


def _trail(state: trail.State, may_change: bool) -> Finding:
    if state.broken:
        return Finding("trail", False, "broken; `hotline verify-trail` says where")
    if may_change:
        text_ = "the database role of database.url could change it; docs/operating.md gives it a lesser one"
        return Finding("trail", True, text_, remark=True)
    return Finding("trail", True, f"{state.sealed} facts sealed, {state.unsealed} not yet")


def _calendar(wanted: Settings) -> Finding:
    year = clock.to_local(clock.now(), wanted.site.time_zone).year
    calendar = shipped_calendar(wanted.site.time_zone)
    missing = [number for number in (year, year + 1) if number not in calendar.years]
    if missing:
        return Finding(
            "working calendar",
            False,
            f"no data for {missing[0]}: add hotline/data/calendar_{missing[0]}.toml",
        )
    provisional = [n for n in (year, year + 1) if calendar.year(n).version == "provisional"]
    if provisional:
        return Finding(
            "working calendar",
            True,
            f"{provisional[0]} is provisional; replace it once published",
            remark=True,
        )
    return Finding("working calendar", True, f"{year} and {year + 1}")


def _attachments(wanted: Settings) -> Finding:
    place = wanted.attachments.directory.resolve()
    there = next(path for path in (place, *place.parents) if path.exists())
    free, least = shutil.disk_usage(there).free // MB, wanted.attachments.keep_free_mb
    said = f"{place}, {free} MB free"
    if free < least:
        return Finding("attachments", False, f"{said}: below {least} uploads are refused; make room")
    return Finding("attachments", os.access(there, os.W_OK), said)


def _limits() -> Finding:
    try:
        return Finding("limits", True, f"profile {clocks.profile().title}")
    except HotlineError as error:
        return Finding("limits", False, f"{error}; mend tiers.profile or tiers.overrides")


def _lexicon(wanted: Settings) -> Finding:
    own = wanted.emergencies.lexicon
    try:
        rules = len(alarms.read(own).rules)
    except HotlineError as error:
        return Finding("emergency lexicon", False, f"{error}; until then only what ships is heard")
    return Finding("emergency lexicon", True, f"{rules} rules, {f'with {own}' if own else 'as shipped'}")


def _limits_of_law(wordings: set[str | None]) -> Finding:
    unknown = sorted(one for one in wordings if one and one not in limits_of_law())
    text_ = f"hotline/data/statutory.toml lacks {', '.join(unknown)}" if unknown else "each has its clock"
    return Finding("limits of the law", True, text_, remark=bool(unknown))


def _asterisk(wanted: Settings) -> Finding:
    needed = wanted.telephony.system == "asterisk"
    program = wanted.asterisk.prefix / "asterisk"
    if wanted.asterisk.managed:
        text_ = str(program) if program.exists() else "not fetched; run `make asterisk`"
        return Finding("Asterisk", program.exists(), text_, needed)
    return Finding("Asterisk", *_reach(wanted.asterisk.host, wanted.asterisk.ami_port), needed)


def _recogniser(wanted: Settings) -> Finding:
    """Never needed: callers press keys or reach a person."""
    name, speech = "recogniser", wanted.speech
    if not speech.enabled:
        return Finding(name, True, "switched off (speech.enabled)")
    if not speech.url:
        text_ = "ours, started by `hotline up` on Asterisk" if whisper.installed() else "run `make install`"
        return Finding(name, whisper.installed(), text_, needed=False)
    told = status.counts(speech)
    if told is None:
        return Finding(name, False, f"{speech.url} does not answer; callers press keys", needed=False)
    figures = ", ".join(f"{key} {value:g}" for key, value in told.items())
    return Finding(name, True, f"{speech.url} answers{': ' if figures else ''}{figures}")


def _reach(host: str, port: int) -> tuple[bool, str]:
    with socket.socket() as probe:
        probe.settimeout(2)
        reached = probe.connect_ex((host, port)) == 0
    return reached, f"AMI at {host}:{port} {'answers' if reached else 'does not answer; mend asterisk.host'}"
