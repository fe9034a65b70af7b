"""What administrators fill in about the catalogue: its shape; hotline/catalogue/files.py has the rules."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional

from hotline.catalogue.files import Fault
from hotline.catalogue.models import Category, Item
from hotline.catalogue.service import MAX_NOTE
from hotline.config import settings
from hotline.supervisor import catalogue_words as words
from hotline.web.forms import Form
from hotline.web.labels import LABELS, choices, named

LINES = ("assisting", "keywords", "examples")
PLAIN = (
    "official_code",
    "name",
    "name_en",
    "kind",
    "handler",
    "department",
    "level",
    "tier",
    "transfer",
    "statutory_limit",
    "closing_standard",
)
NUMBERS = ("emergency_minutes", "evidence_characters", "evidence_photos")
OPTIONAL = {"official_code", "level", "transfer", "statutory_limit", "closing_standard"}
_NAMES = LABELS["item_field"]


def _stripped(text: str | None) -> str:
    return (text or "").replace("\0", "").strip()


def _text(name: str, longest: int, **more: Any) -> StringField:
    return StringField(_NAMES[name], filters=[_stripped], render_kw={"maxlength": longest, **more})


def _lines(name: str, rows: int) -> TextAreaField:
    return TextAreaField(_NAMES[name], filters=[_stripped], render_kw={"rows": rows})


class ItemForm(Form):
    """Fields an item of a draft has; `draft` and `edition` say what the person was shown."""

    form_errors: list[str]
    draft = HiddenField()
    edition = HiddenField()
    name = _text("name", 80)
    name_en = _text("name_en", 150)
    official_code = _text("official_code", 40)
    kind = SelectField(_NAMES["kind"], choices=choices("ticket_kind"))
    handler = SelectField(_NAMES["handler"], choices=choices("handler"))
    department = _text("department", 60, list="roles")
    assisting = _lines("assisting", 2)
    level = SelectField(_NAMES["level"], choices=[SelectChoice("", _("不限，就近办理")), *choices("level")])
    tier = SelectField(_NAMES["tier"], choices=choices("tier"))
    emergency_minutes = IntegerField(
        _NAMES["emergency_minutes"], [Optional()], render_kw={"min": 1, "max": 1440}
    )
    evidence_characters = IntegerField(
        _NAMES["evidence_characters"], [Optional()], render_kw={"min": 1, "max": 2000}
    )
    evidence_photos = IntegerField(_NAMES["evidence_photos"], [Optional()], render_kw={"min": 1, "max": 20})
    transfer = _text("transfer", 10)
    statutory_limit = _text("statutory_limit", 200)
    closing_standard = _text("closing_standard", 300)
    keywords = _lines("keywords", 6)
    examples = _lines("examples", 6)
    confidential_default = BooleanField(_NAMES["confidential_default"])
    retired = BooleanField(_NAMES["retired"])

    def said(self) -> dict[str, Any]:
        """What was filled in, as a catalogue file would say it; an optional field left empty is None."""
        lines = {name: _split(self[name].data) for name in LINES}
        plain = {name: self[name].data or (None if name in OPTIONAL else "") for name in PLAIN}
        ticks = {name: self[name].data for name in ("confidential_default", "retired")}
        numbers = {name: self[name].data for name in NUMBERS}
        return {**plain, **lines, **ticks, **numbers}

    def show(self, item: Item) -> "ItemForm":
        """Fill in what is stored."""
        for name in (*PLAIN, *NUMBERS, "confidential_default", "retired"):
            self[name].data = getattr(item, name)
        self.level.data = item.level or ""
        for name in LINES:
            self[name].data = "\n".join(getattr(item, name))
        self.draft.data, self.edition.data = str(item.version_id), str(item.edition)
        return self

    def blame(self, faults: list[Fault]) -> None:
        """Each fault beside its field; what has no field here is said above the form."""
        for fault in faults:
            said = words.fault(fault)
            if fault.field in self._fields:
                self[fault.field].errors = [*self[fault.field].errors, said]
            else:
                self.form_errors = [*self.form_errors, said]


class NewItemForm(ItemForm):
    category = SelectField(_NAMES["category"])
    code = StringField(
        _NAMES["code"], [DataRequired(_("请填写编码。"))], filters=[_stripped], render_kw={"maxlength": 10}
    )

    def offer(self, categories: list[Category]) -> None:
        self.category.choices = [SelectChoice(c.code, f"{c.code} {named(c)}") for c in categories]

    def said(self) -> dict[str, Any]:
        given = {**super().said(), "code": self.code.data, "category": self.category.data}
        return {name: one for name, one in given.items() if one is not None}


def _note(text: Any) -> StringField:
    return StringField(
        text,
        [DataRequired(_("请写明原因，它会留在版本记录里。")), Length(max=MAX_NOTE)],
        filters=[_stripped],
        render_kw={"maxlength": MAX_NOTE},
    )


class ReleaseForm(Form):
    """`at` empty: at once."""

    seen = HiddenField()
    note = _note(_("修改原因和依据"))
    at = DateTimeLocalField(_("生效时间（空着就是立即）"), [Optional()])

    def moment(self) -> datetime | None:
        local = self.at.data
        return local.replace(tzinfo=settings().site.zone) if local else None


class RollBackForm(Form):
    note = _note(_("为什么退回旧版本"))


class ImportForm(Form):
    file = FileField(_("TOML 或 XLSX 文件"))


def _split(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]
