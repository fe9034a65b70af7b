"""Plays the story: a stage, the telephones, the plot; says what held."""

from hotline.errors import HotlineError
from hotline.wiring.story import stage
from hotline.wiring.story.phones import Phones, SimulatedPhones
from hotline.wiring.story.plot import Plot
from hotline.wiring.story.sip_phones import SipPhones
from hotline.wiring.story.stage import Stage
from hotline.wiring.story.telling import Telling


def perform(telephony: str, *, as_json: bool) -> bool:
    """True when every step held."""
    telling = Telling(as_json)
    try:
        with stage.running(telephony) as instance:
            telling.step("A fresh instance is up", web=instance.web, telephony=telephony)
            phones = _phones(instance)
            try:
                Plot(instance, phones, telling).play()
            finally:
                phones.put_down()
    except HotlineError as error:
        telling.failed(str(error))
        return False
    telling.end()
    return True


def _phones(instance: Stage) -> Phones:
    if instance.settings.telephony.system == "asterisk":
        return SipPhones(instance.settings, instance.data_dir / "phones")
    return SimulatedPhones(instance.simulators)
