"""What people and new versions do about mails that nobody could read, and mails that are brought in by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from inbox_bot.domain.mail import Address
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.errors import NotAllowedError, NotFoundError, UnreadableMailError
from inbox_bot.message import step
from inbox_bot.message.quarantine import MOST_SHOWN
from tests.support.house import EVA, KALLE, START, both_databases

ERASURE = [Claim(right=Right.ERASURE)]
EML = b"Received: from a by b; Fri, 4 Sep 2026 09:00:00 +0200\r\nFrom: %s\r\nSubject: Hej\r\n\r\n%s\r\n"


def edition(house, name):
    object.__setattr__(house.flow, "edition", name)


@pytest.fixture
def refusing(monkeypatch):
    """The parser refuses what says ``trasig``, until ``undo`` makes another version of it."""
    real = step.read_bytes

    def refuses(content, own):
        if b"trasig" in content:
            raise UnreadableMailError
        return real(content, own)

    monkeypatch.setattr(step, "read_bytes", refuses)
    return monkeypatch


@pytest.fixture
def stuck(house, refusing):
    """A request that cannot be read."""
    house.mail("trasig #erasure")
    house.drain()
    assert len(house.flow.archive.quarantine()) == 1
    return house


def bring(house, content, name="brev.eml", **how):
    return house.flow.quarantine.bring_in("info", name, content, by="anna", **how)


def states(house):
    return [state for (state,) in house.sql("SELECT state FROM mail ORDER BY id")]


@both_databases
def test_a_new_edition_tries_everything_again_once(house, refusing):
    edition(house, "1/a")
    house.mail("trasig #erasure")
    house.mail("trasig #access", sender=EVA)
    house.drain()
    assert house.sql("SELECT DISTINCT tried_by FROM mail") == [("1/a",)]
    tries = house.sql("SELECT attempts FROM mail")
    house.drain()
    assert house.sql("SELECT attempts FROM mail") == tries
    edition(house, "2/a")
    house.drain()
    house.drain()
    assert states(house) == ["quarantined"] * 2
    assert house.sql("SELECT DISTINCT tried_by FROM mail") == [("2/a",)]
    refusing.undo()
    house.drain()
    assert states(house) == ["quarantined"] * 2
    edition(house, "2/b")
    house.drain()
    house.drain()
    assert sorted(case.requester for case in house.cases()) == [EVA, KALLE]
    assert house.claim().clock.received_at == START


def test_the_count_alone_is_logged(stuck, capsys):
    edition(stuck, "2/a")
    with stuck.flow.desk.write() as unit:
        unit.mails.move(
            1, stuck.flow.archive.mail(1).record.state, stuck.flow.archive.mail(1).record.state, tried_by="1/a"
        )
    stuck.drain()
    said = capsys.readouterr()
    assert "quarantine_tried_again" in said.out + said.err
    assert "count=1" in said.out + said.err
    assert KALLE not in said.out + said.err


def test_who_looks_and_who_takes_it_out_is_noted(stuck):
    shown = stuck.flow.quarantine.look(1, by="anna")
    assert shown.viewings == ()
    assert shown.folders == ("INBOX",)
    assert f"From: {KALLE}" in shown.header
    assert shown.body.strip() == "trasig #erasure"
    assert b"trasig #erasure" in stuck.flow.quarantine.export(1, by="bo")
    again = stuck.flow.quarantine.look(1, by="anna")
    assert [(one.by, one.how) for one in again.viewings] == [("anna", "seen"), ("bo", "exported")]


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 10, b"\x1b[31m\r\n\r\nx\x1b]0;y\x07", b"x" * 200_000, bytes(range(256)) * 9]
)
def test_whatever_it_is_it_is_shown_as_plain_text(house, refusing, content):
    house.mailbox.put(content + b"trasig", START)
    house.drain()
    shown = house.flow.quarantine.look(1, by="anna")
    assert "\0" not in shown.header + shown.body
    assert "\x1b" not in shown.header + shown.body
    assert shown.cut == (len(content) > MOST_SHOWN)


@pytest.mark.parametrize("act", ["look", "export", "discard"])
def test_only_what_is_in_quarantine_is_touched(house, act):
    house.ask("#access")
    with pytest.raises(NotAllowedError, match="not in quarantine"):
        getattr(house.flow.quarantine, act)(1, by="anna")
    with pytest.raises((NotAllowedError, NotFoundError)):
        getattr(house.flow.quarantine, act)(99, by="anna")


@both_databases
def test_a_person_makes_a_case_of_what_cannot_be_read_with_the_clock_from_its_receipt(stuck):
    stuck.clock.advance(timedelta(days=3))
    person = Address(address=EVA, name="Eva")
    case = stuck.flow.quarantine.take_up(1, ERASURE, person=person, by="anna", words="Radera allt om mig")
    stuck.drain()
    assert (case.requester, case.requester_name) == (EVA, "Eva")
    assert stuck.claim().clock.received_at == START
    assert stuck.to(EVA)[0].code
    assert stuck.file().mails[0].message.reply_text == "Radera allt om mig"
    assert stuck.sql("SELECT count(*) FROM example") == [(0,)]


@pytest.mark.parametrize(
    ("claims", "address", "said"),
    [
        ([], EVA, "needs a right"),
        (ERASURE, "info@example.com", "no sender but ourselves"),
        (ERASURE, "ingen adress", "No letter can be sent"),
    ],
)
def test_a_case_that_nobody_could_be_answered_in_is_not_made(stuck, claims, address, said):
    before = stuck.everything()
    with pytest.raises(NotAllowedError, match=said):
        stuck.flow.quarantine.take_up(1, claims, person=Address(address=address), by="anna")
    assert stuck.everything() == before


def test_what_is_no_request_is_emptied(stuck):
    stuck.flow.quarantine.discard(1, by="anna")
    assert states(stuck) == ["left"]
    assert "trasig" not in repr(stuck.everything())


@both_databases
def test_a_mail_from_elsewhere_makes_a_case_and_its_stamp_starts_the_clock(house):
    [brought] = bring(house, EML % (EVA.encode(), b"#access"))
    house.drain()
    assert (brought.mail_id, brought.known) == (1, False)
    assert house.case().requester == EVA
    assert house.claim().clock.received_at == datetime(2026, 9, 4, 7, tzinfo=UTC)
    assert house.file().mails[0].imported_by == "anna"
    assert [one.known for one in bring(house, EML % (EVA.encode(), b"#access"))] == [True]


@pytest.mark.parametrize(
    ("body", "extra"), [(b"Hej, en kurs", b""), (b"#access", b"Auto-Submitted: auto-replied\r\nPrecedence: bulk\r\n")]
)
def test_what_a_person_brought_in_is_never_let_go_by_the_program(house, body, extra):
    bring(house, extra + EML % (EVA.encode(), body))
    house.drain()
    assert states(house)[0] in {"to_sort", "filed"}


def test_what_was_let_go_before_comes_back_when_it_is_brought_in(house):
    content = house.mail("Hej, en kurs")
    house.drain()
    assert states(house) == ["left"]
    [brought] = bring(house, content, received_at=START - timedelta(days=2))
    house.drain()
    assert (brought.mail_id, brought.known) == (1, False)
    assert states(house) == ["to_sort"]


def test_every_mail_of_an_mbox_is_brought_in(house):
    box = b"From eva Fri Sep  4 09:00:00 2026\n" + b"From: eva@example.org\nSubject: 1\n\n#access\n>From her\n\n"
    box += b"From kalle Fri Sep  4 09:00:00 2026\n" + b"From: kalle@example.se\nSubject: 2\n\n#erasure\n"
    assert len(bring(house, box, "post.mbox", received_at=START)) == 2
    house.drain()
    assert sorted(case.requester for case in house.cases()) == [EVA, KALLE]
    assert "\nFrom her" in house.file().mails[0].message.reply_text


@pytest.mark.parametrize(
    ("sender", "text", "state"),
    [
        (EVA, "Jag vill ha en kopia av mina uppgifter. #access", "filed"),
        (EVA, "Se bifogat. #access", "to_sort"),
        (EVA, "", "to_sort"),
        ("", "", "to_sort"),
    ],
)
def test_a_scanned_letter_is_a_mail_with_an_attachment(house, sender, text, state):
    scan = b"%PDF-1.7 \0\1\2"
    bring(house, scan, "brev från Eva.pdf", received_at=START, sender=sender, text=text)
    house.drain()
    assert states(house) == [state]
    mail = house.flow.archive.mail(1).record
    assert [(file.filename, file.content_type) for file in mail.message.attachments] == [
        ("brev från Eva.pdf", "application/pdf")
    ]
    assert bring(house, scan, "brev från Eva.pdf", received_at=START, sender=sender, text=text)[0].known


def test_a_letter_without_a_sender_is_sorted_with_the_address_a_person_found(house):
    bring(house, b"%PDF-1.7 \0", "brev.pdf", received_at=START)
    house.drain()
    with pytest.raises(NotAllowedError, match="no sender"):
        house.flow.sort(1, ERASURE, by="anna")
    case = house.flow.sort(1, ERASURE, by="anna", person=Address(address=EVA))
    assert case.requester == EVA


@pytest.mark.parametrize(
    ("content", "received_at", "said"),
    [
        (b"From: x@example.com\r\n\r\nHej", None, "not known when"),
        (b"From: x@example.com\r\n\r\nHej", START + timedelta(days=1), "later than now"),
        (b"From: x@example.com\r\n\r\nHej", datetime(1926, 1, 1, tzinfo=UTC), "so long ago"),
        (b"Received: from a by b; snart\r\n\r\nHej", None, "not known when"),
        (b" \r\n", START, "file is empty"),
    ],
)
def test_what_cannot_be_counted_from_is_not_brought_in(house, content, received_at, said):
    with pytest.raises(NotAllowedError, match=said):
        bring(house, content, received_at=received_at)
    assert house.sql("SELECT count(*) FROM mail") == [(0,)]


def test_a_mended_mail_takes_the_place_and_the_clock_of_the_quarantined_one(stuck):
    stuck.clock.advance(timedelta(days=1))
    bring(stuck, b"From: kalle@example.se\r\n\r\nlagad #erasure\r\n", instead_of=1)
    stuck.drain()
    assert states(stuck) == ["left", "filed"]
    assert stuck.claim().clock.received_at == START
    assert "trasig" not in repr(stuck.everything())


def test_what_is_taken_out_of_quarantine_days_later_does_not_stand_still(stuck):
    stuck.days(3)
    stuck.flow.collect(stuck.mailbox, look_back_days=30)
    stuck.flow.retry(1)
    assert [part.level for part in stuck.flow.health().parts if part.name == "reading"] == ["ok"]
    stuck.clock.advance(timedelta(hours=1))
    assert [part.level for part in stuck.flow.health().parts if part.name == "reading"] == ["critical"]


def test_what_is_brought_in_again_days_later_does_not_stand_still(house):
    content = house.mail("Hej")
    house.drain()
    house.days(3)
    bring(house, content, received_at=START)
    assert states(house) == ["received"]
    assert [part.level for part in house.flow.health().parts if part.name == "reading"] == ["ok"]
