"""What staff do beside answering, by the commands as they are installed: from the mail to the closed case and beyond."""

import json

from tests.acceptance.correspondence import REQUESTS, answer_page, letters_to, mail
from tests.acceptance.installation import until

STAFF = "anna@example.com"
KIM = "kim@example.se"
LO = "lo@example.se"
SYSTEMS = ("kursplattformen", "intygsarkivet", "faktureringen", "nyhetsbrevsverktyget", "mailboxen")
GROUND = "Du säger att provresultatet är fel, och vi kontrollerar det nu (artikel 18.1 a)."
FOUND = "Vi har kontrollerat uppgifterna, och de stämmer."


def asked(office, smtp_catcher, address, right):
    """Let a person ask and confirm, and return the case's reference."""
    office.run("run", "--once")
    office.mailbox.deliver(mail(address, REQUESTS[right], message_id=right))
    office.run("run", "--once")
    return letters_to(smtp_catcher.letters, address)[0]


def confirmed(office, receipt):
    pages = office.start("web")
    until(lambda: pages.check_alive() or office.answers())
    assert answer_page(receipt.link, receipt.code, "Ja").status_code == 200
    pages.stop(5)
    office.run("run", "--once")
    [case] = office.read("cases")
    return case["reference"]


def test_an_erasure_is_ticked_system_by_system_and_closes_with_the_last(install, smtp_catcher):
    office = install()
    reference = confirmed(office, asked(office, smtp_catcher, KIM, "erasure"))

    listed = office.run("done", reference)
    assert [line.split()[2].rstrip(":") for line in listed.splitlines() if "[ ]" in line] == list(SYSTEMS)
    office.run("done", reference, "kursplattformen", "--by", STAFF)
    office.run(
        "done", reference, "faktureringen", "--kept", "Två fakturor", "--invoice-day", "2026-03-01", "--by", STAFF
    )
    said = office.run("approve", reference, "--by", STAFF)
    assert "Nothing is recorded yet for intygsarkivet, nyhetsbrevsverktyget, mailboxen" in said
    office.run("run", "--once")

    answer = letters_to(smtp_catcher.letters, KIM)[-1].text
    assert "Konto, inloggning, kurser och resultat är raderade. Var: kursplattformen." in answer
    assert "Två fakturor. Varför: De hör till bokföringen" in answer
    assert "2033" in answer
    assert [claim["state"] for claim in office.read("cases")[0]["claims"]] == ["approved"]
    assert "inte noterat som gjort: intygsarkivet" in office.run("digest", "--print")

    assert "[x] mailboxen" in office.run("done", reference, "--absent", "--rest", "--by", STAFF)
    assert office.rows('SELECT state FROM "case"') == [{"state": "closed"}]
    failed = office.attempt("done", reference, "mailboxen", "--absent", "--by", STAFF)
    assert (failed.code, "no open claim" in failed.err) == (1, True)


def test_a_restriction_alarms_at_once_and_ends_only_after_the_person_is_told(install, smtp_catcher):
    office = install()
    receipt = asked(office, smtp_catcher, LO, "restriction")
    [alarm] = [
        letter for letter in letters_to(smtp_catcher.letters, STAFF) if "Lås uppgifter nu" in letter.message["Subject"]
    ]
    assert "/personal/arende/PK-" in alarm.text
    reference = office.read("cases")[0]["reference"]
    office.run("done", reference, "kursplattformen", "--by", STAFF)
    confirmed(office, receipt)
    office.run("approve", reference, "--set", f"ground={GROUND}", "--by", STAFF, "--nothing-elsewhere")
    office.run("run", "--once")
    assert office.rows('SELECT state FROM "case"') == [{"state": "closed"}]

    early = office.attempt("lift", reference, "--done", "--by", STAFF)
    assert (early.code, "has not been told" in early.err) == (1, True)
    office.run("lift", reference, "--reason", FOUND, "--by", STAFF)
    office.run("approve", reference, "--by", STAFF)
    office.run("run", "--once")
    told = letters_to(smtp_catcher.letters, LO)[-1]
    assert FOUND in told.text
    early = office.attempt("lift", reference, "--done", "--by", STAFF)
    assert (early.code, "working days" in early.err) == (1, True)
    events = office.rows("SELECT name, details FROM event ORDER BY id")
    assert "restriction_lifted" not in {event["name"] for event in events}
    assert LO not in json.dumps(events)
