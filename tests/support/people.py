"""A register of known people for tests, and a fake of it that can be made to fail."""

from inbox_bot import assembly
from inbox_bot.domain.people import KnownPerson, MailboxKind
from inbox_bot.errors import PeopleError
from tests.support.house import START

ON_FILE = "anna.ek@example.com"
OLD = "anna.gammal@example.com"
SHARED = "kurs@example.org"
CONTACT = "chef@example.org"
RESULTS = "prov@example.com"
SECOND = "bo@example.com"
STRANGER = "ny.adress@example.net"

ROWS = (
    {
        "address": "Anna.Ek@Example.com",
        "name": "Anna Ek",
        "kind": "personal",
        "account": "1",
        "previous": "",
        "results": "",
    },
    {"address": OLD, "name": "Anna Ek", "kind": "personal", "account": "1", "previous": "yes", "results": ""},
    {"address": SHARED, "name": "Exempel AB", "kind": "shared", "account": "2", "previous": "no", "results": ""},
    {"address": CONTACT, "name": "Chefen", "kind": "employer_contact", "account": "3", "previous": "0", "results": ""},
    {"address": RESULTS, "name": "Eva Prov", "kind": "Personal", "account": "4", "previous": "", "results": "ja"},
    {"address": SECOND, "name": "Bo Ek", "kind": "personal", "account": "5", "previous": "", "results": ""},
)
"""One row an address, as a file or a query gives them."""

PEOPLE = (
    KnownPerson(name="Anna Ek", kind=MailboxKind.PERSONAL, addresses=(ON_FILE,), previous=(OLD,)),
    KnownPerson(name="Exempel AB", kind=MailboxKind.SHARED, addresses=(SHARED,)),
    KnownPerson(name="Chefen", kind=MailboxKind.EMPLOYER_CONTACT, addresses=(CONTACT,)),
    KnownPerson(name="Eva Prov", kind=MailboxKind.PERSONAL, addresses=(RESULTS,), results=True),
    KnownPerson(name="Bo Ek", kind=MailboxKind.PERSONAL, addresses=(SECOND,)),
)
"""The same people, as the rooms are told of them."""


class FakePeople:
    """The register in memory; raises ``trouble`` if it is set, and keeps what it was asked."""

    def __init__(self, people=PEOPLE):
        self.people = people
        self.trouble = None
        self.asked = []

    def find(self, address):
        self.asked.append(address)
        if self.trouble is not None:
            raise self.trouble
        wanted = address.strip().lower()
        return next((one for one in self.people if wanted in (*one.addresses, *one.previous)), None)

    def report(self):
        if self.trouble is not None:
            raise self.trouble
        return f"{len(self.people)} people"


def with_people(build, monkeypatch, fake):
    """Furnish an installation that looks people up in ``fake``, past its first look and this week's digest."""
    monkeypatch.setattr(assembly, "people_on_file", lambda _: fake)
    made = build()
    made.flow.collect(made.mailbox, look_back_days=30)
    with made.flow.desk.write() as unit:
        unit.digests.claim("weekly", "2026-W37", START)
    return made


def unreadable():
    return PeopleError("people.file: register.csv cannot be read: No such file or directory.", hint="Check the path.")
