"""What a mail says of where it comes from: the addresses it names, and whether it speaks of a new one."""

import pytest

from inbox_bot.domain.mail import Address, Message
from inbox_bot.domain.people import KnownPerson, MailboxKind
from inbox_bot.domain.proof import Known, Source
from inbox_bot.settings import FileSettings, rules_folders
from inbox_bot.verification.origin import MOST_NAMED, addresses_in, origin_of, speaks_of_contact
from inbox_bot.verification.toml_rules import read_proof
from tests.support.people import CONTACT, OLD, ON_FILE, SECOND, SHARED, STRANGER, FakePeople, unreadable

RULES = read_proof(rules_folders(FileSettings())[0] / "proof.toml")


def a_mail(text, subject="", quoted="", signature=""):
    sender = Address(address=STRANGER)
    return Message(
        message_id=None, sender=sender, subject=subject, reply_text=text, quoted_text=quoted, signature=signature
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Mitt konto är Anna.Ek@Example.com.", ("anna.ek@example.com",)),
        ("<anna@example.com>, (bo@example.com)", ("anna@example.com", "bo@example.com")),
        ("anna@example.com ANNA@EXAMPLE.COM", ("anna@example.com",)),
        ("mailto:anna+kurs@mail.example.co.uk?x", ("anna+kurs@mail.example.co.uk",)),
        ("Vi ses @ kursen, anna@ example.com, @example.com, a@b", ()),
        ("info@example.com", ()),
        ("'anna@example.com'", ("anna@example.com",)),
    ],
)
def test_addresses_a_person_wrote(text, found):
    assert addresses_in([a_mail(text)], frozenset({"info@example.com"})) == found


def test_subject_and_signature_count_and_what_is_quoted_does_not():
    mail = a_mail("Hej", subject="Radera a@example.com", quoted="c@example.com", signature="b@example.com")
    assert addresses_in([mail], frozenset()) == ("a@example.com", "b@example.com")


def test_a_mail_is_no_way_to_search_the_register():
    text = " ".join(f"a{number}@example.com" for number in range(1000))
    assert len(addresses_in([a_mail(text)], frozenset())) == MOST_NAMED


@pytest.mark.parametrize("text", ["a" * 100_000, "a@" * 50_000, "a." * 50_000 + "@", "@a." * 50_000, "é@" * 40_000])
def test_odd_texts_take_no_time(text):
    import time

    start = time.perf_counter()
    addresses_in([a_mail(text)], frozenset())
    speaks_of_contact(RULES, [a_mail(text)])
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize(
    "text",
    [
        "Jag har bytt e-post till ny@example.com.",
        "Byt min mejladress. Tack.",
        "My email address is wrong, please correct it.",
        "Min gamla mailadress fungerar inte",
        "Ny e-postadress: ny@example.com",
    ],
)
def test_a_change_of_address_is_heard(text):
    assert speaks_of_contact(RULES, [a_mail(text)])


@pytest.mark.parametrize(
    "text", ["Mitt namn är fel. Svara via e-post.", "Rätta mitt efternamn", "Ny adress: Storgatan 1", "email", ""]
)
def test_and_not_where_there_is_none(text):
    assert not speaks_of_contact(RULES, [a_mail(text)])


def test_no_register():
    assert origin_of(None, STRANGER, [ON_FILE]).source is Source.NO_REGISTER


@pytest.mark.parametrize(
    ("sender", "named", "source", "target", "known"),
    [
        (ON_FILE, [], Source.PERSONAL, ON_FILE, set()),
        (ON_FILE, [OLD], Source.PERSONAL, ON_FILE, set()),
        (ON_FILE, [SECOND], Source.PERSONAL, ON_FILE, {Known.OTHER_ACCOUNT}),
        (STRANGER, [], Source.UNKNOWN, "", set()),
        (STRANGER, ["x@example.com"], Source.UNKNOWN, "", set()),
        (STRANGER, ["x@example.com", ON_FILE], Source.NAMED, ON_FILE, set()),
        (STRANGER, [OLD], Source.NAMED, ON_FILE, set()),
        (STRANGER, [OLD, ON_FILE], Source.NAMED, ON_FILE, set()),
        (STRANGER, [SHARED], Source.NAMED_SHARED, SHARED, set()),
        (STRANGER, [SHARED, SECOND], Source.NAMED_SHARED, SHARED, {Known.SEVERAL_ACCOUNTS}),
        (OLD, [], Source.NAMED, ON_FILE, set()),
        (OLD, [SECOND], Source.NAMED, ON_FILE, {Known.SEVERAL_ACCOUNTS}),
    ],
)
def test_where_it_comes_from(sender, named, source, target, known):
    found = origin_of(FakePeople(), sender, named)
    assert (found.source, found.target, found.known) == (source, target, known)
    assert found.names is bool(named)
    assert found.sender_on_file is (sender == ON_FILE)


@pytest.mark.parametrize(("sender", "named"), [(ON_FILE, []), (STRANGER, [ON_FILE]), (OLD, [])])
def test_an_address_that_came_back_is_unreachable(sender, named):
    assert (
        origin_of(FakePeople(), sender, named, is_dead=lambda address: address == ON_FILE).source is Source.UNREACHABLE
    )


def test_another_address_of_the_account_is_used_where_the_named_one_is_dead():
    both = KnownPerson(name="Anna", kind=MailboxKind.PERSONAL, addresses=(ON_FILE, SECOND))
    found = origin_of(FakePeople([both]), STRANGER, [ON_FILE], is_dead=lambda address: address == ON_FILE)
    assert (found.source, found.target) == (Source.NAMED, SECOND)


def test_an_account_with_nothing_but_old_addresses_is_unreachable():
    gone = KnownPerson(name="Anna", kind=MailboxKind.PERSONAL, addresses=(), previous=(OLD,))
    assert origin_of(FakePeople([gone]), OLD, []).source is Source.UNREACHABLE


@pytest.mark.parametrize(
    ("sender", "source", "target"),
    [
        (ON_FILE, Source.NAMED, ON_FILE),
        (SHARED, Source.NAMED_SHARED, SHARED),
        (CONTACT, Source.NAMED_SHARED, CONTACT),
        (STRANGER, Source.UNKNOWN, ""),
        (OLD, Source.NAMED, ON_FILE),
    ],
)
def test_what_fails_the_mail_servers_check_only_names_its_senders_address(sender, source, target):
    found = origin_of(FakePeople(), sender, []).unproven(sender)
    assert (found.source, found.target, found.sender_on_file) == (source, target, False)
    assert Known.FAILED_CHECK in found.known


def test_without_a_register_or_one_that_cannot_be_read_it_leads_nowhere():
    assert origin_of(None, STRANGER, []).unproven(STRANGER).target == ""
    broken = FakePeople()
    broken.trouble = unreadable()
    assert origin_of(broken, ON_FILE, []).unproven(ON_FILE).target == ""
    dead = origin_of(FakePeople(), ON_FILE, [], is_dead=lambda _: True).unproven(ON_FILE)
    assert (dead.source, dead.known) == (Source.UNREACHABLE, {Known.FAILED_CHECK})
