"""extensions.conf of the public line. Whatever fails, the next step of a caller is a person.

The dialogue sets channel variables: HOTLINE_CALL (names the recording), HOTLINE_QUEUE (where to wait; the hotline's
own queue unless set), HOTLINE_WAIT (seconds). It ends the call itself when no person is wanted.
"""

from textwrap import dedent

from hotline.telephony.asterisk.settings import AsteriskSettings, queue_of

# Q.850 causes, as the carrier hears them: 404 Not Found, 486 Busy Here.
UNALLOCATED_NUMBER, USER_BUSY = 1, 17
# User events an AMI listener turns into facts.
BLOCKED_EVENT = "HotlineBlocked"


def extensions_conf(settings: AsteriskSettings) -> str:
    """The whole dialplan of one instance."""
    return "".join(
        (
            "[general]\nstatic=yes\nwriteprotect=yes\nautofallthrough=yes\n",
            _from_trunk(settings),
            _dialogue(settings),
            _queue(settings),
            _survey(settings),
            _from_agents(settings),
        )
    )


def _agi(settings: AsteriskSettings, script: str) -> str:
    return f"AGI(agi://{settings.agi_host}:{settings.agi_port}/{script})"


def _from_trunk(settings: AsteriskSettings) -> str:
    """Known numbers by name; any other number is refused as unallocated, and both refusals are told."""
    lines = ["\n[from-trunk]"]
    for number, hotline in sorted(settings.numbers.items()):
        lines += [
            f"exten => {number},1,Set(GROUP()=calls)",
            f" same => n,GotoIf($[${{GROUP_COUNT(calls)}} > {settings.max_calls}]?taken)",
            f" same => n,Set(HOTLINE=({hotline}))".replace("(({", "({"),
            f" same => n,Set(HOTLINE_QUEUE={queue_of(hotline)})",
            " same => n,Goto(dialogue,${EXTEN},1)",
            f" same => n(taken),UserEvent({BLOCKED_EVENT},Reason: lines_taken)",
            f" same => n,Hangup({USER_BUSY})",
        ]
    for pattern in ("_X!", "_+X!"):
        lines += [
            f"exten => {pattern},1,UserEvent({BLOCKED_EVENT},Reason: unknown_number)",
            f" same => n,Hangup({UNALLOCATED_NUMBER})",
        ]
    return "\n".join(lines) + "\n"
