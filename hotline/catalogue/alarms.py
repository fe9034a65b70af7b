"""What must not wait for a form here: the shipped lexicon with this city's own (`emergencies.lexicon`)."""

import logging
from functools import cache
from pathlib import Path

from hotline.catalogue.files import CatalogueRefused
from hotline.catalogue.understanding.emergencies import (
    FILE,
    Alarm,
    Listener,
    shipped_listener,
    shipped_points,
)
from hotline.catalogue.understanding.emergency_lexicon import Rule, extended
from hotline.config import settings

logger = logging.getLogger(__name__)


def read(own: str) -> Listener:
    """The shipped lexicon with this file of a city's own, if one is named. Raises CatalogueRefused."""
    if not own:
        return shipped_listener()
    try:
        text = Path(own).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problem = f"cannot be read ({error}); mend emergencies.lexicon"
        raise CatalogueRefused(own, [problem]) from error
    return Listener(extended(FILE.read_text(encoding="utf-8"), text, own), shipped_points())


def listener() -> Listener:
    """This site's, read once a process."""
    return _of(settings().emergencies.lexicon)


def alarm(text: str) -> Alarm | None:
    return listener().alarm(text)


def rule_of(alarm: Alarm) -> Rule | None:
    """None where the file changed and not every process has read it again."""
    return listener().rules.get(alarm.rule)


@cache
def _of(own: str) -> Listener:
    """A file spoilt since `hotline up` looked at it silences nobody: what ships is heard."""
    try:
        return read(own)
    except CatalogueRefused as error:
        logger.error("the lexicon of this city is not heard until it is mended: %s", error)
        return shipped_listener()
