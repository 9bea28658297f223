"""The program and people in one mailbox on a real Dovecot: what they read, flag, move and answer is theirs, and is seen all the same."""

from collections.abc import Iterator

import pytest
from imapclient import IMAPClient

from inbox_bot.domain.task import Finding, OutcomeKind
from inbox_bot.mailbox.beside import Wishes
from inbox_bot.mailbox.imap import ImapAccount, ImapSource
from inbox_bot.mailbox.imap_neighbour import ImapNeighbour
from inbox_bot.mailbox.toml_folders import read_folders
from tests.conftest import RULES
from tests.support.dovecot import DovecotMailbox
from tests.support.house import EVA, KALLE, START, MemoryMailbox

pytestmark = pytest.mark.needs("dovecot")


def mail(tags: str, *, sender: str = KALLE, number: int = 1) -> bytes:
    head = f"From: {sender}\r\nTo: info@example.com\r\nSubject: Hej\r\nMessage-ID: <{number}@mail.example.com>\r\n"
    return f"{head}MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{tags}\r\n".encode()


class Office:
    """One mailbox, the program on it, and a colleague with Outlook."""

    def __init__(self, house, box: DovecotMailbox) -> None:
        self.house, self.box = house, box
        account = ImapAccount(
            name="info", host=box.host, port=box.port, security="plain", username=box.user, password=box.password
        )
        self.source = ImapSource(account)
        self.neighbour = ImapNeighbour(account, read_folders(RULES / "folders.toml"))
        self.colleague = IMAPClient(box.host, box.port, ssl=False, timeout=10)
        self.colleague.login(box.user, box.password)
        self.source.open()
        self.run()

    def run(self, wishes: Wishes | None = None) -> int:
        """Look once, do what is due, and look after what goes on beside it."""
        self.house.flow.collect(self.source, look_back_days=30)
        self.house.drain()
        return self.house.flow.tend(self.neighbour, wishes or Wishes())

    def flags(self, folder: str = "INBOX") -> dict[int, set[str]]:
        self.colleague.select_folder(folder)
        found = self.colleague.get_flags(self.colleague.search())
        return {uid: {flag.decode() for flag in flags} - {"\\Recent"} for uid, flags in found.items()}

    def close(self) -> None:
        self.source.close()
        self.neighbour.close()
        self.colleague.logout()


@pytest.fixture
def office(build, dovecot_server: DovecotMailbox) -> Iterator[Office]:
    # The one in memory, which every drain looks into, is another mailbox.
    made = Office(build(mailbox=MemoryMailbox("annan")), dovecot_server)
    yield made
    made.close()


def requesters(office: Office) -> list[str]:
    return [case.requester for case in office.house.cases()]


def test_what_a_colleague_read_flagged_and_answered_is_seen_and_stays_as_they_left_it(office):
    for number, tags in enumerate(("#access", "#erasure", "#portability"), 1):
        office.box.deliver(mail(tags, sender=f"p{number}@example.org", number=number))
    office.colleague.select_folder("INBOX")
    office.colleague.add_flags([1], ["\\Seen"])
    office.colleague.add_flags([2], ["\\Seen", "\\Answered", "\\Flagged", "$Anna"])
    before = office.flags()
    office.run()
    assert requesters(office) == ["p1@example.org", "p2@example.org", "p3@example.org"]
    assert office.flags() == before == {1: {"\\Seen"}, 2: {"\\Seen", "\\Answered", "\\Flagged", "$Anna"}, 3: set()}


def test_a_mail_moved_while_we_look_is_one_mail_and_no_alarm(office, monkeypatch):
    office.box.deliver(mail("#access"))
    office.box.deliver(mail("#erasure", sender=EVA, number=2))
    fetch = office.source.fetch

    def move_first(uids):
        # The program has searched the inbox and is about to fetch; a colleague is faster.
        monkeypatch.undo()
        office.colleague.select_folder("INBOX")
        office.colleague.move([1], "Skräppost")
        return fetch(uids)

    monkeypatch.setattr(office.source, "fetch", move_first)
    for _ in range(3):
        office.run()
    assert sorted(requesters(office)) == [EVA, KALLE]
    assert office.house.flow.archive.overview().beside.vanished == ()


def test_a_mail_that_was_read_and_then_moved_there_and_back_is_one_case(office):
    office.box.deliver(mail("#access"))
    office.run()
    office.colleague.select_folder("INBOX")
    office.colleague.move([1], "Skräppost")
    office.run()
    office.colleague.select_folder("Skräppost")
    office.colleague.move([1], "INBOX")
    for _ in range(3):
        office.run()
    assert requesters(office) == [KALLE]
    assert office.house.flow.archive.overview().beside.vanished == ()


def test_a_rule_that_takes_mails_before_we_come_is_noticed_by_folder(office):
    office.colleague.create_folder("Kunder")
    for number in range(1, 4):
        office.box.deliver(mail("#access", number=number))
    office.colleague.select_folder("INBOX")
    office.colleague.move([1, 3], "Kunder")
    for _ in range(3):
        office.run()
    [gone] = office.house.flow.archive.overview().beside.vanished
    assert (gone.mailbox, gone.folder, gone.day, gone.count) == ("info", "INBOX", START.date(), 2)


def test_drafts_saved_again_and_again_in_the_inbox_are_no_alarm(office):
    office.colleague.select_folder("INBOX")
    for number in range(1, 5):
        office.colleague.append("INBOX", mail("Utkast", sender="info@example.com", number=number), ["\\Draft"])
        if number > 1:
            office.colleague.delete_messages([number - 1])
            office.colleague.expunge()
    for _ in range(3):
        office.run()
    assert office.house.flow.archive.overview().beside.vanished == ()


def test_an_answer_from_outlook_is_asked_about_our_own_copies_are_not_and_the_case_closes(office):
    house = office.house
    office.box.deliver(mail("#erasure"))
    office.run()
    [receipt] = house.to(KALLE)
    house.flow.confirm(receipt.token, receipt.code)
    house.drain()
    office.colleague.append("Skickat", receipt.content, ["\\Seen"])
    assert office.run() == 0
    answer = (
        f"From: Anna Ek <anna.ek@example.com>\r\nTo: {KALLE}\r\nIn-Reply-To: <1@mail.example.com>\r\n\r\nKlart!\r\n"
    )
    office.colleague.append("Skickat", answer.encode(), ["\\Seen"])
    before = office.flags("Skickat")
    assert office.run() == 1
    assert office.flags("Skickat") == before
    [(reply, reference)] = house.flow.archive.overview().beside.asks
    assert (reply.who, reference) == ("Anna Ek", "PK-2026-0001")
    house.flow.acting.record(
        reference,
        Finding(kind=OutcomeKind.DONE, system="kursplattformen", what="Kontot är raderat.", day=START.date()),
        by="anna",
    )
    house.flow.acting.rest_absent(reference, by="anna")
    house.flow.close_as_answered(reference, by="anna")
    assert house.case().state.value == "closed"


def test_a_request_alone_is_labelled_and_copied_and_nothing_else_is_touched(office):
    office.colleague.create_folder("Dataskydd")
    office.box.deliver(mail("#access"))
    office.box.deliver(mail("Hej!", sender=EVA, number=2))
    wishes = Wishes(label="Dataskydd", copy_to="Dataskydd")
    assert office.run(wishes) == 2
    assert office.run(wishes) == 0
    assert office.flags() == {1: {"Dataskydd"}, 2: set()}
    # The copy was made after the label, or before: servers copy the flags as they are.
    assert len(office.flags("Dataskydd")) == 1
