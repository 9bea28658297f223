"""The shipped letters, and for each of them every value it can be told."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from inbox_bot.domain.letters import Envelope, FieldKind, Language
from inbox_bot.letters.controller import Controller, read_controller
from inbox_bot.letters.jinja import JinjaLetterBook
from inbox_bot.settings import FileSettings, rules_folders, template_folders

# Beside the package in a checkout, inside it where it is installed from its wheel.
RULES, TEMPLATES = rules_folders(FileSettings())[0], template_folders(FileSettings())[0]

_CLAIMS = {
    "access": {"right": "access", "marketing": False},
    "rectification": {"right": "rectification", "marketing": False},
    "erasure": {"right": "erasure", "marketing": False},
    "restriction": {"right": "restriction", "marketing": False},
    "portability": {"right": "portability", "marketing": False},
    "objection": {"right": "objection", "marketing": False},
    "consent_withdrawal": {"right": "consent_withdrawal", "marketing": False},
}
_MARKETING = {"right": "objection", "marketing": True}

_DONE = {
    "erasure": {
        Language.SV: [
            {"what": "Konto och kursresultat är raderade", "system": "kursplattformen", "on": date(2026, 4, 9)},
            {"what": "Adressen är struken ur listorna.", "system": "nyhetsbrevsverktyget", "on": "2026-04-10"},
        ],
        Language.EN: [
            {
                "what": "Account and course results have been erased",
                "system": "kursplattformen",
                "on": date(2026, 4, 9),
            },
            {
                "what": "The address has been removed from the lists.",
                "system": "nyhetsbrevsverktyget",
                "on": "2026-04-10",
            },
        ],
    },
    "rectification": {
        Language.SV: [
            {"what": "Namnet är rättat från Exempl till Exempel", "system": "kursplattformen", "on": "2026-04-09"},
            {
                "what": "Nytt intyg är utskrivet med namnet Exempel i stället för Exempl",
                "system": "intygsarkivet",
                "on": "2026-04-09",
            },
        ],
        Language.EN: [
            {
                "what": "The name has been corrected from Exempl to Exempel",
                "system": "kursplattformen",
                "on": "2026-04-09",
            }
        ],
    },
    "statement_added": {
        Language.SV: [{"what": "Tillägget ligger vid provresultatet", "system": "kursplattformen", "on": "2026-04-09"}],
        Language.EN: [
            {"what": "The statement is attached to the test result", "system": "kursplattformen", "on": "2026-04-09"}
        ],
    },
    "restriction": {
        Language.SV: [{"what": "Provresultatet är spärrat", "system": "kursplattformen", "on": "2026-04-09"}],
        Language.EN: [{"what": "The test result is restricted", "system": "kursplattformen", "on": "2026-04-09"}],
    },
    "objection": {
        Language.SV: [
            {"what": "Vi har slutat räkna med dig i statistiken", "system": "kursplattformen", "on": "2026-04-09"}
        ],
        Language.EN: [
            {"what": "We have stopped counting you in the statistics", "system": "kursplattformen", "on": "2026-04-09"}
        ],
    },
    "consent_withdrawal": {
        Language.SV: [
            {"what": "Bilden på dig är borttagen från webbplatsen", "system": "kursplattformen", "on": "2026-04-09"}
        ],
        Language.EN: [
            {
                "what": "The picture of you has been removed from the website",
                "system": "kursplattformen",
                "on": "2026-04-09",
            }
        ],
    },
    "marketing_stopped": {
        Language.SV: [
            {
                "what": "All reklam till anna@example.com är stoppad",
                "system": "nyhetsbrevsverktyget",
                "on": "2026-04-07",
            }
        ],
        Language.EN: [
            {
                "what": "All marketing to anna@example.com has been stopped",
                "system": "nyhetsbrevsverktyget",
                "on": "2026-04-07",
            }
        ],
    },
    "notice": {
        Language.SV: [{"what": "Konto och kursresultat är raderade", "system": "kursplattformen", "on": "2026-04-09"}],
        Language.EN: [
            {"what": "Account and course results have been erased", "system": "kursplattformen", "on": "2026-04-09"}
        ],
    },
}
_REASONS = {
    "extension": {
        Language.SV: "Dina uppgifter finns i tre arkiv. Ett av dem är på papper, och vi måste gå igenom det för hand.",
        Language.EN: "Your data are in three archives. One of them is on paper, and we have to go through it by hand.",
    },
    "fee_notice": {
        Language.SV: "Det här är tionde gången i år som du ber om samma kopia. Inget har ändrats sedan sist (artikel 12.5).",
        Language.EN: "This is the tenth time this year that you ask for the same copy. Nothing has changed since then (Article 12(5)).",
    },
    "refused_access": {
        Language.SV: "Du har fått samma kopia nio gånger i år. Inget har ändrats sedan sist. Därför är begäran orimlig (artikel 12.5).",
        Language.EN: "You have had the same copy nine times this year. Nothing has changed. That makes the request excessive (Article 12(5)).",
    },
    "refused_rectification": {
        Language.SV: "Du svarade fel på fråga 3. Att svaret är fel betyder inte att uppgiften om det är fel (artikel 16).",
        Language.EN: "Your answer to question 3 was wrong. A wrong answer does not make the record of it wrong (Article 16).",
    },
    "refused_restriction": {
        Language.SV: "Du har inte sagt att något är fel. Vi behöver uppgifterna för kursen du går (artikel 18.1).",
        Language.EN: "You have not said that anything is wrong. We need the data for the course you are taking (Article 18(1)).",
    },
    "refused_portability": {
        Language.SV: "Din lärare har skrivit omdömet. Du har inte lämnat det själv, så det ingår inte i en fil (artikel 20.1).",
        Language.EN: "Your teacher wrote the assessment. You did not provide it, so it is not part of a file (Article 20(1)).",
    },
    "refused_objection": {
        Language.SV: "Du har ett krav mot oss för kursen i mars. Vi behöver uppgifterna för att kunna svara på det (artikel 21.1).",
        Language.EN: "You have a claim against us for the course in March. We need the data to answer it (Article 21(1)).",
    },
    "refused_consent_withdrawal": {
        Language.SV: "Vi har ditt namn på fakturan för att bokföringslagen kräver det (7 kap. 2 §). Det bygger inte på ett samtycke.",
        Language.EN: "We have your name on the invoice because the Accounting Act requires it. That does not rest on a consent.",
    },
    "wrong_controller": {
        Language.SV: "Kursen du skriver om är inte vår. Vi har sökt på ditt namn och din mejladress och inte hittat något.",
        Language.EN: "The course you write about is not ours. We have searched for your name and e-mail address and found nothing.",
    },
}
_KEPT = {
    Language.SV: [
        {
            "what": "Fakturan från mars 2026",
            "why": "den hör till bokföringen (bokföringslagen 7 kap. 2 §)",
            "until": "2033-12-31",
        }
    ],
    Language.EN: [
        {
            "what": "The invoice from March 2026",
            "why": "it is part of the accounts (the Swedish Accounting Act, chapter 7, section 2)",
            "until": date(2033, 12, 31),
        }
    ],
}
_TEXTS = {
    "copy": {
        Language.SV: "Kopian ligger bakom länken i ditt ärende. Öppna den med din kod.\n\nDen innehåller:\n\n- namn och adress\n- två kurser",
        Language.EN: "The copy is behind the link in your case. Open it with your code.\n\nIt holds:\n\n- name and address\n- two courses",
    },
    "recipients": {
        Language.SV: "- Exempelplattformen AB, som driver kursplattformen.\n- Exempelbolaget AB, där din chef har sett att kursen är klar.",
        Language.EN: "- Exempelplattformen AB, which runs the course platform.\n- Exempelbolaget AB, where your manager has seen that the course is done.",
    },
    "reasons": {
        Language.SV: "Fakturan är ett underlag i bokföringen. Den måste vi spara i sju år (bokföringslagen 7 kap. 2 §).",
        Language.EN: "The invoice is an accounting record. We must keep it for seven years (the Swedish Accounting Act).",
    },
    "withheld": {
        Language.SV: "Namnen på andra deltagare är strukna. De har rätt till skydd för sina uppgifter (artikel 15.4).",
        Language.EN: "The names of other participants are struck out. Their data are protected too (Article 15(4)).",
    },
    "recipients_told": {
        Language.SV: "Exempelplattformen AB fick veta det den 9 april.",
        Language.EN: "Exempelplattformen AB was told on 9 April.",
    },
    "ground": {
        Language.SV: "Du har sagt att uppgifterna är fel. Vi kontrollerar dem nu (artikel 18.1 a).",
        Language.EN: "You have said that the data are wrong. We are checking them now (Article 18(1)(a)).",
    },
    "warnings": {
        Language.SV: "- Din inloggning slutar fungera.",
        Language.EN: "- Your login stops working.",
    },
    "statement": {
        Language.SV: "Jag gick kursen på engelska. Därför stod frågorna i en annan ordning.",
        Language.EN: "I took the course in English. That is why the questions came in another order.",
    },
    "result": {
        Language.SV: "Du sa att provresultatet var fel. Vi har jämfört det med ditt prov. Resultatet stämmer.",
        Language.EN: "You said that the test result was wrong. We have compared it with your test. The result is right.",
    },
    "resumes": {
        Language.SV: "Resultatet syns igen i kursplattformen. Det står också på ditt intyg.",
        Language.EN: "The result can be seen in the course platform again. It is also on your certificate.",
    },
    "review": {
        Language.SV: "Läraren Kim Exempel gick igenom ditt prov den 9 april. Du fick två poäng till och är godkänd.",
        Language.EN: "The teacher Kim Exempel went through your test on 9 April. You got two more points and have passed.",
    },
    "amount": {Language.SV: "450 kronor", Language.EN: "SEK 450"},
    "cost_basis": {
        Language.SV: "En timmes arbete med att ta fram kopian för tionde gången i år, och porto för två paket.",
        Language.EN: "One hour of work to make the copy for the tenth time this year, and postage for two parcels.",
    },
    "ask": {
        Language.SV: "Kommunen ordnade kursen och bestämmer över uppgifterna. Skriv till dataskydd@example.se.",
        Language.EN: "The municipality arranged the course and decides about the data. Write to dataskydd@example.se.",
    },
    "evidence": {
        Language.SV: "Ditt prov från den 3 mars och lärarens anteckning om det.",
        Language.EN: "Your test from 3 March and the teacher's note on it.",
    },
    "backups": {
        Language.SV: "Det raderade är borta ur våra säkerhetskopior inom fem veckor. Läser vi in en gammal kopia raderar vi det på nytt.",
        Language.EN: "What has been erased leaves our backup copies within five weeks. If we restore an old copy we erase it again.",
    },
    "who": {Language.SV: "Anna Exempel <anna@example.com>", Language.EN: "Anna Exempel <anna@example.com>"},
    "new_value": {Language.SV: "Anna Exempelsson", Language.EN: "Anna Exempelsson"},
    "told_of_lifting": {Language.SV: "2026-04-20", Language.EN: "2026-04-20"},
    "lifts_on": {Language.SV: "2026-04-28", Language.EN: "2026-04-28"},
    "note": {Language.SV: "Lycka till med nästa kurs.", Language.EN: "Good luck with your next course."},
}
_REPORT = {
    "week": "2026-W47",
    "day": "2026-11-16",
    "made_at": datetime(2026, 11, 16, 6, 30, tzinfo=UTC),
    "headline": "Två svar behövs den här veckan",
    "all_well": False,
    "outlook": {
        "urgent": {
            "title": "",
            "lines": [
                {
                    "text": "PK-2026-0042: radering, senast 2026-11-17.",
                    "name": "PK-2026-0042",
                    "link": "https://bot.example.se/a/42",
                },
            ],
            "more": 2,
            "names": ["PK-2026-0043", "PK-2026-0044"],
        },
        "quiet": False,
        "weeks": [
            {
                "number": 47,
                "first": date(2026, 11, 16),
                "last": date(2026, 11, 22),
                "count": 2,
                "late": 1,
                "late_width": 50,
                "width": 50,
            },
            {
                "number": 48,
                "first": date(2026, 11, 23),
                "last": date(2026, 11, 29),
                "count": 0,
                "late": 0,
                "late_width": 0,
                "width": 0,
            },
        ],
        "asked": 12,
        "answered": 11,
        "on_time": 10,
        "due": 11,
        "share": 91,
        "median": 6.5,
    },
    "sections": [
        {
            "title": "Svar som behövs",
            "lines": [
                {
                    "text": "PK-2026-0042, radering: senast tisdag 17 november.",
                    "name": "PK-2026-0042",
                    "link": "https://bot.example.se/a/42",
                },
                {"text": "PK-2026-0043, rättelse: senast torsdag 19 november.", "name": "", "link": ""},
            ],
            "empty": "inget svar som behövs",
        },
    ],
    "nothing": "Just nu finns inget brev att sortera.",
}


_ROWS = [
    {
        "errand": errand,
        "subject": subject,
        "rights": rights,
        "due": date(2026, 11, 13 + 2 * index) if errand != "read" else None,
        "left": index * 3 - 1 if errand != "read" else None,
        "state": "bounced" if errand == "letter" else "",
        "count": 12 if errand == "old" else 1,
        "link": f"https://bot.example.se/a/{index}",
    }
    for index, (errand, subject, rights) in enumerate(
        [
            ("approve", "PK-2026-0042", ["erasure", "access"]),
            ("who", "PK-2026-0045", ["access"]),
            ("check", "PK-2026-0046", ["objection:marketing", "access", "portability"]),
            ("sort", "12", ["erasure"]),
            ("read", "PK-2026-0047", []),
            ("unreadable", "14", []),
            ("letter", "PK-2026-0048", ["rectification"]),
            ("old", "info", []),
        ]
    )
]

_ABOUT = {
    "automated_decisions": "access",
    "extension": "access",
    "fee_notice": "access",
    "no_data": "access",
    "restriction_lifting": "restriction",
    "statement_added": "rectification",
    "wrong_controller": "access",
}


def _claims(letter: str, right: str) -> list[dict[str, Any]]:
    if letter == "marketing_stopped":
        return [_MARKETING]
    right = _ABOUT.get(letter, right)
    return [_CLAIMS[right]] if right in _CLAIMS else [_CLAIMS["erasure"], _MARKETING]


def _done(letter: str, language: Language) -> list[dict[str, Any]]:
    kind, _, right = letter.partition("_")
    return _DONE[next(key for key in (letter, right, kind) if key in _DONE)][language]


def _program_value(name: str, letter: str) -> Any:
    right = letter.partition("_")[2]
    return {
        "reference": "PK-2026-0042",
        "name": "Anna Exempel",
        "received_on": date(2026, 4, 7),
        "claims": _claims(letter, right),
        "deadline": date(2026, 5, 7),
        "new_deadline": "2026-07-07",
        "expires_on": date(2026, 4, 14),
        "link": "https://bot.example.se/r/4f9a1c77",
        "code": "7K4-Q2M",
        "fact": True,
        "by_link": True,
        "question": "Vilken kurs gick du hos oss?",
        "minutes": 15,
        "rows": _ROWS,
        "count": len(_ROWS) + 2,
        "nearest": date(2026, 11, 13),
        "more": 2,
        "others": ["PK-2026-0043", "PK-2026-0044"],
        "start": "https://bot.example.se/personal",
        "made_at": datetime(2026, 11, 16, 6, 30, tzinfo=UTC),
        "page_link": "https://bot.example.se/arende/4f9a1c77",
        "still": [_CLAIMS["access"]],
        "marketing": True,
        "file_link": "https://bot.example.se/arende/5c1d",
        "file_until": date(2026, 5, 7),
        "summary": _REPORT,
        "headline": "Lås uppgifter nu: PK-2026-0042",
        "text": "Någon begär att uppgifter inte får användas.",
        "earliest": date(2026, 4, 14),
        "recipient": "Exempelplattformen AB",
        "processor": True,
        "right": "rectification",
        "on": date(2026, 4, 9),
        "due": date(2026, 4, 23),
        "told_on": date(2026, 4, 9),
        "token": "PROV-0123456789abcdef0123456789abcdef01234567",
    }[name]


@pytest.fixture(scope="session")
def controller() -> Controller:
    return read_controller(RULES / "controller.toml")


@pytest.fixture(scope="session")
def shipped() -> Path:
    return TEMPLATES / "letters"


@pytest.fixture(scope="session")
def book(controller: Controller, shipped: Path) -> JinjaLetterBook:
    return JinjaLetterBook(folders=[shipped], controller=controller)


@pytest.fixture(scope="session")
def full(book: JinjaLetterBook) -> Callable[..., dict[str, Any]]:
    """Return a function that gives a letter every value it declares; defaults are left to the book."""
    return lambda letter, language=Language.SV: every_value(book, letter, language)


def every_value(book: JinjaLetterBook, letter: str, language: Language) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in book.fields(letter):
        if not field.by_staff:
            values[field.name] = _program_value(field.name, letter)
        elif field.kind is FieldKind.ACTIONS:
            values[field.name] = _done(letter, language)
        elif field.kind is FieldKind.KEPT:
            values[field.name] = _KEPT[language]
        elif field.name == "reasons" and letter in _REASONS:
            values[field.name] = _REASONS[letter][language]
        elif field.name in _TEXTS:
            values[field.name] = _TEXTS[field.name][language]
        else:
            assert field.default, f"{letter}.{field.name} has no value here and no default"
    return values


@pytest.fixture
def envelope() -> Envelope:
    return Envelope(
        to="anna@example.com",
        to_name="Anna Exempel",
        message_id="<42.receipt.1@bot.example.se>",
        at=datetime(2026, 4, 7, 8, 30, tzinfo=UTC),
        automatic=True,
        in_reply_to="<hej.1@example.com>",
        references=("<forst@example.com>", "<hej.1@example.com>"),
    )
