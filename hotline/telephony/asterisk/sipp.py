"""SIP telephones by sipp: a scenario is a list of what the person does.

    Sipp(directory, server_port).call("12345", key("1"), talk(), pause(2), hang_up()).succeeds()

Keys go as SIP INFO, since sipp's RFC 2833 digits need a raw socket, that is root.
sipp itself only says that the SIP went as written: what Asterisk made of it is asserted elsewhere.
"""

import itertools
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from hotline.telephony.asterisk.free_ports import free_udp_port, free_udp_ports

# One second of the digital milliwatt: 1 kHz in A-law.
TONE = bytes((0x34, 0x21, 0x21, 0x34, 0xB4, 0xA1, 0xA1, 0xB4)) * 1000
LONGEST_WAIT_SECONDS = 60

# A step gives its XML for the CSeq it may use.
Step = Callable[[int], str]

DIALOG = """Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      {ends}
      Call-ID: [call_id]
      CSeq: {cseq} {method}
      Max-Forwards: 70
"""
CALLER_ENDS = """From: <sip:[field0]@[local_ip]:[local_port]>;tag=[pid]t[call_number]
      [last_To:]"""
CALLEE_ENDS = """From: [$to];tag=[pid]a[call_number]
      To: [$from]"""
SDP = """Content-Type: application/sdp
      Content-Length: [len]

      v=0
      o=user 53655765 2353687637 IN IP[local_ip_type] [local_ip]
      s=-
      c=IN IP[media_ip_type] [media_ip]
      t=0 0
      m=audio [media_port] RTP/AVP 8
      a=rtpmap:8 PCMA/8000
      a=ptime:20
      a=sendrecv
"""
NO_BODY = "Content-Length: 0\n"
LAST = """[last_Via:]
      [last_From:]
      [last_To:]{tag}
      [last_Call-ID:]
      [last_CSeq:]
"""


def _send(body: str, attributes: str = "") -> str:
    return f"<send{attributes}><![CDATA[\n      {body}\n]]></send>\n"


def _request(method: str, ends: str, cseq: int, body: str = "Content-Length: 0\n") -> str:
    retransmit = "" if method == "ACK" else ' retrans="500"'
    head = DIALOG.format(ends=ends, cseq=cseq, method=method)
    return _send(f"{method} [next_url] SIP/2.0\n      {head}      {body}", retransmit)


def _ok(tag: str = "", body: str = "Content-Length: 0\n") -> str:
    return _send(f"SIP/2.0 200 OK\n      {LAST.format(tag=tag)}      {body}")


def pause(seconds: float) -> Step:
    return lambda _: f'<pause milliseconds="{int(seconds * 1000)}"/>\n'


def talk() -> Step:
    """A tone from here on."""
    return lambda _: '<nop><action><exec rtp_stream="tone.alaw,-1,8"/></action></nop>\n'


def play(file: Path, seconds: float) -> Step:
    """What the person says (A-law, 8 kHz, without header), and a pause as long as it lasts."""
    start = f'<nop><action><exec rtp_stream="{file},1,8"/></action></nop>\n'
    return lambda _: start + pause(seconds)(0)


def key(digit: str, after: float = 0.3) -> Step:
    """Press one key `after` so many seconds. Only a caller presses keys here, or a citizen we called."""
    head = "Content-Type: application/dtmf-relay\n      Content-Length: [len]\n"
    body = f"{head}\n      Signal={digit}\n      Duration=160\n"

    def step(cseq: int) -> str:
        return pause(after)(0) + _request("INFO", "{ends}", cseq, body) + '<recv response="200"/>\n'

    return step


def keys(digits: str, after: float = 0.3) -> list[Step]:
    return [key(digit, after) for digit in digits]


def hang_up() -> Step:
    return lambda cseq: _request("BYE", "{ends}", cseq) + '<recv response="200"/>\n'


