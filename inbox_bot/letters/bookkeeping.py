"""How long an accounting record is kept: to the end of the seventh year after the calendar year its financial year ended in.

Bokföringslagen (1999:1078) 7 kap. 2 §. That is the ground for keeping an invoice after an erasure (Art 17(3)(b)); it
covers the voucher and what it refers to, not the profile, the courses or the marketing data.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from inbox_bot.domain.letters import Language
from inbox_bot.errors import RulesError


@dataclass(frozen=True, kw_only=True)
class Bookkeeping:
    """The company's accounts. ``financial_year_ends`` is ``MM-DD``, empty until the company has settled it.

    ``years`` are those after the calendar year in which the financial year ended. ``what`` is a format string over
    ``{day}``, the record's day in words; ``why`` gives ground and provision.
    """

    financial_year_ends: str
    years: int
    what_sv: str
    what_en: str
    why_sv: str
    why_en: str

    @property
    def is_settled(self) -> bool:
        """True where the last day of the financial year is known."""
        return bool(self.financial_year_ends)

    def financial_year_end(self, day: date) -> date:
        """Return the last day of the financial year that a day belongs to. Raises RulesError while it is not settled.

        A year that ends on 28 February ends on the 29th in a leap year: the last day of the month is meant.
        """
        if not self.is_settled:
            raise RulesError(
                "The last day of the financial year is not settled.",
                hint="Write it in rules/controller.toml, [bookkeeping] financial_year_ends, such as 12-31.",
            )
        end = self._end_in(day.year)
        return end if day <= end else self._end_in(day.year + 1)

    def kept_through(self, day: date) -> date:
        """Return the last day on which a record of ``day`` must be kept. Raises RulesError while the year is not settled."""
        return date(self.financial_year_end(day).year + self.years, 12, 31)

    def row(self, day: date, said: str, language: Language) -> dict[str, str]:
        """Return what is kept, why and until when, as a letter's list ``kept`` takes it; ``said`` is the day in words."""
        swedish = language is Language.SV
        return {
            "what": (self.what_sv if swedish else self.what_en).format(day=said),
            "why": self.why_sv if swedish else self.why_en,
            "until": self.kept_through(day).isoformat(),
        }

    def _end_in(self, year: int) -> date:
        month, day = map(int, self.financial_year_ends.split("-"))
        if (month, day) == (2, 28):
            return date(year, 3, 1) - timedelta(days=1)
        return date(year, month, day)
