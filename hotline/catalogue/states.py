"""A catalogue version's life. What was live once is never edited; it can only go live again."""

from enum import StrEnum

from hotline.errors import TransitionRefused


class VersionState(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    LIVE = "live"
    RETIRED = "retired"


MOVES: dict[VersionState, frozenset[VersionState]] = {
    VersionState.DRAFT: frozenset({VersionState.SCHEDULED, VersionState.LIVE}),
    # back to draft: taken back by a person, or overtaken by another version that went live
    VersionState.SCHEDULED: frozenset({VersionState.LIVE, VersionState.DRAFT}),
    VersionState.LIVE: frozenset({VersionState.RETIRED}),
    VersionState.RETIRED: frozenset({VersionState.LIVE}),  # rolled back to
}
OPEN = (VersionState.DRAFT, VersionState.SCHEDULED)


def check(old: str, new: VersionState) -> None:
    """Raises TransitionRefused for a move the table does not have."""
    if new not in MOVES[VersionState(old)]:
        raise TransitionRefused("catalogue version", old, new)
