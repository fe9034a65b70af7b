"""What administrators read about the catalogue: values of fields, and what is wrong with one."""

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from hotline.catalogue.files import Fault
from hotline.catalogue.workbook import row_of
from hotline.web.labels import label

CODED = {"kind": "ticket_kind", "handler": "handler", "tier": "tier", "level": "level"}

NOUNS: dict[str, Any] = {
    "meta": lazy_gettext("文件头"),
    "category": lazy_gettext("类别"),
    "item": lazy_gettext("事项"),
}
# A kind of fault in words; {…} are its values
FAULTS: dict[str, Any] = {
    "missing": lazy_gettext("没有填写"),
    "string_pattern_mismatch": lazy_gettext("没有填写，或含有不能使用的字符"),
    "string_too_long": lazy_gettext("太长，最多 {max_length} 字"),
    "string_type": lazy_gettext("要写成文字（现在是 {input}）"),
    "int_type": lazy_gettext("要写成整数（现在是 {input}）"),
    "bool_type": lazy_gettext("要写成 true 或 false（现在是 {input}）"),
    "list_type": lazy_gettext("要写成一行一个的列表（现在是 {input}）"),
    "literal_error": lazy_gettext("只能是 {expected}（现在是 {input}）"),
    "greater_than_equal": lazy_gettext("不能小于 {ge}"),
    "less_than_equal": lazy_gettext("不能大于 {le}"),
    "too_short": lazy_gettext("至少写 {min_length} 条"),
    "extra_forbidden": lazy_gettext("没有这一栏"),
    "model_type": lazy_gettext("不是一条记录"),
    "counts": lazy_gettext("文件头写 {declared}，实际 {found}"),
    "used_twice": lazy_gettext("编码用了 {times} 次"),
    "code_taken": lazy_gettext("编码已被使用"),
    "no_category": lazy_gettext("没有类别 {category}"),
    "misleading_code": lazy_gettext("编码没有以类别 {category} 开头，按键会指错"),
    "tier_days": lazy_gettext("与文件头不符，应为 {days}"),
    "assists_itself": lazy_gettext("{department}已是牵头单位，不能再协办"),
    "firm_level": lazy_gettext("企业轮流接单，不能下放到某一级"),
    "deleted": lazy_gettext("“{name}”不见了：事项只能停用（retired），不能删除"),
    "formula": lazy_gettext("是公式，请改成文字或数字"),
    "no_sheet": lazy_gettext("缺少工作表 {sheet}"),
    "too_many_rows": lazy_gettext("工作表 {sheet} 行数过多"),
    "too_large": lazy_gettext("文件展开后太大"),
    "not_xlsx": lazy_gettext("不是 XLSX 工作簿"),
    "not_toml": lazy_gettext("不是 TOML 文件：{error}"),
    "not_utf8": lazy_gettext("不是 UTF-8 文字"),
}


def fault(one: Fault) -> str:
    """A kind without words is said as the rules say it."""
    words = FAULTS.get(one.kind)
    return str(words).format(**one.values) if words else one.text


def place(one: Fault, line_of: Callable[[Fault], int | None] | None = None) -> str:
    """'事项 0104 第 7 行'; `line_of` for a text file, otherwise rows of a sheet."""
    number = line_of(one) if line_of else row_of(one)
    row = _("第 %(number)s 行", number=number) if number else ""
    return " ".join(part for part in (str(NOUNS.get(one.noun, "")), one.code, row) if part)


def field_name(name: str) -> str:
    return label(name, "item_field")


def value(name: str, stored: Any) -> str:
    """One field of an item, as people read it."""
    if isinstance(stored, bool):
        return str(_("是") if stored else _("否"))
    if stored is None or stored == "":
        return "—"
    if isinstance(stored, list):
        return "、".join(str(one) for one in stored) or "—"
    return label(stored, CODED[name]) if name in CODED else str(stored)


def added(old: Any, new: Any) -> list[str]:
    """Of two lists, what only the second has; nothing for anything else."""
    if not isinstance(new, list):
        return []
    return [one for one in new if one not in (old or [])]
