"""Files on an answer: brought in with the word of whose data they hold, looked into, frozen with the letter."""

import hashlib
from collections.abc import Sequence

from inbox_bot.approval.addressee import recipient
from inbox_bot.approval.files import check_name
from inbox_bot.approval.grounds import check_person
from inbox_bot.approval.room import EDITABLE, Approval, event_of, find_draft, lock_draft
from inbox_bot.domain.attachment import AttachedFile, AttachmentRecord, Inside
from inbox_bot.domain.case import CaseRecord, ClaimRecord, DraftRecord, DraftState, EventName, LetterPurpose
from inbox_bot.errors import NotAllowedError, NotFoundError
from inbox_bot.store.unit import Unit


def attach(room: Approval, draft_id: int, *, name: str, content: bytes, owner: str, by: str) -> int:
    """Put a file on a draft and return its number. ``owner``: whose data it holds, the address the answer goes to.

    Raises NotAllowedError for a file of another's data or another case, a kind, size or number that may not be sent, and
    a letter that takes none.
    """
    check_person(by)
    rules = room.attachments
    kind = rules.kind_of(name)
    if kind is None:
        known = ", ".join(one.ending for one in rules.kinds)
        raise NotAllowedError("A file of this kind is not sent with a letter.", hint=f"These are: {known}.")
    if not content or len(content) > rules.largest:
        raise NotAllowedError("The file is empty, or too large to be sent.", hint=f"At most {rules.largest} bytes.")
    with room.desk.write() as unit:
        draft = lock_draft(unit, draft_id)
        if draft.state not in EDITABLE or not may_carry(room, draft):
            raise NotAllowedError("This letter takes no file.")
        case, claims = _case(unit, draft)
        if owner.strip().lower() != recipient(unit, case, claims).lower():
            raise NotAllowedError(
                "A file with somebody else's data is not sent: take those out of it first (article 15(4))."
            )
        check_name(name, case.reference)
        here = unit.attachments.of_draft(draft_id)
        digest = hashlib.sha256(content).hexdigest()
        if len(here) >= rules.most or any(one.sha256 == digest for one in here):
            raise NotAllowedError("The file is on the letter already, or there are too many.")
        number = unit.attachments.add(
            case_id=case.id,
            draft_id=draft_id,
            file=AttachedFile(name=_safe_name(name), media_type=kind.media_type, content=content),
            owner=owner.strip().lower(),
            by=by.strip(),
            at=room.clock.now(),
        )
        _touch(room, unit, draft, by)
        return number


def detach(room: Approval, draft_id: int, attachment_id: int, *, by: str) -> None:
    """Take a file off a draft that waits; nothing of it is kept."""
    check_person(by)
    with room.desk.write() as unit:
        draft = lock_draft(unit, draft_id)
        if draft.state not in EDITABLE or not unit.attachments.delete(draft_id, attachment_id):
            raise NotAllowedError("The file is not on this letter, or the letter is approved already.")
        _touch(room, unit, draft, by)


def attached(room: Approval, draft_id: int) -> list[tuple[AttachmentRecord, Inside | None]]:
    """Return a draft's files, each with what is in it; None for one whose bytes have left."""
    with room.desk.look() as unit:
        draft = find_draft(unit, draft_id)
        case, claims = _case(unit, draft)
        own = {case.requester, room.sender, recipient(unit, case, claims)}
        return [
            (
                one,
                room.attachments.look_into(one.name, unit.attachments.content(draft_id, one.id), own)
                if one.kept
                else None,
            )
            for one in unit.attachments.of_draft(draft_id)
        ]


def content(room: Approval, draft_id: int, attachment_id: int) -> tuple[AttachmentRecord, bytes]:
    """Return a file with its bytes, to be looked at before it is sent. Raises NotFoundError."""
    with room.desk.look() as unit:
        found = next((one for one in unit.attachments.of_draft(draft_id) if one.id == attachment_id), None)
        if found is None or not found.kept:
            raise NotFoundError(f"There is no file {attachment_id} on draft {draft_id}.")
        return found, unit.attachments.content(draft_id, attachment_id)


def carried(room: Approval, unit: Unit, draft: DraftRecord) -> list[AttachmentRecord]:
    """Return what leaves with a draft as it stands. Raises NotAllowedError where the bytes of one are gone."""
    found = unit.attachments.of_draft(draft.id) if may_carry(room, draft) else []
    if not all(one.kept for one in found):
        raise NotAllowedError(
            "A file of this letter has left already and is not here any more.", hint="Bring it in again."
        )
    return found


def files_of(room: Approval, unit: Unit, draft: DraftRecord) -> Sequence[AttachedFile]:
    """Return the files that leave with a draft, whole. Raises as ``carried`` does."""
    return tuple(
        AttachedFile(name=one.name, media_type=one.media_type, content=unit.attachments.content(draft.id, one.id))
        for one in carried(room, unit, draft)
    )


def may_carry(room: Approval, draft: DraftRecord) -> bool:
    """True for an answer whose letter may carry files."""
    return draft.purpose is LetterPurpose.ANSWER and draft.letter in room.attachments.letters


def _touch(room: Approval, unit: Unit, draft: DraftRecord, by: str) -> None:
    """Make the draft another than the one somebody else is looking at: nobody approves files they have not seen."""
    if not unit.drafts.change(draft, DraftState.OPEN):
        raise NotAllowedError("Someone else changed this draft just now.", hint="Look at it again.")
    unit.cases.record(draft.case_id, event_of(room, EventName.EDITED, by, draft))


def _case(unit: Unit, draft: DraftRecord) -> tuple[CaseRecord, list[ClaimRecord]]:
    case = unit.cases.get(draft.case_id)
    if case is None:
        raise NotFoundError("The draft's case does not exist.")
    return case, [claim for claim in case.claims if claim.id in draft.claim_ids]


def _safe_name(name: str) -> str:
    """Return a file's name as it may stand in a header and on any disk: no folders, no signs that are more than themselves."""
    bare = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(sign if sign.isalnum() or sign in "._- ()" else "_" for sign in bare)
    stem, _, ending = " ".join(kept.split()).rpartition(".")
    return f"{(stem.strip('. ') or 'fil')[:80]}.{ending.lower()}"
