"""The supervisor of `hotline up`: starts processes in order, watches them, and leaves none behind.

Three things keep that promise. Asked to stop, the supervisor stops its children in reverse order.
Killed outright, the kernel sends each child its stop signal (PR_SET_PDEATHSIG), and a separate
undertaker process, which sees the supervisor's pipe close, kills what is still there after its time:
each child leads a session of its own, so grandchildren are found even in process groups of their own.

Linux only. Use it from the main thread: PR_SET_PDEATHSIG follows the thread that started the child.
"""

import contextlib
import ctypes
import errno
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from hotline.errors import HotlineError

logger = logging.getLogger(__name__)

STOP_SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
WATCHED = STOP_SIGNALS | {signal.SIGCHLD}
PR_SET_PDEATHSIG = 1
LOG_BYTES = 10_000_000
LONGEST_BACK_OFF_SECONDS = 30
STEADY_SECONDS = 60

libc = ctypes.CDLL(None, use_errno=True)


class ProcessFailed(HotlineError):
    """A process did not start, or one that the run depends on ended."""

    code = "process_failed"


class PortTaken(HotlineError):
    code = "port_taken"


class StopAsked(Exception):
    """Ctrl-C, SIGTERM or a closed terminal."""


@dataclass(frozen=True)
class ProcessSpec:
    """One process. `env` is added to ours; `preexec` runs in the child before exec (change of user).

    `runs_to_end`: a step such as a migration, which must end with code 0 before the next one starts.
    `restart`: start it again when it ends by itself; otherwise its end is the end of the run.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    preexec: Callable[[], None] | None = None
    ready: Callable[[], bool] | None = None
    restart: bool = True
    runs_to_end: bool = False
    stop_signal: signal.Signals = signal.SIGTERM
    start_seconds: float = 60
    stop_seconds: float = 5


def require_free_port(port: int, what: str, host: str = "127.0.0.1", *, hint: str = "") -> None:
    """Raises PortTaken unless `host:port` can be listened on.

    `what` is the setting's name, as `web.port`; `hint` a shorter way to change it.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            why = "is in use by another program" if taken else f"cannot be used: {error.strerror}"
            advice = f"free it or set {what} to another port{hint}"
            raise PortTaken(f"port {port} on {host} ({what}) {why}; {advice}") from error


def checked(result: int) -> None:
    """Raise the OSError of a C call that answered non-zero."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def session_members(session: int) -> list[int]:
    """Living processes of a session, whatever process group they moved to (as rq's work-horses do)."""
    members = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _parent, _group, its_session = stat.read_bytes().rpartition(b")")[2].split()[:4]
        except OSError:
            continue  # it ended while we looked
        if int(its_session) == session and state not in (b"Z", b"X"):
            members.append(int(stat.parent.name))
    return members


def kill_session(session: int) -> None:
    """SIGKILL until none is left (one may be born while we kill), but wait no longer than a second."""
    for _ in range(50):
        members = session_members(session)
        if not members:
            return
        for pid in members:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)


def trim_log(path: Path) -> None:
    """Keep one older file of a log that has grown. Truncates in place: the child's descriptor stays good."""
    try:
        if path.exists() and path.stat().st_size > LOG_BYTES:
            shutil.copyfile(path, path.with_name(path.name + ".1"))
            os.truncate(path, 0)
    except OSError as error:
        logger.warning("the log %s cannot be shortened: %s", path, error)


class Child:
    """One started ProcessSpec: leader of its own session, output appended to <log_dir>/<name>.log."""

    def __init__(self, spec: ProcessSpec, log_dir: Path) -> None:
        self.spec = spec
        self.log = log_dir / f"{spec.name}.log"
        self.restart_at: float | None = None
        self._failures = 0
        self.start()

    def start(self) -> None:
        trim_log(self.log)
        self.restart_at, self._started_at = None, time.monotonic()
        try:
            with self.log.open("ab") as log:
                self._log_start = log.tell()
                self.popen = subprocess.Popen(
                    list(self.spec.argv),
                    env={**os.environ, **self.spec.env},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    preexec_fn=self._entrance(os.getpid()),
                )
        except (OSError, subprocess.SubprocessError) as error:
            raise ProcessFailed(f"{self.spec.name} cannot be started: {error}") from error

    def _entrance(self, supervisor: int) -> Callable[[], None]:
        def enter() -> None:
            if self.spec.preexec is not None:
                self.spec.preexec()
            for number in STOP_SIGNALS:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, [])
            # After preexec: a change of user clears the death signal.
            checked(libc.prctl(PR_SET_PDEATHSIG, int(self.spec.stop_signal), 0, 0, 0))
            if os.getppid() != supervisor:  # it died before the line above
                os._exit(1)

        return enter

    def settled(self) -> bool:
        """Ready, or for a step: ended well. Raises ProcessFailed when it ended otherwise."""
        code = self.popen.poll()
        if code is None:
            return not self.spec.runs_to_end and (self.spec.ready is None or self.spec.ready())
        if code == 0 and self.spec.runs_to_end:
            return True
        raise ProcessFailed(f"{self.spec.name} {ending(code)}{self.last_lines()}")

    def back_off(self) -> int:
        """Note that it ended; returns the seconds until it is started again: 1, 2, 4 ... 30."""
        now = time.monotonic()
        self._failures = 0 if now - self._started_at > STEADY_SECONDS else self._failures
        delay = min(1 << self._failures, LONGEST_BACK_OFF_SECONDS)
        self._failures += 1
        self.restart_at = now + delay
        return delay

    def stop(self) -> None:
        """Stop signal to the leader, time for it and its children to end, then SIGKILL to what is left."""
        session = self.popen.pid
        if self.popen.poll() is None:
            self.popen.send_signal(self.spec.stop_signal)
        deadline = time.monotonic() + self.spec.stop_seconds
        while session_members(session) and time.monotonic() < deadline:
            time.sleep(0.05)
            self.popen.poll()
        kill_session(session)
        self.popen.wait()

    def last_lines(self, count: int = 15) -> str:
        """The last lines it wrote since it was started, for an error message."""
        text = self.log.read_bytes()[self._log_start :].decode(errors="replace")
        lines = [f"\n    {line}" for line in text.splitlines()[-count:]]
        return f". Its last lines ({self.log}):{''.join(lines)}" if lines else f"; its log is {self.log}"


