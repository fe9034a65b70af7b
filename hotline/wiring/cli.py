"""The `hotline` command. Each command is a door: it opens the transaction and says errors plainly."""

import json
import os
import sys
from importlib import import_module
from pathlib import Path

import click

from hotline import clock
from hotline.config import settings
from hotline.db import transaction
from hotline.errors import HotlineError

PROCESSES = {
    "web": "hotline.wiring.web_server:run",
    "relay": "hotline.wiring.relay:run",
    "scheduler": "hotline.wiring.schedule:run",
    "worker": "hotline.wiring.worker:run",
    "live": "hotline.web.live:main",
    "simulators": "hotline.wiring.simulators:run",
    "smpp-bind": "sms.smpp_bind:main",
}


class PlainErrors(click.Group):
    """A HotlineError is one sentence for a person, not a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except HotlineError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=PlainErrors, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--config", type=click.Path(path_type=Path), help="Settings file (default: $HOTLINE_CONFIG).")
def main(config: Path | None) -> None:
    """Hotline: a city's 12345 and 12348 on one system."""
    if config:
        os.environ["HOTLINE_CONFIG"] = str(config)


@main.command()
@click.option("--port", type=int, help="Web port; the next two are used as well.")
@click.option("--data", type=click.Path(path_type=Path), help="Data directory (default: site.data_dir).")
@click.option("--telephony", type=click.Choice(["simulated", "asterisk", "twilio"]))
@click.option("--preset", default="xuzhou_like", show_default=True, help="Organisations for an empty database.")
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

    run(settings().database.url)


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
            version = service.load(session, file.read_text(encoding="utf-8"), clock.now())
            click.echo(f"{version.hotline}: {version.title} {version.version} is live")
        else:
            load_catalogues(session, clock.now())
            click.echo("12345 and 12348: the shipped catalogues are live")


@main.command("make-organisations")
@click.option("--preset", default="xuzhou_like", show_default=True)
@click.option("--seed", "seed_number", default=12345, show_default=True)
def make_organisations(preset: str, seed_number: int) -> None:
    """Generate areas, departments, firms and other bodies."""
    from hotline.organisations import generator

    with transaction() as session:
        made = generator.make(session, preset=preset, seed=seed_number, now=clock.now())
    click.echo(str(made))


@main.command()
@click.argument("text")
@click.option("--hotline", type=click.Choice(["12345", "12348"]), default="12345", show_default=True)
@click.option("--json", "as_json", is_flag=True)
def classify(text: str, hotline: str, as_json: bool) -> None:
    """Which catalogue items TEXT may be about."""
    from hotline.catalogue.classifier import classifier_for

    with transaction() as session:
        suggestions = classifier_for(session, hotline).suggest(text)
    if as_json:
        rows = [{"code": s.code, "name": s.name, "confidence": round(s.confidence, 4)} for s in suggestions]
        click.echo(json.dumps({"text": text, "suggestions": rows}, ensure_ascii=False))
        return
    for suggestion in suggestions:
        click.echo(f"{suggestion.code}  {suggestion.confidence:5.1%}  {suggestion.name}")
    if not suggestions:
        click.echo("no suggestion: ask the caller", err=True)


if __name__ == "__main__":
    sys.exit(main())
