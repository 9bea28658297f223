"""How long an invoice is kept: bokföringslagen 7 kap. 2 §, by the vectors of law.md 3.2."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_bot.domain.letters import Language
from inbox_bot.errors import RulesError
from inbox_bot.letters.bookkeeping import Bookkeeping

CALENDAR_YEAR = Bookkeeping(
    financial_year_ends="12-31",
    years=7,
    what_sv="Fakturan från {day}",
    what_en="The invoice from {day}",
    why_sv="Bokföringslagen kräver det (7 kap. 2 §)",
    why_en="The Accounting Act requires it",
)


@pytest.mark.parametrize(
    ("ends", "day", "year_end", "kept"),
    [
        ("12-31", date(2026, 3, 14), date(2026, 12, 31), date(2033, 12, 31)),
        ("12-31", date(2026, 12, 31), date(2026, 12, 31), date(2033, 12, 31)),
        ("12-31", date(2027, 1, 1), date(2027, 12, 31), date(2034, 12, 31)),
        ("04-30", date(2026, 5, 1), date(2027, 4, 30), date(2034, 12, 31)),
        ("04-30", date(2027, 4, 30), date(2027, 4, 30), date(2034, 12, 31)),
        ("04-30", date(2026, 4, 30), date(2026, 4, 30), date(2033, 12, 31)),
        ("02-28", date(2028, 2, 29), date(2028, 2, 29), date(2035, 12, 31)),
        ("02-28", date(2028, 3, 1), date(2029, 2, 28), date(2036, 12, 31)),
    ],
)
def test_the_seventh_year_after_the_calendar_year_the_financial_year_ended(ends, day, year_end, kept):
    accounts = replace(CALENDAR_YEAR, financial_year_ends=ends)
    assert accounts.financial_year_end(day) == year_end
    assert accounts.kept_through(day) == kept


@given(
    st.dates(date(2015, 1, 1), date(2060, 12, 31)),
    st.sampled_from(["12-31", "01-31", "02-28", "04-30", "06-30", "08-31"]),
)
def test_a_record_is_kept_seven_to_nine_years_and_never_shorter_than_the_day_before(day, ends):
    accounts = replace(CALENDAR_YEAR, financial_year_ends=ends)
    kept = accounts.kept_through(day)
    assert (kept.month, kept.day) == (12, 31)
    assert 7 <= kept.year - day.year <= 8
    assert accounts.kept_through(day - timedelta(days=1)) <= kept


def test_nothing_is_worked_out_while_the_financial_year_is_not_settled():
    with pytest.raises(RulesError, match=r"not settled.*financial_year_ends"):
        replace(CALENDAR_YEAR, financial_year_ends="").kept_through(date(2026, 3, 14))


def test_the_row_says_what_why_and_until_in_the_letters_language():
    assert CALENDAR_YEAR.row(date(2026, 3, 14), "lördag 14 mars 2026", Language.SV) == {
        "what": "Fakturan från lördag 14 mars 2026",
        "why": "Bokföringslagen kräver det (7 kap. 2 §)",
        "until": "2033-12-31",
    }
    assert CALENDAR_YEAR.row(date(2026, 3, 14), "Saturday", Language.EN)["what"] == "The invoice from Saturday"
