"""How things stand in the letters to staff: a line each, sections of lines, and few enough of them that no mail is cut off."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from inbox_bot.clock import stockholm_day
from inbox_bot.digest.facts import Running
from inbox_bot.domain.case import ClaimRecord, ClaimState, LetterState
from inbox_bot.domain.dates import Calendar
from inbox_bot.domain.rights import Right
from inbox_bot.domain.waiting import at_place

MOST_LINES = 100
"""Lines with a link in one letter. Gmail cuts a mail off after 102 kB, and a line takes some four hundred bytes of HTML."""

MOST_IN_SECTION = 60
LEAST_IN_SECTION = 5

RIGHTS: Mapping[Right, str] = {
    Right.ACCESS: "registerutdrag",
    Right.RECTIFICATION: "rättelse",
    Right.ERASURE: "radering",
    Right.RESTRICTION: "begränsning",
    Right.PORTABILITY: "dataportabilitet",
    Right.OBJECTION: "invändning",
    Right.CONSENT_WITHDRAWAL: "återkallat samtycke",
}
_STATES = {
    ClaimState.OPENED: "nyss inkommen",
    ClaimState.AWAITING_IDENTITY: "väntar på att personen bekräftar vem hen är",
    ClaimState.CONFIRMED: "bekräftad",
    ClaimState.ANSWER_DUE: "svar ska skrivas",
    ClaimState.AWAITING_APPROVAL: "väntar på ditt godkännande",
    ClaimState.APPROVED: "godkänt, på väg ut",
}
TROUBLE = {
    LetterState.UNKNOWN: "okänt om det har lämnat oss",
    LetterState.FAILED: "kunde inte skickas",
    LetterState.BOUNCED: "kom i retur",
    LetterState.HELD: "hålls kvar av en gräns",
}

Line = dict[str, str]
"""``text`` begins with ``name``, which leads to ``link``; both empty where there is nothing to open."""

Section = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Pen:
    """What lines are written with: the calendar, the address of the pages, and how a failure is said in Swedish."""

    calendar: Calendar
    pages: str
    failure: Callable[[str], str] = str

    def line(self, name: str, rest: str, path: str) -> Line:
        """Return a line whose beginning leads to a place on the pages."""
        return {"text": f"{name}{rest}", "name": name, "link": at_place(self.pages, path)}

    def claims(self, claims: Iterable[Running]) -> list[Line]:
        """Return a line for each case and date; rights of a case that stand alike share theirs."""
        alike: dict[tuple[str, date, str], list[Running]] = {}
        for one in claims:
            alike.setdefault((one.case.reference, one.due, _state(one.claim)), []).append(one)
        return [
            self.line(
                reference,
                f": {listed([right_name(one.claim) for one in group])}, senast {due} "
                f"({days_left(group[0].days_left)}), {state}.",
                f"/personal/arende/{reference}{_place(group[0].claim)}",
            )
            for (reference, due, state), group in alike.items()
        ]


def plain(texts: Iterable[str]) -> list[Line]:
    """Return lines that lead nowhere."""
    return [{"text": text, "name": "", "link": ""} for text in texts]


def names(claims: Sequence[Running], link: str) -> list[Line]:
    """Return one line that names cases whose own lines stand above it."""
    references = list(dict.fromkeys(one.case.reference for one in claims))
    said = listed(references) if references else ""
    return [{"text": f"{said}.", "name": said if link else "", "link": link}] if references else []


def section(title: str, lines: Sequence[Line], empty: str, most: int = MOST_IN_SECTION) -> Section:
    """Return a section. ``empty`` continues "Just nu finns": it stands in the sentence at the end if there is no line."""
    return {"title": title, "lines": list(lines), "empty": empty, "most": most}


def fit(sections: Sequence[Section], most: int = MOST_LINES) -> list[Section]:
    """Return the sections that have lines, cut so that together they stay under ``most``; ``more`` names what was left out."""
    with_lines = [one for one in sections if one["lines"]]
    room = most
    fitted = []
    for index, one in enumerate(with_lines):
        kept_back = LEAST_IN_SECTION * (len(with_lines) - index - 1)
        count = max(LEAST_IN_SECTION, min(one["most"], room - kept_back))
        shown, left_out = one["lines"][:count], one["lines"][count:]
        room -= len(shown)
        known = list(dict.fromkeys(line["name"] for line in left_out if line["name"]))
        fitted.append({"title": one["title"], "lines": shown, "more": len(left_out), "names": known})
    return fitted


def nothing(sections: Sequence[Section]) -> str:
    """Return one sentence for every section that has no line: a quiet week is short, and says what was looked for."""
    said = [one["empty"] for one in sections if not one["lines"] and one["empty"]]
    return f"Just nu finns {listed(said)}." if said else ""


def listed(words: Sequence[str]) -> str:
    """Return an enumeration: "a, b och c"."""
    *first, last = words
    return f"{', '.join(first)} och {last}" if first else last


def right_name(claim: ClaimRecord) -> str:
    """Return what staff call a claim."""
    return "stopp för reklam" if claim.claim.marketing else RIGHTS[claim.claim.right]


def days_left(days: int) -> str:
    """Return how much time is left, from working days; negative is overdue."""
    if days < 0:
        return "försenat"
    if days == 0:
        return "i dag är sista dagen"
    return "1 arbetsdag kvar" if days == 1 else f"{days} arbetsdagar kvar"


def day(at: datetime) -> str:
    """Return the Stockholm day of a moment, as it is written in figures."""
    return stockholm_day(at).isoformat()


def _state(claim: ClaimRecord) -> str:
    if claim.waits_for_staff and claim.state is ClaimState.AWAITING_IDENTITY:
        return "väntar på att du avgör vem som frågar"
    return _STATES.get(claim.state, claim.state.value)


def _place(claim: ClaimRecord) -> str:
    """Return the place on its case's page where a claim is dealt with, "" for the whole page."""
    if claim.waits_for_staff:
        return "#stammer" if claim.to_check else "#vem"
    return "#svaret" if claim.state is ClaimState.AWAITING_APPROVAL else ""
