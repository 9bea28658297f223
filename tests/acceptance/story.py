"""One long day at the company, told once for each IMAP server: five rights from mail to answer, and mail that is none of it.

The command runs as it is installed, in processes of its own. What the tests look at afterwards is kept in ``Story``.
"""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from imapclient import IMAPClient

from inbox_bot.demo.smtp_catcher import SmtpCatcher
from tests.acceptance.correspondence import (
    BOOKING,
    REQUESTS,
    Letter,
    answer_page,
    delivery_report,
    letters_to,
    mail,
)
from tests.acceptance.installation import Ended, Installation, Mailbox, Program, run_command, until

STAFF = "anna@example.com"
RIGHTS = ("access", "erasure", "rectification", "restriction", "objection")
BY_PAGE = ("access", "rectification", "objection")
BY_REPLY = ("erasure", "restriction")
ANSWERED = ("access", "erasure", "rectification", "restriction")
INNOCENTS = ("report", "absent", "newsletter", "booking")
# What a person typed into the approval, to be found again in the answer.
COPY = "Namn, adress och två avslutade kurser."
RECIPIENTS = "Kursleverantören Exempel AB."
DELETED = "Kontot och kursresultaten är raderade."
CORRECTED = "Efternamnet är rättat från Exempl till Exempel i kursplattformen."
REFUSAL = "Du har inte sagt att något är fel, så inget av de fyra fallen stämmer (artikel 18.1)."
DELAY = "Underlaget ligger i tre system som måste gås igenom för hand."
QUICK_SECONDS = 5.0


def address(name: str) -> str:
    return f"{name}@example.se"


@dataclass(frozen=True, kw_only=True)
class Story:
    """What happened. Mappings are by right; ``dates`` what ``inbox-bot deadline`` said of each mail's receipt."""

    received: Mapping[str, datetime]
    dates: Mapping[str, Mapping[str, Any]]
    extended: Mapping[str, Any]
    receipts: Mapping[str, Letter]
    answers: Mapping[str, Letter]
    letters: tuple[Letter, ...]
    opened_only: Mapping[str, str]
    incomplete: Ended
    cases: Mapping[str, Mapping[str, Any]]
    mails: tuple[Mapping[str, Any], ...]
    flags: Mapping[str, Mapping[int, frozenset[str]]]
    exit_code: int
    log: str
    database: bytes


def tell(mailbox: Mailbox, folder: Path) -> Story:
    """Let the day happen and return what there is to see of it."""
    with SmtpCatcher() as catcher:
        installation = Installation(folder=folder, mailbox=mailbox, catcher=catcher)
        try:
            return _told(installation)
        finally:
            installation.close()


def _told(office: Installation) -> Story:
    program = office.start_and_look("run")
    until(lambda: program.check_alive() or office.answers())
    received = _write_requests(office)
    _write_innocents(office)
    receipts = {right: _next_letter(office, right, 1) for right in RIGHTS}
    opened_only = _open_links(office, receipts)
    _confirm(office, received, receipts)
    until(lambda: len(office.claims("awaiting_approval")) == len(RIGHTS))
    references = {row["requester"].partition("@")[0]: row["reference"] for row in office.claims("awaiting_approval")}
    incomplete = office.attempt("approve", references["access"], "--by", STAFF)
    _decide(office, references)
    answers = {right: _next_letter(office, right, 2) for right in RIGHTS}
    until(lambda: len(office.claims("answered")) == len(ANSWERED))
    until(lambda: _is_quiet(office))
    cases = _cases(office)
    return Story(
        received=received,
        dates=_dates(office, received),
        extended=_extended(office, received["objection"], cases["objection"]),
        receipts=receipts,
        answers=answers,
        letters=tuple(Letter(caught) for caught in office.catcher.letters),
        opened_only=opened_only,
        incomplete=incomplete,
        cases=cases,
        mails=tuple(office.rows("SELECT * FROM mail ORDER BY id")),
        flags=_flags(office.mailbox),
        **_end(office, program),
    )


def _write_requests(office: Installation) -> dict[str, datetime]:
    """Deliver the five requests: some of today, some that lay a week before they were moved where they are seen."""
    now = datetime.now(UTC).replace(microsecond=0)
    received = {right: now - timedelta(days=7 * (right in BY_REPLY)) for right in RIGHTS}
    for right, at in received.items():
        # The address the answer must not go to (law.md 2.2).
        content = mail(
            f"Kim Exempel <{address(right)}>",
            REQUESTS[right],
            message_id=right,
            subject=f"Fråga {right}",
            to=office.mailbox.user,
            Reply_To="annan@example.org",
        )
        office.mailbox.deliver(content, when=at)
    return received


def _write_innocents(office: Installation) -> None:
    to = office.mailbox.user
    absent = mail(
        address("absent"),
        "Jag är ledig och svarar inte. Radera gärna mina personuppgifter på Lupinvägen.",
        message_id="absent",
        to=to,
        Auto_Submitted="auto-replied",
    )
    newsletter = mail(
        address("newsletter"),
        "Veckans nyheter från Lupinvägen. Vill du att vi raderar dina personuppgifter? Svara på brevet.",
        message_id="newsletter",
        to=to,
        List_Id="<nyheter.example.se>",
        List_Unsubscribe="<mailto:av@example.se>",
        Precedence="bulk",
    )
    booking = mail(address("booking"), BOOKING, message_id="booking", subject="Bokning", to=to)
    for content in (delivery_report(to), absent, newsletter, booking):
        office.mailbox.deliver(content)


def _next_letter(office: Installation, right: str, count: int) -> Letter:
    office.catcher.wait_for(lambda letters: len(letters_to(letters, address(right))) >= count, 30)
    return letters_to(office.catcher.letters, address(right))[count - 1]


