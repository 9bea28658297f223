"""Mails that do not come whole: they make a case all the same, are recognised again, and stop no other."""

from dataclasses import replace
from datetime import timedelta

import pytest

from inbox_bot.domain.mail import Abridged, Attachment, Extent
from inbox_bot.mailbox.identity import identity
from tests.support.house import EVA, KALLE, START, both_databases

PICTURES = (Attachment(filename="=?utf-8?q?sk=C3=A4rmbild=2Ejpg?=", content_type="image/jpeg", size=30_000_000),)


def abridge(house, extent=Extent.PARTS, cut=False, size=31_000_000, attachments=PICTURES, folder="INBOX"):
    """Make of the last mail one that the server gave only in part."""
    _, mails = house.mailbox._folders[folder]
    whole = mails[-1]
    header = whole.content.partition(b"\r\n\r\n")[0]
    mails[-1] = replace(
        whole,
        content=b"" if extent is Extent.NOTHING else whole.content,
        header=b"" if extent is Extent.NOTHING else header,
        abridged=Abridged(extent=extent, size=size, cut=cut, attachments=attachments),
    )
    return whole


@both_databases
def test_a_mail_too_large_to_fetch_makes_a_case_with_its_files_by_name(house):
    house.mail("#access")
    abridge(house)
    house.drain()
    [mail] = house.file().mails
    assert [(file.filename, file.content_type, file.size) for file in mail.message.attachments] == [
        ("skärmbild.jpg", "image/jpeg", 30_000_000)
    ]
    assert mail.abridged.size == 31_000_000
    assert house.to(KALLE)[0].code


@pytest.mark.parametrize(
    ("cut", "body", "state"), [(True, "Hej", "to_sort"), (False, "", "to_sort"), (False, "Hej", "left")]
)
def test_where_not_all_of_its_text_was_there_a_person_looks(house, cut, body, state):
    house.mail(body)
    abridge(house, cut=cut)
    house.drain()
    assert house.sql("SELECT state FROM mail") == [(state,)]
    if state == "to_sort":
        assert house.flow.archive.overview().to_sort[0].record.reason == "too_big"


def test_what_is_let_go_keeps_no_names_of_files(house):
    house.mail("Hej")
    abridge(house)
    house.drain()
    assert "rmbild" not in repr(house.everything())


@both_databases
@pytest.mark.parametrize("extent", [Extent.PARTS, Extent.START])
def test_it_is_recognised_after_a_move_and_a_new_uidvalidity(house, extent):
    house.mail("#access")
    abridge(house, extent)
    house.drain()
    _, mails = house.mailbox._folders["INBOX"]
    house.mailbox._folders["Skräppost"] = (1, [replace(mails[0], folder="Skräppost", uid=7)])
    house.mailbox.renumber()
    house.drain()
    assert house.sql("SELECT count(*) FROM mail") == [(1,)]
    assert len(house.cases()) == 1


@pytest.mark.parametrize("whole_first", [True, False])
def test_it_is_recognised_when_the_limit_is_changed(house, whole_first):
    house.mail("#access")
    whole = abridge(house)
    _, mails = house.mailbox._folders["INBOX"]
    ways = [whole, mails[0]] if whole_first else [mails[0], whole]
    mails[0] = ways[0]
    house.drain()
    mails[0] = ways[1]
    house.mailbox.renumber()
    house.drain()
    assert house.sql("SELECT count(*) FROM mail") == [(1,)]


def test_two_mails_fetched_whole_are_two_though_their_headers_are_the_same(house):
    house.mail("#access", message_id="<samma@example.com>")
    house.mail("#erasure", message_id="<samma@example.com>")
    house.drain()
    assert house.sql("SELECT count(*) FROM mail") == [(2,)]


def test_large_mails_without_any_number_of_their_own_are_told_apart_by_size(house):
    mail = abridge_bare(10_000_001)
    assert identity(mail) == identity(abridge_bare(10_000_001))
    assert identity(mail) != identity(abridge_bare(10_000_002))


def abridge_bare(size):
    from inbox_bot.domain.mail import RawMail

    abridged = Abridged(extent=Extent.PARTS, size=size)
    return RawMail(
        folder="INBOX", uidvalidity=1, uid=1, received_at=START, content=b"x", abridged=abridged, header=b"Subject: x"
    )


@both_databases
def test_a_mail_the_server_will_not_give_waits_in_quarantine_and_the_rest_get_through(house):
    house.mail("#access")
    abridge(house, Extent.NOTHING)
    house.mail("#erasure", sender=EVA)
    house.drain()
    [waiting] = house.flow.archive.quarantine()
    assert (waiting.mail.record.reason, waiting.size, waiting.folders) == ("unfetched", 31_000_000, ("INBOX",))
    assert waiting.mail.record.received_at == START
    assert waiting.mail.dates.due.isoformat() == "2026-10-07"
    assert [case.requester for case in house.cases()] == [EVA]
    house.mailbox.renumber()
    house.drain()
    assert house.sql("SELECT count(*) FROM mail") == [(2,)]


@both_databases
def test_read_again_is_fetched_again_with_the_receipt_it_had(house):
    house.mail("#access")
    whole = abridge(house, Extent.NOTHING)
    house.drain()
    house.clock.advance(timedelta(days=1))
    house.flow.retry(1)
    house.drain()
    assert house.sql("SELECT state, reason FROM mail") == [("quarantined", "unfetched")]
    house.flow.retry(1)
    house.mailbox._folders["INBOX"][1][0] = whole
    house.drain()
    assert house.claim().clock.received_at == START
    assert house.flow.archive.quarantine() == ()
    house.mailbox.renumber()
    house.drain()
    assert len(house.cases()) == 1


def test_one_that_is_gone_from_the_mailbox_is_said_to_be(house):
    house.mail("#access")
    abridge(house, Extent.NOTHING)
    house.drain()
    house.flow.retry(1)
    house.mailbox._folders["INBOX"][1].clear()
    house.drain()
    assert house.sql("SELECT state, reason FROM mail") == [("quarantined", "gone")]
