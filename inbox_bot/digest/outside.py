"""What staff are told of what goes on beside the program: answers from Outlook, mails that went, marks that cannot be made."""

from typing import Any

from inbox_bot.clock import stockholm_day
from inbox_bot.domain.beside import Marking, Surroundings, Vanished


def outside_sections(beside: Surroundings, pages: str) -> list[dict[str, Any]]:
    """Return the sections of a letter; none where there is nothing to say."""
    asks = [
        {
            "text": f"{reference}: {reply.who or 'Någon'} verkar ha svarat från Outlook {stockholm_day(reply.sent_at)}: "
            "avslutar det ärendet?",
            "link": f"{pages}/personal/arende/{reference}#utanfor",
        }
        for reply, reference in beside.asks
    ]
    gone = [{"text": vanished_text(one), "link": ""} for one in beside.vanished]
    sections = []
    if asks:
        sections.append({"title": "Besvarat utanför programmet?", "lines": asks, "empty": "Inget."})
    if gone:
        gone.append({"text": WHAT_TO_DO, "link": ""})
        sections.append({"title": "Mejl som försvann innan de lästes", "lines": gone, "empty": "Inga."})
    failures = [{"text": text, "link": ""} for text in beside_failures(beside)]
    if failures:
        sections.append(
            {"title": "Kunde inte göras i brevlådan (den läses ändå)", "lines": failures, "empty": "Inget."}
        )
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


def beside_failures(beside: Surroundings) -> list[str]:
    """Return what the settings ask for beside the reading and what cannot be done."""
    doing = {Marking.LABEL: "märkas med", Marking.COPY: "kopieras till"}
    marks = [
        f"{one.mailbox}: {one.count} brev kunde inte {doing[one.action]} {one.target}. Programmet försöker igen. {one.failure}"
        for one in beside.troubles
    ]
    return [*marks, *(f"{mailbox}: {failure}" for mailbox, failure in beside.failures)]
