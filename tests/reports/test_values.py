"""Rates are rounded half up to two decimals, never up to a target; periods are local days."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from hotline.errors import InvalidInput
from hotline.reports.definitions import BY_NAME, FIGURES
from hotline.reports.queries import Period, Result

SHANGHAI = ZoneInfo("Asia/Shanghai")


def rate(numerator: int, denominator: int) -> Decimal | None:
    return Result(BY_NAME["completion_rate"], "", numerator, denominator, 0).value


@pytest.mark.parametrize(
    ("numerator", "denominator", "printed"),
    [
        pytest.param(16754, 16769, "99.91", id="K04"),
        pytest.param(164, 184, "89.13", id="K05, published as 90"),
        pytest.param(831, 2237, "37.15", id="K06"),
        (1, 800, "0.13"),  # 0.125: half up
        (3, 800, "0.38"),  # 0.375
        (19999, 20000, "100.00"),
        (199999, 200000, "100.00"),
        (2, 3, "66.67"),
        (0, 7, "0.00"),
        (7, 7, "100.00"),
    ],
)
def test_a_rate_is_rounded_half_up(numerator: int, denominator: int, printed: str) -> None:
    assert str(rate(numerator, denominator)) == printed


def test_a_rate_of_nothing_has_no_value() -> None:
    assert rate(0, 0) is None


def test_a_count_is_its_numerator() -> None:
    assert Result(BY_NAME["calls_received"], "", 42, 42, 0).value == 42


def test_every_figure_says_what_it_means_in_both_languages() -> None:
    names = [figure.name for figure in FIGURES]
    assert len(set(names)) == len(names)
    for figure in FIGURES:
        assert all((figure.title, figure.title_en, figure.definition, figure.definition_en))
        assert figure.unit in ("percent", "calls", "tickets")


def test_a_period_is_local_days_with_both_ends() -> None:
    period = Period(date(2026, 3, 1), date(2026, 3, 31), SHANGHAI)
    assert period.start == datetime(2026, 2, 28, 16, tzinfo=UTC)
    assert period.stop == datetime(2026, 3, 31, 16, tzinfo=UTC)


def test_a_day_with_a_changed_clock_is_still_a_day() -> None:
    day = Period(date(2026, 3, 29), date(2026, 3, 29), ZoneInfo("Europe/Berlin"))
    assert (day.stop.astimezone(UTC) - day.start.astimezone(UTC)).total_seconds() == 23 * 3600


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2026, 3, 2), date(2026, 3, 1), "before the first"),
        (date(2010, 1, 1), date(2026, 1, 1), "ten years"),
        (date(9999, 12, 31), date(9999, 12, 31), "between 2000 and 2100"),
        (date(1, 1, 1), date(1, 1, 1), "between 2000 and 2100"),
    ],
)
def test_an_impossible_period_is_refused_with_words(first: date, last: date, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        Period(first, last, SHANGHAI)
