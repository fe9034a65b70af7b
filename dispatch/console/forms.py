"""What dispatchers and organisations fill in. `name` is the key a page knows the form by."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from dispatch.returns import MAX_BASIS
from dispatch.work_order import MAX_TEXT
from hotline.web.forms import Form
from hotline.web.labels import choices
from hotline.web.uploads import FilesField, lacking


def strip(text: str | None) -> str:
    return (text or "").strip()


TOO_LONG = Length(max=MAX_TEXT, message=_("内容太长，最多 %(max)d 字。"))


def required_text(label: str, otherwise: str, rows: int = 4) -> TextAreaField:
    """A text that must be there; `otherwise` says what to do when it is not."""
    return TextAreaField(
        label, [DataRequired(otherwise), TOO_LONG], filters=[strip], render_kw={"rows": rows}
    )


class ChooseForm(Form):
    name = "choose"
    organisation_id = IntegerField(_("承办单位"), [InputRequired(_("请先搜索并选择一个承办单位。"))])


class ItemForm(Form):
    name = "item"
    item_code = StringField(
        _("改为事项"),
        [DataRequired(_("请填写或选择事项。")), Length(max=100)],
        filters=[strip],
        render_kw={"autocomplete": "off"},
    )
    item_reason = StringField(
        _("修改原因"),
        [DataRequired(_("请写明为什么改。")), Length(max=200)],
        filters=[strip],
        render_kw={"maxlength": 200},
    )


class TerritoryForm(Form):
    name = "territory"
    area_id = IntegerField(_("属地"), [InputRequired(_("请选择属地；不分区县的选全市。"))])


class WithdrawForm(Form):
    name = "withdraw"
    withdraw_reason = required_text(_("收回原因"), _("请写明为什么收回。"), 2)


class RejectForm(Form):
    name = "reject"
    reject_reason = required_text(_("退回重办的原因"), _("请写明答复还缺什么，承办单位会看到。"), 3)


class ReopenForm(Form):
    name = "reopen"
    reopen_reason = required_text(_("重新办理的原因"), _("请写明为什么重新办理。"), 2)


class DirectAnswerForm(Form):
    name = "direct"
    direct_reply = required_text(_("给诉求人的答复"), _("请写下诉求人将看到的答复。"))


class AcceptForm(Form):
    name = "accept"
    responsible_person = StringField(
        _("责任人"),
        [DataRequired(_("请写明由谁负责办理。")), Length(max=60)],
        filters=[strip],
        render_kw={"maxlength": 60},
    )


class AcceptOfferForm(AcceptForm):
    price_estimate = StringField(
        _("报价或估价"),
        [DataRequired(_("接单前请告知价格，例如“上门检测 30 元，修好 80–120 元”。")), Length(max=100)],
        filters=[strip],
        render_kw={"maxlength": 100},
    )
    free = BooleanField(_("这次服务不收费"))


class DeclineForm(Form):
    name = "decline"
    decline_reason = StringField(_("谢绝原因（可不填）"), [Length(max=200)], render_kw={"maxlength": 200})


class ReturnForm(Form):
    name = "return"
    return_code = SelectField(_("退回类型"), choices=choices("return_reason"))
    return_reason = required_text(_("退回原因"), _("请写明退回的原因。"), 3)
    legal_basis = StringField(
        _("法律、职责清单等依据"),
        [DataRequired(_("请写明依据，例如职责清单或法规的条款。")), Length(max=MAX_BASIS)],
        filters=[strip],
        render_kw={"maxlength": MAX_BASIS},
    )
    suggested = StringField(
        _("建议由谁承办（可不填）"),
        [Length(max=60)],
        filters=[strip],
        render_kw={"maxlength": 60, "list": "roles", "autocomplete": "off"},
    )


class BeginForm(Form):
    name = "begin"
    contact_note = required_text(
        _("与诉求人联系的情况"), _("请写明与诉求人约定了什么，或者为什么没有联系（例如匿名、无人接听）。"), 2
    )


class AnswerForm(Form):
    name = "answer"
    public_reply = required_text(_("给诉求人的答复"), _("请写下诉求人将看到的答复。"), 5)
    files = FilesField(_("现场照片、视频或 PDF"))
    internal_note = TextAreaField(
        _("内部说明（诉求人看不到）"), [TOO_LONG], filters=[strip], render_kw={"rows": 3}
    )

    def blame(self, missing: Iterable[tuple[str, int]]) -> None:
        """What the item asks for and the answer lacks (I04), each beside its field."""
        for what, said in lacking(missing).items():
            field = self.files if what == "photos" else self.public_reply
            field.errors = [*field.errors, said]


class RevealForm(Form):
    name = "reveal"
    purpose = StringField(
        _("查看号码的用途"),
        [DataRequired(_("请写明查看号码的用途。")), Length(max=200)],
        filters=[strip],
        render_kw={"maxlength": 200},
    )
