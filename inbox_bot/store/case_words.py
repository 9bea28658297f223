"""The words that cases are found by, and looking for them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, case, delete, insert, or_, select
from sqlmodel import Session, SQLModel

from inbox_bot.domain.case import CaseState
from inbox_bot.domain.words import words_of_person, words_of_subject
from inbox_bot.store import tables

_T = SQLModel.metadata.tables
_CASE, _WORD = _T[str(tables.CaseRow.__tablename__)], _T[str(tables.CaseWordRow.__tablename__)]
_KNOWN = select(_WORD.c.word).where(_WORD.c.case_id == bindparam("case_id"))
_ADD = insert(_WORD)
_LAST = "\U0010ffff"
"""After every sign a word may go on with."""


class CaseWords:
    """The rows of ``case_word``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, case_id: int, *, person: Sequence[str] = (), subject: str = "") -> None:
        """Note the words of who asks (name and address) and of the subject of a case's mail."""
        words = {*words_of_person(*person), *words_of_subject(subject)}
        if not words:
            return
        new = words - set(self._run(_KNOWN, {"case_id": case_id}).scalars())
        if new:
            self._run(_ADD, [{"word": word, "case_id": case_id} for word in sorted(new)])

    def forget(self, case_id: int) -> None:
        """Let go of all words of a case."""
        self._run(delete(_WORD).where(_WORD.c.case_id == case_id))

    def forget_subjects(self, case_id: int) -> None:
        """Let go of the words of subjects; those of name and address stay as long as these do."""
        self.forget(case_id)
        who = self._run(select(_CASE.c.requester, _CASE.c.requester_name).where(_CASE.c.id == case_id)).first()
        if who is not None:
            self.add(case_id, person=(who.requester, who.requester_name))

    def find(self, terms: Sequence[str], most: int) -> list[int]:
        """Return the cases that have, for each term, a word that begins with it, or a number that does: the open ones first,
        then the newest.
        """
        if not terms:
            return []
        query = select(_CASE.c.id).where(*(_is_found_by(term) for term in terms))
        closed = case((_CASE.c.state == CaseState.CLOSED.value, 1), else_=0)
        return list(self._run(query.order_by(closed, _CASE.c.id.desc()).limit(most)).scalars())

    def _run(self, statement: Any, values: Any = None) -> Any:
        return self._session.connection().execute(statement, values)


def _is_found_by(term: str) -> Any:
    words = select(_WORD.c.case_id).where(_WORD.c.word >= term, _WORD.c.word < term + _LAST)
    named: list[Any] = [_CASE.c.id.in_(words)]
    if any(sign.isdigit() for sign in term):
        named.append(_CASE.c.reference.startswith(term.upper(), autoescape=True))
    if term.isdecimal() and len(term) <= 9:
        named.append(_CASE.c.number == int(term))
    return or_(*named)
