"""One Asterisk made from this site's settings: its configuration and, where it is ours, its process."""

from collections.abc import Iterable
from pathlib import Path

from hotline.config import Settings
from hotline.telephony.asterisk.connection import LOOPBACK
from hotline.telephony.asterisk.instance import AsteriskInstance
from hotline.telephony.asterisk.settings import Agent, AsteriskSettings
from hotline.telephony.ports import queue_of
from hotline.wiring.processes import ProcessSpec, require_free_port
from ivr.asterisk.dialplan import extensions_conf
from ivr.prompts import LANGUAGES, SOUNDS

DIRECTORY = "asterisk"


def instance_of(
    settings: Settings, extensions: Iterable[str], directory: Path | None = None
) -> AsteriskInstance:
    """`extensions`: the agents' telephones. The directory is asterisk/ below site.data_dir unless given."""
    chosen = asterisk_settings(settings, extensions, directory or settings.site.data_dir / DIRECTORY)
    return AsteriskInstance(chosen, extensions_conf(chosen))


def asterisk_settings(settings: Settings, extensions: Iterable[str], directory: Path) -> AsteriskSettings:
    """Raises InvalidInput for a value Asterisk would misread."""
    chosen, telephony = settings.asterisk, settings.telephony
    trunk_host, _, trunk_port = chosen.trunk.rpartition(":")
    return AsteriskSettings(
        directory=directory.resolve(),
        prefix=chosen.prefix.resolve(),
        sip_port=chosen.sip_port,
        ami_port=chosen.ami_port,
        http_port=chosen.http_port,
        rtp_ports=(chosen.rtp_first, chosen.rtp_last),
        ami_user=chosen.ami_user,
        ami_secret=chosen.ami_secret,
        agi_host=LOOPBACK,
        agi_port=chosen.agi_port,
        trunk_host=trunk_host,
        trunk_port=int(trunk_port),
        agents=tuple(Agent(extension, chosen.agent_password) for extension in extensions),
        queues=tuple(sorted({queue_of(number.hotline) for number in telephony.numbers})),
        numbers={number.dialled: number.hotline for number in telephony.numbers},
        recordings_dir=telephony.recordings_dir.resolve(),
        sounds_dirs={language: SOUNDS / language for language in LANGUAGES},
        max_calls=telephony.max_calls,
        queue_max_wait_seconds=telephony.queue_max_wait_seconds,
        agent_ring_seconds=telephony.agent_ring_seconds,
        language=settings.ivr.language,
        bind_host=chosen.host,
    )


def require_what_it_needs(settings: Settings) -> None:
    """Before anything is started. Raises with the port or the file at fault."""
    require_free_port(settings.asterisk.agi_port, "asterisk.agi_port", LOOPBACK)
    if settings.asterisk.managed:
        require_free_port(settings.asterisk.ami_port, "asterisk.ami_port", LOOPBACK)
        require_free_port(settings.asterisk.http_port, "asterisk.http_port", settings.asterisk.host)
        instance_of(settings, ()).prepare()


def process(settings: Settings) -> ProcessSpec:
    """Asterisk itself; its configuration was written just before (`hotline asterisk-config`)."""
    instance = instance_of(settings, ())
    return ProcessSpec(name="asterisk", argv=instance.argv, ready=instance.is_ready)
