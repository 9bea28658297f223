"""All that our own records hold about one address: what ``inbox-bot export`` hands out (Art 15 about the program itself)."""

from collections.abc import Mapping
from dataclasses import asdict
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from inbox_bot.clock import stockholm_day
from inbox_bot.domain.breach import BreachRecord
from inbox_bot.domain.case import CaseRecord, LetterRecord
from inbox_bot.domain.mail import Message
from inbox_bot.retention.desk import Keeping
from inbox_bot.retention.person import bare_address, spellings
from inbox_bot.retention.table import Item
from inbox_bot.store.unit import Unit

EXAMPLES = """Brev som personalen har sorterat kan finnas kvar som exempel, utan namn, adresser och nummer. Inget i ett exempel \
säger vem eller vilket brev det kom från, så de går inte att hitta med en adress."""


def gather(room: Keeping, address: str) -> dict[str, Any]:
    """Return everything as JSON knows it, moments and days as ISO text. Raises NotAllowedError for what is no address."""
    addresses = spellings(address)
    wanted = bare_address(address)
    with room.desk.look() as unit:
        ids = unit.person.case_ids(addresses, room.hash(wanted))
        traces = list(unit.person.traces(addresses))
        found = {
            "address": wanted,
            "made_at": room.clock.now(),
            "cases": [_case(room, unit, case) for case in unit.cases.get_all(ids)],
            "mails_in_no_case": [
                {"mail": mail.id, "received_at": mail.received_at, "state": mail.state}
                | _message(mail.message)
                | _viewings(unit, mail.id)
                for mail in traces
                if mail.own and mail.case_id is None
            ],
            "named_in": [
                {"mail": mail.id, "case": None if mail.case_id is None else _reference(unit, mail.case_id)}
                | _viewings(unit, mail.id)
                for mail in traces
                if not mail.own and mail.case_id not in ids
            ],
            "no_marketing_since": unit.person.suppressed_since(addresses),
            "staff": {"listed": bool(addresses & room.staff), "noted": unit.audit.count_by(addresses)}
            | unit.person.logins(addresses),
            "examples": EXAMPLES,
            "erased": [line.at for line in room.journal.after(0) if line.person == room.hash(wanted)],
        }
    plain: dict[str, Any] = _plain(found)
    return plain


def _case(room: Keeping, unit: Unit, case: CaseRecord) -> dict[str, Any]:
    kept = None if case.closed_at is None else stockholm_day(case.closed_at)
    return {
        "reference": case.reference,
        "state": case.state,
        "requester": case.requester,
        "name": case.requester_name,
        "language": case.language,
        "opened_at": case.opened_at,
        "closed_at": case.closed_at,
        "emptied_at": case.emptied_at,
        "disputed": case.disputed,
        "kept_until": {
            item.value: None if kept is None else room.table.last_day(item, kept)
            for item in (Item.CORRESPONDENCE, Item.EVIDENCE)
        },
        "claims": [
            {
                "right": claim.claim.name,
                "state": claim.state,
                "received_at": claim.clock.received_at,
                "identity_confirmed": claim.proven,
            }
            for claim in case.claims
        ],
        "mails": [
            {"mail": mail.id, "received_at": mail.received_at} | _message(mail.message) | _viewings(unit, mail.id)
            for mail in unit.mails.of_case(case.id)
        ],
        "answered_outside": [
            {"sent_at": reply.sent_at, "by": reply.who, "state": reply.state}
            for reply in unit.outside_replies.of_case(case.id)
        ],
        "answers": [
            {
                "letter": draft.letter,
                "state": draft.state,
                "approved_by": draft.approved_by,
                "approved_at": draft.approved_at,
                "filled_in": draft.values,
                "note": draft.note,
                "attachments": [
                    {"filename": file.name, "size": file.size, "sha256": file.sha256, "by": file.by, "at": file.at}
                    for file in unit.attachments.of_draft(draft.id)
                ],
            }
            for draft in unit.drafts.of_case(case.id)
        ],
        "letters": [_letter(unit, letter) for letter in unit.letters.of_case(case.id)],
        "identity_questions": [
            {"asked_at": asked.asked_at, "sent_to": asked.address, "state": asked.state}
            for asked in unit.challenges.of_case(case.id)
        ],
        "breaches": [_breach(breach, case) for breach in unit.breaches.of_references([case.reference])],
        "events": [asdict(event) for event in unit.cases.events(case.id)],
        "looks": _looks(unit, case),
    }


def _breach(breach: BreachRecord, case: CaseRecord) -> dict[str, Any]:
    """Return what went wrong with a case's letters. What staff wrote is left out where it may speak of others too."""
    alone = set(breach.references) == {case.reference}
    return {
        "number": breach.id,
        "known_at": breach.known_at,
        "closed_at": breach.closed_at,
        "letters": [letter.letter_id for letter in breach.letters if letter.reference == case.reference],
        "what": breach.what if alone else None,
        "notes": [asdict(note) for note in (*breach.corrections, *breach.notes)] if alone else [],
    }


def _looks(unit: Unit, case: CaseRecord) -> list[dict[str, Any]]:
    """Return when we looked at a case or took it out. Not who: a colleague's name is not the person's own (CJEU C-579/21)."""
    return [
        {"at": at, "how": act.value, "of": subject.value}
        for at, act, subject in unit.audit.looks_at_case(case.id, case.reference)
    ]


def _message(message: Message | None) -> dict[str, Any]:
    if message is None:
        return {"text": None}
    return {
        "from": None if message.sender is None else asdict(message.sender),
        "to": message.to,
        "subject": message.subject,
        "text": message.reply_text,
        "older_text": message.quoted_text,
        "signature": message.signature,
        "attachments": [asdict(attachment) for attachment in message.attachments],
    }


def _viewings(unit: Unit, mail_id: int) -> dict[str, Any]:
    """Return who has looked at a mail while it was in quarantine, where anybody has."""
    seen = [asdict(viewing) for viewing in unit.quarantine.viewings(mail_id)]
    return {"looked_at": seen} if seen else {}


def _letter(unit: Unit, letter: LetterRecord) -> dict[str, Any]:
    # One that may still leave holds a code in the clear.
    content = b"" if letter.purpose.holds_secrets else unit.letters.content(letter.id)
    message = message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",)) if content else None
    return {
        "letter": letter.name,
        "state": letter.state,
        "sent_to": letter.recipient,
        "made_at": letter.created_at,
        "sent_at": letter.sent_at,
        "approved_by": letter.approved_by,
        "sha256": letter.sha256,
        "subject": None if body is None else str(message["Subject"]),
        "text": None if body is None else str(body.get_content()),
    }


def _reference(unit: Unit, case_id: int) -> str:
    case = unit.cases.get(case_id)
    return "" if case is None else case.reference


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it; moments and days as ISO text."""
    match value:
        case Mapping():
            return {str(name): _plain(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case None | bool() | int() | float() | str():
            return value
        case _:
            return value.isoformat()
