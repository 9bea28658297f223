"""How quickly the staff's list of work comes, with very many cases in the database.

    .venv/bin/python benchmarks/staff_queue.py [--cases 100000] [--open 4000] [--rounds 15]

Run from the checkout. Builds the cases on SQLite and, where it is installed, on PostgreSQL (a cluster of its own, thrown away),
then asks the application for its pages in this process, logged in as staff: the start page, the list, lists with filters, its
last page, searches, the list of what was left. Prints the median of the rounds, the best, the worst and the processor time this
process used, in milliseconds, and what part of the limit of 100 ms the median is. On a machine that does other work beside, the
best and the processor time say more than the median. (Not named ``queue``: Python would take it for its own module of that name.)
"""

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import structlog
from sqlmodel import SQLModel

from inbox_bot.assembly import Building, furnish
from inbox_bot.case.calendar import SwedishCalendar
from inbox_bot.clock import SetClock
from inbox_bot.domain.dates import ClockEvents
from inbox_bot.domain.mail import Address, Message
from inbox_bot.domain.words import words_of_person, words_of_subject
from inbox_bot.settings import build_settings, template_folders
from inbox_bot.store.codec import message_to_json
from inbox_bot.web.app import create_app
from tests.support.house import OWN, STAFF, START, RecordingTransport, TagClassifier
from tests.support.postgresql import Cluster, programs
from tests.web.browsing import COMPANY, Browser, Client

LIMIT = 100.0
AT_ONCE = 2_000
RIGHTS = (["access"] * 36 + ["erasure"] * 38 + ["objection"] * 12 + ["rectification"] * 6 + ["portability"] * 3
          + ["consent_withdrawal"] * 3 + ["restriction"] * 2)  # fmt: skip
FIRST = [
    "Anna",
    "Bo",
    "Cecilia",
    "David",
    "Eva",
    "Fredrik",
    "Greta",
    "Hassan",
    "Ingrid",
    "Johan",
    "Karin",
    "Lars",
    "Mehmet",
    "Nora",
    "Olle",
    "Pia",
    "Rolf",
    "Sara",
    "Tove",
    "Åsa",
]
LAST = [
    "Exempelsson",
    "Provmark",
    "Testlund",
    "Påhittad",
    "Lindexempel",
    "Mallberg",
    "Skriftgren",
    "Fiktivsson",
    "Övningsmo",
    "Låtsasdotter",
]
SUBJECTS = ("Begäran om registerutdrag", "Radera mina uppgifter", "Kursen i maj och mina uppgifter", "GDPR", "Angående konto",
            "Sluta skicka utskick", "Fel namn på kursintyget", "Fråga om personuppgifter")  # fmt: skip
DOMAINS = ("example.com", "example.se", "example.org", "post.example.se", "mail.example.org")
OPEN_STATES = ["awaiting_identity"] * 28 + ["awaiting_approval"] * 20 + ["answer_due", "approved"]


