"""Settings: one TOML file, every value checked, wrong or unknown settings refused by name.

`HOTLINE_CONFIG` names the file. `config.example.toml` shows every setting with its default.
"""

import os
import tomllib
from datetime import time
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from hotline.errors import HotlineError


class SettingsRefused(HotlineError):
    """The configuration is wrong; each line names a setting and says what it should be."""

    code = "settings_refused"


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Site(Section):
    name: str = "演示市12345政务服务便民热线"
    name_en: str = "Demo City 12345 Hotline"
    city: str = "演示市"
    time_zone: str = "Asia/Shanghai"
    region: str = "CN"
    public_url: str = "http://127.0.0.1:8000"
    secret_key: str = ""
    data_dir: Path = Path("data")
    demo: bool = True

    @field_validator("time_zone")
    @classmethod
    def known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("not a time zone name such as Asia/Shanghai")
        return value

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Web(Section):
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    workers: int = Field(2, ge=1)
    threads: int = Field(8, ge=1)
    trusted_proxies: int = Field(0, ge=0)
    live_port: int = Field(0, ge=0, le=65535)
    simulators_port: int = Field(0, ge=0, le=65535)

    @property
    def reached_at(self) -> str:
        """This machine's own way to what listens on `host`: every address is no address to open."""
        return "127.0.0.1" if self.host in ("0.0.0.0", "::", "") else self.host


class Database(Section):
    """`url` is whom the processes connect as; `owner_url` whom `hotline migrate` does, empty: the same."""

    url: str = ""
    owner_url: str = ""
    pool_size: int = Field(10, ge=1)


class Redis(Section):
    url: str = ""


class Worker(Section):
    count: int = Field(1, ge=0)


class Number(Section):
    dialled: str
    hotline: Literal["12345", "12348"]


class Telephony(Section):
    system: Literal["simulated", "asterisk", "twilio"] = "simulated"
    max_calls: int = Field(200, ge=1)
    queue_max_wait_seconds: int = Field(300, ge=1)
    agent_ring_seconds: int = Field(20, ge=1)
    wrap_up_seconds: int = Field(120, ge=0)
    recordings_dir: Path = Path("recordings")
    numbers: tuple[Number, ...] = Field(
        (
            Number(dialled="12345", hotline="12345"),
            Number(dialled="12348", hotline="12348"),
            Number(dialled="+8612345", hotline="12345"),
            Number(dialled="+8612348", hotline="12348"),
        ),
        min_length=1,
    )

    def hotline_of(self, dialled: str) -> str | None:
        return next((n.hotline for n in self.numbers if n.dialled == dialled), None)

    def number_of(self, hotline: str, *, begins: str = "") -> str | None:
        """The first number that leads to this hotline; with `begins="+"` the first one in E.164."""
        own = (n.dialled for n in self.numbers if n.hotline == hotline)
        return next((dialled for dialled in own if dialled.startswith(begins)), None)


class Asterisk(Section):
    prefix: Path = Path(".asterisk/prefix")
    managed: bool = True
    host: str = "127.0.0.1"
    sip_port: int = Field(5060, ge=1, le=65535)
    ami_port: int = Field(5038, ge=1, le=65535)
    http_port: int = Field(8088, ge=1, le=65535)
    agi_port: int = Field(4573, ge=1, le=65535)
    rtp_first: int = Field(10000, ge=1024, le=65000)
    rtp_last: int = Field(14998, ge=1024, le=65535)
    ami_user: str = "hotline"
    ami_secret: str = "change-me"
    trunk: str = "127.0.0.1:5090"
    agent_password: str = "change-me-too"


class Twilio(Section):
    account_sid: str = ""
    auth_token: str = ""
    api_base: str = "https://api.twilio.com"
    caller_number: str = "+8612345"
    voice_zh: str = "Polly.Zhiyu"
    voice_en: str = "Polly.Joanna"


class Ivr(Section):
    menu: bool = True
    language: Literal["zh", "en"] = "zh"
    input_seconds: int = Field(5, ge=1, le=30)
    tries: int = Field(2, ge=1, le=5)
    confident: float = Field(0.5, ge=0, le=1)


