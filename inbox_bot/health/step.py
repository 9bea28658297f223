"""Keeps watch: makes the daily mail to ourselves, tells the watchers once of what stands still, and when it is well again."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from inbox_bot import log
from inbox_bot.clock import stockholm_day
from inbox_bot.domain.case import LETTERS_IN_TROUBLE, LetterPurpose, LetterState, MailState
from inbox_bot.domain.health import STILL_AFTER, STUCK_AFTER, Health, Level, Part, part_to_json
from inbox_bot.domain.self_check import LETTER, new_token, token_hash
from inbox_bot.health import roundtrip
from inbox_bot.health.desk import Watchman
from inbox_bot.health.judging import DEAD_AFTER, Facts, at_local, judge, named
from inbox_bot.health.roundtrip import Trip, day_due
from inbox_bot.store.mailboxes import MailboxHealth
from inbox_bot.store.unit import Unit
from inbox_bot.store.watching import Incident, Pulse

KEPT_DAYS = 400
"""Days for which it stays known how the daily mail to ourselves went: more than a year, and nothing of anyone's."""

SHOWN = timedelta(days=1)
"""How long the pulse of a process that has gone is kept to be shown."""

FIRST_LOOK = timedelta(minutes=5)
"""How long after its start a process may take to look into a mailbox for the first time."""

_UNTELLABLE = "smtp"
"""While no letter can leave, nobody can be told by letter: it is told afterwards, and by file and page at once."""

_EXPLAINED = ("mailbox ", "suppression list")
"""Parts whose detail is an error's sentence, which the letters have Swedish words for."""

_log = log.get("health")


def look(room: Watchman) -> Health:
    """Return how everything is now. Raises what the database raises."""
    with room.desk.look() as unit:
        return judge(_gather(room, unit))


def keep_watch(room: Watchman) -> int:
    """Make and tell what is due; return how many letters were queued."""
    queued = _make_self_check(room)
    with room.desk.look() as unit:
        facts = _gather(room, unit)
        known = {one.what: one for one in unit.watching.incidents()}
    health, now = judge(facts), facts.now
    ill = [part for part in health.parts if part.level is Level.CRITICAL]
    for part in ill:
        if _is_to_be_told(part, facts) and not _was_told(part, known):
            queued += _tell(room, part, now)
    well = {what for what, one in known.items() if one.ended_at is None} - {part.name for part in ill}
    queued += sum(_tell_well(room, what, now) for what in sorted(well))
    queued += sum(_tell_past(room, box, known, now) for box in facts.boxes)
    room.board.watch()
    return queued


def beat(room: Watchman) -> None:
    """Note that this process lives, or that it has been stopped, and how it is. Raises what the database raises."""
    now = room.clock.now()
    with room.desk.write(light=True) as unit:
        unit.watching.beat(
            Pulse(
                worker=room.worker,
                started_at=room.board.started_at,
                beat_at=now,
                stopped_at=None if room.board.is_working else now,
                parts=[part_to_json(part) for part in room.board.parts()],
            )
        )
        others = [pulse for pulse in unit.watching.pulses() if pulse.worker != room.worker]
        # A process of this machine that has gone is followed by this one; of another machine's nothing is known.
        here = room.worker.partition(":")[0]
        gone = [
            one.worker
            for one in others
            if now - one.beat_at > (SHOWN if one.worker.partition(":")[0] != here else DEAD_AFTER)
        ]
        unit.watching.forget_pulses(gone)


def _gather(room: Watchman, unit: Unit) -> Facts:
    now = room.clock.now()
    boxes = [box for box in unit.mailboxes.health() if box.name in room.mailboxes]
    return Facts(
        now=now,
        names=room.mailboxes,
        started_at=room.board.started_at,
        boxes=boxes,
        oldest=unit.watching.oldest_between_rooms(),
        stuck=unit.mails.stuck(now - STUCK_AFTER),
        outgoing=unit.watching.outgoing(),
        list_failure=unit.suppressions.publication().failure,
        pulses=unit.watching.pulses(),
        own=room.board.parts() if room.board.is_working else (),
        own_name=room.worker,
        works_here=room.board.is_working,
        compared=unit.watching.compared(),
        compare_days=room.compare_days,
        free=room.free(),
        gone_today=sum(one.count for one in unit.folder_notes.vanished(stockholm_day(now))),
        trip=None if room.check_hour is None else _trip(room, unit, now, boxes),
    )


def _trip(room: Watchman, unit: Unit, now: datetime, boxes: Sequence[MailboxHealth]) -> Trip:
    checks = unit.watching.self_checks(2)
    letter = unit.letters.by_message_id(checks[0].message_id) if checks else None
    return Trip(
        now=now,
        started_at=room.board.started_at,
        checks=checks,
        letter=letter,
        boxes=boxes,
        folders=room.folders,
        unread=unit.mails.first(MailState.RECEIVED) is not None,
        junk_read=room.junk_read,
    )