class Rows:
    """Collects rows and writes many at a time."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._rows: dict[str, list[dict[str, Any]]] = {}

    def add(self, table: str, **row: Any) -> None:
        self._rows.setdefault(table, []).append(row)

    def flush(self) -> None:
        for table in ("case", "claim", "event", "mail", "sighting", "letter", "task", "outcome", "case_word"):
            if self._rows.get(table):
                self._connection.execute(SQLModel.metadata.tables[table].insert(), self._rows.pop(table))


def fill(building: Building, cases: int, still_open: int, unsure: int, left: int) -> None:
    """Write the rows that the program itself would leave of so many cases: events, mails, letters, words and all."""
    chance, calendar = random.Random(7), SwedishCalendar()
    content = b"X-Example: 1\r\n" * 150
    with building.engine.begin() as connection:
        rows = Rows(connection)
        for number in range(1, cases + 1):
            is_open = number > cases - still_open
            age = chance.uniform(0, 33) if is_open else chance.uniform(40, 5 * 365)
            one_case(rows, calendar, chance, number, START - timedelta(days=age), content, is_open=is_open)
            if number % AT_ONCE == 0:
                rows.flush()
        for number in range(cases + 1, cases + 1 + unsure + left):
            state = "to_sort" if number <= cases + unsure else chance.choice(["left", "set_aside"])
            received = START - timedelta(days=chance.uniform(0, 29))
            message = subject_of(chance, "kim@example.se", "Kim Exempel") if state == "to_sort" else None
            one_mail(rows, number, received, state, content if message else None, message, None)
        rows.flush()
        if connection.dialect.name == "postgresql":
            for table in ("case", "claim", "mail", "letter"):
                connection.exec_driver_sql(f"""SELECT setval('"{table}_id_seq"', (SELECT max(id) FROM "{table}"))""")
            # PostgreSQL does so by itself in time; SQLite never does, and nor does the program for it.
            connection.exec_driver_sql("ANALYZE")


def one_case(
    rows: Rows, calendar: Any, chance: Any, number: int, received: datetime, content: bytes, *, is_open: bool
) -> None:
    name = f"{chance.choice(FIRST)} {chance.choice(LAST)}"
    address = f"{name.split(maxsplit=1)[0].lower()}{number}@{chance.choice(DOMAINS)}"
    message = subject_of(chance, address, name)
    rows.add(
        "case",
        id=number,
        reference=f"PK-{received.year}-{number:05d}",
        year=received.year,
        number=number,
        state="open" if is_open else "closed",
        requester=address,
        requester_name=name,
        language="sv",
        opened_at=received,
        closed_at=None if is_open else received + timedelta(days=chance.uniform(1, 29)),
        mailbox=chance.choice(["info", "info", "kurs"]),
    )
    one_mail(rows, number, received, "filed", content, message, number, unread=is_open and chance.random() < 0.02)
    for word in words_of_person(name, address) | words_of_subject(message["subject"]):
        rows.add("case_word", word=word, case_id=number)
    for place, right in enumerate(sorted(set(chance.choices(RIGHTS, k=1 + (chance.random() < 0.15))))):
        claim = number * 2 + place
        state = chance.choice(OPEN_STATES) if is_open else "answered"
        due = calendar.dates(ClockEvents(received_at=received)).due
        marketing = right == "objection"
        ask = chance.choice(["sender"] * 9 + ["person"])
        rows.add("claim", by_person=ask == "person", id=claim, case_id=number, right=right, marketing=marketing, state=state, received_at=received,
                 pausable=True, due=due)  # fmt: skip
        for name_of, details in (
            ("claim_added", {"mail": number, "right": right, "due": due.isoformat()}),
            ("identity_asked", {"ask": ask}),
            *((("identity_confirmed", {}), ("tasks_written", {})) if state != "awaiting_identity" else ()),
            *((("answered", {"letter": number}),) if not is_open else ()),
        ):
            rows.add(
                "event", case_id=number, claim_id=claim, at=received, name=name_of, actor="program", details=details
            )
        if state != "awaiting_identity":
            rows.add("task", case_id=number, claim_id=claim, system="kursplattformen", todo="Sök i kursplattformen.")
            if not is_open or chance.random() < 0.3:
                rows.add("outcome", case_id=number, claim_id=claim, kind="done", system="kursplattformen", what="Klart.",
                         day=received.date(), actor="anna", at=received, withdrawn_by="", why="", until="")  # fmt: skip
    rows.add(
        "event", case_id=number, claim_id=None, at=received, name="opened", actor="program", details={"mail": number}
    )
    rows.add("letter", id=number, case_id=number, claim_ids=[number * 2], name="receipt", purpose="receipt", recipient=address,
             message_id=f"<{number}@example.org>", content=content[:1200], sha256="0" * 64,
             state="bounced" if is_open and chance.random() < 0.005 else "sent", created_at=received, next_at=received,
             claimed_by="", answer="", approved_by="")  # fmt: skip


def one_mail(
    rows: Rows,
    number: int,
    received: datetime,
    state: str,
    content: Any,
    message: Any,
    case_id: Any,
    *,
    unread: bool = False,
) -> None:
    verdict = {
        "outcome": "unsure",
        "claims": [{"right": "erasure", "marketing": False}],
        "language": "sv",
        "reasons": [],
    }
    rows.add("mail", id=number, mailbox="info", fingerprint=f"{number:064d}", received_at=received, fetched_at=received,
             state=state, reason="", unread=unread, content=content, message=message, verdict=verdict if message else None,
             message_id=f"<in{number}@example.org>" if message else None, case_id=case_id, held_by="", sorted_by="")  # fmt: skip
    rows.add("sighting", mailbox="info", folder="INBOX", uidvalidity=1, uid=number, mail_id=number)


def subject_of(chance: Any, address: str, name: str) -> dict[str, Any]:
    text = "Hej! Jag vill att ni tar bort mina uppgifter. " * 12
    subject = f"{chance.choice(SUBJECTS)} {chance.choice(LAST).lower()}"
    message = Message(message_id=None, sender=Address(address=address, name=name), subject=subject, reply_text=text)
    return json.loads(json.dumps(message_to_json(message)))


def pages(browser: Browser) -> Iterator[tuple[str, Any]]:
    """Yield each page's name and what asks for it."""

    def search(text: str) -> Any:
        return lambda: browser.client.post("/personal/arenden/sok", data={"token": token, "sok": text})

    token = browser.open("/personal/arenden").form("Sök").fields["token"][0]
    for path in (
        "",
        "/arenden",
        "/arenden?sida=40",
        "/arenden?vantar=oss",
        "/arenden?ratt=erasure&vantar=personen&tid=snart",
        "/arenden?visa=avslutade",
        "/arenden?visa=avslutade&ratt=restriction",
        "/arenden?visa=alla&sida=4000",
        "/osakra",
        "/ingen-begaran",
        "/utkorg",
    ):
        yield f"/personal{path}", lambda path=path: browser.client.get(f"/personal{path}")
    for text in ("Åsa Övningsmo", "karin4711@", "kursintyget provmark", "4711", "example.se"):
        yield f"sök: {text}", search(text)


