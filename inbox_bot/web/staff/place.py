"""A letter in the making as it reads: fixed parts, and between them the places a person fills in, each with what is wrong there."""

from collections.abc import Sequence
from dataclasses import dataclass

from inbox_bot.domain.letters import Finding, Piece
from inbox_bot.web.staff.form import Entry


@dataclass(frozen=True, kw_only=True)
class Place:
    """One stretch of a letter on its page. ``entry`` is None for a fixed part, whose words are ``text``.

    ``absent``: an optional place that is empty; ``text`` is what comes with it. ``findings`` speak of this place.
    """

    text: str = ""
    entry: Entry | None = None
    absent: bool = False
    findings: tuple[Finding, ...] = ()


def places(pieces: Sequence[Piece], entries: Sequence[Entry], findings: Sequence[Finding]) -> tuple[Place, ...]:
    """Return a letter's fixed parts and places in reading order."""
    known = {entry.field.name: entry for entry in entries}
    found = []
    for piece in pieces:
        if not piece.field:
            found.append(Place(text=piece.text))
        elif piece.field in known:
            entry = known[piece.field]
            found.append(
                Place(
                    text=piece.text,
                    entry=entry,
                    absent=piece.absent and not entry.is_filled and not entry.error,
                    findings=tuple(one for one in findings if one.field == piece.field),
                )
            )
    return tuple(found)


def beside(pieces: Sequence[Piece], entries: Sequence[Entry], findings: Sequence[Finding]) -> tuple[Place, ...]:
    """Return what is filled in and stands nowhere in the text, such as a choice between two wordings."""
    placed = {piece.field for piece in pieces}
    return tuple(
        Place(entry=entry, findings=tuple(one for one in findings if one.field == entry.field.name))
        for entry in entries
        if entry.field.name not in placed
    )
