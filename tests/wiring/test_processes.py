"""The supervisor with real servers, a real gunicorn and a real rq worker: nothing may stay behind."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import redis
from rq import Queue

from hotline.wiring.embedded import EmbeddedPostgres, EmbeddedValkey
from hotline.wiring.processes import (
    LOG_BYTES,
    PortTaken,
    ProcessFailed,
    ProcessSpec,
    Supervisor,
    ending,
    require_free_port,
    running,
    trim_log,
)
from tests.support.waiting import eventually

# A small house: what `hotline up` starts, with nothing of the product in it. `stubborn` ignores every polite
# signal and so does its child, which moreover leaves the process group.
HOUSE = """
import logging, sys
from pathlib import Path
from hotline.wiring.embedded import EmbeddedPostgres, EmbeddedValkey
from hotline.wiring.processes import ProcessSpec, Supervisor

logging.basicConfig(level="INFO", stream=sys.stdout)
data = Path(sys.argv[1])
python = sys.executable
STUBBORN = '''
import os, pathlib, signal, sys, time
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
if os.fork() == 0:
    os.setpgrp()
    pathlib.Path(sys.argv[1]).touch()
time.sleep(600)
'''
WEB = "def app(environ, start):\\n    start('200 OK', [])\\n    return [b'']\\n"
(data / "small_web.py").write_text(WEB)
born = data / "born"
born.unlink(missing_ok=True)
postgres, valkey = EmbeddedPostgres(data), EmbeddedValkey(data)
postgres.prepare()
valkey.prepare()
web = ["-m", "gunicorn", "--chdir", str(data), "--bind", f"unix:{data}/web.sock", "-w", "2", "small_web:app"]
Supervisor(
    [
        postgres.process(),
        valkey.process(),
        ProcessSpec("step", [python, "-c", "print('migrated')"], runs_to_end=True),
        ProcessSpec("web", [python, *web], ready=(data / "web.sock").exists),
        ProcessSpec(
            "worker", [python, "-m", "rq.cli", "worker", "--url", valkey.url(), "calls"], stop_seconds=1
        ),
        ProcessSpec("stubborn", [python, "-c", STUBBORN, str(born)], ready=born.exists, stop_seconds=1),
    ],
    data / "log",
).run(lambda: print("READY", flush=True))
print("CLEAN END", flush=True)
"""


def alive(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


class House:
    def __init__(self, data: Path) -> None:
        self.data = data
        self.supervisor = subprocess.Popen(
            [sys.executable, "-c", HOUSE, str(data)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.said: list[str] = []

    def until_said(self, text: str) -> None:
        assert self.supervisor.stdout is not None
        for line in self.supervisor.stdout:
            self.said.append(line)
            if text in line:
                return
        raise AssertionError(f"never said {text!r}: {''.join(self.said)}")

    def whole_tree(self) -> list[psutil.Process]:
        """Every process of the house, once a job is running in a work-horse of its own."""
        Queue("calls", connection=redis.Redis.from_url(EmbeddedValkey(self.data).url())).enqueue(
            time.sleep, 600
        )
        root = psutil.Process(self.supervisor.pid)
        worker = self.one("rq.cli")
        eventually(lambda: len(worker.children()) == 1, "a work-horse")
        eventually(lambda: len(self.one("gunicorn").children()) == 2, "two web workers")
        return [root, *root.children(recursive=True)]

    def one(self, words: str) -> psutil.Process:
        """The child of the supervisor with these words in its command line."""
        children = psutil.Process(self.supervisor.pid).children()
        return next(child for child in children if words in " ".join(child.cmdline()))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with a fresh database, for each house to copy."""
    data = tmp_path_factory.mktemp("prepared")
    EmbeddedPostgres(data).prepare()
    return data


@pytest.fixture
def house(prepared: Path) -> Iterator[House]:
    # Short, so that the web's socket fits
    data = Path("/tmp", f"house-{os.getpid()}-{time.monotonic_ns()}")
    shutil.copytree(prepared, data)
    built = House(data)
    built.until_said("READY")
    yield built
    if built.supervisor.poll() is None:
        built.supervisor.terminate()
    built.supervisor.wait(30)
    shutil.rmtree(data)


