"""Control of the simulated switch: Twilio's, with the switch and Hotline on this machine."""

from hotline.config import settings
from hotline.telephony.twilio.control import TwilioControl


def local_base() -> str:
    """Hotline's web, as seen from this machine; the public address may lie behind a proxy."""
    web = settings().web
    return f"http://{web.reached_at}:{web.port}"


class SimulatedControl(TwilioControl):
    system = "simulated"

    @property
    def webhooks_base(self) -> str:
        return local_base()
