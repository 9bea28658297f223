"""What the room verification works with, handed to each of its steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from inbox_bot.clock import Clock, stockholm_day
from inbox_bot.domain.case import CaseRecord, ClaimRecord, Event, EventName, LetterPurpose
from inbox_bot.domain.correspondence import common_values, envelope_for, new_message_id, thread_of
from inbox_bot.domain.dates import Calendar
from inbox_bot.domain.letters import Language, LetterBook
from inbox_bot.settings import IdentitySettings
from inbox_bot.store.unit import Desk, Unit
from inbox_bot.verification.challenge import keyed_hash, make_secrets


@dataclass(frozen=True, kw_only=True)
class Verification:
    """The room's tools. ``key`` is the secret that hashes are keyed with; ``pages`` the address people reach us by."""

    desk: Desk
    clock: Clock
    calendar: Calendar
    letters: LetterBook
    identity: IdentitySettings
    key: bytes
    sender: str
    pages: str

    def write(
        self, unit: Unit, case: CaseRecord, claims: Sequence[ClaimRecord], letter: str, extra: dict[str, Any]
    ) -> str:
        """Freeze a letter about some claims, put it in the outbox and return its Message-ID."""
        now = self.clock.now()
        message_id = new_message_id(self.sender)
        dates = [self.calendar.dates(claim.clock) for claim in claims]
        values = common_values(case, (claim.claim for claim in claims), min(found.received_day for found in dates))
        values |= {"deadline": min(found.due for found in dates)} | extra
        envelope = envelope_for(
            case, thread_of(unit.mails.of_case(case.id)), message_id=message_id, at=now, automatic=True
        )
        purpose = LetterPurpose.IDENTITY if "code" in extra else LetterPurpose.RECEIPT
        letter_id = unit.letters.queue(
            name=letter,
            purpose=purpose,
            recipient=case.requester,
            message_id=message_id,
            content=self.letters.freeze(letter, Language(case.language), values, envelope),
            at=now,
            case_id=case.id,
            claim_ids=[claim.id for claim in claims],
        )
        details = {"letter": letter_id, "name": letter}
        unit.cases.record(case.id, Event(at=now, name=EventName.LETTER_QUEUED, details=details))
        return message_id

    def ask(
        self, unit: Unit, case: CaseRecord, proofless: Sequence[ClaimRecord], claims: Sequence[ClaimRecord], letter: str
    ) -> int:
        """Send a new link and code for ``claims`` to the case's address and store their hashes; return the question's id.

        ``proofless`` are further claims the letter tells of that need no proof.
        """
        now = self.clock.now()
        expires_at = now + timedelta(days=self.identity.valid_days)
        fresh = make_secrets()
        extra: dict[str, Any] = {
            "link": f"{self.pages}/identitet/{fresh.token}",
            "code": fresh.code,
            "expires_on": last_day(expires_at),
        }
        told = sorted((*proofless, *claims), key=lambda claim: claim.id)
        message_id = self.write(unit, case, told, letter, extra)
        return unit.challenges.add(
            case_id=case.id,
            claim_ids=[claim.id for claim in claims],
            address=case.requester,
            token_hash=keyed_hash(self.key, "token", fresh.token),
            code_hash=keyed_hash(self.key, "code", fresh.code),
            message_id=message_id,
            asked_at=now,
            expires_at=expires_at,
        )


def last_day(expires_at: datetime) -> date:
    """Return the last whole Stockholm day before a moment: what a letter may promise."""
    return stockholm_day(expires_at) - timedelta(days=1)