@pytest.mark.parametrize("wish", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_asked_to_stop_it_ends_well_and_leaves_no_process_behind(house: House, wish: signal.Signals) -> None:
    tree = house.whole_tree()
    house.supervisor.send_signal(wish)
    house.supervisor.send_signal(wish)  # as timeout(1) does, and impatient people
    house.until_said("CLEAN END")
    assert house.supervisor.wait(5) == 0
    assert [process for process in tree if alive(process)] == []
    assert "database system is shut down" in (house.data / "log" / "postgres.log").read_text()


def test_killed_outright_it_leaves_no_process_behind_and_starts_again_on_the_same_data(house: House) -> None:
    tree = house.whole_tree()
    house.supervisor.kill()
    house.supervisor.wait()
    eventually(lambda: not any(map(alive, tree)), "an empty house", seconds=8)
    again = House(house.data)
    again.until_said("READY")
    again.supervisor.terminate()
    again.until_said("CLEAN END")
    assert again.supervisor.wait(5) == 0


def test_killed_together_with_the_undertaker_its_servers_still_end(house: House) -> None:
    """The kernel's own signal, which a change of user must not have cleared."""
    undertaker = house.one("hotline.wiring.processes")
    stubborn = house.one("os.setpgrp()")
    left = [stubborn, *stubborn.children()]
    servers = [process for process in house.whole_tree() if process not in left]
    worker = house.one("rq.cli")
    eventually(worker.children, "a work-horse")
    horse = worker.children()[0]
    undertaker.kill()
    house.supervisor.kill()
    house.supervisor.wait()
    horse.kill()  # its worker lets it finish
    eventually(lambda: not any(map(alive, servers)), "no server")
    for process in left:
        process.kill()


def test_started_again_at_once_after_being_killed_it_waits_for_the_database_to_close(house: House) -> None:
    house.supervisor.kill()
    again = House(house.data)
    again.until_said("READY")
    again.supervisor.terminate()
    again.until_said("CLEAN END")


def test_ctrl_c_in_the_terminal_reaches_only_the_supervisor(house: House) -> None:
    for child in psutil.Process(house.supervisor.pid).children():
        assert os.getsid(child.pid) == child.pid != os.getsid(house.supervisor.pid)


def test_a_crashed_server_is_started_again_and_that_is_said(house: House) -> None:
    crashed = house.one("valkey-server")
    crashed.kill()
    house.until_said("valkey was ended by SIGKILL; starting it again in 1 s")
    house.until_said("valkey started again")
    eventually(EmbeddedValkey(house.data).is_ready, "Valkey answers again")
    house.one("bin/postgres").kill()
    house.until_said("postgres started again")
    eventually(EmbeddedPostgres(house.data).is_ready, "PostgreSQL answers again")


def test_what_a_crashed_process_left_behind_goes_before_it_is_started_again(house: House) -> None:
    stubborn = house.one("os.setpgrp()")
    orphan = stubborn.children()[0]
    stubborn.kill()
    house.until_said("stubborn started again")
    assert not alive(orphan)


def python(name: str, code: str, **more: object) -> ProcessSpec:
    return ProcessSpec(name, [sys.executable, "-c", textwrap.dedent(code)], **more)


def test_a_process_that_ends_while_starting_is_named_with_its_last_words(tmp_path: Path) -> None:
    (tmp_path / "web.log").write_text("words of an earlier day\n")
    dies = python("web", "import sys; print('no such table: ticket'); sys.exit(3)", ready=lambda: False)
    with pytest.raises(ProcessFailed) as failed, running(dies, log_dir=tmp_path):
        pass
    assert "web ended with exit code 3" in str(failed.value)
    assert "no such table: ticket" in str(failed.value)
    assert "earlier day" not in str(failed.value)


def test_a_step_that_fails_stops_the_start_and_what_was_started(tmp_path: Path) -> None:
    sleeper = python("sleeper", "import time; time.sleep(600)")
    step = python("migrate", "raise SystemExit('two heads')", runs_to_end=True)
    supervisor = Supervisor([sleeper, step], tmp_path)
    others = psutil.Process().children()  # servers that other tests share
    with pytest.raises(ProcessFailed, match="migrate ended with exit code 1"):
        supervisor.run()
    assert [child for child in psutil.Process().children() if child not in others] == []


def test_a_process_that_is_never_ready_is_named(tmp_path: Path) -> None:
    mute = python("web", "import time; time.sleep(600)", ready=lambda: False, start_seconds=0.3)
    with (
        pytest.raises(ProcessFailed, match=r"web was not ready after 0\.3 s"),
        running(mute, log_dir=tmp_path),
    ):
        pass


def test_a_program_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(ProcessFailed, match=r"web cannot be started: .*no-such-program"),
        running(ProcessSpec("web", ["/no-such-program"]), log_dir=tmp_path),
    ):
        pass


def test_the_end_of_a_process_that_must_not_end_is_the_end_of_the_run(tmp_path: Path) -> None:
    brief = python("story", "import time; time.sleep(0.5); raise SystemExit('over')", restart=False)
    with pytest.raises(ProcessFailed, match=r"(?s)story ended with exit code 1.*over"):
        Supervisor([brief], tmp_path).run()


def test_a_process_that_keeps_crashing_is_started_ever_more_slowly(tmp_path: Path) -> None:
    crashing = python("worker", "raise SystemExit(1)")
    supervisor = Supervisor([crashing], tmp_path)
    supervisor.start()
    child = supervisor._children[0]
    assert [child.back_off() for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    supervisor.stop()


def test_children_get_the_signals_their_parent_had_ignored_or_held_back(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with running(python("web", "import time; time.sleep(600)"), log_dir=tmp_path):
        (web,) = (child for child in psutil.Process().children() if "time.sleep(600)" in str(child.cmdline()))
        status = Path(f"/proc/{web.pid}/status").read_text()
    signal.signal(signal.SIGHUP, before)
    masks = dict(line.split(":\t") for line in status.splitlines() if line.startswith(("SigBlk", "SigIgn")))
    assert int(masks["SigBlk"], 16) == 0
    assert int(masks["SigIgn"], 16) & 1 << signal.SIGHUP - 1 == 0


def test_a_taken_port_is_named_with_its_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            PortTaken, match=f"port {port} on 127.0.0.1 .web.port. is in use by another program"
        ):
            require_free_port(port, "web.port")
    require_free_port(port, "web.port")


def test_a_port_on_an_address_that_is_not_ours_is_named_with_its_setting() -> None:
    with pytest.raises(PortTaken, match=r"set web\.port to another port"):
        require_free_port(8000, "web.port", host="203.0.113.7")


def test_a_log_that_has_grown_keeps_one_older_file_and_its_writer_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"x" * (LOG_BYTES + 1))
        trim_log(log)
        writer.write(b"next line\n")
    assert log.read_bytes() == b"next line\n"
    assert (tmp_path / "web.log.1").stat().st_size == LOG_BYTES + 1


def test_an_ending_is_said_in_words() -> None:
    assert ending(-9) == "was ended by SIGKILL"
    assert ending(2) == "ended with exit code 2"
