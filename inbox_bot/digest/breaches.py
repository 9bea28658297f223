"""Letters that went to the wrong person, while they are open: what staff are reminded of each day."""

from collections.abc import Sequence
from datetime import datetime

from inbox_bot.clock import STOCKHOLM, in_utc
from inbox_bot.digest.lines import Pen, Section, section
from inbox_bot.domain.breach import BreachRecord, hours_left


def breach_sections(breaches: Sequence[BreachRecord], now: datetime, pen: Pen) -> list[Section]:
    """Return the section of the open breaches, none where there are none: a quiet week need not speak of them."""
    lines = [
        pen.line(
            f"Personuppgiftsincident {one.id}",
            f" ({', '.join(one.references)}): {_time(one, now)}.",
            f"/personal/incidenter/{one.id}",
        )
        for one in breaches
    ]
    return [section("Brev som gick till fel mottagare", lines, "")] if lines else []


def _time(one: BreachRecord, now: datetime) -> str:
    ends = f"{in_utc(one.ends_at).astimezone(STOCKHOLM):%Y-%m-%d kl. %H.%M}"
    left = hours_left(one, now)
    return f"72 timmar går ut {ends}, {left} timmar kvar" if left >= 0 else f"72 timmar gick ut {ends}"
