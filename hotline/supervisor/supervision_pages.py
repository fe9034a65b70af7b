"""What the pages of supervision share: the blueprint, tabs, words, the forms people fill in."""

from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, abort, g
from flask_babel import lazy_gettext as _
from wtforms import DateField, DateTimeLocalField, RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Regexp, ValidationError

from hotline import clock
from hotline.config import settings
from hotline.permissions import Permission, allows
from hotline.supervision.papers import A_NUMBER, MAX_TEXT
from hotline.supervision.rules import CORRECTIONS, PAPERS
from hotline.tickets.service import MAX_PLACE
from hotline.web.access import current_staff
from hotline.web.forms import Form
from hotline.web.labels import LABELS, choices

blueprint = Blueprint("supervision", __name__, url_prefix="/manage/supervision", template_folder="templates")
TABS = (
    ("supervision.tasks", _("待办")),
    ("supervision.units", _("单位红绿灯")),
    ("supervision.waiting", _("滞留工单")),
    ("supervision.filed", _("督办文书")),
    ("supervision.targets", _("责任目标")),
    ("supervision.incidents", _("不稳定事件")),
)


@blueprint.before_request
def _not_of_a_unit() -> None:
    """Who belongs to a unit does not supervise: no page of supervision tells a unit about itself (H04)."""
    staff = g.get("staff")
    if staff is not None and staff.organisation_id is not None:
        abort(403)


@blueprint.context_processor
def _shared() -> dict[str, Any]:
    role = current_staff().role
    return {
        "tabs": TABS,
        "may": {power: allows(role, power) for power in Permission},
        "paper_rules": PAPERS,
        "papers_said": LABELS["paper"],
    }


def end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(0), settings().site.zone)


def _stripped(text: str | None) -> str:
    return (text or "").replace("\0", "").strip()


def _reason(label: Any) -> TextAreaField:
    return TextAreaField(
        label,
        [
            DataRequired(_("请写明原因，会记录在案。")),
            Length(5, MAX_TEXT, _("%(min)d 至 %(max)d 个字。")),
            Regexp(rf"^(?s:(?!.*{A_NUMBER.pattern}).*)$", message=_("请去掉电话、证件等长数字。")),
        ],
        filters=[_stripped],
        render_kw={"rows": 3, "maxlength": MAX_TEXT},
    )


class IssueForm(Form):
    reason = _reason(_("事由"))


class AskingForm(IssueForm):
    """A paper the unit has to answer."""

    answer_by = DateField(_("答复期限"), [DataRequired(_("请选择日期。"))])

    def validate_answer_by(self, field: DateField) -> None:
        today = clock.to_local(clock.now(), settings().site.time_zone).date()
        if field.data and field.data < today:
            raise ValidationError(_("期限要在今天或以后。"))


class NoteForm(Form):
    """What came of it; or why not."""

    note = _reason(_("处理情况"))


class TakeBackForm(Form):
    why = _reason(_("收回原因"))


class SendForm(Form):
    unit = StringField(
        _("单位编码"), [DataRequired(_("请填写单位编码。")), Length(max=30)], filters=[_stripped]
    )
    reason = _reason(_("事由"))


class CorrectForm(Form):
    because = RadioField(_("理由"), validators=[DataRequired(_("请选择理由。"))])

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.because.choices = choices("correction", CORRECTIONS)


class IncidentForm(Form):
    """What bad handling led to, and the tickets that went before (H12)."""

    unit = StringField(
        _("责任单位编码"), [DataRequired(_("请填写单位编码。")), Length(max=30)], filters=[_stripped]
    )
    happened_at = DateTimeLocalField(_("发生时间"), [DataRequired(_("请选择时间。"))])
    place = StringField(
        _("地点"), [DataRequired(_("请填写地点。")), Length(max=MAX_PLACE)], filters=[_stripped]
    )
    what = _reason(_("事件经过"))
    numbers = StringField(
        _("相关工单编号（空格分隔）"),
        [DataRequired(_("请填写工单编号。")), Length(max=500)],
        filters=[_stripped],
    )


class ReplyForm(Form):
    answer = TextAreaField(
        _("答复"),
        [DataRequired(_("请写明办理情况。")), Length(5, MAX_TEXT, _("%(min)d 至 %(max)d 个字。"))],
        filters=[_stripped],
        render_kw={"rows": 4, "maxlength": MAX_TEXT},
    )
