"""Labels requests or copies them to a folder, where the settings ask for it: after they are filed, each once, tried until it is done."""

from datetime import timedelta

from inbox_bot import log
from inbox_bot.clock import Clock
from inbox_bot.domain.beside import Mark, Marking, MarkState
from inbox_bot.domain.example import asked_in
from inbox_bot.errors import MailboxError
from inbox_bot.mailbox.neighbour import Neighbour
from inbox_bot.store.unit import Desk

AT_ONCE = 50
"""Mails marked in one look."""

CLAIM = timedelta(minutes=10)
"""How long a mark belongs to the process that took it: after a crash it is due again."""

_SHORTEST, _LONGEST = timedelta(minutes=2), timedelta(hours=6)
_log = log.get("mailbox")


def mark(desk: Desk, neighbour: Neighbour, clock: Clock, *, label: str, copy_to: str) -> int:
    """Mark what has been filed since the last look; return how many marks were made.

    A mark that fails is put off, and every other waits for its turn. Raises MailboxError only where nobody can log in.
    """
    wanted = {action: target for action, target in ((Marking.LABEL, label), (Marking.COPY, copy_to)) if target}
    for action, target in wanted.items():
        _ask(desk, neighbour.name, action, target, clock)
    if not wanted:
        return 0
    with desk.look() as unit:
        due = unit.mail_marks.due(neighbour.name, clock.now(), AT_ONCE)
    due = [one for one in due if wanted.get(one.action) == one.target]
    if due:
        neighbour.open()
    done = 0
    for one in due:
        made = _mark(desk, neighbour, clock, one)
        if made is None:
            break
        done += made
    return done


def _ask(desk: Desk, mailbox: str, action: Marking, target: str, clock: Clock) -> None:
    """Write down which requests are to be marked: the mails of open cases in which something was asked for."""
    with desk.look() as unit:
        filed = unit.mail_marks.missing(mailbox, action, target)
        asked = {case_id: asked_in(unit.cases.events(case_id)) for case_id in {case_id for _, case_id in filed}}
    fresh = [mail_id for mail_id, case_id in filed if mail_id in asked[case_id]]
    if fresh:
        with desk.write() as unit:
            for mail_id in fresh:
                unit.mail_marks.ask(mailbox, mail_id, action, target, clock.now())


def _mark(desk: Desk, neighbour: Neighbour, clock: Clock, one: Mark) -> int | None:
    """Make one mark and return 1, or 0 if there was none to make; None where the connection may be gone."""
    now = clock.now()
    with desk.write() as unit:
        places = unit.mail_marks.places(one.mail_id)
        if not unit.mail_marks.take(one.id, now, now + CLAIM):
            return 0
    try:
        made = any(neighbour.mark(place, one.action, one.target) for place in places)
    except MailboxError as error:
        _log.warning("mark_failed", mailbox=neighbour.name, mail_id=one.mail_id, mark=one.action.value)
        with desk.write() as unit:
            unit.mail_marks.put_off(one.id, now + _pause(one.attempts), str(error))
        return None if error.temporary else 0
    with desk.write() as unit:
        unit.mail_marks.end(one.id, MarkState.DONE if made else MarkState.GONE, now)
    return int(made)


def _pause(attempts: int) -> timedelta:
    """Return how long to wait after so many failed attempts: twice as long each time."""
    return min(_SHORTEST * (1 << min(attempts, 10)), _LONGEST)
