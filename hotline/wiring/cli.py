"""The `hotline` command. Each command is a door: it opens the transaction and says errors plainly."""

import json
import os
import sys
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TextIO

import click
from sqlalchemy.exc import OperationalError

from hotline import clock
from hotline.config import settings
from hotline.db import transaction
from hotline.errors import HotlineError
from hotline.reports import export as export_
from hotline.reports import queries
from hotline.reports.queries import Dimension
from hotline.staff.queries import extensions

PROCESSES = {
    "web": "hotline.wiring.web_server:run",
    "relay": "hotline.wiring.relay:run",
    "scheduler": "hotline.wiring.schedule:run",
    "worker": "hotline.wiring.worker:run",
    "live": "hotline.web.live:main",
    "simulators": "hotline.wiring.simulators:run",
    "embedder": "hotline.wiring.embedder:run",
    "smpp-bind": "sms.smpp_bind:main",
    "recogniser": "hotline.speech.server:main",
    "agi": "ivr.asterisk.process:main",
    "ami": "hotline.telephony.asterisk.ami_listener:main",
}


class PlainErrors(click.Group):
    """A HotlineError is one sentence for a person, not a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except HotlineError as error:
            raise click.ClickException(str(error)) from error
        except OperationalError as error:
            why = str(error.orig).splitlines()[0]
            raise click.ClickException(f"PostgreSQL does not answer ({why}); see `hotline check`") from error


@click.group(cls=PlainErrors, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--config", type=click.Path(path_type=Path), help="Settings file (default: $HOTLINE_CONFIG).")
def main(config: Path | None) -> None:
    """Hotline: a city's 12345 and 12348 on one system."""
    if config:
        os.environ["HOTLINE_CONFIG"] = str(config)


@main.command()
@click.option("--port", type=int, help="Web port; the next four are used as well.")
@click.option("--data", type=click.Path(path_type=Path), help="Data directory (default: site.data_dir).")
@click.option("--telephony", type=click.Choice(["simulated", "asterisk", "twilio"]))
@click.option(
    "--preset", default="xuzhou_like", show_default=True, help="Organisations for an empty database."
)
def up(port: int | None, data: Path | None, telephony: str | None, preset: str) -> None:
    """Start everything on this machine and stay."""
    from hotline.log_setup import set_up_logging
    from hotline.wiring import up as starting
    from hotline.wiring.instance import Instance

    set_up_logging("WARNING")
    path = os.environ.get("HOTLINE_CONFIG")
    wanted = starting.wanted_settings(Path(path) if path else None, port=port, telephony=telephony)
    starting.run(Instance(wanted, data or wanted.site.data_dir), preset=preset)


@main.command(hidden=True)
@click.argument("name", type=click.Choice(sorted(PROCESSES)))
def process(name: str) -> None:
    """One process of a running instance (started by `up`)."""
    module, function = PROCESSES[name].split(":")
    getattr(import_module(module), function)()


@main.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from hotline.wiring.migrate import migrate as run

    database = settings().database
    run(database.owner_url or database.url, service_url=database.url)


@main.command()
@click.option("--preset", default="xuzhou_like", show_default=True)
def seed(preset: str) -> None:
    """Catalogues, generated organisations and demo staff, where there are none."""
    from hotline.wiring import seed as seeding

    with transaction() as session:
        seeding.seed(session, preset=preset, now=clock.now())


@main.command("load-catalogue")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load_catalogue(file: Path | None) -> None:
    """Load a catalogue FILE as the live version; without one, both that ship."""
    from hotline.catalogue import service
    from hotline.wiring.seed import load_catalogues

    with transaction() as session:
        if file:
            version = service.load(session, file, clock.now())
            click.echo(f"{version.hotline}: {version.title} {version.version} is live")
        else:
            load_catalogues(session, clock.now())
            click.echo("12345 and 12348: the shipped catalogues are live")


