"""extensions.conf of the public line. Whatever fails, the next step of a caller is a person.

Channel variables: HOTLINE_CALL names the recording and stands, like HOTLINE_DIALLED, in every event. The
dialogue may set HOTLINE_QUEUE (where to wait; the hotline's operators unless set) and HOTLINE_WAIT (seconds).
It hangs up itself when no person is wanted.
"""

from textwrap import dedent

from hotline.telephony.asterisk.call_events import BLOCKED
from hotline.telephony.asterisk.settings import AsteriskSettings
from hotline.telephony.ports import LINES_TAKEN, queue_of

# Q.850 causes; the carrier sees 404 Not Found and 486 Busy Here.
UNALLOCATED_NUMBER, USER_BUSY = 1, 17


def extensions_conf(settings: AsteriskSettings) -> str:
    """The whole dialplan of one instance."""
    agi = f"agi://{settings.agi_host}:{settings.agi_port}"
    return "".join(
        (
            "[general]\nstatic=yes\nwriteprotect=yes\nautofallthrough=yes\n",
            f"[globals]\nAGI={agi}\n",
            _from_trunk(settings),
            _dialogue(settings),
            LISTEN,
            _waiting(settings),
            _transfer(settings),
            SURVEY,
            _from_agents(settings),
        )
    )


def _from_trunk(settings: AsteriskSettings) -> str:
    known = "".join(
        f"exten => {number},1,Set(HOTLINE={hotline})\n"
        f" same => n,Set(HOTLINE_OPERATORS={queue_of(hotline)})\n"
        " same => n,Goto(dialogue,${EXTEN},1)\n"
        for number, hotline in sorted(settings.numbers.items())
    )
    unknown = (
        f"exten => _[+0-9]!,1,UserEvent({BLOCKED},Reason: unknown_number)\n"
        f" same => n,Hangup({UNALLOCATED_NUMBER})\n"
    )
    return f"\n[from-trunk]\n{known}{unknown}"


def _dialogue(settings: AsteriskSettings) -> str:
    """Our server leads the dialogue. Without it the caller hears the greeting's notices, then waits.

    AGIEXITONHANGUP frees the channel the moment the caller is gone. The absolute timeout is for a server
    that has stopped answering: extension T then goes on.
    """
    return dedent(f"""
        [dialogue]
        exten => _[+0-9]!,1,Set(GROUP()=calls)
         same => n,GotoIf($[${{GROUP_COUNT(calls)}} > {settings.max_calls}]?taken)
         same => n,Set(__HOTLINE_CALL=${{UNIQUEID}})
         same => n,Set(HOTLINE_DIALLED=${{EXTEN}})
         same => n,Set(AGISIGHUP=no)
         same => n,Set(AGIEXITONHANGUP=yes)
         same => n,Set(TIMEOUT(absolute)={settings.ivr_max_seconds})
         same => n,AGI(${{AGI}}/public_line)
         same => n,ExecIf($["${{AGISTATUS}}" = "FAILURE"]?Playback(greeting_${{HOTLINE}}))
         same => n,Goto(waiting,s,1)
         same => n(taken),UserEvent({BLOCKED},Reason: {LINES_TAKEN})
         same => n,Hangup({USER_BUSY})
        exten => T,1,Goto(waiting,s,1)
        """)


