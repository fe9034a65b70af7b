"""Whose turn it is among the firms that may take a job (E08); pure.

The firm with the fewest offers for its capacity is next; equals go by rating, then by id.

Fairness bound: among firms that are eligible together, `offers_i / capacity_i` never exceeds
`offers_j / capacity_j` by more than `1 / capacity_i`, i.e. nobody is ever more than one of their own offers
ahead of anybody. (When i was picked, (offers_i - 1) / capacity_i was the smallest load, and loads only grow
within the window.) Offers count whether or not they were taken: a turn is a turn.

A firm that has as many jobs of today as it can do is passed over while another has room; only then may the
bound be passed, by those with room. When nobody has room, all are asked again: the citizen comes first.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

WINDOW = timedelta(days=30)
SMALLEST_CAPACITY = 1  # of a firm that never told its own


@dataclass(frozen=True)
class Candidate:
    """`recent_offers` within WINDOW; `capacity` in jobs a day, `today` jobs it said yes to today."""

    organisation_id: int
    capacity: int | None
    rating: float | None
    recent_offers: int
    today: int = 0

    @property
    def has_room(self) -> bool:
        return self.capacity is None or self.today < self.capacity


def turn(candidate: Candidate) -> tuple[float, float, int]:
    """Sort key: the smaller, the sooner."""
    load = candidate.recent_offers / max(candidate.capacity or 0, SMALLEST_CAPACITY)
    return (load, -(candidate.rating or 0.0), candidate.organisation_id)


def next_firm(candidates: Sequence[Candidate], asked: Collection[int]) -> int | None:
    """The id of the firm to ask now; nobody is asked twice in a round. None when all were asked."""
    left = [candidate for candidate in candidates if candidate.organisation_id not in asked]
    with_room = [candidate for candidate in left if candidate.has_room]
    return min(with_room or left, key=turn).organisation_id if left else None
