"""One Asterisk process of ours: its files are written, it is started, waited for, asked and stopped."""

import shutil
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from hotline.errors import HotlineError
from hotline.telephony.asterisk.conf import MODULES, files
from hotline.telephony.asterisk.settings import AsteriskSettings
from hotline.telephony.asterisk.sounds import SILENCE_SECOND, beep, said_directory

# The kernel's limit for the path of a unix socket.
SOCKET_PATH_MAX = 107
BOOT_SECONDS = 30.0
# What a caller may say after the tone (BackgroundDetect listens as long as this silence plays).
LISTENING_SECONDS = 8
# `asterisk -rx` waits for ever on an Asterisk that hangs.
COMMAND_SECONDS = 10.0
DIRECTORIES = ("etc", "var", "keys/keys", "cache", "run", "log", "data/sounds", "spool/tmp")


class AsteriskFailed(HotlineError):
    """Asterisk is missing, cannot start, or does not answer; the text says which and what to do."""

    code = "asterisk_failed"


class AsteriskInstance:
    """Any number may run side by side, each with a directory and ports of its own, as any user."""

    def __init__(self, settings: AsteriskSettings, dialplan: str) -> None:
        self.settings = settings
        self.dialplan = dialplan
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def control_socket(self) -> Path:
        return self.settings.directory / "run" / "asterisk.ctl"

    @property
    def argv(self) -> list[str]:
        """Asterisk in the foreground, for a supervisor that starts it itself after prepare()."""
        return self._command("-f")

    def prepare(self) -> None:
        """Check what a start needs and write the files. Raises AsteriskFailed saying what to do."""
        self._check()
        self.write()
        self.control_socket.unlink(missing_ok=True)

    def is_ready(self) -> bool:
        """Fully booted? Raises AsteriskFailed when it is, but without modules the line needs."""
        try:
            booted = self.control_socket.exists() and "fully booted" in self.rx("core waitfullybooted")
        except AsteriskFailed:
            return False
        if booted:
            self._check_modules()
        return booted

    def write(self) -> None:
        """The tree of files; secrets are in it, so only the owner may look. Safe on a running instance."""
        own = self.settings.directory
        own.mkdir(parents=True, exist_ok=True, mode=0o700)
        for part in DIRECTORIES:
            (own / part).mkdir(parents=True, exist_ok=True)
        for directory in (self.settings.recordings_dir, said_directory(self.settings.recordings_dir)):
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in ("documentation", "moh"):
            _link(own / "data" / name, self.settings.prefix / "share" / name)
        for name, samples in (("beep", beep()), ("listening", SILENCE_SECOND * LISTENING_SECONDS)):
            (own / f"data/sounds/{name}.sln").write_bytes(samples)
        for language, sounds in self.settings.sounds_dirs.items():
            _link(own / "data/sounds" / language, sounds)
        for name, text in files(self.settings, self.dialplan).items():
            path = own / "etc" / name
            path.touch(mode=0o600)
            path.write_text(text, encoding="utf-8")

    def start(self, *, seconds: float = BOOT_SECONDS, **popen: Any) -> None:
        """Prepare, start, and wait until ready. `popen` goes to subprocess.Popen (preexec_fn, ...).

        Raises AsteriskFailed; then nothing is left running.
        """
        self.prepare()
        with (self.settings.directory / "log" / "console").open("ab") as log:
            streams: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
            self.process = subprocess.Popen(self.argv, cwd=self.settings.directory, **(streams | popen))
        try:
            self._wait_ready(seconds)
        except BaseException:
            self.stop(seconds=0)
            raise

    def rx(self, command: str) -> str:
        """The answer of one console command. Raises AsteriskFailed when Asterisk does not answer."""
        try:
            done = subprocess.run(
                self._command("-rx", command), capture_output=True, check=False, timeout=COMMAND_SECONDS
            )
        except subprocess.TimeoutExpired as error:
            raise AsteriskFailed(f"Asterisk did not answer {command!r}") from error
        if done.returncode:
            raise AsteriskFailed(f"{command!r} failed: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout.decode(errors="replace")

    def stop(self, *, seconds: float = 5.0) -> None:
        """SIGTERM, and SIGKILL after `seconds`. Calls in progress end. Nothing happens if it does not run."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _command(self, *arguments: str) -> list[str]:
        conf = self.settings.directory / "etc/asterisk.conf"
        return [str(self.settings.prefix / "asterisk"), "-C", str(conf), *arguments]

    def _check(self) -> None:
        if self.process is not None and self.process.poll() is None:
            raise AsteriskFailed("this instance is running already")
        if shutil.which(self.settings.prefix / "asterisk") is None:
            raise AsteriskFailed(f"no Asterisk in {self.settings.prefix}: run `make asterisk`")
        if len(str(self.control_socket)) > SOCKET_PATH_MAX:
            raise AsteriskFailed(f"the path {self.control_socket} is too long for a socket")
        host = self.settings.bind_host
        # Asterisk boots without a word when a port is taken, and then hears nobody.
        _check_free(host, self.settings.sip_port, socket.SOCK_DGRAM)
        _check_free(host, self.settings.sip_port, socket.SOCK_STREAM)
        _check_free("127.0.0.1", self.settings.ami_port, socket.SOCK_STREAM)
        _check_free(host, self.settings.http_port, socket.SOCK_STREAM)

    def _check_modules(self) -> None:
        """An Asterisk whose modules cannot be found at all boots nevertheless."""
        loaded = self.rx("module show")
        missing = [name for name in MODULES.split() if f"{name}.so" not in loaded]
        if missing:
            raise AsteriskFailed(f"Asterisk lacks {', '.join(missing)}: run `make asterisk` again")

    def _wait_ready(self, seconds: float) -> None:
        assert self.process is not None
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.process.poll() is not None:
                log = self.settings.directory / "log"
                raise AsteriskFailed(f"Asterisk ended with status {self.process.returncode}; see {log}")
            if self.is_ready():
                return
            time.sleep(0.05)
        raise AsteriskFailed(f"Asterisk was not ready after {seconds:.0f} s")


def _link(link: Path, target: Path) -> None:
    if link.is_symlink():
        link.unlink()
    link.symlink_to(target.resolve())


def _check_free(host: str, port: int, kind: socket.SocketKind) -> None:
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise AsteriskFailed(f"port {port} on {host} cannot be used: {error.strerror}") from error
