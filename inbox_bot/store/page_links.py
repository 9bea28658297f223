"""Links to the pages of cases, and the visits that have been made by them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from inbox_bot.domain.page import PageLink, PageVisit
from inbox_bot.store.guard import add, changed
from inbox_bot.store.tables import PageLinkRow, PageVisitRow

REMEMBERED = timedelta(days=1)
"""How long an ended visit is counted against the limit on codes."""


class PageLinks:
    """The rows of ``page_link`` and ``page_visit``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, *, case_id: int, address: str, token_hash: str, message_id: str, at: datetime) -> int:
        row = {
            "case_id": case_id,
            "address": address,
            "token_hash": token_hash,
            "message_id": message_id,
            "made_at": at,
        }
        return add(self._session, "page_link", row)

    def by_token(self, token_hash: str) -> PageLink | None:
        row = self._session.exec(select(PageLinkRow).where(PageLinkRow.token_hash == token_hash)).one_or_none()
        return None if row is None else _link(row)

    def count(self, token_hash: str, *, pressed: bool) -> None:
        """Count that a page was opened, or a button pressed on it, by whoever it was: nothing of them is kept."""
        mine = update(PageLinkRow).where(col(PageLinkRow.token_hash) == token_hash)
        one_more = {"pressed": PageLinkRow.pressed + 1} if pressed else {"opened": PageLinkRow.opened + 1}
        changed(self._session, mine.values(**one_more))

    def uses(self, case_id: int) -> dict[str, tuple[int, int]]:
        """Return, by the address they went to, how often a case's links were opened, and a button pressed there without a code."""
        query = select(PageLinkRow.address, func.sum(PageLinkRow.opened), func.sum(PageLinkRow.pressed))
        rows = self._session.exec(query.where(PageLinkRow.case_id == case_id).group_by(PageLinkRow.address))
        return {address: (int(opened), int(pressed)) for address, opened, pressed in rows}

    def add_visit(
        self,
        *,
        case_id: int,
        address: str,
        visit_hash: str,
        code_hash: str,
        at: datetime,
        expires_at: datetime,
        entered: bool = False,
        mailed: bool = False,
    ) -> int:
        """Begin a visit in which a code has been mailed, or (``entered``) one that has shown a code already."""
        row = {
            "case_id": case_id,
            "address": address,
            "visit_hash": visit_hash,
            "code_hash": code_hash,
            "made_at": at,
            "expires_at": expires_at,
            "attempts": 0,
            "entered": entered,
            "mailed": mailed,
        }
        return add(self._session, "page_visit", row)

    def codes_since(self, case_id: int, address: str, moment: datetime) -> int:
        """Count the codes mailed to an address for the page of a case since a moment."""
        query = select(func.count()).where(
            PageVisitRow.case_id == case_id,
            PageVisitRow.address == address,
            PageVisitRow.code_hash != "",
            col(PageVisitRow.made_at) > moment,
        )
        return self._session.exec(query).one()

    def visit(self, visit_hash: str, now: datetime) -> PageVisit | None:
        """Return a visit that has not ended."""
        query = select(PageVisitRow).where(PageVisitRow.visit_hash == visit_hash, col(PageVisitRow.expires_at) > now)
        row = self._session.exec(query.execution_options(populate_existing=True)).one_or_none()
        return None if row is None else _visit(row)

    def spend_attempt(self, visit_id: int, most: int) -> bool:
        """Count a try before it is compared; False once all are spent."""
        mine = update(PageVisitRow).where(col(PageVisitRow.id) == visit_id, col(PageVisitRow.attempts) < most)
        return changed(self._session, mine.values(attempts=PageVisitRow.attempts + 1))

    def enter(self, visit_id: int, expires_at: datetime) -> bool:
        """Note that a visit has shown its code; False if it had already, so that a code works once."""
        mine = update(PageVisitRow).where(col(PageVisitRow.id) == visit_id, col(PageVisitRow.entered).is_(False))
        return changed(self._session, mine.values(entered=True, expires_at=expires_at))

    def leave(self, visit_hash: str, now: datetime) -> None:
        """End a visit now."""
        mine = update(PageVisitRow).where(col(PageVisitRow.visit_hash) == visit_hash)
        changed(self._session, mine.values(expires_at=now))

    def sweep(self, now: datetime) -> None:
        """Delete the visits that ended long enough ago."""
        changed(self._session, delete(PageVisitRow).where(col(PageVisitRow.expires_at) < now - REMEMBERED))


def _link(row: Any) -> PageLink:
    return PageLink(id=row.id, case_id=row.case_id, address=row.address, message_id=row.message_id, made_at=row.made_at)


def _visit(row: Any) -> PageVisit:
    return PageVisit(
        id=row.id,
        case_id=row.case_id,
        address=row.address,
        code_hash=row.code_hash,
        attempts=row.attempts,
        entered=row.entered,
        mailed=row.mailed,
    )
