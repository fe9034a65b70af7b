"""The pages of dispatch: the review desk (/dispatch) and the in-tray of organisations (/work)."""

from dispatch.console import desk_views, work_views
from dispatch.console.pages import blueprint

__all__ = ["blueprint", "desk_views", "work_views"]