def _open_links(office: Installation, receipts: Mapping[str, Letter]) -> dict[str, str]:
    """Open every link as a mail scanner does, press every button without a code, and return where the claims stand."""
    for right in RIGHTS:
        for button in ("Ja", "Nej"):
            answer_page(receipts[right].link, "", button)
    return {row["requester"].partition("@")[0]: row["state"] for row in office.claims("awaiting_identity")}


def _confirm(office: Installation, received: Mapping[str, datetime], receipts: Mapping[str, Letter]) -> None:
    for right in BY_PAGE:
        assert answer_page(receipts[right].link, receipts[right].code, "Ja").status_code == 200
    # One types the code, the other writes "ja" above a letter that the mail program quoted.
    said = {
        "erasure": f"Ja, det var jag. Koden är {receipts['erasure'].code.lower()}.",
        "restriction": "Ja!\n\nDen sön 22 nov. 2026 kl 11:05 skrev Prokompetens <info@example.com>:\n"
        + "".join(f"> {line}\n" for line in _plain_lines(receipts["restriction"])),
    }
    for right in BY_REPLY:
        receipt = receipts[right]
        reply = mail(
            f"Kim Exempel <{address(right)}>",
            said[right],
            message_id=f"{right}-reply",
            subject=f"Sv: {receipt.message['Subject']}",
            to=office.mailbox.user,
            In_Reply_To=receipt.message_id,
            References=f"<{right}@example.se> {receipt.message_id}",
        )
        office.mailbox.deliver(reply)


def _plain_lines(letter: Letter) -> list[str]:
    body = letter.message.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).splitlines()


def _decide(office: Installation, references: Mapping[str, str]) -> None:
    decisions = {
        "access": ["approve", "--set", f"copy={COPY}", "--set", f"recipients={RECIPIENTS}"],
        "erasure": [
            "approve",
            "--done",
            DELETED,
            "--system",
            "kursplattformen",
            "--on",
            "2026-11-22",
            "--nothing-elsewhere",
        ],
        "rectification": ["approve", "--note", CORRECTED, "--nothing-elsewhere"],
        "restriction": ["refuse", "--reason", REFUSAL],
        "objection": ["extend", "--reason", DELAY],
    }
    commands = {
        right: [command, references[right], "--by", STAFF, *values] for right, (command, *values) in decisions.items()
    }
    # Two at a time, as two colleagues would.
    with ThreadPoolExecutor(2) as people:
        ended = people.map(lambda command: office.attempt(*command), commands.values())
        for right, done in zip(commands, ended, strict=True):
            assert done.code == 0, f"{right}: {done.err}"


def _is_quiet(office: Installation) -> bool:
    waiting = "('received', 'read', 'bounce', 'request', 'unsure', 'not_request', 'joined')"
    return not office.rows(f"SELECT 1 FROM mail WHERE state IN {waiting}") and not office.rows(
        "SELECT 1 FROM letter WHERE state IN ('queued', 'sending')"
    )


def _cases(office: Installation) -> dict[str, Any]:
    """Return each case as the command prints it, with its letters and events beside it."""
    cases = {case["requester"].partition("@")[0]: case for case in office.read("cases")}
    for case in cases.values():
        ours = 'case_id = (SELECT id FROM "case" WHERE reference = :reference) ORDER BY id'
        case["letters"] = office.rows(f"SELECT * FROM letter WHERE {ours}", reference=case["reference"])
        events = office.rows(f"SELECT * FROM event WHERE {ours}", reference=case["reference"])
        case["events"] = [event | {"details": json.loads(event["details"])} for event in events]
    return cases


def _dates(office: Installation, received: Mapping[str, datetime]) -> dict[str, Any]:
    asked = {at: _deadline(office, at.isoformat()) for at in set(received.values())}
    return {right: asked[at] for right, at in received.items()}


def _extended(office: Installation, received: datetime, case: Mapping[str, Any]) -> Any:
    # SQLite keeps an instant without its zone, in UTC.
    at = {event["name"]: f"{event['at']}+00:00" for event in case["events"]}
    return _deadline(
        office,
        received.isoformat(),
        *("--identity-asked", at["identity_asked"], "--identity-confirmed", at["identity_confirmed"]),
        *("--extension-sent", at["extension_sent"]),
    )


def _deadline(office: Installation, *arguments: str) -> Any:
    done = run_command("deadline", *arguments, "--json", folder=office.folder)
    assert done.code == 0, done.err
    return json.loads(done.out)


def _flags(mailbox: Mailbox) -> dict[str, dict[int, frozenset[str]]]:
    """Return the flags of every mail in every folder, without Recent, which a server sets by itself."""
    found = {}
    with IMAPClient(mailbox.host, port=mailbox.port, ssl=False, timeout=10) as client:
        client.login(mailbox.user, mailbox.password)
        for _, _, folder in client.list_folders():
            client.select_folder(folder, readonly=True)
            uids = client.search()
            flags = client.fetch(uids, ["FLAGS"]) if uids else {}
            found[folder] = {
                uid: frozenset(flag.decode() for flag in data[b"FLAGS"]) - {"\\Recent"} for uid, data in flags.items()
            }
    return found


def _end(office: Installation, program: Program) -> dict[str, Any]:
    # The last one to close an SQLite file puts the journal's pages into it; that shall be the program.
    office.close_database()
    code = program.stop(QUICK_SECONDS)
    files = sorted(office.folder.glob("cases.db*"))
    return {"exit_code": code, "log": program.log, "database": b"".join(file.read_bytes() for file in files)}
