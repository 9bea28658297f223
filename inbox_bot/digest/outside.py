"""What staff are told of what goes on beside the program: answers from Outlook, mails that went, marks that cannot be made."""

from collections.abc import Callable

from inbox_bot.digest.lines import Pen, Section, day, plain, section
from inbox_bot.domain.beside import Marking, Surroundings, Vanished


def outside_sections(beside: Surroundings, pen: Pen) -> list[Section]:
    """Return the sections of a letter; none where there is nothing to say."""
    asks = [
        pen.line(
            reference,
            f": {reply.who or 'Någon'} verkar ha svarat från Outlook {day(reply.sent_at)}: avslutar det ärendet?",
            f"/personal/arende/{reference}#utanfor",
        )
        for reply, reference in beside.asks
    ]
    gone = plain(vanished_text(one) for one in beside.vanished)
    sections = []
    if asks:
        sections.append(section("Besvarat utanför programmet?", asks, ""))
    if gone:
        gone += plain([WHAT_TO_DO])
        sections.append(section("Mejl som försvann innan de lästes", gone, ""))
    failures = plain(beside_failures(beside, pen.failure))
    if failures:
        sections.append(section("Kunde inte göras i brevlådan (den läses ändå)", failures, ""))
    return sections


def vanished_text(one: Vanished) -> str:
    """Return what is said of one day's mails that went before they were read."""
    where = "inkorgen" if one.folder.upper() == "INBOX" else f"mappen {one.folder}"
    which = "det" if one.count == 1 else "dem"
    return f"{one.mailbox}, {one.day}: {one.count} mejl hann försvinna ur {where} innan programmet läste {which}."


WHAT_TO_DO = (
    "Troligen är det en regel i Outlook som flyttar eller tar bort dem. Leta i den mapp regeln flyttar till: en begäran där har en "
    "tid som redan går. Lägg tillbaka den i inkorgen, och ändra regeln eller låt programmet läsa mappen också (folders)."
)


def beside_failures(beside: Surroundings, failure: Callable[[str], str] = str) -> list[str]:
    """Return what the settings ask for beside the reading and what cannot be done; ``failure`` says why in Swedish."""
    doing = {Marking.LABEL: "märkas med", Marking.COPY: "kopieras till"}
    marks = [
        f"{one.mailbox}: {one.count} brev kunde inte {doing[one.action]} {one.target}. Programmet försöker igen. {failure(one.failure)}"
        for one in beside.troubles
    ]
    return [*marks, *(f"{mailbox}: {failure(text)}" for mailbox, text in beside.failures)]
