"""The list against marketing: at once, in its file, whole or not at all, and loud when it cannot be written (Art 21(3))."""

import stat
from pathlib import Path

import pytest

from inbox_bot.errors import ListFileError, NotAllowedError
from inbox_bot.fulfilment import suppression
from inbox_bot.fulfilment.suppression import named_addresses
from inbox_bot.fulfilment.text_file import TextListFile
from tests.support.house import EVA, KALLE, OWN, STAFF, both_databases

NOTED = "Personen ringde."


@pytest.fixture
def file(tmp_path):
    return tmp_path / "spärrade.txt"


@pytest.fixture
def listing(build, file):
    """An installation that writes the list to a file."""
    made = build(suppression={"file": str(file)})
    made.drain()
    made.transport.handed.clear()
    return made


def publish(house):
    return suppression.publish(house.flow.fulfilment)


def test_the_file_is_there_from_the_start_and_for_its_owner_alone(listing, file):
    assert file.read_text() == ""
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@both_databases
def test_the_address_is_in_the_file_before_anybody_has_approved_anything(listing, file):
    listing.ask("#marketing", sender=f"Kalle <{KALLE.upper()}>")
    assert file.read_text() == f"{KALLE}\n"
    assert listing.states() == {"objection": "awaiting_approval"}
    listing.ask("#marketing", sender=EVA)
    assert file.read_text().split() == sorted([KALLE, EVA])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_further_addresses_that_a_person_names_are_suppressed_too_and_never_ours(listing, file):
    listing.ask(f"#marketing Ta bort Kalle.Ek@Example.ORG, och sluta med mejl från {OWN} och nyhetsbrev@example.com.")
    assert file.read_text().split() == sorted([KALLE, "kalle.ek@example.org"])


def test_addresses_in_a_text_are_found_in_their_normal_form():
    said = "Skriv inte till <A.B@Example.se>, a.b@example.se eller x@localhost. Se info@example.com!"
    assert named_addresses(said, {"info@example.com"}) == ("a.b@example.se",)
    many = " ".join(f"a{number}@example.se" for number in range(50))
    assert len(named_addresses(many, set())) == 5


@both_databases
def test_staff_add_search_and_remove_with_a_reason_that_stays(listing, file):
    acting = listing.flow.acting
    assert acting.suppress(" Eva Ek <EVA@example.org> ", by="anna", reason=NOTED) == EVA
    assert acting.suppress(EVA, by="anna") == EVA
    assert file.read_text() == f"{EVA}\n"
    assert acting.suppressed_since(EVA.upper()) == listing.now
    view = acting.suppressed("EVA@")
    assert ([one.address for one in view.found], view.count) == ([EVA], 1)
    with pytest.raises(NotAllowedError, match="reason is demanded"):
        acting.unsuppress(EVA, by="anna", reason=" ")
    acting.unsuppress(EVA, by="bo", reason="Hon vill ha brevet igen.")
    assert file.read_text() == ""
    history = acting.suppressed(EVA).history
    assert [(one.added, one.actor, one.reason) for one in history] == [
        (True, "anna", NOTED),
        (False, "bo", "Hon vill ha brevet igen."),
    ]
    assert EVA not in repr(listing.everything())
    with pytest.raises(NotAllowedError, match="not on the list"):
        acting.unsuppress(EVA, by="bo", reason="Igen.")


@pytest.mark.parametrize(
    "bad", ["", "kalle", "a@b", "två ord@example.se", "a@example.se,b@example.se", "a@b@example.se"]
)
def test_what_is_no_address_is_not_taken(listing, bad):
    with pytest.raises(NotAllowedError, match="not a mail address"):
        listing.flow.acting.suppress(bad, by="anna")
    with pytest.raises(NotAllowedError, match="Say who"):
        listing.flow.acting.suppress(KALLE, by=" ")


def test_only_what_was_searched_for_is_found_whatever_its_signs(listing):
    for address in ("a_b@example.se", "axb@example.se", "a%b@example.se"):
        listing.flow.acting.suppress(address, by="anna")
    assert [one.address for one in listing.flow.acting.suppressed("a_b").found] == ["a_b@example.se"]
    assert [one.address for one in listing.flow.acting.suppressed("a%").found] == ["a%b@example.se"]