def ending(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


class Undertaker:
    """A separate process told of each session; when our pipe to it closes it kills those still alive."""

    def __init__(self) -> None:
        self._popen = subprocess.Popen(
            [sys.executable, "-m", "hotline.wiring.processes"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def watch(self, child: Child) -> None:
        self._tell(f"+ {child.popen.pid} {child.spec.stop_seconds}\n")

    def forget(self, child: Child) -> None:
        """A session that is gone: its number may be used again by strangers."""
        self._tell(f"- {child.popen.pid} 0\n")

    def close(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._pipe.close()
        self._popen.wait()

    @property
    def _pipe(self) -> IO[bytes]:
        assert self._popen.stdin is not None
        return self._popen.stdin

    def _tell(self, line: str) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._pipe.write(line.encode())
            self._pipe.flush()


def bury(orders: IO[str]) -> None:
    """The undertaker's whole life: note sessions until the pipe closes, then see every one of them end."""
    sessions: dict[int, float] = {}
    for order in orders:
        sign, session, seconds = order.split()
        if sign == "+":
            sessions[int(session)] = float(seconds)
        else:
            sessions.pop(int(session), None)
    closed_at = time.monotonic()
    while sessions := {s: limit for s, limit in sessions.items() if session_members(s)}:
        for session_id, limit in sessions.items():
            if time.monotonic() - closed_at > limit:
                kill_session(session_id)
        time.sleep(0.1)


class Supervisor:
    """Starts `specs` in order. `run()` for `hotline up`; `start()` and `stop()` alone for tests."""

    def __init__(self, specs: Sequence[ProcessSpec], log_dir: Path) -> None:
        self._specs = specs
        self._log_dir = log_dir
        self._children: list[Child] = []
        self._undertaker: Undertaker | None = None
        self._watched: frozenset[signal.Signals] = frozenset()

    def run(self, on_ready: Callable[[], None] = lambda: None) -> None:
        """Start everything, call `on_ready`, watch until asked to stop; whatever happens, stop everything.

        Raises ProcessFailed.
        """
        before = signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
        self._watched = WATCHED
        try:
            self.start()
            on_ready()
            while True:
                self._pause(1)
                for child in self._children:
                    self._look_after(child)
        except StopAsked:
            logger.info("stopping")
        finally:
            self.stop()
            while signal.sigtimedwait(WATCHED, 0):
                pass  # a second Ctrl-C while we stopped must not end us badly now
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def start(self) -> None:
        self._log_dir.mkdir(parents=True, exist_ok=True)
        self._undertaker = Undertaker()
        for spec in self._specs:
            began = time.monotonic()
            child = Child(spec, self._log_dir)
            self._children.append(child)
            self._undertaker.watch(child)
            self._settle(child)
            logger.info("%s is up after %.1f s", spec.name, time.monotonic() - began)
            if spec.runs_to_end:
                self._let_go(child)

    def stop(self) -> None:
        while self._children:
            self._let_go(self._children[-1])
        if self._undertaker is not None:
            self._undertaker.close()
            self._undertaker = None

    def _let_go(self, child: Child) -> None:
        child.stop()
        self._children.remove(child)
        if self._undertaker is not None:
            self._undertaker.forget(child)

    def _settle(self, child: Child) -> None:
        deadline = time.monotonic() + child.spec.start_seconds
        while not child.settled():
            if time.monotonic() > deadline:
                late = f"{child.spec.name} was not ready after {child.spec.start_seconds:g} s"
                raise ProcessFailed(f"{late}{child.last_lines()}")
            self._pause(0.02)

    def _look_after(self, child: Child) -> None:
        trim_log(child.log)
        if child.restart_at is not None:
            if time.monotonic() >= child.restart_at:
                self._start_again(child)
            return
        code = child.popen.poll()
        if code is None:
            return
        child.stop()  # what it left behind
        if not child.spec.restart:
            raise ProcessFailed(f"{child.spec.name} {ending(code)}{child.last_lines()}")
        delay = child.back_off()
        why = ending(code)
        logger.warning("%s %s; starting it again in %d s (%s)", child.spec.name, why, delay, child.log)

    def _start_again(self, child: Child) -> None:
        assert self._undertaker is not None
        self._undertaker.forget(child)
        child.start()
        self._undertaker.watch(child)
        logger.info("%s started again", child.spec.name)

    def _pause(self, seconds: float) -> None:
        """Wait, but react at once to a child's end or a wish to stop (only within `run`)."""
        received = signal.sigtimedwait(self._watched, seconds)
        if received is not None and received.si_signo in STOP_SIGNALS:
            raise StopAsked


@contextlib.contextmanager
def running(*specs: ProcessSpec, log_dir: Path) -> Iterator[None]:
    """The processes run while the block runs: for tests and commands that need a server for a moment."""
    supervisor = Supervisor(specs, log_dir)
    try:
        supervisor.start()
        yield
    finally:
        supervisor.stop()


if __name__ == "__main__":
    bury(sys.stdin)
