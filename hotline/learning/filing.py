"""Which item a matter is filed under that nobody has sorted: what the classifier says first (B02)."""

from sqlalchemy.orm import Session

from hotline.catalogue import queries as catalogue
from hotline.catalogue.understanding.classifier import Suggestions

EMERGENCIES = "12345"


def filed_under(session: Session, hotline: str, text: str, suggested: Suggestions) -> tuple[str, str] | None:
    """Hotline and item. A cry for help may share no words with the catalogue, and is never left to a lawyer;
    another matter like that waits for a person to say what it is. None where there are no words, or the
    catalogue has no place for such."""
    emergency = suggested.alarm if suggested.abstained else None
    if emergency and emergency.item_code not in [one.code for one in suggested]:
        return EMERGENCIES, emergency.item_code
    if suggested:
        return hotline, suggested[0].code
    other = catalogue.unsorted(session, hotline) if any(map(str.isalnum, text)) else None
    return (hotline, other.code) if other else None
