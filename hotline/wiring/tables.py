"""Every table of every part, known to one metadata: for migrations and for the test that they agree."""

from importlib import import_module

from sqlalchemy import MetaData

from hotline.db import Base

MODELS = (
    "hotline.event_log",
    "hotline.attachments.models",
    "hotline.callers.models",
    "hotline.calls.models",
    "hotline.callbacks.models",
    "hotline.cases.models",
    "hotline.catalogue.models",
    "hotline.history.models",
    "hotline.learning.models",
    "hotline.legal.models",
    "hotline.organisations.models",
    "hotline.places.models",
    "hotline.staff.models",
    "hotline.supervision.models",
    "hotline.surveys.models",
    "hotline.tickets.models",
    "hotline.tickets.numbering",
    "agents.models",
    "dispatch.models",
    "dispatch.partners.models",
    "dispatch.patrol.models",
    "ivr.models",
    "sms.models",
)

for name in MODELS:
    import_module(name)

metadata: MetaData = Base.metadata
