"""The calendar of legal dates as RFC 5545, by the library icalendar: escaping, folding at 75 octets and value types are its matter.

All-day events, ``METHOD:PUBLISH`` (which Outlook wants of a calendar it subscribes to), and how often to look again in both ways that
programs read it (RFC 7986 ``REFRESH-INTERVAL``, ``X-PUBLISHED-TTL``). Bytes follow from the entries alone, so that they can be compared.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from icalendar import Alarm, Calendar, Event

from inbox_bot.domain.feed import Entry
from inbox_bot.web.wording import Words

REFRESH = timedelta(hours=4)
_EIGHT_O_CLOCK = timedelta(hours=8)


def as_ics(entries: Sequence[Entry], words: Words, *, company: str, host: str, link: Callable[[str], str]) -> bytes:
    """Return the calendar. ``host`` makes the UIDs ours; ``link`` gives the address of one of the staff pages."""
    table = words.tables["calendar"]
    calendar = Calendar()
    calendar.add("prodid", "-//inbox-bot//legal dates//SV")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    for name in ("name", "x-wr-calname"):
        calendar.add(name, table["name"].format(company=company))
    for name in ("description", "x-wr-caldesc"):
        calendar.add(name, table["description"])
    calendar.add("x-wr-timezone", "Europe/Stockholm")
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT4H")
    for entry in entries:
        calendar.add_component(_event(entry, words, table, host, link))
    return bytes(calendar.to_ical())


def _event(entry: Entry, words: Words, table: Mapping[str, Any], host: str, link: Callable[[str], str]) -> Event:
    said = {
        "right": "" if entry.claim is None else words.right(entry.claim).lower(),
        "reference": entry.reference,
        "wait": table["waits"][entry.wait.value],
        "mail": entry.mail,
        "day": words.short_day(entry.due),
    }
    of_mail = entry.claim is None
    page = link(f"/personal/brev/{entry.mail}" if of_mail else f"/personal/arende/{entry.reference}")
    event = Event()
    event.add("uid", f"{entry.uid}@{host}")
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("sequence", entry.sequence)
    event.add("dtstart", entry.due)
    event.add("dtend", entry.due + timedelta(days=1))
    event.add("summary", table["mail" if of_mail else "over" if entry.cancelled else "summary"].format(**said))
    event.add("description", table["mail_body" if of_mail else "body"].format(**said, link=page))
    event.add("url", page)
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    # A date to keep is no time that is taken: nobody is shown as busy all day.
    event.add("transp", "TRANSPARENT")
    event.add("x-microsoft-cdo-busystatus", "FREE")
    event.add("class", "PRIVATE")
    for day in entry.alarms:
        event.add_component(_alarm(entry.due, day, table["mail_alarm" if of_mail else "alarm"].format(**said)))
    return event


def _alarm(due: date, day: date, text: str) -> Alarm:
    """Return an alarm at eight in the morning of a day, told as time before the event: the form all programs know."""
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", text)
    alarm.add(
        "trigger",
        datetime.combine(day, datetime.min.time()) + _EIGHT_O_CLOCK - datetime.combine(due, datetime.min.time()),
    )
    return alarm
