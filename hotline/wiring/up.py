"""`hotline up`: start everything on this machine, say what to open, stay until told to stop."""

from pathlib import Path
from typing import Any

import click

from hotline.config import Settings, read
from hotline.staff.service import DEMO_PASSWORD
from hotline.wiring.instance import Instance
from hotline.wiring.processes import Supervisor


def wanted_settings(config: Path | None, *, port: int | None, telephony: str | None) -> Settings:
    """The file's settings with what the command line overrides."""
    values: dict[str, Any] = (read(config) if config else Settings()).model_dump(mode="json")
    if port is not None:
        values["web"]["port"] = port
    if telephony is not None:
        values["telephony"]["system"] = telephony
    return Settings.model_validate(values)


def run(instance: Instance, *, preset: str) -> None:
    """Raises HotlineError with what is wrong; returns when asked to stop."""
    instance.prepare()
    click.echo(f"Starting in {instance.data_dir} (logs in {instance.data_dir / 'log'}) …")
    supervisor = Supervisor(list(instance.processes(preset=preset)), instance.data_dir / "log")
    supervisor.run(on_ready=lambda: click.echo(welcome(instance.settings)))
    click.echo("Stopped.")


def welcome(settings: Settings) -> str:
    base = settings.site.public_url
    simulators = f"http://{settings.web.reached_at}:{settings.web.simulators_port}"
    lines = [
        "",
        f"Hotline is ready: {base}",
        "",
        f"  坐席 agent          {base}/agent        1001 … 1005",
        f"  派单 dispatcher     {base}/dispatch     dispatcher",
        f"  承办 organisation   {base}/work         its code in lower case (work order, sign-in page)",
        f"  律师 lawyer         {base}/legal        lawyer",
        f"  管理 manager        {base}/manage       manager",
        f"  市民 citizen        {base}/p",
    ]
    if settings.telephony.system == "simulated":
        lines.append(f"  模拟电话 simulated phone    {simulators}/phone")
    if settings.sms.provider == "simulated":
        lines.append(f"  模拟短信 simulated inbox    {simulators}/inbox")
    lines += ["", f"  Demo password for everyone: {DEMO_PASSWORD}", "  Ctrl-C stops it.", ""]
    return "\n".join(lines)