class Speech(Section):
    enabled: bool = True
    url: str = ""
    model: str = "whisper-base"
    api_key: str = ""
    timeout_seconds: float = Field(6, gt=0, le=30)
    port: int = Field(0, ge=0, le=65535)
    threads: int = Field(2, ge=1)


class Smpp(Section):
    host: str = "127.0.0.1"
    port: int = Field(2775, ge=1, le=65535)
    system_id: str = Field("hotline", max_length=15)  # the protocol has room for no more
    password: str = Field("changeme", max_length=8)
    window: int = Field(50, ge=1, le=1000)
    enquire_link_seconds: int = Field(30, ge=1)


class Sms(Section):
    provider: Literal["simulated", "smpp", "twilio"] = "simulated"
    signature: str = "演示市12345"
    sender: str = "12345"
    retry_minutes: tuple[int, ...] = (1, 5, 15, 60)
    stuck_minutes: int = Field(5, ge=1)
    smpp: Smpp = Smpp()

    @field_validator("signature")
    @classmethod
    def plain_signature(cls, value: str) -> str:
        if "【" in value or "】" in value or not 2 <= len(value) <= 16:
            raise ValueError("2 to 16 characters without 【】 (the brackets are added)")
        return value


class Embeddings(Section):
    """The sentence model of the classifier; without a `url` the bundled one, where it is installed."""

    url: str = ""
    model: str = "multilingual-e5-small-q4"
    api_key: str = ""
    timeout_seconds: float = Field(0.25, gt=0)
    port: int = Field(0, ge=0, le=65535)


class Emergencies(Section):
    """`lexicon` is a city's own file beside hotline/catalogue/data/emergencies.toml."""

    lexicon: str = ""


class Learning(Section):
    """What the classifier learns from accepted tickets, and what the golden set lets through.

    The tolerances are shares of the golden sentences, `item_losses` how many sentences one item may lose.
    """

    nightly: bool = True
    hour: int = Field(3, ge=0, le=23)
    days: int = Field(365, ge=1)
    per_item: int = Field(100, ge=2)
    per_agent: int = Field(40, ge=1)
    per_caller: int = Field(5, ge=1)
    top3_tolerance: float = Field(0, ge=0, le=1)
    tolerance: float = Field(0.01, ge=0, le=1)
    item_losses: int = Field(1, ge=0)
    contradictions: int = Field(20, ge=1)
    keep_models: int = Field(30, ge=1)


class Trail(Section):
    verify_hour: int = Field(2, ge=0, le=23)


class Tiers(Section):
    """The profile of limits (G01, X4, Z22, Z23), and where this site differs by clock and tier:
    {"closing.simple": "2 working days"}."""

    profile: Literal["seed", "beijing", "shandong", "shandong_province"] = "seed"
    overrides: dict[
        str, Annotated[str, Field(pattern=r"^\d+ (working |calendar )?(minutes|hours|days|months)$")]
    ] = {}


class Dispatch(Section):
    """A ticket dispatched more often than `hop_limit` and returned is decided by the centre (D07)."""

    offer_minutes: int = Field(10, ge=1)
    auto_confidence: float = Field(0.0, ge=0, le=1)
    territory_centre: str = "综治(网格化)中心"
    hop_limit: int = Field(3, ge=1)
    extensions_most: int = Field(1, ge=0)
    extension_days_most: int = Field(10, ge=1)
    link_texts: Literal["nobody", "firms", "everybody"] = "nobody"
    link_hours: int = Field(168, ge=1)
    supplement_days: int = Field(5, ge=1)
    price_hours: int = Field(48, ge=1)
    grievance_days: int = Field(5, ge=1)
    ratings_shown_from: int = Field(5, ge=1)
    petition_roles: tuple[str, ...] = ("信访局", "信访接待中心调解室")
    report_minutes: int = Field(60, ge=1)
    rotating_towns: int = Field(3, ge=1)
    renewal_days: int = Field(30, ge=1)


class Partners(Section):
    """Partners' systems. `private_addresses`: web-hooks may lead into this house's own network, and by http;
    after the last wait of `retry_minutes` a delivery is given up."""

    requests_per_minute: int = Field(120, ge=1)
    retry_minutes: tuple[Annotated[int, Field(ge=0)], ...] = (5, 5, 5, 5)
    private_addresses: bool = False


