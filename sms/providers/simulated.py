"""The shipped simulated carrier, seen from Hotline."""

import http.client
import urllib.error

from hotline.config import settings
from hotline.errors import ProviderError
from sms.providers.base import OutcomeUnknown, OutgoingSms
from sms.simulated import signed_http


class SimulatedCarrier:
    name = "simulated"
    safe_to_repeat = True  # the carrier knows `key`

    def submit(self, sms: OutgoingSms) -> tuple[str, ...]:
        payload = {"key": sms.key, "to": sms.recipient, "from": sms.sender, "text": sms.text}
        try:
            answer = signed_http.post(f"{address()}/carrier/messages", payload)
        except urllib.error.HTTPError as error:
            raise ProviderError(
                f"carrier answered {error.code}", permanent=400 <= error.code < 500
            ) from error
        except urllib.error.URLError as error:
            raise ProviderError(f"carrier unreachable: {error.reason}", permanent=False) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise OutcomeUnknown(f"no answer from the carrier: {error!r}") from error
        return tuple(answer["refs"])


def address() -> str:
    """Where the simulators' process listens."""
    web = settings().web
    return f"http://{web.reached_at}:{web.simulators_port}"
