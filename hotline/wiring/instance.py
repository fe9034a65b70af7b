"""One running Hotline: its settings made complete, its processes listed. `up` runs them."""

import hashlib
import hmac
import secrets
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import tomli_w

from hotline.catalogue import alarms
from hotline.config import Settings
from hotline.embeddings import bundled_is_installed
from hotline.errors import HotlineError
from hotline.speech import whisper
from hotline.telephony.asterisk.connection import LOOPBACK
from hotline.wiring import asterisk
from hotline.wiring.embedded import SERVICE, EmbeddedPostgres, EmbeddedValkey
from hotline.wiring.processes import ProcessSpec, require_free_port

RESOLVED = "settings.toml"
PORTS = 5  # from web.port on: pages, live pages, simulators, sentence model, recogniser


class DataDirectoryRefused(HotlineError):
    code = "data_directory_refused"


class Instance:
    """Settings with every blank filled in (embedded URLs, ports, secret), kept in <data>/settings.toml."""

    def __init__(self, wanted: Settings, data_dir: Path) -> None:
        self.data_dir = data_dir.resolve()
        self.postgres = None if wanted.database.url else EmbeddedPostgres(self.data_dir)
        self.valkey = None if wanted.redis.url else EmbeddedValkey(self.data_dir)
        self.embeds = not wanted.embeddings.url and bundled_is_installed()
        self.recognises = _needs_recogniser(wanted) and whisper.installed()
        self.settings = self._resolve(wanted)

    @property
    def config_path(self) -> Path:
        return self.data_dir / RESOLVED

    def prepare(self) -> None:
        """Check ports and the lexicon, make the data directory and the databases. Raises with what to do."""
        if own := self.settings.emergencies.lexicon:
            alarms.read(own)
        web = self.settings.web
        require_free_port(web.port, "web.port", web.host, hint=" (make run PORT=…)")
        require_free_port(web.live_port, "web.live_port", web.host)
        if self.simulates():
            require_free_port(web.simulators_port, "web.simulators_port", web.host)
        if self.embeds:
            require_free_port(self.settings.embeddings.port, "embeddings.port")
        if self.settings.telephony.system == "asterisk":
            asterisk.require_what_it_needs(self.settings)
        if self.recognises:
            require_free_port(self.settings.speech.port, "speech.port", LOOPBACK)
        for server in (self.postgres, self.valkey):
            if server:
                server.prepare()
        self.config_path.write_text(tomli_w.dumps(self.settings.model_dump(mode="json")), encoding="utf-8")
        self.config_path.chmod(0o600)

    def simulates(self) -> bool:
        return self.settings.telephony.system == "simulated" or self.settings.sms.provider == "simulated"

    def processes(self, *, preset: str) -> Iterator[ProcessSpec]:
        """In the order they start."""
        for server in (self.postgres, self.valkey):
            if server:
                yield server.process()
        yield self._ours("migrate", "migrate", runs_to_end=True)
        yield self._ours("seed", "seed", "--preset", preset, runs_to_end=True, start_seconds=120)
        if self.simulates():
            yield self._ours("simulators", "process", "simulators", ready=self._listens("simulators_port"))
        yield self._ours("live", "process", "live", ready=self._listens("live_port"))
        yield from self._models()
        if self.settings.telephony.system == "asterisk":
            yield from self._asterisk()
        yield self._ours("relay", "process", "relay")
        yield self._ours("scheduler", "process", "scheduler")
        for number in range(1, self.settings.worker.count + 1):
            yield self._ours(f"worker-{number}", "process", "worker")
        if self.settings.sms.provider == "smpp":
            yield self._ours("smpp-bind", "process", "smpp-bind")
        # Last: /healthz answers only once everything is there
        yield self._ours("web", "process", "web", ready=self._web_answers)

    def _models(self) -> Iterator[ProcessSpec]:
        if self.embeds:
            ready = answers_at(LOOPBACK, self.settings.embeddings.port)
            yield self._ours("embedder", "process", "embedder", ready=ready)
        if self.recognises:
            yield self._ours("recogniser", "process", "recogniser")  # nobody waits for it: callers have keys

    def _asterisk(self) -> Iterator[ProcessSpec]:
        """Who talks with callers is there before the first call."""
        dialogue_answers = answers_at(LOOPBACK, self.settings.asterisk.agi_port)
        yield self._ours("agi", "process", "agi", ready=dialogue_answers)
        if self.settings.asterisk.managed:
            yield self._ours("asterisk-config", "asterisk-config", runs_to_end=True)
            yield asterisk.process(self.settings)
        yield self._ours("ami", "process", "ami")

    def _ours(self, name: str, *arguments: str, **options: Any) -> ProcessSpec:
        argv = [sys.executable, "-m", "hotline.wiring.cli", *arguments]
        return ProcessSpec(name=name, argv=argv, env={"HOTLINE_CONFIG": str(self.config_path)}, **options)

    def _resolve(self, wanted: Settings) -> Settings:
        self._make_data_dir()
        values = wanted.model_dump(mode="json")
        web, site = values["web"], values["site"]
        web["live_port"] = web["live_port"] or web["port"] + 1
        web["simulators_port"] = web["simulators_port"] or web["port"] + 2
        site["data_dir"] = str(self.data_dir)
        site["secret_key"] = site["secret_key"] or self._secret()
        if site["public_url"] == Settings().site.public_url:
            site["public_url"] = f"http://{wanted.web.reached_at}:{web['port']}"
        values["telephony"]["recordings_dir"] = str(self.data_dir / values["telephony"]["recordings_dir"])
        values["attachments"]["directory"] = str(self.data_dir / values["attachments"]["directory"])
        lexicon = wanted.emergencies.lexicon
        values["emergencies"]["lexicon"] = lexicon and str(Path(lexicon).resolve())
        if self.postgres:
            values["database"] |= {"url": self.postgres.url(role=SERVICE), "owner_url": self.postgres.url()}
        if self.valkey:
            values["redis"]["url"] = self.valkey.url()
        if self.embeds:
            values["embeddings"]["port"] = values["embeddings"]["port"] or web["port"] + 3
            values["embeddings"]["url"] = f"http://{LOOPBACK}:{values['embeddings']['port']}/v1"
        if self.recognises:
            values["speech"]["port"] = values["speech"]["port"] or web["port"] + 4
            values["speech"]["url"] = f"http://{LOOPBACK}:{values['speech']['port']}/v1"
        values["asterisk"]["prefix"] = str(wanted.asterisk.prefix.resolve())
        if wanted.asterisk.managed and wanted.asterisk.ami_secret == Settings().asterisk.ami_secret:
            values["asterisk"]["ami_secret"] = self._derived("ami")
        if values["telephony"]["system"] == "simulated":
            values["twilio"] |= self._simulated_account(
                f"http://{wanted.web.reached_at}:{web['simulators_port']}"
            )
        return Settings.model_validate(values)

    def _make_data_dir(self) -> None:
        """Only ours to enter: it holds recordings and texts."""
        try:
            self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise DataDirectoryRefused(
                f"the data directory {self.data_dir} cannot be used: {error.strerror}"
            ) from error

    def _simulated_account(self, switch: str) -> dict[str, str]:
        """The simulated switch speaks Twilio's language with an account of its own."""
        return {
            "account_sid": "AC" + "5" * 32,
            "auth_token": self._derived("simulated switch"),
            "api_base": switch,
        }

    def _derived(self, purpose: str) -> str:
        """A secret of its own for each purpose: who reads one cannot sign sessions."""
        return hmac.new(self._secret().encode(), purpose.encode(), hashlib.sha256).hexdigest()[:32]

    def _secret(self) -> str:
        """Made once a data directory, so that sessions and links outlive a restart."""
        path = self.data_dir / "secret_key"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(32))
        return path.read_text().strip()

    def _listens(self, setting: str) -> Callable[[], bool]:
        return answers_at(self.settings.web.reached_at, getattr(self.settings.web, setting))

    def _web_answers(self) -> bool:
        web = self.settings.web
        try:
            with urllib.request.urlopen(f"http://{web.reached_at}:{web.port}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def _needs_recogniser(wanted: Settings) -> bool:
    """Of the telephone systems only Asterisk has none of its own."""
    speech = wanted.speech
    return speech.enabled and not speech.url and wanted.telephony.system == "asterisk"


def answers_at(host: str, port: int) -> Callable[[], bool]:
    def ready() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((host, port)) == 0

    return ready
