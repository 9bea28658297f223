"""What the room classification leaves; a mail it cannot take goes to a person."""

import pytest

from inbox_bot import assembly
from inbox_bot.settings import FileSettings
from tests.support.house import EVA, KALLE, both_databases


@both_databases
def test_each_verdict_leads_its_own_way(house):
    house.mail("#access", sender="a@example.se")
    house.mail("#unsure", sender="b@example.se")
    house.mail("Jag vill boka en plats i mars", sender="c@example.se")
    house.drain()
    assert house.sql("SELECT state FROM mail ORDER BY id") == [("filed",), ("to_sort",), ("left",)]


def test_what_is_no_request_leaves_nothing_behind_but_hash_class_and_time(house):
    house.mail("Jag vill boka en plats i mars", sender="Kalle Ek <kalle@example.se>", subject="Bokning")
    house.drain()
    held = repr(house.everything())
    for trace in ("Kalle", "kalle@", "Bokning", "boka", "mail.example.com"):
        assert trace not in held
    [(state, fingerprint)] = house.sql("SELECT state, fingerprint FROM mail")
    assert (state, len(fingerprint)) == ("left", 64)
    assert house.transport.handed == []


def test_a_classifier_in_trouble_loses_no_mail_and_tells_no_one_what_it_said(house, capsys):
    house.classifier.trouble = ValueError("Radera kalle@example.se")
    house.mail("#access")
    house.drain()
    [waiting] = house.flow.archive.overview().to_sort
    assert waiting.record.reason == "classifier_failed"
    written = "".join(capsys.readouterr())
    assert "classifier_failed" in written
    assert "kalle" not in written


def test_a_verdict_does_not_see_what_is_only_quoted(house):
    house.mail("Tack för kursen!\n\nDen mån 7 sep. 2026 kl 10:01 skrev Eva <eva@example.org>:\n> #access\n")
    house.drain()
    assert house.cases() == []


@pytest.mark.parametrize(
    ("body", "right"),
    [
        ("Hej! Skicka mig ett registerutdrag med alla uppgifter ni har om mig.", "access"),
        ("Radera mitt konto och alla mina personuppgifter.", "erasure"),
        ("Jag vill att ni raderar mina uppgifter. Mvh Eva", "erasure"),
    ],
)
def test_the_shipped_rules_are_plugged_in(build, rules, body, right):
    house = build()
    object.__setattr__(house.flow, "classifier", rules)
    house.drain()
    house.mail(body, sender=EVA)
    house.mail("Hej, jag vill boka två platser på kursen i mars.", sender=KALLE)
    house.drain()
    assert [case.requester for case in house.cases()] == [EVA]
    assert house.states() == {right: "awaiting_identity"}


@pytest.fixture(scope="module")
def rules():
    return assembly.load_rules(FileSettings())