class Attachments(Section):
    """What people may add to a ticket; sizes in MB of 1,000,000 bytes. `citizens_mb_per_hour`: what may come
    from one address without an account; a whole neighbourhood may share one."""

    directory: Path = Path("attachments")
    picture_mb: int = Field(20, ge=1)
    paper_mb: int = Field(20, ge=1)
    video_mb: int = Field(100, ge=1)
    files_per_ticket: int = Field(30, ge=1, le=200)
    mb_per_ticket: int = Field(300, ge=1)
    megapixels: int = Field(64, ge=1, le=150)
    keep_free_mb: int = Field(1000, ge=0)
    citizens_mb_per_hour: int = Field(2000, ge=1)


class Legal(Section):
    """When people answer 12348 (Z26); `opens` and `closes` alike: day and night."""

    opens: time = time(0)
    closes: time = time(0)
    days: Literal["working", "every"] = "working"
    message_item: str = "L1004"
    message_seconds: int = Field(180, ge=10, le=600)
    claim_hours: float = Field(4, gt=0)
    assign_minutes: float = Field(10, ge=0)

    @model_validator(mode="after")
    def one_stretch_a_day(self) -> Self:
        if self.opens > self.closes:
            raise ValueError("opens must not be after closes; for day and night make both 00:00:00")
        return self


class Survey(Section):
    sms_wait_hours: float = Field(24, gt=0)
    ivr_attempts: int = Field(1, ge=0)
    ring_from: time = time(9)
    ring_until: time = time(20)
    expire_days: int = Field(7, ge=1)


class WaitingHours(Section):
    """How long a ticket may wait in a state that no clock of its own watches."""

    registered: float = Field(4, gt=0)
    with_agent: float = Field(8, gt=0)
    in_review: float = Field(8, gt=0)
    reopened: float = Field(8, gt=0)
    supplement_asked: float = Field(240, gt=0)
    adjudication: float = Field(48, gt=0)
    answered: float = Field(24, gt=0)
    in_follow_up: float = Field(192, gt=0)


class Supervision(Section):
    """How many red lights and dissatisfied ratings lead to what (H02, H05); the number itself is included."""

    accountability_lights: int = Field(3, ge=1)
    light_days: int = Field(180, ge=1)
    interview_ratings: int = Field(3, ge=1)
    barred_ratings: int = Field(5, ge=1)
    referral_days: int = Field(5, ge=1)
    waiting_hours: WaitingHours = WaitingHours()


class Settings(Section):
    site: Site = Site()
    web: Web = Web()
    database: Database = Database()
    redis: Redis = Redis()
    worker: Worker = Worker()
    telephony: Telephony = Telephony()
    asterisk: Asterisk = Asterisk()
    twilio: Twilio = Twilio()
    ivr: Ivr = Ivr()
    speech: Speech = Speech()
    sms: Sms = Sms()
    embeddings: Embeddings = Embeddings()
    emergencies: Emergencies = Emergencies()
    learning: Learning = Learning()
    trail: Trail = Trail()
    tiers: Tiers = Tiers()
    dispatch: Dispatch = Dispatch()
    partners: Partners = Partners()
    attachments: Attachments = Attachments()
    legal: Legal = Legal()
    survey: Survey = Survey()
    supervision: Supervision = Supervision()


def parse(text: str, *, source: str) -> Settings:
    """Raises SettingsRefused naming each wrong or unknown setting."""
    try:
        return Settings.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise SettingsRefused(f"{source} is not TOML: {error}") from error
    except ValidationError as error:
        lines = (
            f"{source}: {'.'.join(map(str, e['loc']))}: {_say(e['type'], e['msg'])}" for e in error.errors()
        )
        raise SettingsRefused("\n".join(lines)) from error


def _say(kind: str, message: str) -> str:
    return "no such setting" if kind == "extra_forbidden" else message


def read(path: Path) -> Settings:
    try:
        return parse(path.read_text(encoding="utf-8"), source=str(path))
    except OSError as error:
        raise SettingsRefused(f"cannot read {path}: {error.strerror}") from error


@cache
def settings() -> Settings:
    """This process's settings, read once from the file `HOTLINE_CONFIG` names (default: all defaults)."""
    path = os.environ.get("HOTLINE_CONFIG")
    return read(Path(path)) if path else Settings()