def test_nothing_is_written_while_nothing_changes_and_a_lost_file_comes_back(listing, file):
    before = file.stat().st_ino
    assert publish(listing) == 0
    assert file.stat().st_ino == before
    file.unlink()
    listing.drain()
    assert file.is_file()


def test_another_process_change_reaches_the_file_of_the_worker(listing, build, file):
    pages = build(clock=listing.clock)
    pages.flow.acting.suppress(KALLE, by="anna")
    assert file.read_text() == ""
    listing.drain()
    assert file.read_text() == f"{KALLE}\n"


@both_databases
def test_a_file_that_cannot_be_written_alarms_a_person_once_and_stands_everywhere_until_it_can(listing, file):
    file.unlink()
    file.mkdir()
    receipt = listing.transport.handed
    listing.mail("#marketing")
    worker = listing.drain(well=False)
    assert any("cannot be written to" in failure for failure in worker.failures)
    listing.drain(well=False)
    listing.drain(well=False)
    alarms = [letter for letter in receipt if "kan inte skrivas" in letter.subject]
    assert [letter.recipient for letter in alarms] == [STAFF]
    assert str(file) in alarms[0].text.replace("\n", " ")
    assert "Felet: filen kan inte skrivas. Gör mappen skrivbar" in " ".join(alarms[0].text.split())
    assert listing.flow.acting.suppressed_since(KALLE) == listing.now
    assert "cannot be written" in listing.flow.archive.overview().list_failure
    assert listing.states() == {"objection": "awaiting_approval"}
    assert [letter.recipient for letter in receipt].count(KALLE) == 1
    file.rmdir()
    assert publish(listing) == 1
    assert file.read_text() == f"{KALLE}\n"
    assert listing.flow.archive.overview().list_failure == ""


def test_the_digest_tells_of_a_file_that_cannot_be_written(listing, file):
    file.unlink()
    file.mkdir()
    with pytest.raises(ListFileError):
        listing.flow.acting.suppress(KALLE, by="anna")
    assert listing.flow.acting.suppressed_since(KALLE) is not None
    listing.days(1)
    listing.drain(well=False)
    daily = [letter for letter in listing.to(STAFF) if letter.subject.startswith("Att göra")]
    assert "Spärrlistan mot reklam: filen kan" in daily[-1].text


def test_a_file_no_longer_wanted_is_no_longer_missed(listing, build, file):
    file.unlink()
    file.mkdir()
    with pytest.raises(ListFileError):
        listing.flow.acting.suppress(KALLE, by="anna")
    without = build(clock=listing.clock)
    without.drain()
    assert without.flow.archive.overview().list_failure == ""


def test_a_reader_never_sees_half_a_file_and_a_failed_write_leaves_the_old_one(tmp_path, monkeypatch):
    file = tmp_path / "list.txt"
    target = TextListFile(file)
    target.write(["a@example.se"], 1)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ListFileError, match="No space left") as caught:
        target.write(["a@example.se", "b@example.se"], 2)
    assert str(file) in caught.value.message
    assert file.read_text() == "a@example.se\n"
    assert list(tmp_path.iterdir()) == [file]
    assert (target.is_at(1), target.is_at(2)) == (True, False)


def test_a_probe_tells_beforehand_and_leaves_nothing(tmp_path):
    TextListFile(tmp_path / "list.txt").probe()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ListFileError, match="No such file"):
        TextListFile(Path("/nonexistent/list.txt")).probe()
    with pytest.raises(ListFileError, match="folder"):
        TextListFile(tmp_path).probe()


def test_an_older_list_written_over_a_newer_one_is_put_right(listing, file, monkeypatch):
    """Another worker changes the list between reading and writing it."""
    original = TextListFile.write
    changed = []

    def slow(self, addresses, revision):
        if not changed:
            changed.append(True)
            with listing.flow.desk.write() as unit:
                unit.suppressions.add(EVA, listing.now)
        original(self, addresses, revision)

    monkeypatch.setattr(TextListFile, "write", slow)
    listing.flow.acting.suppress(KALLE, by="anna")
    assert file.read_text().split() == sorted([KALLE, EVA])
