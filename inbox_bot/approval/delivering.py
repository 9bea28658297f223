"""A file that answers access or portability: put there by a person, told of by the answer, fetched by the one who asked (law.md 5.2)."""

import hashlib
import mimetypes
import secrets

from inbox_bot.approval.addressee import proved_at
from inbox_bot.approval.files import check_name, files_for, last_day
from inbox_bot.approval.grounds import check_person
from inbox_bot.approval.room import Approval, find_case
from inbox_bot.clock import stockholm_day
from inbox_bot.domain.case import CaseRecord, ClaimRecord, DraftRecord, Event, EventName
from inbox_bot.domain.keyed_hash import keyed_hash
from inbox_bot.domain.page import COPIES
from inbox_bot.domain.rights import Right
from inbox_bot.errors import NotAllowedError
from inbox_bot.store.unit import Unit


def put(room: Approval, reference: str, *, name: str, content: bytes, right: Right | None, by: str) -> int:
    """Keep a file for the person who asked for a copy and return its id; the answer that is approved next says where it is.

    It takes the place of one that no letter has told of. Raises NotAllowedError for an empty file or one named after another case, where nobody has confirmed
    who asks, and where no copy, or more than one, waits to be handed out.
    """
    check_person(by)
    if not content:
        raise NotAllowedError("The file to hand out is empty.")
    with room.desk.write() as unit:
        unit.cases.lock(find_case(unit, reference).id)
        case = find_case(unit, reference)
        check_name(name, case.reference)
        claim = _claim(case, right)
        now, token = room.clock.now(), secrets.token_urlsafe(32)
        mark = hashlib.sha256(content).hexdigest()
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        number = unit.deliverables.put(
            case_id=case.id,
            claim_id=claim.id,
            name=name,
            media_type=kind,
            content=content,
            sha256=mark,
            token=token,
            at=now,
            by=by.strip(),
        )
        [address] = proved_at(unit, case, [claim])
        unit.page_links.add(
            case_id=case.id,
            address=address,
            token_hash=keyed_hash(room.key, "token", token),
            message_id="",
            at=now,
        )
        details = {"file": number, "sha256": mark}
        event = Event(at=now, name=EventName.FILE_PUT, actor=by.strip(), claim_id=claim.id, details=details)
        unit.cases.record(case.id, event)
        return number


def release(room: Approval, unit: Unit, draft: DraftRecord, letter_id: int) -> None:
    """Note with the file the letter that tells of it and its last day. It can be fetched when that letter has left."""
    if not draft.letter.startswith("granted_"):
        return
    for one in files_for(unit, draft.case_id, draft.claim_ids):
        unit.deliverables.tell(one.id, letter_id, last_day(stockholm_day(room.clock.now()), room.rules))


def _claim(case: CaseRecord, right: Right | None) -> ClaimRecord:
    found = [
        claim
        for claim in case.claims
        if claim.claim.right in COPIES and right in {None, claim.claim.right} and not claim.state.is_final
    ]
    if not found:
        raise NotAllowedError("No copy of data waits to be handed out in this case.")
    if len(found) > 1:
        raise NotAllowedError("Both access and portability wait in this case.", hint="Say which with --right.")
    if not found[0].proven:
        raise NotAllowedError("Nobody has confirmed who asks: no file may be put there yet.")
    return found[0]