def measure(name: str, url: str, arguments: argparse.Namespace) -> bool:
    settings = build_settings(
        {
            "secret": "not a secret, but long enough for one",
            "database": {"url": url},
            "mailbox": {"info": {"host": "127.0.0.1", "username": OWN}, "kurs": {"host": "127.0.0.1", "username": OWN}},
            "smtp": {"host": "127.0.0.1", "sender": OWN},
            "web": {"public_url": "https://arenden.example.se"},
            "staff": {"addresses": [STAFF]},
            "watch": {"self_check": False},
        }
    )
    clock = SetClock(START)
    building = furnish(settings, clock=clock, classifier=TagClassifier(), transport=RecordingTransport())
    began = time.perf_counter()
    fill(building, arguments.cases, arguments.open, unsure=60, left=3000)
    with building.flow.desk.write() as unit:
        for box in ("info", "kurs"):
            unit.mailboxes.note_success(box, START)
    print(
        f"\n{name}: {arguments.cases} cases, {arguments.open} of them open; built in {time.perf_counter() - began:.0f} s"
    )
    app = create_app(
        building.flow,
        pages="https://arenden.example.se",
        template_folders=template_folders(settings.files),
        systems=["kursplattformen"],
        company=COMPANY,
        clock=clock,
    )
    browser = Browser(house=_House(building), client=Client(app, "https://arenden.example.se"))  # type: ignore[arg-type]
    browser.log_in()
    print(f"{'page':56} {'median ms':>9} {'best':>7} {'worst':>7} {'CPU':>7} {'of limit':>9}")
    good = True
    for page, ask in pages(browser):
        assert ask().status_code == 200, page
        times, own = [], []
        for _ in range(arguments.rounds):
            start, used = time.perf_counter(), time.process_time()
            ask()
            times.append((time.perf_counter() - start) * 1000)
            own.append((time.process_time() - used) * 1000)
        median = statistics.median(times)
        good = good and median < LIMIT
        print(
            f"{page:56} {median:9.1f} {min(times):7.1f} {max(times):7.1f} {statistics.median(own):7.1f} {median / LIMIT:8.2f}x"
        )
    building.close()
    return good


class _House:
    """As much of a test's house as logging in takes."""

    def __init__(self, building: Building) -> None:
        self._building = building

    def sql(self, statement: str) -> list[Any]:
        with self._building.engine.execution_options(read_only=True).connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(statement)]


def main() -> int:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--cases", type=int, default=100_000)
    reader.add_argument("--open", type=int, default=4_000)
    reader.add_argument("--rounds", type=int, default=15)
    reader.add_argument("--only", choices=["sqlite", "postgresql"])
    arguments = reader.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    good = True
    if arguments.only != "postgresql":
        with tempfile.TemporaryDirectory() as folder:
            good = measure("SQLite", f"sqlite:///{folder}/queue.db", arguments)
    if arguments.only != "sqlite" and programs() is not None:
        cluster = Cluster()
        try:
            good = measure("PostgreSQL", cluster.url(cluster.create_database()), arguments) and good
        finally:
            cluster.stop()
    print("\nEvery page came within the limit." if good else "\nSome pages took longer than the limit.")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