def wait_for_hang_up(seconds: float = LONGEST_WAIT_SECONDS) -> Step:
    return lambda _: f'<recv request="BYE" timeout="{int(seconds * 1000)}"/>\n' + _ok()


def _steps(steps: Sequence[Step], ends: str, first_cseq: int) -> str:
    return "".join(step(cseq) for cseq, step in enumerate(steps, first_cseq)).replace("{ends}", ends)


def _scenario(body: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="s">\n{body}</scenario>\n'


def _invite() -> str:
    head = DIALOG.format(
        ends=CALLER_ENDS.replace("[last_To:]", "To: <sip:[service]@[remote_ip]:[remote_port]>"),
        cseq=1,
        method="INVITE",
    )
    contact = "Contact: <sip:[field0]@[local_ip]:[local_port]>"
    line = "INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0"
    early = "".join(f'<recv response="{code}" optional="true"/>\n' for code in (100, 180, 183))
    return (
        _send(f"{line}\n      {head}      {contact}\n      {SDP}", ' retrans="500" start_rtd="setup"') + early
    )


def caller_scenario(steps: Sequence[Step]) -> str:
    answered = '<recv response="200" rtd="setup" rrs="true" timeout="20000"/>\n' + _request(
        "ACK", CALLER_ENDS, 1
    )
    return _scenario(_invite() + answered + _steps(steps, CALLER_ENDS, 2))


def refused_scenario(code: int) -> str:
    return _scenario(_invite() + f'<recv response="{code}" rtd="setup"/>\n' + _request("ACK", CALLER_ENDS, 1))


def callee_scenario(steps: Sequence[Step], ring_seconds: float) -> str:
    """Rings, answers, then does the steps."""
    remember = "".join(
        f'<ereg regexp=".*" search_in="hdr" header="{name}:" assign_to="{name.lower()}"/>'
        for name in ("From", "To")
    )
    tag = ";tag=[pid]a[call_number]"
    contact = "Contact: <sip:[local_ip]:[local_port];transport=[transport]>\n"
    ringing = _send(
        f"SIP/2.0 180 Ringing\n      {LAST.format(tag=tag)}      {contact}      Content-Length: 0\n"
    )
    answer = f"SIP/2.0 200 OK\n      {LAST.format(tag=tag)}      {contact}      {SDP}"
    return _scenario(
        f'<recv request="INVITE" rrs="true"><action>{remember}</action></recv>\n'
        + ringing
        + pause(ring_seconds)(0)
        + _send(answer, ' retrans="500"')
        + '<recv request="ACK"/>\n'
        + _steps(steps, CALLEE_ENDS, 1)
        + '<Reference variables="from,to"/>\n'
    )


def refusing_scenario(code: int) -> str:
    refusal = _send(f"SIP/2.0 {code} No\n      {LAST.format(tag=';tag=[pid]a[call_number]')}      {NO_BODY}")
    return _scenario('<recv request="INVITE"/>\n' + refusal + '<recv request="ACK"/>\n')


def register_scenario() -> str:
    def register(cseq: int, authorisation: str) -> str:
        ends = (
            "From: <sip:[field0]@[remote_ip]>;tag=[pid]t[call_number]\n      To: <sip:[field0]@[remote_ip]>"
        )
        head = DIALOG.format(ends=ends, cseq=cseq, method="REGISTER")
        contact = f"Contact: <sip:[field0]@[local_ip]:[local_port]>\n      {authorisation}Expires: 3600"
        line = "REGISTER sip:[remote_ip]:[remote_port] SIP/2.0"
        return _send(f"{line}\n      {head}      {contact}\n      Content-Length: 0\n", ' retrans="500"')

    return _scenario(
        register(1, "")
        + '<recv response="401" auth="true"/>\n'
        + register(2, "[field1]\n      ")
        + '<recv response="200"/>\n'
    )


class Phones:
    """A sipp process: one telephone, or many that all do the same."""

    def __init__(self, directory: Path, arguments: Sequence[str]) -> None:
        self.directory = directory
        with (directory / "screen").open("wb") as screen:
            self.process = subprocess.Popen(
                ["sipp", *arguments], cwd=directory, stdin=subprocess.DEVNULL, stdout=screen, stderr=screen
            )

    def succeeds(self, seconds: float = LONGEST_WAIT_SECONDS) -> None:
        """Wait for the end; AssertionError with sipp's own words unless every call went as written."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.stop()
            raise AssertionError(f"sipp did not end in {seconds:g} s\n{self._said()}") from None
        assert code == 0, f"sipp ended with {code}\n{self._said()}"

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _said(self) -> str:
        errors = self.directory / "errors"
        return errors.read_text(errors="replace")[-4000:] if errors.exists() else "(no error was written)"


class Rate(NamedTuple):
    """How many calls, how many new ones a second, how many at once."""

    calls: int
    per_second: float = 10
    at_once: int = 1000


ONE_CALL = Rate(1)


class Sipp:
    """Makes telephones that talk to one Asterisk on loopback."""

    _numbers = itertools.count(1)

    def __init__(self, directory: Path, server_port: int) -> None:
        self.directory = directory
        self.server_port = server_port

    def call(
        self,
        number: str,
        *steps: Step,
        callers: Sequence[str] = ("13800138000",),
        rate: Rate = ONE_CALL,
        refused: int | None = None,
    ) -> Phones:
        """Citizens dial `number`; with `refused` they expect that SIP answer instead of a conversation."""
        text = refused_scenario(refused) if refused else caller_scenario(steps)
        return self._start(text, rate, ["-s", number], [f"{caller};" for caller in callers])

    def agents(
        self,
        desks: Sequence[tuple[str, str]],
        *steps: Step,
        ring_seconds: float = 0.2,
        port: int | None = None,
    ) -> Phones:
        """Desk telephones (extension, password) register, then answer whatever rings until stopped."""
        port = port or free_udp_port()
        rows = [f"{name};[authentication username={name} password={password}];" for name, password in desks]
        self._start(register_scenario(), Rate(len(desks), 50), [], rows, port=port).succeeds()
        return self.answer_calls(port, *steps, ring_seconds=ring_seconds)

    def answer_calls(self, port: int, *steps: Step, ring_seconds: float = 0.2) -> Phones:
        """Whoever is reached at `port` (a desk, or a citizen behind the carrier)."""
        return self._start(callee_scenario(steps, ring_seconds), None, [], [], port=port)

    def refuse_calls(self, port: int, code: int) -> Phones:
        """Whoever is called at `port` answers with this SIP error."""
        return self._start(refusing_scenario(code), None, [], [], port=port)

    def _start(
        self, scenario: str, rate: Rate | None, extra: list[str], rows: list[str], *, port: int | None = None
    ) -> Phones:
        directory = self.directory / f"sipp{next(self._numbers)}"
        directory.mkdir(parents=True)
        (directory / "tone.alaw").write_bytes(TONE)
        (directory / "scenario.xml").write_text(scenario)
        arguments = [
            f"127.0.0.1:{self.server_port}",
            "-sf",
            "scenario.xml",
            "-i",
            "127.0.0.1",
            "-mi",
            "127.0.0.1",
        ]
        arguments += ["-p", str(port or free_udp_port()), "-nostdin", "-trace_err", "-error_file", "errors"]
        if rows:
            (directory / "rows.csv").write_text("\n".join(["SEQUENTIAL", *rows, ""]))
            arguments += ["-inf", "rows.csv"]
        if rate:
            arguments += ["-m", str(rate.calls), "-r", f"{rate.per_second:g}", "-l", str(rate.at_once)]
        # Four ports a call: sound and its RTCP, and the same for a picture sipp reserves as well.
        arguments += ["-mp", str(free_udp_ports(4 * (min(rate.calls, rate.at_once) if rate else 100)))]
        phones = Phones(directory, [*arguments, *extra])
        if rate is None:
            time.sleep(0.2)  # until it listens
        return phones
