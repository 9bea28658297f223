"""What is held about an address, as Swedish text that the person can read; the JSON beside it holds the same."""

from collections.abc import Iterator, Mapping
from typing import Any

WIDTH_OF_INDENT = 2
_NAMES = {
    "address": "Adress",
    "made_at": "Utdraget gjordes",
    "cases": "Ärenden",
    "mails_in_no_case": "Brev som inte hör till något ärende",
    "named_in": "Andras brev, eller brev i karantän, som nämner adressen (lämnas inte ut här)",
    "no_marketing_since": "På spärrlistan mot reklam sedan",
    "staff": "Inloggning för personal",
    "examples": "Exempel som programmet lär sig av",
    "erased": "Raderat på begäran",
    "reference": "Ärendenummer",
    "state": "Läge",
    "requester": "Adressen som frågade",
    "name": "Namn",
    "language": "Språk",
    "opened_at": "Öppnades",
    "closed_at": "Avslutades",
    "emptied_at": "Gallrades",
    "disputed": "Omtvistat",
    "kept_until": "Sparas till och med",
    "correspondence": "brev och svar",
    "evidence": "bevis om handläggningen",
    "claims": "Vad som begärdes",
    "right": "Rättighet",
    "received_at": "Kom in",
    "identity_confirmed": "Bekräftat vem som frågar",
    "mails": "Brev till oss",
    "mail": "Brev nummer",
    "from": "Från",
    "to": "Till",
    "subject": "Ämne",
    "text": "Text",
    "older_text": "Äldre text",
    "signature": "Signatur",
    "looked_at": "Vem som har tittat på brevet i karantänen",
    "by": "Av",
    "how": "Hur",
    "answered_outside": "Svar från ett annat mejlprogram",
    "attachments": "Bilagor",
    "filename": "Filnamn",
    "content_type": "Typ",
    "size": "Storlek i byte",
    "answers": "Svar",
    "letters": "Brev från oss",
    "letter": "Brev",
    "approved_by": "Godkänt av",
    "approved_at": "Godkänt",
    "filled_in": "Ifyllt av personal",
    "note": "Anteckning",
    "sent_to": "Skickat till",
    "sent_at": "Skickat",
    "sha256": "Kontrollvärde",
    "identity_questions": "Frågor om vem som frågar",
    "asked_at": "Frågades",
    "events": "Händelser",
    "looks": "När vi har tittat i ärendet",
    "of": "Av vad",
    "noted": "Rader i loggen över vad personal har sett och gjort",
    "at": "När",
    "actor": "Av",
    "details": "Detaljer",
    "case": "Ärende",
    "breaches": "Brev som gick till fel mottagare",
    "number": "Nummer",
    "known_at": "Blev känt",
    "what": "Vad",
    "notes": "Anteckningar",
    "step": "Steg",
    "choice": "Val",
    "words": "Ord",
    "done_at": "Gjordes",
}


def as_text(found: Mapping[str, Any]) -> str:
    """Return the whole extract as text, what is empty left out."""
    return "\n".join(("Uppgifter om dig i systemet för begäranden om personuppgifter", "", *_lines(found, 0), ""))


def _lines(table: Mapping[str, Any], depth: int) -> Iterator[str]:
    indent = " " * (WIDTH_OF_INDENT * depth)
    for key, value in table.items():
        name = _NAMES.get(key, key.replace("_", " "))
        match value:
            case None | "" | []:
                continue
            case Mapping():
                yield f"{indent}{name}:"
                yield from _lines(value, depth + 1)
            case [*items]:
                yield f"{indent}{name}:"
                yield from _items(items, depth + 1)
            case str() if "\n" in value:
                yield f"{indent}{name}:"
                yield from (f"{indent}  {line}" for line in value.splitlines())
            case _:
                yield f"{indent}{name}: {_said(value)}"


def _items(items: list[Any], depth: int) -> Iterator[str]:
    indent = " " * (WIDTH_OF_INDENT * depth)
    for number, item in enumerate(items, 1):
        if isinstance(item, Mapping):
            yield f"{indent}{number}."
            yield from _lines(item, depth + 1)
        else:
            yield f"{indent}- {_said(item)}"


def _said(value: Any) -> str:
    return {True: "ja", False: "nej"}.get(value, str(value)) if isinstance(value, bool) else str(value)
