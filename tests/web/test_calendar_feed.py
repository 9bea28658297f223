"""The calendar feed: opened by its secret alone, RFC 5545 to the octet, one stable event a claim, and no person in it."""

from datetime import date, timedelta

import pytest
from icalendar import Calendar

from inbox_bot.domain.rights import Right
from tests.support.house import EVA, STAFF, both_databases
from tests.web.browsing import said_of

HOST = "arenden.example.se"


@pytest.fixture
def secret(staff):
    """The path of a fresh address."""
    page = staff.press(staff.open("/personal/kalender"), "do=skapa", namn="Annas telefon")
    address = page.tree.css_first(".secret").text(strip=True)
    assert address.startswith(f"https://{HOST}/kalender/")
    return address.removeprefix(f"https://{HOST}")


def events(browser, path):
    response = browser.client.get(path)
    assert response.status_code == 200
    return {str(one["uid"]): one for one in Calendar.from_ical(response.content).walk("VEVENT")}


def test_the_calendar_is_well_formed_for_the_programs_that_read_it(house, staff, secret):
    house.ask("#access #erasure", sender=f"Kalle Ek <{EVA}>", subject="Om mig")
    response = staff.client.get(secret)
    assert response.headers["content-type"] == "text/calendar; charset=utf-8; method=PUBLISH"
    lines = response.content.split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 75 and b"\n" not in line for line in lines)
    for told in (b"METHOD:PUBLISH", b"REFRESH-INTERVAL;VALUE=DURATION:PT4H", b"X-PUBLISHED-TTL:PT4H", b"VERSION:2.0"):
        assert told in lines
    assert not [word for word in ("kalle", "Kalle", EVA, "Om mig", STAFF) if word in response.text]


def test_each_claim_has_its_day_and_its_alarms(house, staff, secret):
    house.ask("#access")
    [(uid, event)] = events(staff, secret).items()
    assert uid == f"pk-2026-0001-access@{HOST}"
    assert (event["dtstart"].dt, event["dtend"].dt) == (date(2026, 10, 7), date(2026, 10, 8))
    assert event["dtstart"].params["VALUE"] == "DATE"
    assert "registerutdrag, PK-2026-0001" in event["summary"]
    # Wednesday 7 October: ten working days before is 23 September, at eight in the morning.
    alarms = [alarm["trigger"].dt for alarm in event.walk("VALARM")]
    due = date(2026, 10, 7)
    days = [(due + timedelta(days=trigger.days), trigger.seconds) for trigger in alarms]
    assert days == [(date(2026, 9, day), 8 * 3600) for day in (23, 30)] + [
        (date(2026, 10, day), 8 * 3600) for day in (5, 6)
    ]


def test_an_extension_moves_the_event_and_an_answer_cancels_it(house, staff, secret):
    house.ask_and_confirm("#erasure")
    [(uid, first)] = events(staff, secret).items()
    house.flow.extend("PK-2026-0001", right=Right.ERASURE, reasons="Uppgifterna finns i fyra system.", by="anna")
    house.days(1)
    house.drain()
    [(again, moved)] = events(staff, secret).items()
    assert again == uid
    assert moved["dtstart"].dt > first["dtstart"].dt
    assert moved["sequence"] > first["sequence"]
    assert moved["last-modified"].dt > first["last-modified"].dt
    house.flow.approve_case("PK-2026-0001", by="anna", note="Raderat i kursplattformen.", rest=True)
    house.drain()
    [(again, over)] = events(staff, secret).items()
    assert (again, over["status"], over.walk("VALARM")) == (uid, "CANCELLED", [])
    assert over["sequence"] > moved["sequence"]
    house.days(31)
    assert events(staff, secret) == {}


def test_a_mail_to_sort_has_its_day_too(house, staff, secret):
    house.mail("#unsure", sender=EVA)
    house.drain()
    [(uid, event)] = events(staff, secret).items()
    assert uid.startswith("mail-")
    assert "sortera" in event["summary"]


def test_what_has_not_changed_is_not_sent_again(house, staff, secret):
    house.ask("#access")
    first = staff.client.get(secret)
    same = staff.client.get(secret, headers={"If-None-Match": first.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")


@both_databases
def test_the_secret_is_kept_as_a_keyed_hash_and_a_closed_address_opens_nothing(house, staff, secret):
    token = secret.rpartition("/")[2].removesuffix(".ics")
    assert token not in str(house.everything())
    assert staff.client.get(secret).status_code == 200
    [feed] = house.flow.feeds.all()
    assert (feed.name, feed.made_by, feed.read_on) == ("Annas telefon", STAFF, house.now.date())
    page = staff.press(staff.open("/personal/kalender"), "do=stang")
    assert "Adressen är stängd." in page.text
    assert token not in page.html
    assert staff.client.get(secret).status_code == 404
    assert staff.client.get(secret.replace(token, "x" * 500)).status_code == 404


def test_guessing_is_counted_by_sender_and_leaves_others_in_peace(staff, secret):
    tried = [staff.client.get(f"/kalender/{number:043}.ics").status_code for number in range(31)]
    assert (tried[0], tried[-1]) == (404, 429)
    assert staff.client.get(secret).status_code == 200


def test_an_address_needs_a_name(house, staff):
    page = staff.press(staff.open("/personal/kalender"), "do=skapa", namn="  ")
    assert (page.status, said_of(page, "#namn").startswith("Skriv vems kalender")) == (422, True)
    assert house.flow.feeds.all() == []


def test_the_page_says_whose_address_outlives_them(house, staff, secret):
    assert "inte längre i personalen" not in staff.open("/personal/kalender").text
    house.flow.feeds.make("Kontoret", by="anna")  # As the command line calls the same person.
    house.flow.feeds.make("Bos telefon", by="bo@example.com")
    page = staff.open("/personal/kalender")
    assert [one.text().split()[0] for one in page.tree.css(".list .warn")] == ["bo@example.com"]
