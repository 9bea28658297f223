"""What waits for a person, one thing by one, and how it stands in a letter: a row for each errand of a case."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from inbox_bot.clock import stockholm_day
from inbox_bot.digest.facts import Facts, Running, running
from inbox_bot.domain.case import DraftState, LetterPurpose, MailRecord
from inbox_bot.domain.dates import Calendar, ClockEvents
from inbox_bot.domain.waiting import Errand, Waiting, answer_name, at_place, letter_name

MOST_ROWS = 40
"""Rows in one letter: more than that nobody reads on a phone. What is left out is named below them."""


def waiting(facts: Facts, calendar: Calendar) -> list[Waiting]:
    """Return all that waits for a person, what is due first coming first. No name, address or word of anyone is in it."""
    claims = running(facts, calendar)
    found = [
        *_answers(facts, claims),
        *_who(claims),
        *_mails(facts, calendar),
        *_unread(facts, claims),
        *_letters(facts, claims),
    ]
    return sorted(found, key=lambda one: (one.due or date.max, one.subject, one.what))


def rows(found: Sequence[Waiting], pages: str) -> list[dict[str, Any]]:
    """Return a row for each errand of each case; rights with the same date share theirs."""
    alike: dict[tuple[str, str, date | None, str], list[Waiting]] = {}
    for one in found:
        # Every letter and mail is something to open by itself; answers of one case stand on one page.
        place = "" if one.errand is Errand.APPROVE else one.path
        alike.setdefault((one.errand.value, one.subject, one.due, place), []).append(one)
    return [
        {
            "errand": group[0].errand.value,
            "subject": group[0].subject,
            "rights": [claim.name for one in group for claim in one.claims],
            "due": group[0].due,
            "left": group[0].days_left,
            "state": "" if group[0].state is None else group[0].state.value,
            "count": group[0].count,
            "link": at_place(pages, group[0].path),
        }
        for group in alike.values()
    ]


def _answers(facts: Facts, claims: Sequence[Running]) -> Iterator[Waiting]:
    drafts = {
        claim_id: draft
        for draft in facts.drafts
        if draft.purpose is LetterPurpose.ANSWER and draft.state in {DraftState.OPEN, DraftState.RETURNED}
        for claim_id in draft.claim_ids
    }
    for one in claims:
        draft = drafts.get(one.claim.id)
        if draft is not None:
            yield _of_claim(one, Errand.APPROVE, answer_name(one.claim.id, draft.letter), f"svar-{draft.id}")


def _who(claims: Sequence[Running]) -> Iterator[Waiting]:
    for one in claims:
        if one.claim.waits_for_staff:
            errand, place = (Errand.CHECK, "stammer") if one.claim.to_check else (Errand.WHO, "vem")
            yield _of_claim(one, errand, f"{errand.value} {one.claim.id}", place)


def _of_claim(one: Running, errand: Errand, what: str, place: str) -> Waiting:
    return Waiting(
        what=what,
        errand=errand,
        subject=one.case.reference,
        path=f"/personal/arende/{one.case.reference}#{place}",
        claims=(one.claim.claim,),
        due=one.due,
        days_left=one.days_left,
    )


def _mails(facts: Facts, calendar: Calendar) -> Iterator[Waiting]:
    """Yield the mails that nobody has sorted or could read; those from before the program came as one thing a mailbox."""
    old: dict[str, list[Waiting]] = {}
    kinds = ((Errand.SORT, "brev", facts.to_sort), (Errand.UNREADABLE, "karantan", facts.quarantined))
    for errand, page, mails in kinds:
        for mail in mails:
            one = _mail(facts, calendar, mail, errand, page)
            if mail.historic:
                old.setdefault(mail.mailbox, []).append(one)
            else:
                yield one
    for mailbox, found in old.items():
        first = min(found, key=lambda one: one.due or date.max)
        if not facts.reading:
            yield Waiting(
                what=f"old {mailbox}",
                errand=Errand.OLD,
                subject=mailbox,
                path="/personal",
                due=first.due,
                days_left=first.days_left,
                count=len(found),
            )


def _mail(facts: Facts, calendar: Calendar, mail: MailRecord, errand: Errand, page: str) -> Waiting:
    due = calendar.dates(ClockEvents(received_at=mail.received_at)).due
    return Waiting(
        what=f"{errand.value} {mail.id}",
        errand=errand,
        subject=str(mail.id),
        path=f"/personal/{page}/{mail.id}",
        claims=() if mail.verdict is None else mail.verdict.claims,
        due=due,
        days_left=calendar.working_days_left(stockholm_day(facts.now), due),
    )


def _unread(facts: Facts, claims: Sequence[Running]) -> Iterator[Waiting]:
    first = {one.case.id: one for one in reversed(claims)}
    for mail in facts.unread:
        reference = facts.references.get(mail.case_id or 0)
        near = first.get(mail.case_id or 0)
        yield Waiting(
            what=f"{Errand.READ.value} {mail.id}",
            errand=Errand.READ,
            subject=reference or str(mail.id),
            path=f"/personal/brev/{mail.id}" if reference is None else f"/personal/arende/{reference}#brev-{mail.id}",
            due=None if near is None else near.due,
            days_left=None if near is None else near.days_left,
        )


def _letters(facts: Facts, claims: Sequence[Running]) -> Iterator[Waiting]:
    for letter in facts.troubled:
        if letter.purpose.is_for_staff:
            continue  # A letter to staff that does not arrive is not told by a letter to staff.
        reference = facts.references.get(letter.case_id or 0)
        near = next((one for one in claims if one.case.id == letter.case_id), None)
        place = "/personal/utkorg" if reference is None else f"/personal/arende/{reference}#brev-ut-{letter.id}"
        yield Waiting(
            what=letter_name(letter.id, letter.state),
            errand=Errand.LETTER,
            subject=reference or str(letter.id),
            path=place,
            claims=tuple(one.claim.claim for one in claims if one.claim.id in letter.claim_ids),
            due=None if near is None else near.due,
            days_left=None if near is None else near.days_left,
            state=letter.state,
        )
