"""The staff's hands: the one place where the simulation presses the program's buttons. When a door changes, change it here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from inbox_bot.domain.case import DraftState, LetterPurpose
from inbox_bot.domain.letters import FieldKind
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.errors import InboxBotError
from inbox_bot.overview import CaseFile, CaseView, DraftView, Overview
from tests.simulation.truth import mark

SYSTEMS = ("kursplattformen", "intygsarkivet", "faktureringen", "nyhetsbrevsverktyget", "mailboxen")
DONE = {
    "erasure": "Kontot är raderat",
    "rectification": "Namnet är rättat från Ek till Ekman",
    "restriction": "Uppgifterna är spärrade",
    "objection": "Behandlingen är stoppad",
    "marketing": "Utskicken är stoppade",
    "consent_withdrawal": "Bilden är borttagen",
}
"""What a colleague writes of what they did, as the lint of letters wants it: with old and new value, in words that say what."""

WORDS = {
    "ground": "Du säger att uppgiften är fel, och vi kontrollerar det nu (artikel 18.1 a).",
    "searched": "Vi har sökt på din adress i kursplattformen och faktureringen.",
    "recipients": "- Exempelplattformen AB",
    "reasons": "Det behövs till och med 2035 (bokföringslagen 7 kap. 2 §).",
}
"""What a colleague writes where the law wants more than any words."""

DECIDED = frozenset({DraftState.OPEN, DraftState.RETURNED})


def label(claim: Claim) -> str:
    """Return the simulation's word for a claim."""
    return "marketing" if claim.marketing else claim.right.value


def claim_of(right: str) -> Claim:
    if right == "marketing":
        return Claim(right=Right.OBJECTION, marketing=True)
    return Claim(right=Right(right))


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """An answer that waits for a decision. ``rights``: what it is about, in the simulation's words."""

    reference: str
    draft: DraftView
    rights: tuple[str, ...]