@main.command("make-organisations")
@click.option("--preset", default="xuzhou_like", show_default=True)
@click.option("--seed", "seed_number", default=12345, show_default=True)
def make_organisations(preset: str, seed_number: int) -> None:
    """Generate areas, departments, firms and other bodies, and the names of places."""
    from hotline.organisations import generator
    from hotline.places import service as places

    with transaction() as session:
        made = generator.make(session, preset=preset, seed=seed_number, now=clock.now())
        names = places.make(session, seed_number, clock.now())
    click.echo(str(made))
    click.echo(f"made: {names} names of places" if names else "already there: the names of places")


@main.command("load-areas")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load_areas(file: Path) -> None:
    """Load the site's own areas from FILE (TOML, CSV or XLSX); those left out go unless they are in use."""
    from hotline.organisations import own_areas
    from hotline.wiring.tables import metadata

    with transaction() as session:
        click.echo(str(own_areas.load(session, file, metadata, clock.now())))


@main.command("load-organisations")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load_organisations(file: Path) -> None:
    """Load the site's own departments, offices and firms from FILE (TOML, CSV or XLSX); others stay."""
    from hotline.organisations import own_organisations

    with transaction() as session:
        click.echo(str(own_organisations.load(session, file, clock.now())))


@main.command("load-places")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load_places(file: Path) -> None:
    """Load a gazetteer FILE (TOML, CSV or XLSX) in place of the names there are."""
    from hotline.places import service

    with transaction() as session:
        names = service.load(session, file, clock.now())
    click.echo(f"{names} names of places from {file.name}")


@main.command("import-history")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--system", required=True, help="the old system's name; its numbers are kept under it")
def import_history(file: Path, system: str) -> None:
    """Bring in the closed matters of an old system from FILE (TOML, CSV or XLSX), each once, to be read only.

    Bad rows are named and left out; the exit code is 1 then.
    """
    from hotline.history import service

    with transaction() as session:
        imported = service.bring_in(session, file, system, clock.now())
    click.echo(str(imported))
    if imported.problems:
        raise SystemExit(1)


@main.command("load-targets")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load_targets(file: Path) -> None:
    """Load the targets of units from FILE (TOML, CSV or XLSX) in place of those of its years."""
    from hotline.supervision import targets

    with transaction() as session:
        count = targets.load(session, file, clock.now())
    click.echo(f"{count} targets from {file.name}")


@main.command("add-staff")
@click.argument("username")
@click.option("--name", required=True)
@click.option(
    "--role", required=True, help="agent, dispatcher, supervisor, manager, organisation, administrator"
)
@click.option("--extension", help="An agent's telephone.")
@click.option("--organisation", help="Code of the organisation whose work they do.")
@click.password_option()
def add_staff(
    *, username: str, name: str, role: str, extension: str | None, organisation: str | None, password: str
) -> None:
    """Make an account; asks for the password."""
    from hotline.staff import service

    with transaction() as session:
        service.add(
            session,
            username=username,
            name=name,
            role=role,
            password=password,
            extension=extension,
            organisation_code=organisation,
        )
    click.echo(f"{username} can sign in")


@main.command()
def retry() -> None:
    """Owe every fact a handler gave up on again, once the cause is mended."""
    from hotline.wiring.relay import retry_given_up

    with transaction() as session:
        click.echo(f"{retry_given_up(session, clock.now())} owed again")


@main.command()
@click.argument("text", required=False)
@click.option("--hotline", type=click.Choice(["12345", "12348"]), default="12345", show_default=True)
@click.option("--json", "as_json", is_flag=True)
@click.option(
    "--batch", "file", type=click.File(encoding="utf-8-sig"), help="TSV of code<TAB>text; - is stdin."
)
def classify(text: str | None, hotline: str, as_json: bool, file: TextIO | None) -> None:
    """Which catalogue items TEXT may be about, or all texts of a file with figures."""
    from hotline.wiring import classify

    if (text is None) == (file is None):
        raise click.UsageError("give a TEXT, or a file with --batch")
    if file:
        classify.batch(file, hotline)
    elif text:
        classify.one(text, hotline, as_json=as_json)


