"""How many days a login has left, and when staff must be told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from inbox_bot.access.grant import Ending
from inbox_bot.clock import stockholm_day
from inbox_bot.store.grants import GrantRecord


@dataclass(frozen=True, kw_only=True)
class Term:
    """One login as it stands today. ``used_by``: mailboxes and ``smtp``; ``trouble``: why it cannot be looked at."""

    name: str
    used_by: Sequence[str]
    provider: str = ""
    keeps: bool = False
    record: GrantRecord | None = None
    ending: Ending | None = None
    trouble: str = ""

    @property
    def logged_in(self) -> bool:
        """Whether what must be kept is there."""
        return not self.keeps or (self.record is not None and bool(self.record.sealed))

    def end(self) -> Ending | None:
        """Return what ends first: what was entered in the settings, or a login nobody uses."""
        ends = [] if self.ending is None else [self.ending]
        if self.keeps and self.record is not None and self.record.sealed and self.record.until is not None:
            day = stockholm_day(self.record.until)
            ends.append(Ending(what="the stored login", what_sv="den sparade inloggningen", on=day))
        return min(ends, key=lambda ending: ending.on, default=None)

    def days_left(self, today: date) -> int | None:
        """Return the days to the first end, below 0 where it has passed; None where no end is known."""
        end = self.end()
        return None if end is None else (end.on - today).days

    def in_english(self, today: date) -> str:
        """Return the line of ``inbox-bot check``."""
        end, left = self.end(), self.days_left(today)
        if end is None or left is None:
            return f"{self.provider}: nothing is known to end"
        if left < 0:
            return f"{self.provider}: {end.what} ended on {end.on}"
        return f"{self.provider}: {end.what} has {left} day(s) left, until {end.on}"

    def in_swedish(self, today: date) -> str:
        """Return the digest's line on a login that is well, or near its end."""
        label = f"{self.name} ({self.provider}), används av {', '.join(self.used_by)}"
        end, left = self.end(), self.days_left(today)
        if end is None or left is None:
            return f"{label}: inget känt slutdatum."
        days = "1 dag" if abs(left) == 1 else f"{abs(left)} dagar"
        if left < 0:
            return f"{label}: {end.what_sv} gick ut {end.on}, för {days} sedan."
        return f"{label}: {days} kvar, {end.what_sv} gäller till {end.on}."

    def warning(self, today: date, warn_days: int, say: Callable[[str], str]) -> str:
        """Return in Swedish what staff must be told today and what helps, ``""`` where nothing. ``say`` has an error's Swedish words."""
        cure = (
            f"Kör inbox-bot login {self.name}."
            if self.keeps
            else "Gör en ny hos leverantören och skriv in den i inställningarna."
        )
        label = f"Inloggningen {self.name} ({self.provider or 'okänd'}), som {', '.join(self.used_by)} använder"
        if self.trouble:
            return f"{label}, kan inte användas: {say(self.trouble)}"
        if not self.logged_in:
            return f"{label}, är inte gjord än. {cure}"
        if self.record is not None and self.record.failure:
            since = "" if self.record.failed_at is None else f" sedan {stockholm_day(self.record.failed_at)}"
            return f"{label}, fungerar inte{since}: {say(self.record.failure)}"
        left = self.days_left(today)
        if left is None or left > warn_days:
            return ""
        return f"{self.in_swedish(today)} {cure}"
