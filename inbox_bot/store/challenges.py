"""Questions of identity, found by the keyed hash of their link."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from inbox_bot.domain.case import ChallengeRecord, ChallengeState, ClaimState
from inbox_bot.store.guard import add, changed, move
from inbox_bot.store.tables import ChallengeRow, ClaimRow


class Challenges:
    """The rows of ``challenge``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self,
        *,
        case_id: int,
        claim_ids: Sequence[int],
        address: str,
        token_hash: str,
        code_hash: str,
        message_id: str,
        asked_at: datetime,
        expires_at: datetime,
        fact_claim_ids: Sequence[int] = (),
    ) -> int:
        row = {
            "case_id": case_id,
            "claim_ids": list(claim_ids),
            "address": address,
            "token_hash": token_hash,
            "code_hash": code_hash,
            "message_id": message_id,
            "asked_at": asked_at,
            "expires_at": expires_at,
            "state": ChallengeState.OPEN.value,
            "fact_claim_ids": list(fact_claim_ids),
            "fact": "",
        }
        return add(self._session, "challenge", row)

    def by_token(self, token_hash: str) -> ChallengeRecord | None:
        row = self._session.exec(select(ChallengeRow).where(ChallengeRow.token_hash == token_hash)).one_or_none()
        return None if row is None else _record(row)

    def of_case(self, case_id: int) -> list[ChallengeRecord]:
        """Return a case's questions, oldest first."""
        query = select(ChallengeRow).where(ChallengeRow.case_id == case_id).order_by(col(ChallengeRow.id))
        return [_record(row) for row in self._session.exec(query.execution_options(populate_existing=True))]

    def open_unreminded(self, asked_before: datetime) -> list[ChallengeRecord]:
        """Return open questions asked before a moment and never reminded of, of cases that wait for somebody's identity.

        Found by those cases: no index says which questions are open, and years of answered ones would be read each minute.
        """
        asked = select(ClaimRow.case_id).where(ClaimRow.state == ClaimState.AWAITING_IDENTITY.value)
        query = select(ChallengeRow).where(
            col(ChallengeRow.case_id).in_(asked),
            ChallengeRow.state == ChallengeState.OPEN.value,
            col(ChallengeRow.reminded_at).is_(None),
            col(ChallengeRow.asked_at) < asked_before,
        )
        return [_record(row) for row in self._session.exec(query)]

    def spend_attempt(self, challenge_id: int, limit: int) -> bool:
        """Count one try of a code before it is compared; False when no try is left, however many come at once."""
        return changed(
            self._session,
            update(ChallengeRow)
            .where(
                col(ChallengeRow.id) == challenge_id,
                col(ChallengeRow.state) == ChallengeState.OPEN.value,
                col(ChallengeRow.attempts) < limit,
            )
            .values(attempts=ChallengeRow.attempts + 1),
        )

    def move(self, challenge_id: int, new: ChallengeState, **values: Any) -> bool:
        """Claim by guarded update: True if the question was open and now stands, by us, in ``new``."""
        return move(self._session, "challenge", challenge_id, [ChallengeState.OPEN], new, values)

    def settle(self, challenge_id: int, new: ChallengeState) -> bool:
        """End a question whose answer a person has checked, and forget the words given; True if it was ours to end."""
        return move(
            self._session, "challenge", challenge_id, [ChallengeState.ANSWERED], new, {"fact": "", "fact_mail_id": None}
        )

    def addresses(self, case_ids: Sequence[int]) -> dict[int, frozenset[str]]:
        """Return, of each of these cases, the addresses a question of identity has gone to."""
        query = select(ChallengeRow.case_id, ChallengeRow.address).where(col(ChallengeRow.case_id).in_(case_ids))
        found: defaultdict[int, set[str]] = defaultdict(set)
        for case_id, address in self._session.exec(query):
            found[case_id].add(address)
        return {case_id: frozenset(addresses) for case_id, addresses in found.items()}

    def mark_reminded(self, challenge_id: int, at: datetime) -> bool:
        """Note the one reminder; False if it was noted already."""
        return changed(
            self._session,
            update(ChallengeRow)
            .where(col(ChallengeRow.id) == challenge_id, col(ChallengeRow.reminded_at).is_(None))
            .values(reminded_at=at),
        )


def _record(row: ChallengeRow) -> ChallengeRecord:
    assert row.id is not None
    return ChallengeRecord(
        id=row.id,
        case_id=row.case_id,
        claim_ids=tuple(row.claim_ids),
        address=row.address,
        code_hash=row.code_hash,
        message_id=row.message_id,
        asked_at=row.asked_at,
        expires_at=row.expires_at,
        attempts=row.attempts,
        state=ChallengeState(row.state),
        reminded_at=row.reminded_at,
        fact_claim_ids=tuple(row.fact_claim_ids),
        fact=row.fact,
        fact_mail_id=row.fact_mail_id,
    )
