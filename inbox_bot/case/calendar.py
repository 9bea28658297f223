"""The Swedish calendar: public holidays from the table, or for years it does not hold from the package; weekends added here."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

from inbox_bot.case.deadline import reckon
from inbox_bot.case.explanation import explain, explain_briefly
from inbox_bot.case.holidays import sure_name
from inbox_bot.case.period import is_free
from inbox_bot.domain.dates import ClockEvents, Dates

_ONE_DAY = timedelta(days=1)
_REMEMBERED = 4096
"""Answers of each kind that are kept: one sitting asks for the dates of the same claims again and again."""


class SwedishCalendar:
    """Counts days as the law does; implements ``inbox_bot.domain.dates.Calendar``.

    One may be shared by all threads: its table is only ever replaced whole. Days outside the years the holidays are known
    for (1953 to 2100, and those in the table) raise ValueError: a date that silently lacks its holidays would look like any
    other.
    """

    def __init__(self) -> None:
        self.learn({}, 0)

    @property
    def version(self) -> int:
        """The version of the table that the calendar counts with; 0 before it has read one."""
        return self._known[1]

    def learn(self, table: Mapping[int, Mapping[date, str]], version: int) -> None:
        """Count with this table of holidays, by year, from now on."""
        self._known = (table, version)
        # After the table, so that nothing reckoned by the old one is remembered beside the new.
        self._dates = lru_cache(_REMEMBERED)(self._reckoned)
        self._between = lru_cache(_REMEMBERED)(self._working_days_between)

    def holiday_name(self, day: date) -> str | None:
        """Return the name of the public holiday on a day, or None. Raises ValueError for a year nobody knows."""
        known = self._known[0].get(day.year)
        return sure_name(day) if known is None else known.get(day)

    def dates(self, events: ClockEvents) -> Dates:
        """Return the dates that follow from the events. Raises ValueError where these contradict each other."""
        return self._dates(events)

    def _reckoned(self, events: ClockEvents) -> Dates:
        reckoning = reckon(events, self.holiday_name)
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
            pauses=reckoning.pauses,
            why=explain_briefly(reckoning),
        )

    def is_working_day(self, day: date) -> bool:
        """True unless ``day`` is a Saturday, a Sunday or a public holiday."""
        return not is_free(day, self.holiday_name)

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
            return self._between(today, due)
        return -max(1, self._between(due, today))

    def _working_days_between(self, after: date, until: date) -> int:
        return sum(self.is_working_day(after + _ONE_DAY * step) for step in range(1, (until - after).days + 1))


holiday_name = sure_name
"""What a day is called where no table says otherwise."""