def _make_self_check(room: Watchman) -> int:
    """Queue the day's mail to ourselves, once a day whatever restarts and however many workers."""
    now = room.clock.now()
    day = None if room.check_hour is None else day_due(now, room.check_hour)
    if day is None:
        return 0
    with room.desk.look() as unit:
        if unit.watching.has_self_check(day):
            return 0
    token = new_token()
    with room.desk.write() as unit:
        _lay_old_aside(unit)
        unit.watching.delete_self_checks(stockholm_day(now) - timedelta(days=KEPT_DAYS))
        values = {"token": token}
        message_id = room.queue(unit, LETTER, room.check_address, values, LetterPurpose.SELF_CHECK)
        if not unit.watching.add_self_check(day=day, token_hash=token_hash(token), message_id=message_id, at=now):
            letter = unit.letters.by_message_id(message_id)
            if letter is not None:
                unit.letters.move(letter.id, [LetterState.QUEUED], LetterState.VOID)
            return 0
    _log.info("self_check_made", day=day.isoformat())
    return 1


def _lay_old_aside(unit: Unit) -> None:
    """Of an earlier day's mail that failed nobody decides anything any more."""
    for letter in unit.letters.in_states(*LETTERS_IN_TROUBLE):
        if letter.purpose is LetterPurpose.SELF_CHECK:
            unit.letters.move(letter.id, LETTERS_IN_TROUBLE, LetterState.VOID)


def _was_told(part: Part, known: Mapping[str, Incident]) -> bool:
    """True if it need not be asked for: a look that spares a transaction. Who tells is decided by ``open_incident``."""
    one = known.get(part.name)
    return one is not None and one.ended_at is None and not (part.again and part.since and part.since > one.since)


def _is_to_be_told(part: Part, facts: Facts) -> bool:
    if part.at_once:
        return True
    long = part.since is not None and facts.now - part.since >= STILL_AFTER
    return long and not any(part.name == f"mailbox {box.name}" and _is_untried(box, facts) for box in facts.boxes)


def _is_untried(box: MailboxHealth, facts: Facts) -> bool:
    """True for a mailbox that this process has had no time to look into: it was the program that stood still."""
    tried = box.failed_at is not None and box.failed_at >= facts.started_at
    return not tried and facts.now < facts.started_at + FIRST_LOOK


def _tell(room: Watchman, part: Part, now: datetime) -> int:
    since = part.since or now
    with room.desk.write() as unit:
        mine = unit.watching.open_incident(
            part.name, since, now, again=part.again, quiet_since=now - STILL_AFTER
        )  # fmt: skip
        if not mine:
            return 0
        _log.error("standing_still", part=part.name, since=since.isoformat())
        if part.name == _UNTELLABLE:
            return 0
        to = room.everyone if part.name == roundtrip.NAME else room.told
        room.alarm(unit, to, _headline(part), f"{part.says}\n\n{_why(room, part)}{_ADVICE}")
    return len(to)


def _why(room: Watchman, part: Part) -> str:
    """Return what the error means, then the program's own words, for whoever looks after it: they name host and code."""
    if not part.detail:
        return ""
    meant = f"Felet: {room.letters.failure(part.detail)}\n\n" if part.name.startswith(_EXPLAINED) else ""
    return f"{meant}Programmets egna ord: {part.detail}\n\n"


_ADVICE = (
    "Nya brev om personuppgifter kan ligga olästa, och deras tid går. Be den som sköter programmet titta nu. "
    "Du får ett brev till när det fungerar igen."
)


def _headline(part: Part) -> str:
    if part.name == roundtrip.NAME:
        return "Dagens prov kom inte fram: brev kan vara på väg utan att vi ser dem"
    kind, _, name = part.name.partition(" ")
    return f"Brevlådan {name} läses inte" if kind == "mailbox" else "Programmet för personuppgifter står still"


def _tell_well(room: Watchman, what: str, now: datetime) -> int:
    with room.desk.write() as unit:
        since = next((one.since for one in unit.watching.incidents() if one.what == what), now)
        if not unit.watching.end_incident(what, now):
            return 0
        _log.info("well_again", part=what, since=since.isoformat())
        to = room.everyone if what == roundtrip.NAME else room.told
        text = f"{named(what)} fungerar igen. Det stod still från {at_local(since)} till {at_local(now)}."
        room.alarm(unit, to, f"{named(what)} fungerar igen", text)
    return len(to)


def _tell_past(room: Watchman, box: MailboxHealth, known: Mapping[str, Incident], now: datetime) -> int:
    """Tell of a mailbox that stood still for long while nobody could tell, because the whole program did."""
    what, since, until = f"mailbox {box.name}", box.still_from, box.still_to
    if since is None or until is None or (what in known and known[what].since >= since):
        return 0
    with room.desk.write() as unit:
        if not unit.watching.past_incident(what, since, until, now):
            return 0
        text = (
            f"{named(what)} lästes inte från {at_local(since)} till {at_local(until)}. Nu läses den igen, och breven som kom "
            "under tiden tas om hand. Deras tid har gått sedan de kom. Be den som sköter programmet ta reda på varför."
        )
        room.alarm(unit, room.told, f"{named(what)} har stått oläst", text)
    return len(room.told)
