"""Examples to learn from: redacted words and what a person decided about them, tied to no mail, case or person."""

import hashlib
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from inbox_bot.domain.example import KeptExample
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.store.guard import changed
from inbox_bot.store.tables import ExampleRow


class Examples:
    """The rows of ``example``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, *examples: KeptExample | None) -> None:
        """Store examples, passing over None. Of two decisions on the same words the later one counts.

        The words themselves are the key, not the mail: redacting a mail again gives the same words, so a mail that is decided
        on twice changes its example, and yet no row says which mail it came from. (Where the word lists have been changed in
        between, the words differ and both decisions stay: that costs less than a link.)
        """
        # In one order, so that two who keep the same words do not wait for each other.
        for example in sorted((one for one in examples if one is not None), key=_fingerprint):
            self._keep(_fingerprint(example), example)

    def _keep(self, fingerprint: str, example: KeptExample) -> None:
        values: dict[str, Any] = {
            "rights": _to_json(example.claims),
            "language": example.language,
            "said": example.said,
            "said_rights": _to_json(example.said_claims),
            "day": example.day,
        }
        decide_again = update(ExampleRow).where(col(ExampleRow.fingerprint) == fingerprint).values(**values)
        if changed(self._session, decide_again):
            return
        try:
            with self._session.begin_nested():
                row = ExampleRow(fingerprint=fingerprint, subject=example.subject, text=example.text, **values)
                self._session.add(row)
        except IntegrityError:
            changed(self._session, decide_again)  # Someone else kept the same words just now.

    def all(self) -> list[KeptExample]:
        """Return every example, in the order of their numbers."""
        return [_example(row) for row in self._session.exec(select(ExampleRow).order_by(col(ExampleRow.id)))]


def _fingerprint(example: KeptExample) -> str:
    return hashlib.sha256(f"{example.subject}\0{example.text}".encode()).hexdigest()


def _to_json(claims: tuple[Claim, ...]) -> list[dict[str, Any]]:
    return [{"right": claim.right.value, "marketing": claim.marketing} for claim in claims]


def _from_json(rows: list[dict[str, Any]]) -> tuple[Claim, ...]:
    return tuple(Claim(right=Right(row["right"]), marketing=row["marketing"]) for row in rows)


def _example(row: ExampleRow) -> KeptExample:
    return KeptExample(
        number=row.id or 0,
        subject=row.subject,
        text=row.text,
        claims=_from_json(row.rights),
        language=row.language,
        said=row.said,
        said_claims=_from_json(row.said_rights),
        day=row.day,
    )
