"""The daily mail to ourselves: when it is due, whether it came back, and if not, which half of the way is broken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from inbox_bot.clock import STOCKHOLM, in_utc, stockholm_day
from inbox_bot.domain.case import LetterRecord, LetterState
from inbox_bot.domain.health import SEEN_WITHIN, Level, Part
from inbox_bot.store.mailboxes import MailboxHealth
from inbox_bot.store.watching import SelfCheck

NAME = "self_check"
NONE_FOR = timedelta(hours=26)
"""After so long without one, making it has stopped by itself."""


@dataclass(frozen=True, kw_only=True)
class Trip:
    """What there is to judge by. ``checks``: the last days', newest first; ``letter``: the newest one's.

    ``started_at``: when this process began, so that nobody is told before it has had time to look. ``unread``: mails lie
    fetched and not read. ``junk_read``: the junk folders are among those read.
    """

    now: datetime
    started_at: datetime
    checks: Sequence[SelfCheck]
    letter: LetterRecord | None
    boxes: Sequence[MailboxHealth]
    folders: frozenset[str]
    unread: bool
    junk_read: bool
    address: str = ""


def day_due(now: datetime, hour: int) -> date | None:
    """Return the Stockholm day whose mail should have been made by now, None before its hour."""
    return stockholm_day(now) if in_utc(now).astimezone(STOCKHOLM).hour >= hour else None


def is_late(check: SelfCheck) -> bool:
    """True if it came, later than it should."""
    return check.seen_at is not None and check.seen_at > check.made_at + SEEN_WITHIN


def self_check_part(trip: Trip) -> Part:
    """Judge the newest mail to ourselves; while it still has time, the one before."""
    if not trip.checks:
        return Part(name=NAME, says="Dagens prov har inte gjorts än.")
    newest = trip.checks[0]
    if newest.seen_at is None and not _time_is_up(trip, newest):
        before = trip.checks[1:2]
        if before and before[0].seen_at is None:
            says = "Provet före det här kom aldrig fram. Dagens är på väg."
            return Part(name=NAME, level=Level.CRITICAL, says=says, since=before[0].made_at, at_once=True)
        return Part(name=NAME, says="Dagens prov är på väg.")
    if newest.seen_at is None:
        says = f"Dagens prov kom inte fram: programmets mejl till sig självt kl. {_clock(newest.made_at)}. {why(trip)}"
        return Part(name=NAME, level=Level.CRITICAL, says=says, since=newest.made_at, at_once=True, again=True)
    if trip.now - newest.made_at > NONE_FOR:
        says = f"Inget prov har gjorts sedan {newest.day}."
        return Part(name=NAME, level=Level.WARNING, says=says, since=newest.made_at)
    return Part(name=NAME, level=_level(trip, newest), says=told(newest, trip.folders), since=newest.made_at)


def _level(trip: Trip, check: SelfCheck) -> Level:
    return Level.WARNING if is_late(check) or check.copies > 1 or _in_junk(check, trip.folders) else Level.OK


def told(check: SelfCheck, folders: frozenset[str]) -> str:
    """Say how one day's mail to ourselves went. ``folders``: ``mailbox/folder`` of those that are no junk folders."""
    if check.seen_at is None:
        return f"{check.day}: kom inte fram."
    minutes = max(0, round((check.seen_at - check.made_at) / timedelta(minutes=1)))
    after = f"efter {minutes} {'minut' if minutes == 1 else 'minuter'}" if minutes else "inom en minut"
    words = f"{check.day}: kom fram {after}"
    words += ", för sent" if is_late(check) else ""
    words += f", {check.copies} gånger" if check.copies > 1 else ""
    words += f", men i skräpposten ({check.seen_in})" if _in_junk(check, folders) else ""
    return f"{words}."


def why(trip: Trip) -> str:
    """Say which half of the way is broken, and where to look."""
    letter = trip.letter
    if letter is None:
        return "Brevet finns inte i utkorgen: någon har tagit bort det."
    return _way_in(trip, letter) if letter.state is LetterState.SENT else _way_out(letter)


def _way_out(letter: LetterRecord) -> str:
    if letter.state is LetterState.BOUNCED:
        return f"Ut gick det, men det kom i retur ({letter.answer}): adressen eller brevlådan tar inte emot."
    if not letter.attempts:
        return (
            "Felet är på vägen ut: brevet ligger kvar i utkorgen och har inte prövats. Se efter att programmet arbetar."
        )
    return f"Felet är på vägen ut: den utgående servern har inte tagit emot det ({letter.answer or 'inget svar'})."


def _way_in(trip: Trip, letter: LetterRecord) -> str:
    sent = letter.sent_at or letter.created_at
    left = f"Den utgående servern tog emot det kl. {_clock(sent)}."
    unread = [box.name for box in trip.boxes if box.looked_at is None or box.looked_at < sent]
    if unread:
        return f"{left} Felet är på vägen in: {', '.join(unread)} har inte kunnat läsas sedan dess."
    if trip.unread:
        return (
            f"{left} Brevlådan är läst sedan dess, men hämtade brev ligger olästa i programmet: läsningen står still."
        )
    junk = "Skräpposten läses inte (include_junk): titta där."
    if trip.junk_read:
        junk = "Skräpposten är läst, och där ligger det inte."
    return (
        f"{left} Brevlådan är läst sedan dess, och där finns det inte. {junk} "
        "Något mellan servrarna stoppar det: ett filter, en regel eller en adress som går någon annanstans."
    )


def _time_is_up(trip: Trip, check: SelfCheck) -> bool:
    """True when it should have been seen, and the program has had the time to: after a stop it looks first."""
    if trip.now < check.made_at + SEEN_WITHIN:
        return False
    if trip.now >= trip.started_at + SEEN_WITHIN:
        return True
    if trip.letter is None or trip.letter.state is not LetterState.SENT:
        return trip.letter is not None and trip.letter.attempts > 0
    since = max(trip.started_at, trip.letter.sent_at or check.made_at)
    tried = all(_tried_since(box, since) for box in trip.boxes)
    return bool(trip.boxes) and tried and not trip.unread


def _tried_since(box: MailboxHealth, since: datetime) -> bool:
    return any(at is not None and at >= since for at in (box.looked_at, box.failed_at))


def _in_junk(check: SelfCheck, folders: frozenset[str]) -> bool:
    return bool(check.seen_in) and check.seen_in not in folders


def _clock(at: datetime) -> str:
    return f"{at.astimezone(STOCKHOLM):%H.%M}"
