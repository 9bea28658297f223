"""Reads the headers in the Sent folder: who answered a case's person from another mail program? Of anything else nothing is kept."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime

from inbox_bot import log
from inbox_bot.clock import Clock, stockholm_day
from inbox_bot.domain.address import normal_address
from inbox_bot.domain.case import CaseRecord, Event, EventName
from inbox_bot.domain.mail import AutomaticKind, Message, RawMail
from inbox_bot.errors import MailboxError, UnreadableMailError
from inbox_bot.mailbox.neighbour import Glimpse, Neighbour
from inbox_bot.store.folder_notes import FolderNote
from inbox_bot.store.unit import Desk, Unit

PURPOSE = "sent"
BATCH = 50
"""Headers fetched and looked at in one go."""

_OURS = b"x-inbox-bot-letter:"
_BY_NO_PERSON = frozenset({AutomaticKind.AUTO_REPLY, AutomaticKind.AUTO_GENERATED, AutomaticKind.BOUNCE})
_log = log.get("mailbox")


def look(
    desk: Desk,
    neighbour: Neighbour,
    clock: Clock,
    *,
    ours: frozenset[str],
    read: Callable[[bytes], Message],
    most_recipients: int,
) -> int:
    """Go through what was sent since the last look and return how many answers were found. Raises MailboxError.

    The first look goes back to the receipt of the oldest claim that is open; so does one after the server has numbered anew.
    """
    neighbour.open()
    folders = neighbour.sent()
    if not folders:
        raise MailboxError(
            f"Mailbox {neighbour.name}: no Sent folder was found.",
            hint="Name it as sent_folder in the settings, or set read_sent = false.",
        )
    found = 0
    for folder in folders:
        with desk.look() as unit:
            note = unit.folder_notes.note(neighbour.name, folder, PURPOSE)
        glimpse = neighbour.glimpse(folder, None if note is None else note.uid)
        anew = note is None or note.uidvalidity != glimpse.uidvalidity
        uids = _since_the_oldest_claim(desk, neighbour, folder) if anew else sorted(glimpse.uids - glimpse.drafts)
        for start in range(0, len(uids), BATCH):
            mails = [
                (mail, message)
                for mail in neighbour.headers(folder, uids[start : start + BATCH])
                if (message := _read(mail, read)) is not None
            ]
            with desk.write() as unit:
                unit.mailboxes.lock(neighbour.name)
                find = _finder(unit, ours, most_recipients)
                found += sum(
                    _take(unit, neighbour.name, clock.now(), mail, message, ours, find) for mail, message in mails
                )
        _advance(desk, neighbour.name, folder, note, glimpse, uids)
    return found


def answered_case(
    message: Message,
    sent_at: datetime,
    cases: Iterable[CaseRecord],
    threaded: Collection[int],
    asked: Callable[[CaseRecord], frozenset[str]],
    *,
    ours: frozenset[str],
    most_recipients: int,
) -> CaseRecord | None:
    """Return the open case whose person a sent mail answers, or None: by its thread, else by whom it goes to.

    ``threaded``: cases that its In-Reply-To and References lead to; ``asked``: addresses on file that a case has written to.
    A mail to colleagues alone answers nobody, whatever its thread; nor does one sent before the request came.
    """
    to = {normal_address(address) for address in message.to}
    domains = {address.rpartition("@")[2] for address in ours}
    outward = {address for address in to if address.rpartition("@")[2] not in domains}
    best: tuple[bool, datetime, int, CaseRecord] | None = None
    for case in cases:
        running = [claim.clock.received_at for claim in case.claims if not claim.state.is_final]
        if not running or min(running) > sent_at:
            continue
        person = bool(to & {case.requester, *asked(case)})
        if not person and not (case.id in threaded and outward):
            continue
        if case.id not in threaded and len(to) > most_recipients:
            continue
        rank = (case.id in threaded, min(running), case.id, case)
        if best is None or rank[:3] > best[:3]:
            best = rank
    return None if best is None else best[3]


Find = Callable[[Message, datetime, Collection[int]], CaseRecord | None]
"""Finds the case a sent mail answers: message, moment, and the cases its thread leads to."""


def _finder(unit: Unit, ours: frozenset[str], most_recipients: int) -> Find:
    """Load the open cases once for a batch of mails: loading them for each would hold up whoever writes meanwhile."""
    cases = unit.cases.all(open_only=True)
    asked = unit.challenges.addresses([case.id for case in cases])
    return lambda message, sent_at, threaded: answered_case(
        message,
        sent_at,
        cases,
        threaded,
        lambda case: asked.get(case.id, frozenset()),
        ours=ours,
        most_recipients=most_recipients,
    )


def _take(
    unit: Unit, mailbox: str, now: datetime, mail: RawMail, message: Message, ours: frozenset[str], find: Find
) -> bool:
    """Note a sent mail if it answers a case; True if it is a new one."""
    if _is_ours(unit, mail, message):
        return False
    if message.automatic is not None and message.automatic.kind in _BY_NO_PERSON:
        return False
    ids = {*message.in_reply_to, *message.references}
    known = unit.letters.cases_with_message(ids) | unit.mails.cases_with_message(ids)
    sent_at = min(mail.received_at, now)
    case = find(message, sent_at, set(known.values()))
    if case is None:
        return False
    reply_id = unit.outside_replies.add(
        mailbox=mailbox,
        fingerprint=hashlib.sha256(mail.content).hexdigest(),
        case_id=case.id,
        sent_at=sent_at,
        who=_who(message, ours),
        at=now,
    )
    if reply_id is None:
        return False
    details = {"outside": reply_id, "answered_on": stockholm_day(sent_at).isoformat()}
    unit.cases.record(case.id, Event(at=now, name=EventName.OUTSIDE_REPLY_FOUND, details=details))
    _log.info("outside_reply_found", mailbox=mailbox, case=case.reference)
    return True


def _read(mail: RawMail, read: Callable[[bytes], Message]) -> Message | None:
    try:
        return read(mail.content)
    except UnreadableMailError:
        return None  # Whatever it is, it names nobody.


def _is_ours(unit: Unit, mail: RawMail, message: Message) -> bool:
    """True for a letter of our own that the server copied to Sent: some give it another Message-ID, none another header."""
    if any(line.lower().startswith(_OURS) for line in mail.content.splitlines()):
        return True
    return message.message_id is not None and unit.letters.by_message_id(message.message_id) is not None


def _who(message: Message, ours: frozenset[str]) -> str:
    """Return who wrote, as far as a mail from a shared mailbox tells: a name that is not the company's own, or ``""``."""
    sender = message.sender
    if sender is None or not sender.name.strip() or "@" in sender.name:
        return ""
    return "" if normal_address(sender.address) in ours else sender.name.strip()[:80]


def _since_the_oldest_claim(desk: Desk, neighbour: Neighbour, folder: str) -> Sequence[int]:
    with desk.look() as unit:
        received = [
            claim.clock.received_at
            for case in unit.cases.all(open_only=True)
            for claim in case.claims
            if not claim.state.is_final
        ]
    if not received:
        return ()
    day: date = stockholm_day(min(received))
    return neighbour.uids_since(folder, day)


def _advance(
    desk: Desk, mailbox: str, folder: str, note: FolderNote | None, glimpse: Glimpse, uids: Sequence[int]
) -> None:
    """Store how far the folder is read; written only when it is further than before."""
    anew = note is None or note.uidvalidity != glimpse.uidvalidity
    before = 0 if note is None or anew else note.uid
    top = max([glimpse.next_uid - 1, *uids]) if anew else max([before, *glimpse.uids])
    if anew or top > before:
        with desk.write() as unit:
            unit.mailboxes.lock(mailbox)
            unit.folder_notes.set_note(
                mailbox,
                folder,
                PURPOSE,
                FolderNote(uidvalidity=glimpse.uidvalidity, uid=top, next_uid=glimpse.next_uid),
            )
