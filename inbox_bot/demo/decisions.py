"""What the staff of the demo decide in each matter, and whether they do it on the pages or by command."""

from collections.abc import Callable

from inbox_bot.demo.staff import Staff

COPY = (
    "Namn, mejladress och telefonnummer. Kursen Säker lyft, avslutad i våras, med intyg. Två fakturor. "
    "Hela kopian ligger på ditt konto i kursplattformen, bakom din egen inloggning."
)
CORRECTED = (
    ("Efternamnet är rättat från Demyr till Demir.", "kursplattformen"),
    ("Intyget är omskrivet från Demyr till Demir.", "intygsarkivet"),
)
ERASED = (("Kontot, kurserna och resultaten är raderade.", "kursplattformen"),)
INVOICES = (("Två fakturor", "faktureringen", "Bokföringslagen 7 kap. 2 § kräver det", "2033-12-31"),)

SORTED_ON_PAGES: dict[str, tuple[str, ...]] = {"employer": (), "old_request": ("access",)}
"""What an unsure mail is said to be, by the name of its part; nothing: it is no request."""

SORTED_BY_COMMAND: dict[str, tuple[str, ...]] = {"question": ("access",)}

Decision = Callable[[Staff, str], None]

ON_PAGES: tuple[tuple[str, Decision], ...] = (
    ("access", lambda staff, case: staff.approve(case, texts={"copy": COPY})),
    ("two_rights", lambda staff, case: staff.approve(case, texts={"copy": COPY})),
    ("two_rights", lambda staff, case: staff.approve(case, done=ERASED, kept=INVOICES)),
    ("erasure", lambda staff, case: staff.approve(case, done=ERASED, kept=INVOICES)),
    ("wrong_code", lambda staff, case: staff.approve(case, done=ERASED, kept=INVOICES)),
    ("rectification", lambda staff, case: staff.approve(case, done=CORRECTED)),
    (
        "consent_withdrawal",
        lambda staff, case: staff.approve(case, done=[("Bilden är borttagen.", "webbplatsen")]),
    ),
    (
        "above_newsletter",
        lambda staff, case: staff.approve(case, done=[("Adressen är spärrad för utskick.", "nyhetsbrevsverktyget")]),
    ),
    (
        "objection",
        lambda staff, case: staff.refuse(
            case,
            "Statistiken räknas på grupper om minst tjugo personer och säger inget om dig. Vi måste kunna visa våra "
            "uppdragsgivare hur lång tid en kurs tar, och det väger här tyngre (artikel 21.1).",
        ),
    ),
    ("old_request", lambda staff, case: staff.approve(case, texts={"copy": COPY})),
)
"""In this order: of two things asked for in one letter, the copy is given before anything is erased."""

ERASED_BY_COMMAND = ("approve", "--done", ERASED[0][0], "--system", ERASED[0][1], "--nothing-elsewhere")
BY_COMMAND: dict[str, tuple[str, ...]] = {
    "restriction": (
        "approve",
        "--done",
        "Provresultatet är spärrat medan vi utreder saken.",
        "--system",
        "kursplattformen",
        "--nothing-elsewhere",
        "--set",
        "ground=Du säger att provresultatet är fel, och vi kontrollerar det nu (artikel 18.1 a).",
    ),
    "portability": (
        "approve",
        "--set",
        "copy=Filen kurser.csv ligger på ditt konto i kursplattformen, bakom din egen inloggning.",
    ),
    "marketing_stop": ("approve", "--note", "Adressen är spärrad i nyhetsbrevsverktyget."),
    "junk_folder": ERASED_BY_COMMAND,
    "no_diaereses": ERASED_BY_COMMAND,
    "english": (
        "extend",
        "--reason",
        "Your records are in three archives, one of them on paper, and have to be gone through by hand.",
    ),
    "question": ("approve", "--letter", "no_data"),
}
