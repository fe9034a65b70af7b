"""The configuration files of one Asterisk instance, as text. Pure: the same settings give the same files."""

from textwrap import dedent

from hotline.telephony.asterisk.settings import Agent, AsteriskSettings

# Put on every event of a channel (ChanVariable), so that an event names the call it belongs to.
CHANNEL_VARIABLES = ("HOTLINE_CALL", "HOTLINE_DIALLED")
# All that is sent to us, of dozens a call: what call_events.py records, and what ami.py waits for.
WANTED_EVENTS = (
    *("QueueCallerJoin", "AgentCalled", "AgentRingNoAnswer", "AgentConnect", "Hangup", "UserEvent"),
    *("FullyBooted", "OriginateResponse"),
)
SPOKEN_POSITIONS = 10
# Mean of a telephone's samples (of 32768) below which nobody speaks. A street is above Asterisk's own 256.
SILENCE_THRESHOLD = 512

# Dependencies must be listed as well, since autoload is off. Asterisk refuses to start without any of them.
MODULES = """
res_timing_timerfd bridge_builtin_features bridge_holding bridge_native_rtp bridge_simple bridge_softmix
codec_ulaw codec_alaw codec_resample
format_pcm format_wav format_sln
func_callerid func_channel func_cut func_db func_groupcount func_hangupcause func_logic func_periodic_hook
func_pjsip_endpoint func_strings func_timeout func_uri
res_sorcery_astdb res_sorcery_config res_sorcery_memory
res_pjproject res_pjsip res_pjsip_authenticator_digest res_pjsip_caller_id res_pjsip_dtmf_info
res_pjsip_endpoint_identifier_ip res_pjsip_endpoint_identifier_user res_pjsip_nat
res_pjsip_outbound_authenticator_digest res_pjsip_pubsub res_pjsip_refer res_pjsip_registrar res_pjsip_rfc3326
res_pjsip_sdp_rtp res_pjsip_session res_pjsip_transport_websocket
chan_pjsip res_rtp_asterisk res_srtp res_crypto res_http_websocket
app_chanspy app_dial app_exec app_mixmonitor app_playback app_queue app_read app_stack app_talkdetect
app_userevent
res_agi res_speech res_musiconhold pbx_config
"""
# Browser telephones speak Opus; a build without it still has A-law for them.
OPTIONAL_MODULES = ("codec_opus_open_source", "res_format_attr_opus")

# Asterisk complains of each when it is missing; empty is what we want.
EMPTY_FILES = """
acl ccss cli_aliases cli_permissions codecs extconfig pjproject queuerules sorcery stasis udptl
"""


def files(settings: AsteriskSettings, dialplan: str) -> dict[str, str]:
    """File name -> text of everything in etc/. `dialplan` is extensions.conf (ivr/asterisk/dialplan.py)."""
    written = {
        "asterisk.conf": asterisk_conf(settings),
        "modules.conf": modules_conf(),
        "logger.conf": "[general]\ndateformat=%F %T.%3q\n[logfiles]\nfull => notice,warning,error\n",
        "manager.conf": manager_conf(settings),
        "http.conf": http_conf(settings),
        "rtp.conf": rtp_conf(settings),
        "pjsip.conf": pjsip_conf(settings),
        "queues.conf": queues_conf(settings),
        "say.conf": say_conf(settings),
        "musiconhold.conf": f"[default]\nmode=files\ndirectory={settings.directory}/data/moh\n",
        "dsp.conf": f"[default]\nsilencethreshold={SILENCE_THRESHOLD}\n",
        "features.conf": "[general]\n[featuremap]\nblindxfer => #1\natxfer => *2\n",
        "indications.conf": INDICATIONS,
        "cdr.conf": "[general]\nenable=no\n",
        "cel.conf": "[general]\nenable=no\n",
        "extensions.conf": dialplan,
    }
    return {f"{name}.conf": "" for name in EMPTY_FILES.split()} | written


def asterisk_conf(settings: AsteriskSettings) -> str:
    own = settings.directory
    return dedent(f"""\
        [directories]
        astetcdir => {own}/etc
        astmoddir => {settings.prefix}/modules
        astvarlibdir => {own}/var
        astdbdir => {own}/var
        astkeydir => {own}/keys
        astdatadir => {own}/data
        astagidir => {own}/var/agi-bin
        astspooldir => {own}/spool
        astrundir => {own}/run
        astlogdir => {own}/log
        astcachedir => {own}/cache
        astsbindir => {settings.prefix}/usr/sbin
        [options]
        systemname = hotline
        defaultlanguage = {settings.language}
        nocolor = yes
        maxfiles = 65536
        documentation_language = en_US
        hideconnect = yes
        """)


def modules_conf() -> str:
    required = "".join(f"require={name}.so\n" for name in MODULES.split())
    return "[modules]\nautoload=no\n" + required + "".join(f"load={name}.so\n" for name in OPTIONAL_MODULES)


