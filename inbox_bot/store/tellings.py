"""What each member of staff has been told of among the things that wait, and when each was last told of any."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from inbox_bot.domain.case import LETTERS_STILL_HERE
from inbox_bot.store.guard import changed
from inbox_bot.store.tables import LetterRow, TellingRow, TellingTurnRow


@dataclass(frozen=True, kw_only=True)
class Telling:
    """Someone has been told of something, at a moment, by a letter. ``message_id``: ``""`` for one of another kind."""

    what: str
    at: datetime
    message_id: str


class Tellings:
    """The rows of ``telling`` and ``telling_turn``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, address: str) -> list[Telling]:
        """Return what a person has been told of and not forgotten."""
        found = self._session.exec(select(TellingRow).where(TellingRow.address == address).order_by(col(TellingRow.id)))
        return [Telling(what=row.what, at=row.at, message_id=row.message_id) for row in found]

    def add(self, address: str, what: str, at: datetime, message_id: str = "") -> bool:
        """Note that a person is told of a thing; False if that is known. The unique key decides, not a look before."""
        try:
            with self._session.begin_nested():
                self._session.add(TellingRow(address=address, what=what, at=at, message_id=message_id))
        except IntegrityError:
            return False
        return True

    def is_turn(self, address: str, at: datetime, apart: timedelta) -> bool:
        """True if a person was last told long enough ago."""
        last = self._session.exec(select(TellingTurnRow.at).where(TellingTurnRow.address == address)).first()
        return last is None or last <= at - apart

    def take_turn(self, address: str, at: datetime, apart: timedelta) -> bool:
        """Take the next letter to a person for oneself, by guarded update; False if the last one is not old enough."""
        old = update(TellingTurnRow).where(col(TellingTurnRow.address) == address, col(TellingTurnRow.at) <= at - apart)
        if changed(self._session, old.values(at=at)):
            return True
        try:
            with self._session.begin_nested():
                self._session.add(TellingTurnRow(address=address, at=at))
        except IntegrityError:
            return False
        return True

    def give_turn_back(self, address: str) -> None:
        """Let the next letter to a person go at once: the last one never left."""
        self._session.execute(delete(TellingTurnRow).where(col(TellingTurnRow.address) == address))

    def still_here(self, message_ids: Iterable[str]) -> frozenset[str]:
        """Return, of these letters, those that have not left and are not leaving."""
        wanted = sorted({one for one in message_ids if one})
        if not wanted:
            return frozenset()
        states = [state.value for state in LETTERS_STILL_HERE]
        query = select(LetterRow.message_id).where(
            col(LetterRow.message_id).in_(wanted), col(LetterRow.state).in_(states)
        )
        return frozenset(self._session.exec(query))

    def unsent(self, letter: str) -> bool:
        """True if a letter of this name has not left."""
        states = [state.value for state in LETTERS_STILL_HERE]
        query = select(LetterRow.id).where(col(LetterRow.state).in_(states), LetterRow.name == letter).limit(1)
        return self._session.exec(query).first() is not None

    def forget(self, address: str, whats: Collection[str]) -> None:
        """Drop what is told of things that wait no longer: should they wait again, they are told again."""
        if whats:
            self._session.execute(
                delete(TellingRow).where(col(TellingRow.address) == address, col(TellingRow.what).in_(list(whats)))
            )

    def forget_letter(self, message_id: str) -> None:
        """Drop all that one letter told: it never left."""
        self._session.execute(delete(TellingRow).where(col(TellingRow.message_id) == message_id))

    def strangers(self, staff: Collection[str]) -> frozenset[str]:
        """Return the addresses that have rows here and are no longer on the staff."""
        known = select(TellingTurnRow.address).union(select(TellingRow.address))
        return frozenset(address for (address,) in self._session.execute(known)) - frozenset(staff)

    def forget_person(self, address: str) -> None:
        """Drop all that is known of a person here."""
        for row in (TellingRow, TellingTurnRow):
            self._session.execute(delete(row).where(col(row.address) == address))
