"""The pages of the catalogue (/manage/catalogue): look, prepare the next version, files, service centres."""

from hotline.supervisor import (
    catalogue_draft_views,
    catalogue_exchange_views,
    catalogue_item_views,
    catalogue_site_views,
)
from hotline.supervisor.catalogue_pages import blueprint

__all__ = [
    "blueprint",
    "catalogue_draft_views",
    "catalogue_exchange_views",
    "catalogue_item_views",
    "catalogue_site_views",
]