def manager_conf(settings: AsteriskSettings) -> str:
    """One user, from this machine only, without the right to run commands or read files."""
    head = dedent(f"""\
        [general]
        enabled = yes
        port = {settings.ami_port}
        bindaddr = 127.0.0.1
        timestampevents = yes
        channelvars = {",".join(CHANNEL_VARIABLES)}
        [{settings.ami_user}]
        secret = {settings.ami_secret}
        deny = 0.0.0.0/0.0.0.0
        permit = 127.0.0.1/255.255.255.255
        read = system,call,agent,user,reporting,originate
        write = system,call,agent,user,reporting,originate
        writetimeout = 5000
        """)
    return head + "".join(f"eventfilter(action(include),name({event})) =\n" for event in WANTED_EVENTS)


def http_conf(settings: AsteriskSettings) -> str:
    """For the browser telephones' websocket (/ws)."""
    return dedent(f"""\
        [general]
        enabled = yes
        bindaddr = {settings.bind_host}
        bindport = {settings.http_port}
        sessionlimit = 1000
        """)


def rtp_conf(settings: AsteriskSettings) -> str:
    first, last = settings.rtp_ports
    return f"[general]\nrtpstart={first}\nrtpend={last}\nstrictrtp=yes\nicesupport=yes\n"


def pjsip_conf(settings: AsteriskSettings) -> str:
    """SIP: the carrier's trunk and the desks' telephones."""
    parts = [_transports(settings), _trunk(settings), DESK, *map(_agent, settings.agents)]
    return "\n".join(parts)


def _transports(settings: AsteriskSettings) -> str:
    host, sip = settings.bind_host, settings.sip_port
    return dedent(f"""\
        [global]
        type=global
        ; by name first: agents and the carrier may share one address
        endpoint_identifier_order=username,ip,anonymous
        user_agent=hotline
        [udp]
        type=transport
        protocol=udp
        bind={host}:{sip}
        [tcp]
        type=transport
        protocol=tcp
        bind={host}:{sip}
        [ws]
        type=transport
        protocol=ws
        bind={host}
        """)


def _trunk(settings: AsteriskSettings) -> str:
    return dedent(f"""\
        [endpoint](!)
        type=endpoint
        transport=udp
        disallow=all
        allow=alaw,ulaw
        dtmf_mode=auto_info
        direct_media=no
        rtp_symmetric=yes
        language={settings.language}

        [trunk](endpoint)
        context=from-trunk
        aors=trunk
        [trunk]
        type=aor
        contact=sip:{settings.trunk_host}:{settings.trunk_port}
        [trunk]
        type=identify
        endpoint=trunk
        match={settings.trunk_host}
        """)


DESK = dedent("""\
    [agent](!,endpoint)
    context=from-agents
    force_rport=yes
    rewrite_contact=yes
    device_state_busy_at=1
    [agent-auth](!)
    type=auth
    auth_type=digest
    [agent-aor](!)
    type=aor
    ; a telephone that registers anew replaces its old self, which would swallow half the calls
    max_contacts=1
    remove_existing=yes
    """)


def _agent(agent: Agent) -> str:
    extension, password = agent
    return dedent(f"""
        [{extension}](agent)
        auth={extension}
        aors={extension}
        callerid=<{extension}>
        [{extension}](agent-auth)
        username={extension}
        password={password}
        [{extension}](agent-aor)
        """)


def queues_conf(settings: AsteriskSettings) -> str:
    """Members are not kept over a restart: agents/membership.py puts the wished ones back."""
    head = dedent(f"""\
        [general]
        persistentmembers = no
        autofill = yes
        shared_lastcall = yes
        [queue](!)
        strategy = leastrecent
        timeout = {settings.agent_ring_seconds}
        timeoutpriority = conf
        retry = 1
        wrapuptime = 0
        joinempty = yes
        leavewhenempty = no
        ringinuse = no
        ; at once, or the next caller rings at the same empty chair; our own pause follows
        autopause = all
        musicclass = default
        ; MixMonitor into MONITOR_FILENAME once an agent answers: abandoned calls leave no file
        monitor-format = wav
        ; who answered and after how long stays with the caller's channel (ivr/asterisk/dialplan.py)
        setinterfacevar = yes
        setqueueentryvar = yes
        announce-frequency = {settings.announce_seconds}
        min-announce-frequency = {min(15, settings.announce_seconds)}
        announce-position = yes
        announce-holdtime = no
        ; our prompts are whole sentences: position N is said by say.conf
        queue-youarenext = queue_position_1
        queue-thereare =
        queue-callswaiting =
        queue-thankyou =
        """)
    return head + "".join(f"[{name}](queue)\n" for name in settings.queues)


def say_conf(settings: AsteriskSettings) -> str:
    """app_queue says a position as a number; each language of ours has a sentence for each number."""
    rules = "".join(f"num:{n} => queue_position_{n}\n" for n in range(1, SPOKEN_POSITIONS + 1))
    rules += "_num:X. => queue_position_more\n"
    languages = sorted({settings.language, *settings.sounds_dirs})
    return "[general]\nmode=new\n" + "".join(f"[{language}]\n{rules}" for language in languages)


INDICATIONS = dedent("""\
    [general]
    country=cn
    [cn]
    description=China
    ringcadence=1000,4000
    dial=450
    busy=450/350,0/350
    ring=450/1000,0/4000
    congestion=450/700,0/700
    """)