@main.command()
@click.option("--hotline", type=click.Choice(["12345", "12348"]), help="Default: both.")
def learn(hotline: str | None) -> None:
    """Learn from accepted tickets now; ends 1 when the golden set refused the result."""
    from hotline.wiring.learn import learn_now

    sys.exit(0 if learn_now(hotline) else 1)


@main.command()
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), required=True, help="First local day.")
@click.option(
    "--to", "last", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Last local day, included."
)
@click.option("--hotline", type=click.Choice(["12345", "12348"]))
@click.option(
    "--by", type=click.Choice(["all", "category", "organisation_id"]), default="all", show_default=True
)
@click.option("--json", "as_json", is_flag=True)
def report(first: datetime, last: datetime, hotline: str | None, by: Dimension, as_json: bool) -> None:
    """Every figure of a period with numerator, denominator, exclusions and definition."""
    period = queries.Period(first.date(), last.date(), settings().site.zone)
    with transaction() as session:
        results = queries.report(session, period, clock.now(), hotline=hotline, by=by)
    if as_json:
        click.echo(json.dumps(export_.as_records(results), ensure_ascii=False, indent=1))
        return
    for result in results:
        parts = f"{result.numerator} / {result.denominator}" if result.figure.rate else str(result.numerator)
        value = "—" if result.value is None else f"{result.value}{'%' if result.figure.rate else ''}"
        click.echo(
            f"{result.figure.title:<14}{result.group:<8}{value:>10}   {parts:<16}{result.figure.title_en}"
        )


@main.command("asterisk-config")
@click.option("--directory", type=click.Path(path_type=Path), help="Default: asterisk/ below site.data_dir.")
def asterisk_config(directory: Path | None) -> None:
    """Write Asterisk's configuration, with a telephone for every agent there is, to DIRECTORY/etc."""
    from hotline.wiring.asterisk import instance_of

    with transaction() as session:
        instance = instance_of(settings(), extensions(session), directory)
    instance.write()
    click.echo(f"written to {instance.settings.directory}; start it with: {' '.join(instance.argv)}")


@main.group()
def export() -> None:
    """Machine-readable exports."""


@export.command("events")
@click.option("--jsonl", is_flag=True, help="One JSON object a line (the only form there is).")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="First local day.")
def export_events(jsonl: bool, since: datetime | None) -> None:
    """Every fact: id, at, kind, actor, subjects, data."""
    from_ = since.replace(tzinfo=settings().site.zone) if since else None
    with transaction() as session:
        for line in export_.event_lines(session, since=from_):
            click.echo(line)


@main.command()
@click.option(
    "--telephony", type=click.Choice(["simulated", "asterisk"]), default="simulated", show_default=True
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a step.")
def story(telephony: str, as_json: bool) -> None:
    """Play one whole story on a fresh temporary instance; ends 0 only if every step held."""
    from hotline.wiring.story.performance import perform

    sys.exit(0 if perform(telephony, as_json=as_json) else 1)


@main.command("verify-trail")
@click.option("--from", "event_id", type=int, help="Number of the first fact; otherwise all.")
@click.option("--ticket", default="", help="From this ticket's acceptance on.")
@click.option("--head", default="", help="A head printed earlier: it has to be in the chain still.")
def verify_trail(*, event_id: int | None, ticket: str, head: str) -> None:
    """Compare every fact with the chain of seals; ends 1 and says where when one was touched."""
    from hotline.wiring.verify_trail import run

    sys.exit(0 if run(event_id=event_id, ticket=ticket, head=head.strip().lower()) else 1)


@main.command()
def check() -> None:
    """What is installed, reachable and missing; ends 1 when something needed is not there."""
    from hotline.wiring.check import findings

    bad = 0
    for finding in findings():
        bad += not finding.ok and finding.needed
        click.echo(f"{finding.word:<7} {finding.name:<22} {finding.text}")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    sys.exit(main())