class Hands:
    """What a colleague can do at the keyboard. Every method may raise InboxBotError, as the pages do."""

    def __init__(self, flow: Any, by: str) -> None:
        self._flow = flow
        self._by = by

    def overview(self) -> Overview:
        found: Overview = self._flow.archive.overview()
        return found

    def file(self, reference: str) -> CaseFile:
        found: CaseFile = self._flow.archive.case(reference)
        return found

    def waiting(self, file: CaseFile) -> list[Waiting]:
        """Return the answers of a case that wait for a decision."""
        rights = {claim.record.id: label(claim.record.claim) for claim in file.view.claims}
        return [
            Waiting(
                reference=file.view.record.reference,
                draft=draft,
                rights=tuple(rights[claim_id] for claim_id in draft.record.claim_ids),
            )
            for draft in file.drafts
            if draft.record.state in DECIDED and draft.record.purpose is LetterPurpose.ANSWER
        ]

    def sort(self, mail_id: int, rights: Sequence[str]) -> str:
        """Say what an unsure mail is; return the case's number, or nothing."""
        case = self._flow.sort(mail_id, [claim_of(right) for right in rights], by=self._by)
        return "" if case is None else case.reference

    def recall(self, mail_id: int) -> None:
        """Have a mail that was let go fetched from its mailbox again."""
        self._flow.quarantine.recall(mail_id, by=self._by)

    def add_rights(self, reference: str, mail_id: int, rights: Sequence[str]) -> str:
        """Take up rights found in a case's mail; return the case they are in, a new one where the old was closed."""
        case = self._flow.add_right(reference, mail_id, [claim_of(right) for right in rights], by=self._by)
        return str(case.reference)

    def dismiss(self, reference: str) -> None:
        self._flow.dismiss(reference, reason="Personen har tagit tillbaka sin begäran.", by=self._by)

    def read(self, file: CaseFile) -> None:
        """Mark a case's mails as read."""
        self._flow.mark_read(file.view.record.reference, upto=max(mail.id for mail in file.mails))

    def ask_again(self, reference: str) -> None:
        self._flow.ask_again(reference, by=self._by)

    def approve_empty(self, waiting: Waiting) -> bool:
        """Try to approve an answer that says nothing yet; return whether the program let it pass."""
        try:
            self._flow.approve(waiting.draft.record.id, by=self._by)
        except InboxBotError:
            return False
        return True

    def answer(self, waiting: Waiting, *, today: date, letter: str | None = None) -> None:
        """Do what the answer will claim, fill it in and approve it: the mark of the case in every place for words."""
        record = waiting.draft.record
        if letter is not None:
            self._flow.edit(record.id, values={}, by=self._by, letter=letter)
            [waiting] = [one for one in self.waiting(self.file(waiting.reference)) if one.draft.record.id == record.id]
        values = self._values(waiting, today)
        self._flow.edit(record.id, values=values, by=self._by)
        seen = next(draft.mark for draft in self.file(waiting.reference).drafts if draft.record.id == record.id)
        self._flow.approve(record.id, by=self._by, seen=seen, rest=True)

    def give_back(self, waiting: Waiting) -> None:
        self._flow.give_back(waiting.draft.record.id, reason="Skriv tydligare vad som är gjort.", by=self._by)

    def refuse(self, waiting: Waiting) -> None:
        [right] = waiting.rights
        self._flow.refuse(waiting.reference, right=claim_of(right).right, reasons=_ground(waiting), by=self._by)

    def write_no(self, waiting: Waiting) -> None:
        """Write a refusal that somebody else is to stand behind before it leaves."""
        [right] = waiting.rights
        self._flow.acting.write_refusal(
            waiting.reference, right=claim_of(right).right, reasons=_ground(waiting), by=self._by
        )

    def stand_behind(self, waiting: Waiting) -> None:
        """Stand behind a colleague's refusal, in words of one's own."""
        words = "Jag har läst personens brev och vårt svar, och jag kommer till samma slutsats efter egen prövning."
        self._flow.acting.second_draft(waiting.draft.record.id, words=words, by=self._by)

    def approve_as_it_is(self, waiting: Waiting) -> None:
        self._flow.approve(waiting.draft.record.id, by=self._by)

    def call(self, reference: str) -> None:
        """Ring the number the company has of somebody whose address is dead, and note it."""
        self._flow.offer(reference, way="phone", by=self._by)

    def extend(self, reference: str, right: str) -> None:
        reasons = f"Uppgifterna finns i flera gamla system och måste läsas igenom för hand. {mark(reference, right)}"
        self._flow.extend(reference, right=claim_of(right).right, reasons=reasons, by=self._by)

    def settle(self, letter_id: int, *, sent: bool) -> None:
        self._flow.settle(letter_id, sent=sent, by=self._by)

    def lay_aside(self, letter_id: int) -> None:
        self._flow.lay_aside(letter_id, by=self._by)

    def may_refuse_marketing(self, reference: str) -> bool:
        """Try to refuse a marketing stop, and to extend it; return whether the program let either pass."""
        for act in (self._flow.refuse, self._flow.extend):
            try:
                act(reference, right=Right.OBJECTION, reasons="Vi vill inte.", by=self._by)
            except InboxBotError:
                continue
            return True
        return False

    def _values(self, waiting: Waiting, today: date) -> Mapping[str, Any]:
        marks = " ".join(mark(waiting.reference, right) for right in waiting.rights)
        values: dict[str, Any] = {}
        marked = False
        for field in waiting.draft.fields:
            if not field.by_staff or (not field.required and field.name != "note"):
                continue
            match field.kind:
                case FieldKind.ACTIONS:
                    what = f"{DONE.get(waiting.rights[0], 'Det är klart')} {marks}"
                    values[field.name] = [{"what": what, "system": one, "on": today.isoformat()} for one in SYSTEMS[:2]]
                case FieldKind.KEPT:
                    values[field.name] = [
                        {"what": f"Fakturor {marks}", "why": "Bokföringslagen 7 kap. 2 §", "until": "2035-12-31"}
                    ]
                case FieldKind.DAY:
                    values[field.name] = today.isoformat()
                case FieldKind.NUMBER:
                    values[field.name] = 1
                case FieldKind.FLAG:
                    values[field.name] = True
                case _ if field.name in WORDS:
                    values[field.name] = f"{WORDS[field.name]} {marks}"
                case FieldKind.LINE:
                    values[field.name] = field.default or "CSV"
                case _ if field.name == "note" and marked:
                    continue
                case _:
                    known = waiting.draft.values.get(field.name) or field.default or "Det här gäller dig"
                    values[field.name] = f"{str(known).rstrip('.')}. {marks}"
            marked = True
        return values

    # What staff see that no page changes

    def suppressed(self) -> frozenset[str]:
        """Return the addresses that get no marketing any more."""
        with self._flow.desk.look() as unit:
            return frozenset(unit.suppressions.addresses())


def _ground(waiting: Waiting) -> str:
    ground = "Uppgifterna hör till bokföringen och sparas till och med 2035 (bokföringslagen 7 kap. 2 §, artikel 17.3)."
    return f"{ground} {mark(waiting.reference, waiting.rights[0])}"


def open_claims(view: CaseView) -> list[str]:
    """Return the rights in a case that are still owed an answer."""
    return [label(claim.record.claim) for claim in view.claims if not claim.record.state.is_final]
