"""Why a claim's date is what it is, in Swedish sentences for the staff member who must keep it."""

from collections.abc import Sequence
from datetime import date

from inbox_bot.case.deadline import Extension, Reckoning
from inbox_bot.case.period import FreeDay, Period
from inbox_bot.domain.dates import JudgedPause, PauseStanding

_WEEKDAYS = ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag")
_MONTHS = (
    "januari",
    "februari",
    "mars",
    "april",
    "maj",
    "juni",
    "juli",
    "augusti",
    "september",
    "oktober",
    "november",
    "december",
)


def explain(reckoning: Reckoning) -> str:
    """Return the explanation: how the strict date came about, then what a pause and an extension change or do not."""
    sentences = [f"Kom in {long_day(reckoning.received)}.", *_answer_sentences(reckoning)]
    sentences += _pause_sentences(reckoning)
    if reckoning.extension is not None:
        sentences += _extension_sentences(reckoning.extension, reckoning)
    return " ".join(sentences)


def explain_briefly(reckoning: Reckoning) -> str:
    """Return in one sentence why the answer is due when it is."""
    extension = reckoning.extension
    if extension is not None and extension.valid:
        reason = f"tre månader från {long_day(reckoning.received)}, för beskedet om förlängd tid skickades i tid"
        return f"Svar senast {long_day(extension.period.end)}: {reason}{_moved(extension.period)}."
    reason = f"en månad från {long_day(reckoning.received)}, då begäran kom in"
    return f"Svar senast {long_day(reckoning.answer.end)}: {reason}{_moved(reckoning.answer)}."


def _moved(period: Period) -> str:
    """Return how the end came to be moved, as the rest of a sentence; nothing where it was not."""
    if not period.free:
        return ""
    return f", och eftersom {_short_day(period.nominal)} är {_kind(period.free[0])} gäller nästa arbetsdag"


def long_day(day: date) -> str:
    """Return a day as it is written in running text: ``tisdag 31 mars 2026``."""
    return f"{_WEEKDAYS[day.weekday()]} {_short_day(day)} {day.year}"


def _short_day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]}"


def _answer_sentences(reckoning: Reckoning) -> list[str]:
    answer = reckoning.answer
    month = f"En månad senare är {long_day(answer.nominal)}{_clipping(reckoning.received, answer.nominal)}."
    if not answer.free:
        return [month, "Det är en arbetsdag, så svaret ska vara skickat senast då."]
    moved = f"{_free_days(answer.free)}, så svaret ska vara skickat senast nästa arbetsdag, {long_day(answer.end)}."
    return [month, moved]


def _clipping(received: date, nominal: date) -> str:
    """Return the remark that the month has no such day, or nothing where it has."""
    if nominal.day == received.day:
        return ""
    month = _MONTHS[nominal.month - 1]
    if received.day == 29:
        month += f" {nominal.year}"  # Only February lacks a 29th, and not in every year.
    ordinal = f"{received.day}:{'a' if received.day == 31 else 'e'}"
    return f" ({month} har inget {ordinal} datum)"


def _free_days(days: Sequence[FreeDay]) -> str:
    """Return why the days are free, the first taken as just mentioned: ``Det är juldagen, 26 december är …``."""
    first, *others = days
    clauses = [f"Det är {_kind(first)}", *(f"{_short_day(other.day)} är {_kind(other)}" for other in others)]
    return _listed(clauses)


def _kind(free: FreeDay) -> str:
    return free.holiday or f"en {_WEEKDAYS[free.day.weekday()]}"


def _listed(clauses: Sequence[str]) -> str:
    *head, last = clauses
    return f"{', '.join(head)} och {last}" if head else last


def _pause_sentences(reckoning: Reckoning) -> list[str]:
    sentences = [_pause_sentence(pause, reckoning) for pause in reckoning.pauses]
    if reckoning.paused_safe is not None:
        strict = reckoning.answer.end
        sentences.append(
            f"Planera för {long_day(strict)}; går inte det kan reservdatumet {long_day(reckoning.paused_safe)} åberopas."
            if reckoning.paused_safe > strict
            else f"Pausen ger ingen senare dag än {long_day(strict)}."
        )
    elif any(pause.standing is PauseStanding.OPEN for pause in reckoning.pauses):
        sentences.append("Något reservdatum finns inte förrän den är bekräftad.")
    return list(dict.fromkeys(sentences))


def _pause_sentence(pause: JudgedPause, reckoning: Reckoning) -> str:
    asked = f"Identiteten efterfrågades {long_day(pause.asked)}"
    match pause.standing:
        case PauseStanding.COUNTED if pause.confirmed is not None:
            return f"{asked} och bekräftades {long_day(pause.confirmed)}, vilket kan räknas som paus."
        case PauseStanding.LATE:
            days = (pause.asked - reckoning.received).days
            return f"{asked}, {days} dagar efter att begäran kom in, vilket är för sent för att ge en paus."
        case PauseStanding.OVER_BEFORE_RECEIPT:
            return f"{asked} och bekräftades innan begäran kom in, vilket inte ger någon paus."
        case PauseStanding.NOT_ALLOWED:
            return "Frågan om identitet ger ingen paus för en begäran av det här slaget."
        case _:
            return f"{asked} och är ännu inte bekräftad."


def _extension_sentences(extension: Extension, reckoning: Reckoning) -> list[str]:
    notice = f"Besked om förlängning skickades {long_day(extension.sent)}"
    if extension.sent < reckoning.received:
        return [f"{notice}, innan begäran kom in, och förlänger därför inget."]
    if not extension.valid:
        return [f"{notice}, efter att tiden gått ut, och förlänger därför inget."]
    nominal = extension.period.nominal
    three_months = f"tre månader efter mottagandet är {long_day(nominal)}{_clipping(reckoning.received, nominal)}"
    return [
        f"{notice}, inom den första månaden: {three_months}.",
        _extended_end(extension.period),
        # Art 12(4) has its own month and knows no extension.
        f"Ett avslag ska ändå vara skickat senast {long_day(reckoning.answer.end)}.",
    ]


def _extended_end(period: Period) -> str:
    if not period.free:
        return "Det är en arbetsdag, så svaret ska i stället vara skickat senast då."
    moved = long_day(period.end)
    return f"{_free_days(period.free)}, så svaret ska i stället vara skickat senast nästa arbetsdag, {moved}."
