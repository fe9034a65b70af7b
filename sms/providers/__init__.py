"""The carriers Hotline can ask. SMPP is none of them: it has a process of its own (sms/smpp_bind.py)."""

from hotline.config import settings
from sms.providers.base import SmsProvider
from sms.providers.simulated import SimulatedCarrier

SAFE_TO_REPEAT = frozenset({SimulatedCarrier.name})


def asked() -> SmsProvider | None:
    """The configured carrier, if it is asked message by message; None for SMPP, which serves itself."""
    from sms.providers.twilio import TwilioSms

    adapters: dict[str, type[SmsProvider]] = {a.name: a for a in (SimulatedCarrier, TwilioSms)}
    adapter = adapters.get(settings().sms.provider)
    return adapter() if adapter else None
