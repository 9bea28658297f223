"""Files on an answer: whose they are, what the program sees in them, how they leave, and that nothing of them stays."""

from email import message_from_bytes
from email.policy import default

import pytest

from inbox_bot.approval.attachment_rules import decoded
from inbox_bot.approval.toml_attachments import read_attachments
from inbox_bot.errors import NotAllowedError, NotFoundError, RulesError
from inbox_bot.settings import FileSettings, find_file, rules_folders
from tests.support.house import KALLE, STAFF, both_databases

SHIPPED = find_file(rules_folders(FileSettings()), "attachments.toml")
COPY = b"Namn;Adress\r\nKalle;kalle@example.se\r\n"
SAID = "Kopian ligger i filen som följer med."
VALUES = {"copy": SAID, "recipients": "- Bolaget som sköter vår mejl: Exempeldrift AB"}


@pytest.fixture
def access(build, tmp_path):
    house = build(journal={"file": str(tmp_path / "erasures.jsonl")})
    house.flow.collect(house.mailbox, look_back_days=30)
    house.ask_and_confirm("#access")
    return house


def attach(house, name="kopia.csv", content=COPY, owner=KALLE, by=STAFF):
    return house.flow.attach(house.draft().id, name=name, content=content, owner=owner, by=by)


def approve(house):
    draft = house.draft()
    house.flow.edit(draft.id, values=VALUES, by=STAFF)
    return house.flow.approve(draft.id, by=STAFF, rest=True)


@both_databases
def test_a_file_is_frozen_with_its_letter_and_leaves_byte_for_byte(access):
    odd = "Kopia åäö.csv"
    attach(access, name=odd)
    letter_id = approve(access)
    access.drain()
    sent = access.to()[-1]
    message = message_from_bytes(sent.content, policy=default)
    [part] = list(message.iter_attachments())
    assert (part.get_filename(), part.get_content_type()) == (odd, "text/csv")
    assert part.get_payload(decode=True) == COPY
    assert SAID in sent.text
    assert all(len(line) < 998 for line in sent.content.split(b"\r\n"))
    _, frozen = access.flow.archive.letter(letter_id)
    assert frozen == sent.content
    assert access.sql("SELECT length(content), size FROM attachment") == [(0, len(COPY))]


def test_the_headers_shown_are_those_that_leave(access):
    attach(access)
    draft = access.draft()
    access.flow.edit(draft.id, values=VALUES, by=STAFF)
    shown = dict(access.flow.heading(draft.id))
    access.flow.approve(draft.id, by=STAFF, rest=True)
    access.drain()
    message = message_from_bytes(access.to()[-1].content, policy=default)
    left = {name: str(value) for name, value in message.items()}
    for name in ("Message-ID", "Content-Type"):
        assert shown.pop(name).partition(";")[0]
        left.pop(name)
    assert shown == left


def test_what_is_about_others_is_seen_and_what_cannot_be_read_is_said(access):
    others = "Eva;eva@example.org;640823-3234\r\nKalle;Kalle@Example.se\r\n"
    attach(access, name="a.csv", content=others.encode("utf-16"))
    attach(access, name="b.pdf", content=b"%PDF-1.4 eva@example.org")
    attach(access)
    [first, second, third] = [inside for _, inside in access.flow.attached(access.draft().id)]
    assert (first.read, first.addresses, first.numbers) == (True, ("eva@example.org",), ("640823-****",))
    assert (second.read, second.warns) == (False, True)
    assert not third.warns


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"owner": "annan"}, "somebody else"),
        ({"owner": "eva@example.org"}, "somebody else"),
        ({"name": "kopia.exe"}, "kind"),
        ({"name": "kopia"}, "kind"),
        ({"content": b""}, "empty"),
        ({"content": b"x" * 10_000_001}, "too large"),
        ({"name": "PK-2026-0002.csv"}, "another case"),
        ({"name": "kopia pk-2026-0002.csv"}, "another case"),
        ({"by": " "}, "Say who"),
    ],
)
def test_what_may_not_be_sent_is_not_taken(access, how, words):
    with pytest.raises(NotAllowedError, match=words):
        attach(access, **how)
    assert access.flow.attached(access.draft().id) == []


