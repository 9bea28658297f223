"""On which day a restriction may be lifted: after the person has been told, with working days left in between (Art 18(3))."""

from datetime import date

from inbox_bot.approval.rulebook import DecisionRules
from inbox_bot.domain.case import DraftRecord
from inbox_bot.domain.dates import Calendar
from inbox_bot.errors import NotAllowedError

LIFTING = "restriction_lifting"


def earliest_lift(calendar: Calendar, rules: DecisionRules, told_on: date) -> date:
    """Return the first day on which a restriction may be lifted whose end the person was told of on ``told_on``."""
    return calendar.add_working_days(told_on, rules.lifting_working_days)


def check_lift_day(calendar: Calendar, rules: DecisionRules, draft: DraftRecord, today: date) -> None:
    """Raise NotAllowedError if a letter that leaves today would name a day too soon."""
    earliest = earliest_lift(calendar, rules, today)
    day = lift_day(draft)
    if day is not None and day < earliest:
        raise NotAllowedError(
            f"{day} is too soon: the person must have {rules.lifting_working_days} working days.",
            hint=f"Choose {earliest} or later.",
        )


def lift_day(draft: DraftRecord) -> date | None:
    """Return the day a draft names, None where there is none that can be read."""
    try:
        return date.fromisoformat(str(draft.values.get("lifts_on", "")))
    except ValueError:
        return None
