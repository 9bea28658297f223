"""The Swedish calendar: public holidays from the ``holidays`` package, weekends added here."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache

from holidays.constants import PUBLIC
from holidays.countries.sweden import Sweden

from inbox_bot.case.deadline import reckon
from inbox_bot.case.explanation import explain
from inbox_bot.case.period import is_free
from inbox_bot.domain.dates import ClockEvents, Dates

_ONE_DAY = timedelta(days=1)


class SwedishCalendar:
    """Counts days as the law does; implements ``inbox_bot.domain.dates.Calendar``.

    Holds no state, so one may be shared by all threads. Days outside the years the holidays are known for
    (1953 to 2100) raise ValueError: a date that silently lacks its holidays would look like any other.
    """

    def dates(self, events: ClockEvents) -> Dates:
        """Return the dates that follow from the events. Raises ValueError where these contradict each other."""
        reckoning = reckon(events, holiday_name)
        extension = reckoning.extension
        return Dates(
            received_day=reckoning.received,
            strict_deadline=reckoning.answer.end,
            strict_end=reckoning.strict_end,
            explanation=explain(reckoning),
            paused_safe=reckoning.paused_safe,
            extension_notice_by=reckoning.answer.end if extension else None,
            extension_valid=extension.valid if extension else None,
            extended_deadline=extension.period.end if extension and extension.valid else None,
        )

    def is_working_day(self, day: date) -> bool:
        """True unless ``day`` is a Saturday, a Sunday or a public holiday."""
        return not is_free(day, holiday_name)

    def add_working_days(self, day: date, count: int) -> date:
        """Return the day ``count`` working days after ``day`` (before it, if negative); ``day`` itself is not counted.

        With a count of 0 that is ``day``, be it a working day or not.
        """
        step = _ONE_DAY if count > 0 else -_ONE_DAY
        left = abs(count)
        while left:
            day += step
            left -= self.is_working_day(day)
        return day

    def working_days_left(self, today: date, due: date) -> int:
        """Return how many working days remain after ``today`` up to and with ``due``; negative when overdue.

        What fell due on a Friday is at -1 already on the Saturday, and still on the Monday.
        """
        if today <= due:
            return self._working_days_between(today, due)
        return -max(1, self._working_days_between(due, today))

    def _working_days_between(self, after: date, until: date) -> int:
        return sum(self.is_working_day(after + _ONE_DAY * step) for step in range(1, (until - after).days + 1))


def holiday_name(day: date) -> str | None:
    """Return the Swedish name of the public holiday on a day as it stands in running text, or None.

    Raises ValueError for a year the ``holidays`` package knows nothing of.
    """
    return _holidays_in(day.year).get(day)


@cache
def _holidays_in(year: int) -> Mapping[date, str]:
    """Return a year's public holidays (lag 1989:253).

    Only PUBLIC: the package's DE_FACTO and BANK days (midsommarafton, julafton, nyårsafton …) are working days here.
    One fixed table a year, because the package's own growing table marks a year as known before it has filled it, and
    a second thread would then see a year without holidays.
    """
    if not Sweden.start_year <= year <= Sweden.end_year:
        raise ValueError(f"the public holidays of {year} are not known ({Sweden.start_year} to {Sweden.end_year} are)")
    table = Sweden(years=year, categories=(PUBLIC,), language="sv", expand=False)
    return {day: " och ".join(_in_running_text(name) for name in table.get_list(day)) for day in table}


def _in_running_text(name: str) -> str:
    """Lower-case a holiday's first letter, as Swedish writes it, save where the name begins with a proper name."""
    return name if name.startswith("Kristi") else name[:1].lower() + name[1:]
