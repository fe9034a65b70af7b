"""The golden set: sentences whose item is certain. Shipped ones stand in files, a site's own in a table."""

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from hotline.catalogue.files import DATA
from hotline.catalogue.models import Item
from hotline.catalogue.queries import item as item_by_code
from hotline.catalogue.understanding.usage import coded_sentences
from hotline.errors import InvalidInput, NotFound
from hotline.event_log import record
from hotline.events import GoldenSentenceAdded, GoldenSentenceRetired
from hotline.learning.gate import Sentence
from hotline.learning.masking import names_somebody
from hotline.learning.models import GoldenSentence

SHORTEST, LONGEST = 4, 200


class GoldenKnown(InvalidInput):
    code = "golden_known"


def shipped(hotline: str) -> list[tuple[str, str]]:
    """(code, text); none for a hotline that is not ours."""
    path = DATA / f"golden_{hotline}.tsv"
    return coded_sentences(path) if path.exists() else []


def own(hotline: str, *, retired: bool = False) -> Select[GoldenSentence]:
    """The site's, the newest first."""
    which = GoldenSentence.retired_at.is_not(None) if retired else GoldenSentence.retired_at.is_(None)
    return (
        select(GoldenSentence)
        .where(GoldenSentence.hotline == hotline, which)
        .order_by(GoldenSentence.id.desc())
    )


def sentences(session: Session, hotline: str, items: list[Item]) -> list[Sentence]:
    """Everything a candidate is examined with; what names no item of the catalogue is left out."""
    codes = {item.code for item in items}
    ours = [(one.code, one.text) for one in session.scalars(own(hotline))]
    golden = [Sentence(code, text) for code, text in [*shipped(hotline), *reversed(ours)] if code in codes]
    return golden + [Sentence(item.code, said, golden=False) for item in items for said in item.examples]


def add(session: Session, hotline: str, code: str, text: str, *, actor: str, now: datetime) -> GoldenSentence:
    """Raises UnknownItem, InvalidInput: too short, too long, with a number in it, or there already."""
    item = item_by_code(session, hotline, code)
    said = " ".join(text.replace("\0", "").split())
    if not SHORTEST <= len(said) <= LONGEST:
        raise InvalidInput("text", f"{SHORTEST} to {LONGEST} characters")
    if names_somebody(said):
        raise InvalidInput("text", "leave out telephone and other long numbers")
    there = select(GoldenSentence.id).where(
        GoldenSentence.hotline == hotline, GoldenSentence.text == said, GoldenSentence.retired_at.is_(None)
    )
    if session.scalar(there) or said in {text for _, text in shipped(hotline)}:
        raise GoldenKnown("text", "is in the golden set")
    added = GoldenSentence(hotline=hotline, code=item.code, text=said, added_at=now, added_by=actor)
    session.add(added)
    session.flush()
    fact = GoldenSentenceAdded(golden_sentence_id=added.id, hotline=hotline, item_code=item.code)
    record(session, fact, actor=actor, at=now)
    return added


def retire(session: Session, sentence_id: int, *, reason: str, actor: str, now: datetime) -> GoldenSentence:
    """It examines no more. Raises NotFound, InvalidInput without a reason."""
    sentence = session.get(GoldenSentence, sentence_id, with_for_update=True)
    if sentence is None or sentence.retired_at:
        raise NotFound(f"no golden sentence {sentence_id}")
    if not reason.strip():
        raise InvalidInput("reason", "say why")
    sentence.retired_at, sentence.retired_by, sentence.retired_because = now, actor, reason.strip()
    fact = GoldenSentenceRetired(
        golden_sentence_id=sentence.id,
        hotline=sentence.hotline,
        item_code=sentence.code,
        reason=reason.strip(),
    )
    record(session, fact, actor=actor, at=now)
    return sentence
