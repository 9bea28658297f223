"""What the room verification works with, handed to each of its steps."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from inbox_bot.clock import Clock, stockholm_day
from inbox_bot.domain.case import CaseRecord, ClaimRecord, Event, EventName, LetterPurpose
from inbox_bot.domain.correspondence import common_values, envelope_for, new_message_id, thread_of
from inbox_bot.domain.dates import Calendar
from inbox_bot.domain.letters import Language, LetterBook
from inbox_bot.domain.page import PATH
from inbox_bot.domain.people import People
from inbox_bot.settings import IdentitySettings
from inbox_bot.store.unit import Desk, Unit
from inbox_bot.verification.challenge import keyed_hash, make_secrets
from inbox_bot.verification.table import ProofRules

LINK_PATH = "/identitet/"
"""What stands before the token in a link: the path of the page behind it."""

RECEIPT = "receipt"
"""The receipt where nobody is asked who they are: it has a link to the page of the case."""

_NOT_EVERYWHERE = frozenset({"claims", "deadline", "page_link", "received_on"})

ELSEWHERE = "account_link"
"""The letter with a link to an address on file that the request did not come from."""


@dataclass(frozen=True, kw_only=True)
class Verification:
    """The room's tools. ``key`` is the secret that hashes are keyed with; ``pages`` the address people reach us by.

    ``people``: the register of known people, None where there is none. ``own`` addresses lead to no account.
    """

    desk: Desk
    clock: Clock
    calendar: Calendar
    letters: LetterBook
    identity: IdentitySettings
    key: bytes
    sender: str
    pages: str
    rules: ProofRules
    people: People | None = None
    own: frozenset[str] = frozenset()
    never_write: frozenset[str] = frozenset()

    def write(
        self,
        unit: Unit,
        case: CaseRecord,
        claims: Sequence[ClaimRecord],
        letter: str,
        extra: dict[str, Any],
        *,
        to: str = "",
        by: str = "",
    ) -> str:
        """Freeze a letter about some claims, put it in the outbox and return its Message-ID.

        ``to``: else the case's requester. ``by``: the member of staff whose button sends it, so that no cap on what the
        program writes by itself holds it back.
        """
        now = self.clock.now()
        message_id = new_message_id(self.sender)
        dates = [self.calendar.dates(claim.clock) for claim in claims]
        received = min(found.received_day for found in dates)
        values = common_values(case, (claim.claim for claim in claims), received, to=to)
        values |= {"deadline": min(found.due for found in dates)} | extra
        token = ""
        if letter == RECEIPT:
            token = make_secrets().token
            values["page_link"] = f"{self.pages}{PATH}{token}"
        # What not every letter takes, nor every company's own version of one.
        declared = {field.name for field in self.letters.fields(letter)}
        values = {name: value for name, value in values.items() if name in declared or name not in _NOT_EVERYWHERE}
        envelope = envelope_for(
            case, thread_of(unit.mails.of_case(case.id)), message_id=message_id, at=now, automatic=True, to=to
        )
        purpose = LetterPurpose.IDENTITY if "code" in extra else LetterPurpose.RECEIPT
        letter_id = unit.letters.queue(
            name=letter,
            purpose=purpose,
            recipient=envelope.to,
            message_id=message_id,
            content=self.letters.freeze(letter, Language(case.language), values, envelope),
            at=now,
            case_id=case.id,
            claim_ids=[claim.id for claim in claims],
            approved_by=by,
        )
        details = {"letter": letter_id, "name": letter}
        unit.cases.record(case.id, Event(at=now, name=EventName.LETTER_QUEUED, details=details))
        if token:
            self._link_page(unit, case, envelope.to, token, message_id)
        return message_id

    def _link_page(self, unit: Unit, case: CaseRecord, address: str, token: str, message_id: str) -> None:
        unit.page_links.add(
            case_id=case.id,
            address=address,
            token_hash=keyed_hash(self.key, "token", token),
            message_id=message_id,
            at=self.clock.now(),
        )

    def ask(
        self,
        unit: Unit,
        case: CaseRecord,
        proofless: Sequence[ClaimRecord],
        claims: Sequence[ClaimRecord],
        letter: str,
        *,
        to: str = "",
        facts: Collection[int] = (),
        by_link: bool = False,
        by: str = "",
    ) -> int:
        """Send a new link and code for ``claims`` and store their hashes; return the question's id.

        ``proofless`` are further claims the letter tells of that need no proof; ``to`` where it goes, else the case's
        requester; ``facts`` the ids of claims that also take one thing only the person knows; ``by_link``: say that the code is
        typed behind the link, because mails from there do not pass our mail server's check; ``by`` as in ``write``. A letter to another address
        than the sender's is always the one that says so.
        """
        elsewhere = to not in {"", case.requester}
        now = self.clock.now()
        expires_at = now + timedelta(days=self.identity.valid_days)
        fresh = make_secrets()
        extra: dict[str, Any] = {
            "link": f"{self.pages}{LINK_PATH}{fresh.token}",
            "code": fresh.code,
            "expires_on": last_day(expires_at),
        }
        if by_link or (not elsewhere and any(claim.failed_check for claim in claims)):
            extra["by_link"] = True
        wanted = [claim.id for claim in claims if claim.id in facts]
        if wanted:
            extra["fact"] = True
        told = sorted((*proofless, *claims), key=lambda claim: claim.id)
        message_id = self.write(unit, case, told, ELSEWHERE if elsewhere else letter, extra, to=to, by=by)
        self._link_page(unit, case, to or case.requester, fresh.token, message_id)
        return unit.challenges.add(
            case_id=case.id,
            claim_ids=[claim.id for claim in claims],
            address=to or case.requester,
            token_hash=keyed_hash(self.key, "token", fresh.token),
            code_hash=keyed_hash(self.key, "code", fresh.code),
            message_id=message_id,
            asked_at=now,
            expires_at=expires_at,
            fact_claim_ids=wanted,
        )


def last_day(expires_at: datetime) -> date:
    """Return the last whole Stockholm day before a moment: what a letter may promise."""
    return stockholm_day(expires_at) - timedelta(days=1)
