"""The pages of dispatch: the review desk (/dispatch) and the in-tray of organisations (/work)."""

from dispatch.console import (
    attachment_views,
    delegation_views,
    desk_views,
    extension_views,
    field_views,
    grievance_views,
    hand_down_views,
    hard_case_views,
    joint_views,
    machine_views,
    office_views,
    review_views,
    supplement_views,
    territory_views,
    verdict_views,
    work_views,
)
from dispatch.console.pages import blueprint

__all__ = [
    "attachment_views",
    "blueprint",
    "delegation_views",
    "desk_views",
    "extension_views",
    "field_views",
    "grievance_views",
    "hand_down_views",
    "hard_case_views",
    "joint_views",
    "machine_views",
    "office_views",
    "review_views",
    "supplement_views",
    "territory_views",
    "verdict_views",
    "work_views",
]
