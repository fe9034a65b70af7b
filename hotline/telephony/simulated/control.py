"""Control of the simulated switch: Twilio's, with `twilio.api_base` leading to the switch."""

from hotline.telephony.twilio.control import TwilioControl


class SimulatedControl(TwilioControl):
    system = "simulated"
