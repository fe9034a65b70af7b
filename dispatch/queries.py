"""What people look at: the review desk, an organisation's in-tray, the suggested route. Changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from dispatch import offers
from dispatch.models import WorkOrder
from dispatch.routing import Route, route
from dispatch.states import ENDED, HELD, WAITING, WorkOrderState
from hotline.callers.models import Caller
from hotline.errors import NotFound
from hotline.organisations import queries as organisations
from hotline.organisations.models import Organisation
from hotline.tickets.models import Ticket
