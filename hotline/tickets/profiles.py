"""Profiles of limits and the limits of the law, as data (Z22, Z23, Z30-Z33). Pure.

A profile names a limit, a yellow margin, the most an extension may add, and the reasons that pause, per clock
or per clock and what the ticket is: of a group of items the profile names, of a channel, of a tier. A site
chooses a profile and may set single limits otherwise (`tiers` in the settings).
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar, get_args

from hotline.catalogue.files import Tier
from hotline.errors import HotlineError
from hotline.tickets.acts import ACTS, CHANNELS, Clock
from hotline.tickets.sla import Limit

Value = TypeVar("Value")
NEVER_PAUSED = frozenset({Clock.EMERGENCY_DISPATCH, Clock.EMERGENCY_SITE})


class ProfileRefused(HotlineError):
    """A file of limits says something no clock can do."""

    code = "profile_refused"


@dataclass(frozen=True)
class Profile:
    """Keys are 'reply', 'closing.simple', 'intake.web' or 'closing.utilities'; the first of a ticket's
    `names` that anything is said for goes before what is said for all. `groups` are codes of items."""

    title: str
    groups: dict[str, frozenset[str]]
    limits: dict[str, Limit]
    yellow: dict[str, Limit]
    extension: dict[str, int]
    pauses: dict[str, frozenset[str]]

    def names(self, item_code: str, channel: str, tier: str) -> tuple[str, ...]:
        """What a ticket is, the closest first."""
        groups = (name for name, codes in self.groups.items() if item_code in codes)
        return (*groups, channel, tier)

    def limit(self, clock: str, *names: str) -> Limit | None:
        return _said_for(self.limits, clock, names)

    def margin(self, clock: str, *names: str) -> Limit | None:
        return _said_for(self.yellow, clock, names)

    def most_extension(self, clock: str, *names: str) -> int:
        return _said_for(self.extension, clock, names) or 0


@dataclass(frozen=True)
class ByLaw:
    """One limit of the law, from the act it starts with. `extension` is the most that may be granted."""

    clock: str
    starts: str
    limit: Limit
    extension: int


def read_profile(text: str, overrides: dict[str, str]) -> Profile:
    """`overrides` are a site's own limits by key; one for a whole clock goes for all tiers.

    Raises ProfileRefused, LimitRefused.
    """
    said = tomllib.loads(text)
    shipped = _by_key(said["limits"])
    limits = {
        key: value for key, value in shipped.items() if key.partition(".")[0] not in overrides
    } | overrides
    profile = Profile(
        said["title"],
        {name: frozenset(codes) for name, codes in said.get("groups", {}).items()},
        {key: Limit.read(value) for key, value in limits.items()},
        {key: Limit.read(value) for key, value in _by_key(said["yellow"]).items()},
        _by_key(said["extension"]),
        {reason: frozenset(clocks) for reason, clocks in said["pauses"].items()},
    )
    _check(profile)
    return profile


@cache
def shipped_profile(name: str, overrides: tuple[tuple[str, str], ...] = ()) -> Profile:
    return read_profile(_shipped(f"limits_{name}.toml"), dict(overrides))


@cache
def limits_of_law() -> dict[str, tuple[ByLaw, ...]]:
    """What an item's `statutory_limit` sets, by its wording."""
    entries = tomllib.loads(_shipped("statutory.toml"))["limit"]
    return {entry["wording"]: tuple(_by_law(entry)) for entry in entries}


def _said_for(said: dict[str, Value], clock: str, names: Sequence[str]) -> Value | None:
    keys = (*(f"{clock}.{name}" for name in names), clock)
    return next((said[key] for key in keys if key in said), None)


def _by_law(entry: dict[str, Any]) -> list[ByLaw]:
    return [
        ByLaw(
            clock, entry[clock]["starts"], Limit.read(entry[clock]["limit"]), entry[clock].get("extension", 0)
        )
        for clock in (Clock.ACCEPTANCE, Clock.STATUTORY)
        if clock in entry
    ]


def _shipped(name: str) -> str:
    return files("hotline").joinpath("data", name).read_text(encoding="utf-8")


def _by_key(said: dict[str, Any]) -> dict[str, Any]:
    """{'closing': {'simple': 1}} as {'closing.simple': 1}."""
    flat: dict[str, Any] = {}
    for clock, value in said.items():
        tiers = value if isinstance(value, dict) else None
        flat |= {f"{clock}.{tier}": one for tier, one in tiers.items()} if tiers else {clock: value}
    return flat


def _check(profile: Profile) -> None:
    keys = [key for part in (profile.limits, profile.yellow, profile.extension) for key in part]
    paused = frozenset().union(*profile.pauses.values())
    if unknown := ({key.partition(".")[0] for key in keys} | paused) - set(Clock):
        raise ProfileRefused(f"no such clock: {', '.join(sorted(unknown))}")
    kinds = {*profile.groups, *CHANNELS, *get_args(Tier)}
    if unknown := {key.partition(".")[2] for key in keys if "." in key} - kinds:
        raise ProfileRefused(f"no such group, channel or tier: {', '.join(sorted(unknown))}")
    if never := paused & NEVER_PAUSED:
        raise ProfileRefused(
            f"an emergency is never paused: take {', '.join(sorted(never))} out of the pauses"
        )
    reasons = {act.pauses for act in ACTS.values() if act.pauses}
    if missing := reasons - set(profile.pauses):
        raise ProfileRefused(f"say which clocks stand still for {', '.join(sorted(missing))}")
