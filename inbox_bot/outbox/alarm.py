"""Tells staff the same hour that a letter did not arrive or was complained of, and how to go on."""

from datetime import timedelta

from inbox_bot.domain.waiting import answer_name, letter_name
from inbox_bot.outbox.returns import MOST_TELLING
from inbox_bot.outbox.room import Outbox
from inbox_bot.store.unit import Unit

ALARM = "urgent_alarm"
COMPLAINED = (
    "Mottagaren, eller hens mejlleverantör, har anmält ett brev från oss som skräp. Programmet skriver inte mer till den "
    "adressen av sig självt. Det du godkänner skickas ändå. Nå personen på annat sätt om du kan: ring, eller skriv vanlig "
    "post. Svaret ska lämnas i tid även om brevet är anmält."
)


def tell_staff(room: Outbox, unit: Unit, letter_id: int, *, complained: bool = False) -> None:
    """Queue a letter to each member of staff about a letter in a case; receipts only so many an hour."""
    letter = unit.letters.get(letter_id)
    case = None if letter is None or letter.case_id is None else unit.cases.get(letter.case_id)
    if room.alarm is None or letter is None or case is None:
        return
    recent = unit.letters.made_since(ALARM, room.clock.now() - timedelta(hours=1))
    if letter.purpose not in MOST_TELLING and recent >= room.returns.most_alarms * room.alarm.readers:
        return
    if complained:
        headline, text = f"Brev anmält som skräp: {case.reference}", COMPLAINED
    else:
        headline = f"Brev kom inte fram: {case.reference}"
        text = "\n\n".join(part for part in room.returns.advice(letter, case.reference) if part)
    # An answer that came back waits for approval again: that is told here, too.
    told = [letter_name(letter.id, letter.state), *(answer_name(claim_id) for claim_id in letter.claim_ids)]
    room.alarm.raise_it(unit, headline, text, f"/personal/arende/{case.reference}#brev-ut-{letter.id}", told)
