"""Telephone numbers: one written form (E.164) on write and on match, masked wherever people look."""

import phonenumbers

from hotline.errors import InvalidInput

HIDDEN = "●●●●"


def normalise(raw: str, region: str = "CN") -> str:
    """E.164 for anything a telephone system or a person may write ("138 0013 8000", "086-138…").

    Raises InvalidInput when no subscriber number can be read from it.
    """
    try:
        number = phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException as error:
        raise InvalidInput("number", f"not a telephone number ({error.error_type})") from error
    if not phonenumbers.is_possible_number(number):
        raise InvalidInput("number", "too short or too long for a telephone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def normalise_or_none(raw: str | None, region: str = "CN") -> str | None:
    """None for a withheld or unreadable number: such a caller is served like any other."""
    try:
        return normalise(raw, region) if raw else None
    except InvalidInput:
        return None


def mask(number: str | None) -> str:
    """'+8613800138000' -> '138●●●●8000'; a withheld number stays empty."""
    if not number:
        return ""
    national = number.removeprefix("+86").removeprefix("+")
    if len(national) <= 6:
        return national[:1] + HIDDEN
    return national[:3] + HIDDEN + national[-4:]