def test_a_letter_that_holds_no_copy_takes_no_file(access):
    attach(access)
    draft = access.draft()
    access.flow.edit(draft.id, values={}, by=STAFF, letter="no_data")
    with pytest.raises(NotAllowedError, match="takes no file"):
        attach(access, name="b.csv", content=b"b")
    access.flow.approve(draft.id, by=STAFF, rest=True)
    access.drain()
    assert b"multipart/mixed" not in access.to()[-1].content


def test_nobody_approves_a_file_they_have_not_seen(access):
    draft = access.draft()
    access.flow.edit(draft.id, values=VALUES, by=STAFF)
    seen = access.draft().version
    number = attach(access)
    with pytest.raises(NotAllowedError, match="changed after you opened"):
        access.flow.approve(draft.id, by=STAFF, version=seen, rest=True)
    with pytest.raises(NotAllowedError, match="already, or there are too many"):
        attach(access)
    access.flow.detach(draft.id, number, by=STAFF)
    assert access.sql("SELECT id FROM attachment") == []
    with pytest.raises(NotAllowedError):
        access.flow.detach(draft.id, number, by=STAFF)
    with pytest.raises(NotFoundError):
        access.flow.attachment(draft.id, number)


def test_a_file_that_has_left_is_brought_in_again_before_it_is_sent_again(access):
    attach(access)
    approve(access)
    access.flow.edit(access.draft().id, values=VALUES, by=STAFF)
    assert access.flow.hindrance(access.draft().id, by=STAFF) is None, "an approval taken back keeps its files"
    with access.flow.desk.write() as unit:
        unit.attachments.empty_of_case(access.case().id)
    error = access.flow.hindrance(access.draft().id, by=STAFF)
    assert "has left already" in str(error)


def test_no_name_of_a_file_outlives_the_copy_and_no_file_the_case(access):
    attach(access)
    approve(access)
    access.drain()
    held = access.flow.holdings(KALLE)["cases"][0]["answers"][0]["attachments"]
    assert [(one["filename"], one["size"]) for one in held] == [("kopia.csv", len(COPY))]
    access.days(32)
    access.drain(well=False)
    assert access.sql("SELECT name FROM attachment") == [("",)]
    access.flow.forget(KALLE, by=STAFF)
    assert access.sql("SELECT name, owner FROM attachment") == [("", "")]


def test_a_file_that_never_left_goes_with_its_case(access):
    attach(access)
    draft = access.draft()
    access.flow.edit(draft.id, values={}, by=STAFF, letter="no_data")
    access.flow.approve(draft.id, by=STAFF, rest=True)
    access.drain()
    access.days(2)
    access.drain(well=False)
    assert access.sql("SELECT length(content) FROM attachment") == [(0,)]


@pytest.mark.parametrize(
    ("content", "text"),
    [(b"\xef\xbb\xbf\xc3\xa5", "å"), ("å".encode("cp1252"), "å"), ("å".encode("utf-16"), "å"), (b"PK\0\0", None)],
)
def test_text_is_read_whatever_it_was_saved_as(content, text):
    found = decoded(content)
    assert (found or "").lstrip("\ufeff") == (text or "")
    assert (found is None) == (text is None)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("most = 5", "most = 0", "most"),
        ('ending = "csv"', 'ending = ".csv"', "ending"),
        ('ending = "csv"', 'ending = "json"', "once"),
        ('type = "text/csv"', 'type = "csv"', "type"),
        ("numbers = '(?<!", "numbers = '(((?<!", "numbers"),
        ("addresses = '[A", "addresses = '([A]|x)[A", "addresses"),
    ],
)
def test_rules_that_cannot_be_used_are_named(tmp_path, old, new, words):
    text = SHIPPED.read_text("utf-8")
    assert old in text
    (tmp_path / "attachments.toml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(RulesError, match=words):
        read_attachments(tmp_path / "attachments.toml")
