"""Papers, marks and what they led to, told again from the facts alone. Pure: no table is asked."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Told = tuple[str, dict[str, Any]]  # kind, data: a row of the log of facts


@dataclass
class Recounted:
    """`marks` standing and `open_matters` with their count, by id; `papers` by id with how they stand."""

    marks: dict[int, int] = field(default_factory=dict)  # mark > unit
    open_matters: dict[int, int] = field(default_factory=dict)  # matter > count
    papers: dict[int, str] = field(default_factory=dict)  # paper > issued, answered, unanswered, signed


def recount(facts: Iterable[Told]) -> Recounted:
    told = Recounted()
    for kind, said in facts:
        if kind in ("light_counted", "rating_counted"):
            told.marks[said["mark_id"]] = said["unit_id"]
        elif kind == "mark_taken_back":
            del told.marks[said["mark_id"]]
        elif kind in ("matter_opened", "matter_grew"):
            told.open_matters[said["matter_id"]] = said["count"]
        elif kind == "matter_ended":
            del told.open_matters[said["matter_id"]]
        elif kind in PAPER_STANDS:
            told.papers[said["paper_id"]] = PAPER_STANDS[kind]
    return told


PAPER_STANDS = {
    "paper_issued": "issued",
    "paper_answered": "answered",
    "paper_unanswered": "unanswered",
    "referral_signed": "signed",
}
