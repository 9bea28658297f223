"""An answer in the making as a card on its case's page: its form, the exact letter, and what may be done with it."""

from collections.abc import Sequence
from dataclasses import dataclass

from inbox_bot.acting import Sheet
from inbox_bot.domain.attachment import AttachmentRecord, Inside
from inbox_bot.domain.case import LETTERS_STILL_HERE, DraftState, Event, LetterPurpose, LetterRecord
from inbox_bot.domain.letters import Finding, Piece, Rendered
from inbox_bot.domain.proof import DISCLOSES_NOTHING
from inbox_bot.errors import InboxBotError, LetterFaultyError, LetterIncompleteError, NotAllowedError
from inbox_bot.flow import ProofView
from inbox_bot.overview import CaseFile, ClaimView, DraftView
from inbox_bot.web.staff.answer import EDITABLE, choices, claims_of, labels, recipients, refusal, stored
from inbox_bot.web.staff.form import Entry, Filled, by_staff, entries
from inbox_bot.web.staff.place import Place, beside, places
from inbox_bot.web.visit import Site


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What a person sent for a draft that could not be done, to be shown again with the reason."""

    draft_id: int
    filled: Filled
    problem: str = ""
    more_for: str = ""
    reasons: str = ""
    return_note: str = ""


@dataclass(frozen=True, kw_only=True)
class DraftCard:
    """A draft as the page shows it. ``preview`` is what is stored now, None while something is missing.

    ``to``: where it will go, the address that proved itself; ``name`` stands beside it only where that is the sender's.
    ``left``: systems nothing is recorded about, which this letter does not speak of by itself. ``hindrance``: why it may not
    leave yet. ``seconds``: who stands behind a no; ``needs_second`` where there must be one. ``faults`` keep the letter from
    being approved; ``advice`` may be heeded or not. ``places``: the letter as it reads, fixed parts and places to fill in;
    ``beside``: what is filled in and stands nowhere in its text. ``stops``: why this person cannot approve it as it stands.
    ``files``: those that go with it, and what is in them. ``heading``: its headers as they would be; ``mine`` and ``others``: whether this person, or another, stands behind a no.
    """

    view: DraftView
    claims: tuple[ClaimView, ...]
    entries: tuple[Entry, ...]
    choices: tuple[str, ...]
    refusal: str
    lacking: tuple[str, ...]
    preview: Rendered | None
    to: str
    name: str
    faults: tuple[Finding, ...]
    advice: tuple[Finding, ...]
    problem: str
    proven: bool
    editable: bool
    letter: LetterRecord | None
    revocable: bool
    attempt: Attempt | None
    left: tuple[str, ...] = ()
    hindrance: str = ""
    needs_second: bool = False
    seconds: tuple[Event, ...] = ()
    places: tuple[Place, ...] = ()
    beside: tuple[Place, ...] = ()
    stops: tuple[str, ...] = ()
    heading: tuple[tuple[str, str], ...] = ()
    mine: bool = False
    others: bool = False
    files: tuple[tuple[AttachmentRecord, Inside | None], ...] = ()
    takes_files: bool = False

    @property
    def is_ready(self) -> bool:
        """True where the letter is read rather than mended: nothing is missing or wrong in any place of it."""
        return self.preview is not None and self.attempt is None and not (self.lacking or self.faults)

    @property
    def loose(self) -> tuple[Finding, ...]:
        """What could be better in no place in particular; what is wrong stands among ``stops``."""
        shut = self.is_ready
        placed = {one for place in (*self.places, *self.beside) for one in place.findings}
        return tuple(one for one in self.advice if shut or one not in placed)

    @property
    def is_notice(self) -> bool:
        """True for what the person is told beside the answer; its draft may be taken away."""
        return self.view.record.purpose is LetterPurpose.NOTICE


def cards(
    site: Site, file: CaseFile, proof: ProofView, sheet: Sheet, attempt: Attempt | None, who: str
) -> list[DraftCard]:
    """Return the drafts of a case that are in use, those that wait first, as one person sees them."""
    shown = [draft for draft in file.drafts if draft.record.state is not DraftState.VOID]
    shown.sort(key=lambda draft: (draft.record.state not in EDITABLE, draft.record.id))
    return [
        _card(
            site,
            file,
            draft,
            attempt if attempt is not None and attempt.draft_id == draft.record.id else None,
            proof,
            sheet,
            who,
        )
        for draft in shown
    ]


def _card(
    site: Site,
    file: CaseFile,
    draft: DraftView,
    attempt: Attempt | None,
    proof: ProofView,
    sheet: Sheet,
    who: str,
) -> DraftCard:
    record, claims = draft.record, claims_of(file, draft)
    editable = record.state in EDITABLE
    filled = attempt.filled if attempt is not None else Filled(values=stored(draft))
    preview, problem = _preview(site, draft) if editable else (None, "")
    found = _findings(site, draft) if editable else ()
    shown = entries(by_staff(draft.fields), filled.values, filled.errors, attempt.more_for if attempt else "")
    pieces = _pieces(site, draft) if editable else ()
    seconds = tuple(sheet.seconds.get(record.id, ()))
    mine = any(site.flow.acting.same_person(one.actor, who) for one in seconds)
    letter = next((letter for letter in file.letters if letter.id == record.letter_id), None)
    to = recipients(file, proof, claims)
    sheets = [one for one in sheet.claims if one.claim.id in record.claim_ids]
    is_answer = record.purpose is LetterPurpose.ANSWER
    open_ones = is_answer and site.flow.acting.leaves_open(record.letter)
    erasing = is_answer and record.letter.startswith("granted_")
    hindrances = [one.hindrance for one in sheets if one.hindrance] if erasing else []
    return DraftCard(
        view=draft,
        claims=claims,
        entries=shown,
        choices=choices(site.flow.letters.names(), draft, claims),
        refusal=refusal(site.flow.letters.names(), draft, claims),
        lacking=tuple(labels(draft).get(name, name) for name in draft.missing),
        preview=preview,
        to=", ".join(to),
        name=file.view.record.requester_name if to == [file.view.record.requester] else "",
        faults=tuple(finding for finding in found if finding.stops),
        advice=tuple(finding for finding in found if not finding.stops),
        problem=(attempt.problem if attempt is not None else "") or problem,
        proven=record.letter in DISCLOSES_NOTHING
        or all(claim.record.proven or (claim.record.not_found and record.letter == "no_data") for claim in claims),
        editable=editable,
        letter=letter,
        revocable=record.state is DraftState.APPROVED
        and record.purpose is LetterPurpose.ANSWER
        and letter is not None
        and letter.state in LETTERS_STILL_HERE,
        attempt=attempt,
        left=tuple(view.task.system for one in sheets for view in one.tasks if view.is_open) if open_ones else (),
        hindrance=site.pages.words.failure(NotAllowedError(hindrances[0])) if hindrances else "",
        needs_second=record.id in sheet.needs_second,
        seconds=seconds,
        places=places(pieces, shown, found),
        beside=beside(pieces, shown, found),
        stops=_stops(site, draft, found, who) if editable else (),
        heading=_heading(site, draft) if preview is not None else (),
        mine=mine,
        files=tuple(site.flow.attached(record.id)) if editable else (),
        takes_files=editable and site.flow.takes_files(record),
        others=any(not site.flow.acting.same_person(one.actor, who) for one in seconds),
    )


def _preview(site: Site, draft: DraftView) -> tuple[Rendered | None, str]:
    if draft.missing:
        return None, ""
    try:
        return site.flow.preview(draft.record.id), ""
    except InboxBotError as error:
        return None, site.pages.words.failure(error, labels(draft))


def _findings(site: Site, draft: DraftView) -> tuple[Finding, ...]:
    """Return what the lint says, also of a letter that lacks something; nothing of one that cannot be written."""
    try:
        return site.flow.lint(draft.record.id)
    except InboxBotError:
        return ()


def _pieces(site: Site, draft: DraftView) -> tuple[Piece, ...]:
    """Return the letter cut into pieces; where its template cannot be read the fields stand in a row, and the preview says why."""
    try:
        return site.flow.layout(draft.record.id)
    except InboxBotError:
        return ()


def _heading(site: Site, draft: DraftView) -> tuple[tuple[str, str], ...]:
    try:
        return site.flow.heading(draft.record.id)
    except InboxBotError:
        return ()


def _stops(site: Site, draft: DraftView, found: Sequence[Finding], who: str) -> tuple[str, ...]:
    """Return each thing that keeps this person from approving the letter as it is stored, what is missing first."""
    names = labels(draft)
    lacking = ", ".join(names.get(name, name).rstrip("?").lower() for name in draft.missing)
    stops = [f"Fyll i det som saknas: {lacking}."] if lacking else []
    stops += [finding.text for finding in found if finding.stops]
    error = site.flow.hindrance(draft.record.id, by=who) if who else None
    if error is not None and not isinstance(error, (LetterIncompleteError, LetterFaultyError)):
        stops.append(site.pages.words.failure(error, names))
    return tuple(stops)