# A subroutine for our server (AgiSession.listen): prompts, most keys, file for what is said. Keys during the
# prompts are read to their end; after the tone a key stops the recording and is the first of those read. Sets
# HOTLINE_KEYS; # alone only ends the sentence. The file gets its name once it is whole.
LISTEN = dedent("""
    [listen]
    exten => s,1,MSet(TIMEOUT(response)=0.1,TIMEOUT(digit)=3)
     same => n,Read(HOTLINE_KEYS,${ARG1}&beep,${ARG2},,1)
     same => n,GotoIf($["${HOTLINE_KEYS}" != ""]?done)
     same => n,MixMonitor(,r(${ARG3}.part.sln),mv '${ARG3}.part.sln' '${ARG3}.sln')
     same => n,BackgroundDetect(listening,1500,200)
     same => n(said),StopMixMonitor()
     same => n(done),Return()
    exten => talk,1,Goto(s,said)
    exten => #,1,Goto(s,said)
    exten => _[0-9*],1,StopMixMonitor()
     same => n,Set(TIMEOUT(response)=3)
     same => n,Read(HOTLINE_KEYS,,$[${ARG2} - 1],,1)
     same => n,Set(HOTLINE_KEYS=${EXTEN}${HOTLINE_KEYS})
     same => n,Return()
    """)


def _waiting(settings: AsteriskSettings) -> str:
    """app_queue records from the moment an agent answers. A caller nobody answered is promised a call back.

    A queue that Asterisk does not know is as good as none chosen. A call an agent answered says so itself as
    it ends: with the manager connection cut meanwhile, nobody else would know.
    """
    recording = f"{settings.recordings_dir}/${{HOTLINE_CALL}}${{HOTLINE_PART}}"
    return dedent(f"""
        [waiting]
        exten => s,1,Set(TIMEOUT(absolute)=0)
         same => n,Answer()
         same => n,ExecIf($["${{HOTLINE_WAIT}}" = ""]?Set(HOTLINE_WAIT={settings.queue_max_wait_seconds}))
         same => n,ExecIf($["${{HOTLINE_QUEUE}}" = ""]?Set(HOTLINE_QUEUE=${{HOTLINE_OPERATORS}}))
         same => n,Set(MONITOR_FILENAME={recording})
         same => n,Queue(${{HOTLINE_QUEUE}},t,,,${{HOTLINE_WAIT}})
         same => n,GotoIf($["${{QUEUESTATUS}}" != "UNKNOWN"]?unanswered)
         same => n,Queue(${{HOTLINE_OPERATORS}},t,,,${{HOTLINE_WAIT}})
         same => n(unanswered),AGI(${{AGI}}/after_queue)
         same => n,Hangup()
        exten => h,1,GotoIf($["${{MEMBERINTERFACE}}" = ""]?unheard)
         same => n,AGI(${{AGI}}/answered,${{MEMBERINTERFACE}},${{QEHOLDTIME}})
         same => n(unheard),NoOp()
        """)


def _transfer(settings: AsteriskSettings) -> str:
    """An agent puts the caller through to another hotline: its queue, and a recording beside the first."""
    queues = sorted({queue_of(hotline) for hotline in settings.numbers.values()})
    extensions = "".join(
        f"exten => {queue},1,Set(HOTLINE_QUEUE=${{EXTEN}})\n"
        " same => n,Set(HOTLINE_OPERATORS=${EXTEN})\n"
        " same => n,Set(HOTLINE_PART=-${EPOCH})\n"
        " same => n,Playback(transfer_to_agent)\n"
        " same => n,Goto(waiting,s,1)\n"
        for queue in queues
    )
    return f"\n[transfer]\n{extensions}"


# A call we make to a citizen (it brings its HOTLINE_CALL): who asks for a person there goes on to one.
SURVEY = dedent("""
    [survey]
    exten => s,1,Set(AGISIGHUP=no)
     same => n,Set(AGIEXITONHANGUP=yes)
     same => n,AGI(${AGI}/survey)
     same => n,GotoIf($["${HOTLINE_QUEUE}" != ""]?waiting,s,1)
     same => n,Hangup()
    """)


def _from_agents(settings: AsteriskSettings) -> str:
    """Desk telephones reach each other and nothing else."""
    desks = "".join(
        f"exten => {extension},1,Dial(PJSIP/${{EXTEN}},{settings.agent_ring_seconds})\n same => n,Hangup()\n"
        for extension, _ in settings.agents
    )
    return f"\n[from-agents]\n{desks}"
