"""Letters to the wrong person: each breach with its letters, and what was written down about it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import and_, delete, or_, update
from sqlmodel import Session, col, select

from inbox_bot.domain.breach import KNOWN_AT, BreachLetter, BreachNote, BreachRecord
from inbox_bot.store.guard import FRESH, add, changed
from inbox_bot.store.tables import BreachLetterRow, BreachNoteRow, BreachRow


class Breaches:
    """The rows of ``breach``, ``breach_letter`` and ``breach_note``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def open(self, *, known_at: datetime, what: str, letters: Sequence[BreachLetter], by: str, at: datetime) -> int:
        """Store a breach and return its number."""
        row = {"known_at": known_at, "what": what, "opened_at": at, "opened_by": by, "closed_by": ""}
        number = add(self._session, "breach", row)
        self.add_letters(number, letters)
        return number

    def add_letters(self, breach_id: int, letters: Sequence[BreachLetter]) -> None:
        for one in letters:
            row = {"breach_id": breach_id, "letter_id": one.letter_id, "reference": one.reference, "name": one.name}
            add(self._session, "breach_letter", row | {"sha256": one.sha256, "sent_at": one.sent_at})

    def note(self, breach_id: int, note: BreachNote) -> None:
        row = {"breach_id": breach_id, "step": note.step, "choice": note.choice, "words": note.words}
        add(self._session, "breach_note", row | {"done_at": note.done_at, "by": note.by, "at": note.at})

    def get(self, breach_id: int) -> BreachRecord | None:
        return next(iter(self._read([breach_id])), None)

    def all(self, *, open_only: bool = False) -> list[BreachRecord]:
        """Return the breaches, the newest first."""
        query = select(BreachRow.id)
        if open_only:
            query = query.where(col(BreachRow.closed_at).is_(None))
        return self._read([one for one in self._session.exec(query) if one is not None])

    def of_letters(self, letter_ids: Collection[int]) -> list[BreachRecord]:
        """Return the breaches that some letters are in."""
        query = select(BreachLetterRow.breach_id).where(col(BreachLetterRow.letter_id).in_(letter_ids)).distinct()
        return self._read(list(self._session.exec(query)))

    def of_references(self, references: Collection[str]) -> list[BreachRecord]:
        """Return the breaches in which a letter of some cases went wrong, also when the case itself is gone."""
        query = select(BreachLetterRow.breach_id).where(col(BreachLetterRow.reference).in_(references)).distinct()
        return self._read(list(self._session.exec(query)))

    def lock(self, breach_id: int) -> bool:
        """Hold a breach until the transaction ends, so that nothing is noted while it is being closed; False if it is closed."""
        mine = update(BreachRow).where(col(BreachRow.id) == breach_id, col(BreachRow.closed_at).is_(None))
        return changed(self._session, mine.values(closed_by=""))

    def take_warning(self, breach_id: int, hours: int) -> bool:
        """Take the warning at so many hours left for oneself; False if it, or a later one, has been given."""
        mine = update(BreachRow).where(
            col(BreachRow.id) == breach_id,
            col(BreachRow.closed_at).is_(None),
            or_(col(BreachRow.warned).is_(None), col(BreachRow.warned) > hours),
        )
        return changed(self._session, mine.values(warned=hours))

    def rewind_warnings(self, breach_id: int, hours: int | None) -> bool:
        """Note that the last warning that counts was given at so many hours left, None for none; False if it is closed."""
        mine = update(BreachRow).where(col(BreachRow.id) == breach_id, col(BreachRow.closed_at).is_(None))
        return changed(self._session, mine.values(warned=hours))

    def close(self, breach_id: int, *, by: str, at: datetime) -> bool:
        """Close a breach; False if it is closed already."""
        mine = update(BreachRow).where(and_(col(BreachRow.id) == breach_id, col(BreachRow.closed_at).is_(None)))
        return changed(self._session, mine.values(closed_at=at, closed_by=by))

    def delete_closed(self, before: datetime) -> int:
        """Delete the breaches that were closed before a moment, with all that was written down; return how many."""
        query = select(BreachRow.id).where(col(BreachRow.closed_at) < before)
        ids = [one for one in self._session.exec(query) if one is not None]
        if ids:
            changed(self._session, delete(BreachNoteRow).where(col(BreachNoteRow.breach_id).in_(ids)))
            changed(self._session, delete(BreachLetterRow).where(col(BreachLetterRow.breach_id).in_(ids)))
            changed(self._session, delete(BreachRow).where(col(BreachRow.id).in_(ids)))
        return len(ids)

    def _read(self, ids: Sequence[int]) -> list[BreachRecord]:
        if not ids:
            return []
        rows = self._session.exec(
            select(BreachRow)
            .where(col(BreachRow.id).in_(ids))
            .order_by(col(BreachRow.id).desc())
            .execution_options(**FRESH)
        )
        letters: dict[int, list[BreachLetter]] = {}
        among = select(BreachLetterRow).where(col(BreachLetterRow.breach_id).in_(ids)).order_by(col(BreachLetterRow.id))
        for letter in self._session.exec(among):
            letters.setdefault(letter.breach_id, []).append(_letter(letter))
        notes: dict[int, list[BreachNote]] = {}
        written = select(BreachNoteRow).where(col(BreachNoteRow.breach_id).in_(ids)).order_by(col(BreachNoteRow.id))
        for note in self._session.exec(written):
            notes.setdefault(note.breach_id, []).append(_note(note))
        return [_record(row, letters.get(row.id or 0, []), notes.get(row.id or 0, [])) for row in rows]


def _letter(row: BreachLetterRow) -> BreachLetter:
    return BreachLetter(
        letter_id=row.letter_id, reference=row.reference, name=row.name, sha256=row.sha256, sent_at=row.sent_at
    )


def _note(row: BreachNoteRow) -> BreachNote:
    return BreachNote(step=row.step, choice=row.choice, words=row.words, done_at=row.done_at, by=row.by, at=row.at)


def _record(row: BreachRow, letters: Sequence[BreachLetter], notes: Sequence[BreachNote]) -> BreachRecord:
    assert row.id is not None
    return BreachRecord(
        id=row.id,
        first_known_at=row.known_at,
        what=row.what,
        opened_at=row.opened_at,
        opened_by=row.opened_by,
        letters=tuple(letters),
        notes=tuple(note for note in notes if note.step != KNOWN_AT),
        corrections=tuple(note for note in notes if note.step == KNOWN_AT),
        warned=row.warned,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
    )
