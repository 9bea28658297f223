"""The documentation of a breach as plain text: facts, effects and what was done, as Art 33(5) wants it kept."""

from datetime import datetime

from inbox_bot.breach.rulebook import BreachRules
from inbox_bot.breach.wording import moment, remaining
from inbox_bot.domain.breach import BreachRecord


def as_text(rules: BreachRules, record: BreachRecord, *, company: str, now: datetime) -> str:
    """Return the documentation in Swedish. No name or address of a requester stands in it but what staff wrote themselves."""
    lines = [
        f"Personuppgiftsincident {record.id}",
        f"Dokumentation enligt GDPR artikel 33.5. {company}. Utskriven {moment(now)}.",
        "",
        "Tider",
        f"Känd: {moment(record.known_at)}",
        *_corrected(record),
        f"72 timmar gick till: {moment(record.ends_at)}",
        _told(rules, record, now),
        f"Öppnad: {moment(record.opened_at)} av {record.opened_by}",
        "Avslutad: inte än"
        if record.closed_at is None
        else f"Avslutad: {moment(record.closed_at)} av {record.closed_by}",
        "",
        "Vad som hände",
        record.what,
        "",
        "Brev",
        *(
            f"Brev {one.letter_id} ({one.name}) i ärende {one.reference}, "
            f"{'skickat ' + moment(one.sent_at) if one.sent_at else 'okänt om det lämnade oss'}. SHA-256 {one.sha256}"
            for one in record.letters
        ),
    ]
    for number, step in enumerate(rules.steps, 1):
        lines += ["", f"{number}. {step.title} ({step.ground})"]
        lines += _notes(rules, record, step.name) or ["Inget är skrivet än."]
    known = {step.name for step in rules.steps}
    for name in dict.fromkeys(note.step for note in record.notes if note.step not in known):
        lines += ["", f"Steget {name}, som inte längre finns i rules/breach.toml", *_notes(rules, record, name)]
    return "\n".join(lines) + "\n"


def _corrected(record: BreachRecord) -> list[str]:
    """Return what was said before of when the breach became known, and why it was corrected."""
    before = [record.first_known_at, *(note.done_at for note in record.corrections)]
    return [
        f"Rättat {moment(note.at)} av {note.by}: från {moment(was)} till {moment(note.done_at)}. Skäl: {note.words}"
        for was, note in zip(before, record.corrections, strict=False)
    ]


def _told(rules: BreachRules, record: BreachRecord, now: datetime) -> str:
    note = record.latest.get(rules.clock_step)
    if note is None or not rules.answered(record):
        return f"Anmälan till IMY: inte avgjord ({remaining(record.ends_at, now)})"
    late = ", efter 72 timmar" if note.done_at > record.ends_at else ", inom 72 timmar"
    step = rules.step(note.step)
    label = note.choice if step is None else step.label(note.choice)
    return f"Anmälan till IMY: {label}, {moment(note.done_at)}{late}"


def _notes(rules: BreachRules, record: BreachRecord, name: str) -> list[str]:
    step = rules.step(name)
    found = []
    for note in record.notes:
        if note.step == name:
            label = note.choice if step is None else step.label(note.choice)
            head = f"{moment(note.done_at)}, {note.by}"
            written = "" if note.at == note.done_at else f" (skrivet {moment(note.at)})"
            found.append(f"{head}{written}: {label + '. ' if label else ''}{note.words}")
    return found
