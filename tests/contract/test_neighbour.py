"""What every Neighbour does, on real servers and on the one in memory that the other tests use."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from imapclient import IMAPClient

from inbox_bot.domain.beside import Marking, Place
from inbox_bot.errors import MailboxError
from inbox_bot.mailbox.imap import ImapAccount
from inbox_bot.mailbox.imap_neighbour import ImapNeighbour
from inbox_bot.mailbox.neighbour import Neighbour
from inbox_bot.mailbox.toml_folders import read_folders
from tests.conftest import RULES
from tests.support.house import MemoryMailbox
from tests.support.neighbours import MemoryNeighbour

MAIL = b"From: anna@example.org\r\nTo: info@example.com\r\nSubject: Hej\r\nMessage-ID: <a@example.org>\r\n\r\nHej!\r\n"


@dataclass(frozen=True, kw_only=True)
class World:
    """A neighbour, and how to act in the mailbox behind its back."""

    neighbour: Neighbour
    deliver: Callable[..., None]
    expunge: Callable[[str, int], None]
    set_flags: Callable[[str, int, str], None]
    flags: Callable[[str, int], set[str]]
    contents: Callable[[str], list[bytes]]

    def uids(self, folder: str = "INBOX") -> list[int]:
        return sorted(self.neighbour.glimpse(folder, 0).uids)

    def place(self, uid: int, folder: str = "INBOX") -> Place:
        return Place(folder=folder, uidvalidity=self.neighbour.glimpse(folder, None).uidvalidity, uid=uid)


def in_memory() -> World:
    neighbour = MemoryNeighbour(MemoryMailbox("info"))
    return World(
        neighbour=neighbour,
        deliver=lambda content, folder="INBOX", when=None: neighbour.put(content, when or datetime.now(UTC), folder),
        expunge=neighbour.remove,
        set_flags=lambda folder, uid, flag: neighbour.flags[folder, uid].add(flag),
        flags=lambda folder, uid: neighbour.flags[folder, uid],
        contents=neighbour.contents,
    )


def on_server(host: str, port: int, user: str, deliver: Callable[..., object]) -> tuple[World, IMAPClient]:
    account = ImapAccount(
        name="info", host=host, port=port, security="plain", username=user, password="hemligt", timeout=10
    )
    admin = IMAPClient(host, port, ssl=False, timeout=10)
    admin.login(user, "hemligt")
    if not admin.folder_exists("Dataskydd"):
        admin.create_folder("Dataskydd")

    def expunge(folder: str, uid: int) -> None:
        admin.select_folder(folder)
        admin.delete_messages([uid])
        admin.expunge()

    def set_flags(folder: str, uid: int, flag: str) -> None:
        admin.select_folder(folder)
        admin.add_flags([uid], [flag])

    def flags(folder: str, uid: int) -> set[str]:
        admin.select_folder(folder, readonly=True)
        return {flag.decode() for flag in admin.get_flags([uid])[uid]} - {"\\Recent"}

    def contents(folder: str) -> list[bytes]:
        admin.select_folder(folder, readonly=True)
        return [found[b"BODY[]"] for found in admin.fetch(admin.search(), ["BODY.PEEK[]"]).values()]

    neighbour = ImapNeighbour(account, read_folders(RULES / "folders.toml"))
    return World(
        neighbour=neighbour,
        deliver=lambda content, folder="INBOX", when=None: deliver(folder, content, when),
        expunge=expunge,
        set_flags=set_flags,
        flags=flags,
        contents=contents,
    ), admin


@pytest.fixture(params=["memory", "pymap", pytest.param("dovecot", marks=pytest.mark.needs("dovecot"))])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    admin: IMAPClient | None = None
    if request.param == "memory":
        made = in_memory()
    elif request.param == "pymap":
        embedded = request.getfixturevalue("pymap_server")
        made, admin = on_server(
            "127.0.0.1",
            embedded.port,
            embedded.user,
            lambda folder, content, when: embedded.append(folder, content, when or datetime.now(UTC)),
        )
    else:
        box = request.getfixturevalue("dovecot_server")
        made, admin = on_server(
            box.host, box.port, box.user, lambda folder, content, when: box.deliver(content, folder, when)
        )
    made.neighbour.open()
    yield made
    made.neighbour.close()
    if admin is not None:
        admin.logout()


def test_names_what_is_read_and_what_was_sent(world: World) -> None:
    assert world.neighbour.name == "info"
    assert list(world.neighbour.folders()) == ["INBOX", "Skräppost"]
    assert list(world.neighbour.sent()) == ["Skickat"]


def test_a_glimpse_tells_what_is_above_a_mark_and_what_number_is_next(world: World) -> None:
    empty = world.neighbour.glimpse("INBOX", 0)
    assert empty.uids == frozenset()
    for _ in range(3):
        world.deliver(MAIL)
    first, second, third = world.uids()
    assert empty.next_uid <= first
    glimpse = world.neighbour.glimpse("INBOX", first)
    assert (glimpse.uids, glimpse.next_uid) == ({second, third}, third + 1)
    assert glimpse.uidvalidity == empty.uidvalidity
    assert world.neighbour.glimpse("INBOX", third).uids == frozenset()
    assert world.neighbour.glimpse("INBOX", None).uids == frozenset()


def test_the_next_number_goes_on_when_the_newest_mail_has_gone(world: World) -> None:
    for _ in range(2):
        world.deliver(MAIL)
    first, second = world.uids()
    world.expunge("INBOX", second)
    glimpse = world.neighbour.glimpse("INBOX", 0)
    assert (glimpse.uids, glimpse.next_uid) == ({first}, second + 1)


def test_drafts_are_told_apart(world: World) -> None:
    for _ in range(2):
        world.deliver(MAIL)
    first, second = world.uids()
    world.set_flags("INBOX", second, "\\Draft")
    assert world.neighbour.glimpse("INBOX", 0).drafts == {second}
    assert first in world.neighbour.glimpse("INBOX", 0).uids


def test_reads_headers_alone_and_touches_no_flag(world: World) -> None:
    when = datetime(2026, 3, 5, 12, tzinfo=UTC)
    world.deliver(MAIL, "Skickat", when)
    [uid] = world.uids("Skickat")
    [mail] = world.neighbour.headers("Skickat", [uid, uid + 7])
    assert mail.content == MAIL.partition(b"Hej!")[0]
    assert (mail.uid, mail.received_at) == (uid, when)
    assert world.flags("Skickat", uid) == set()
    assert list(world.neighbour.uids_since("Skickat", date(2026, 3, 5))) == [uid]
    assert list(world.neighbour.uids_since("Skickat", date(2026, 3, 6))) == []


def test_a_keyword_is_set_and_no_other_flag(world: World) -> None:
    world.deliver(MAIL)
    [uid] = world.uids()
    for _ in range(2):
        assert world.neighbour.mark(world.place(uid), Marking.LABEL, "Dataskydd") is True
    assert world.flags("INBOX", uid) == {"Dataskydd"}


def test_a_mail_is_copied_once_however_often_it_is_asked_for(world: World) -> None:
    world.deliver(MAIL)
    world.deliver(MAIL.replace(b"<a@", b"<b@"))
    first, second = world.uids()
    for uid in (first, first, second, first):
        assert world.neighbour.mark(world.place(uid), Marking.COPY, "Dataskydd") is True
    assert sorted(world.contents("Dataskydd")) == sorted(world.contents("INBOX"))
    assert world.flags("INBOX", first) == set()


@pytest.mark.parametrize("action", Marking)
def test_a_mail_that_has_gone_is_not_marked(world: World, action: Marking) -> None:
    world.deliver(MAIL)
    [uid] = world.uids()
    place = world.place(uid)
    other = Place(folder="INBOX", uidvalidity=place.uidvalidity + 1, uid=uid)
    assert world.neighbour.mark(other, action, "Dataskydd") is False
    world.expunge("INBOX", uid)
    assert world.neighbour.mark(place, action, "Dataskydd") is False
    assert world.contents("Dataskydd") == []


def test_a_copy_to_a_folder_that_is_not_there_says_so_and_the_connection_lives(world: World) -> None:
    world.deliver(MAIL)
    [uid] = world.uids()
    with pytest.raises(MailboxError, match="there is no folder Borta") as raised:
        world.neighbour.mark(world.place(uid), Marking.COPY, "Borta")
    assert not raised.value.temporary
    assert world.uids() == [uid]


def test_before_it_is_opened_and_after_it_is_closed_there_is_no_connection(world: World) -> None:
    world.neighbour.close()
    world.neighbour.close()
    with pytest.raises(MailboxError) as raised:
        world.neighbour.folders()
    assert raised.value.temporary
    world.neighbour.open()
    sent: Sequence[str] = world.neighbour.sent()
    assert sent
