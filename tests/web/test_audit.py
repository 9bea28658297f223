"""Who saw and changed what: noted once, without a word about any person, found again, and gone in time."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from inbox_bot.domain.staff import Search
from tests.support.house import EVA, KALLE, STAFF, both_databases

PAGE = "/personal/atkomst"
REFERENCE = "PK-2026-0001"


def noted(house):
    return house.sql("SELECT act, subject, which, detail FROM audit WHERE subject <> 'session' ORDER BY id")


def test_a_page_is_noted_once_in_ten_minutes(house, staff):
    house.ask_and_confirm("#erasure", sender=f"Kalle Ek <{KALLE}>")
    for _ in range(3):
        staff.case()
        house.clock.advance(timedelta(minutes=6))
    assert noted(house)[1:] == [("viewed", "case", REFERENCE, "")] * 2


def test_every_look_says_what_was_looked_at(house, staff):
    house.ask_and_confirm("#erasure")
    house.flow.edit(1, values={"reasons": "Artikel 17.3 b."}, letter="refused_erasure", by=STAFF)
    staff.open("/personal/arenden?visa=alla&sok=kalle@example.se")
    staff.case()
    staff.open("/personal/brev/1")
    staff.open("/personal/brev-ut/2")
    staff.open("/personal/svar/1/brev.html")
    staff.open("/personal/sparrlista/lista.csv")
    staff.open("/personal/statistik")
    assert noted(house)[1:] == [
        ("viewed", "list", "arenden", ""),
        ("viewed", "case", REFERENCE, ""),
        ("viewed", "mail", "1", ""),
        ("viewed", "letter", "2", ""),
        ("viewed", "draft", "1", ""),
        ("exported", "list", "sparrlista", ""),
    ]
    assert "kalle" not in repr(house.sql("SELECT * FROM audit")).lower()


def test_who_marked_a_new_mail_as_read_is_noted(house, staff):
    """No history of a case tells it, and from then on nobody is asked to read that mail."""
    receipt = house.ask("#erasure")
    for words in ("Tack.", "Hej igen."):
        house.reply(receipt, words)
        house.drain()
        [(number,)] = house.sql("SELECT id FROM mail WHERE unread")
        staff.press(staff.case() if number == 2 else staff.open(f"/personal/brev/{number}"), "Markera som läst")
    assert [line for line in noted(house) if line[0] == "changed"] == [("changed", "case", REFERENCE, "last")] * 2
    assert "markerade nya brev som lästa" in staff.open(PAGE).text


def test_what_is_not_there_was_not_seen(house, staff):
    assert staff.open("/personal/brev/99").status == 404
    assert staff.case("PK-2026-0099").status == 404
    assert noted(house)[1:] == []


def test_a_view_that_cannot_be_noted_is_not_shown(house, staff, monkeypatch):
    house.ask_and_confirm("#erasure")

    def full(*_, **__):
        raise OSError

    monkeypatch.setattr("inbox_bot.store.audit.Audit.note", full)
    page = staff.case()
    assert page.status == 500
    assert KALLE not in page.html


def test_changes_without_a_case_are_noted_and_those_of_a_case_are_not_noted_twice(house, staff):
    house.mail("#unsure #erasure", sender=EVA)
    house.drain()
    staff.press(staff.open("/personal/brev/1"), "do=ingen", saker="ja")
    assert ("changed", "mail", "1", "ingen") in noted(house)
    house.ask_and_confirm("#erasure")
    page = staff.case()
    staff.press(page, "do=tillbaka", tillbaka="Fyll i vad som är raderat.")
    assert not [line for line in noted(house) if line[:2] == ("changed", "case")]
    lines, _ = house.flow.audit.find(Search(case=REFERENCE), most=50)
    assert [(line.by, line.detail) for line in lines if line.act.value == "changed"] == [(STAFF, "returned")]


def test_the_page_shows_views_and_changes_together_and_filters(house, staff):
    house.ask_and_confirm("#erasure", sender=f"Kalle Ek <{KALLE}>")
    staff.press(staff.case(), "do=tillbaka", tillbaka="Fyll i vad som är raderat.")
    page = staff.open(PAGE)
    assert page.title == "Vem som har sett och ändrat"
    assert f"{STAFF}: Tittade på ärende {REFERENCE}" in page.text
    assert f"Ändrade ärende {REFERENCE} : Svaret lämnades tillbaka" in page.text
    assert f"{STAFF}: Loggade in: kod i mejl" in page.text
    assert "Kalle" not in page.text
    only = staff.open(f"{PAGE}?slag=visningar&vem={STAFF}&arende=pk-2026-0001&fran=2026-09-07&till=2026-09-07")
    assert "Tittade på ärende" in only.text
    assert "Ändrade" not in only.text.partition("Hämta som CSV")[2]
    for query in ("arende=PK-2026-0099", "vem=bo@example.com", "till=2026-09-06", "fran=2026-09-08"):
        assert "Inget är antecknat som passar" in staff.open(f"{PAGE}?{query}").text
    assert staff.open(f"{PAGE}?fran=igår&till=9999-12-31&sida=99999").status == 200


def test_the_table_has_the_same_lines(house, staff):
    house.ask_and_confirm("#erasure")
    staff.open("/personal/brev/1")
    response = staff.client.get(f"{PAGE}/atkomst.csv?arende={REFERENCE}")
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))
    assert rows == [
        ["När", "Vem", "Vad", "Gäller", "Nummer", "Ärende", "Detalj"],
        ["2026-09-07 10:00:00", STAFF, "Tittade på", "brev", "1", REFERENCE, ""],
    ]
    assert ("exported", "list", "atkomst", "") in noted(house)


def test_many_lines_are_turned_by_pages(house, staff):
    from inbox_bot.domain.staff import Act, Subject

    for number in range(130):
        house.flow.audit.note(by=STAFF, act=Act.VIEWED, subject=Subject.MAIL, which=str(1000 + number))
    first = staff.open(PAGE)
    assert "sida 1 av 2" in first.text
    [older] = [link for link in first.links if "sida=2" in link]
    second = staff.open(older)
    assert "sida 2 av 2" in second.text
    assert "brev 1000" in second.text
    assert "brev 1129" not in second.text


@both_databases
def test_quarantine_and_the_list_against_marketing_stand_in_the_same_log(house):
    house.mail("#access", sender=KALLE)
    house.drain()
    with house.flow.desk.write() as unit:
        from inbox_bot.domain.case import MailState

        unit.mails.move(1, MailState.FILED, MailState.QUARANTINED)
    house.flow.quarantine.look(1, by=STAFF)
    house.flow.quarantine.export(1, by=STAFF)
    house.flow.acting.suppress(EVA, by=STAFF, reason="")
    found, total = house.flow.audit.find(Search(by=STAFF), most=10)
    assert sorted((one.act.value, one.subject.value, one.which, one.case) for one in found) == [
        ("changed", "list", "sparrlista", ""),
        ("exported", "mail", "1", REFERENCE),
        ("viewed", "mail", "1", REFERENCE),
    ]
    assert total == 3
    assert {one.which for one in house.flow.audit.all(Search(case=REFERENCE, changes=False))} == {"1"}
    assert [one.which for one in house.flow.audit.all(Search(changes=True))] == ["sparrlista"]


@both_databases
def test_the_log_goes_in_time_and_stays_until_then(house, serve):
    house.ask("#erasure")
    browser = serve(house)
    browser.log_in()
    browser.case()
    for moment, kept in ((datetime(2028, 9, 7, 12, tzinfo=UTC), True), (datetime(2028, 9, 8, 12, tzinfo=UTC), False)):
        house.clock.set(moment)
        house.drain()
        assert bool(house.sql("SELECT id FROM audit")) is kept


def test_a_person_is_told_when_we_looked_and_not_who(house, staff):
    house.ask_and_confirm("#access")
    staff.case()
    staff.open("/personal/brev/1")
    found = house.flow.holdings(KALLE)
    [case] = found["cases"]
    at = house.now.isoformat()
    assert case["looks"] == [{"at": at, "how": "viewed", "of": "case"}, {"at": at, "how": "viewed", "of": "mail"}]
    assert STAFF not in repr(case["looks"])


def test_what_staff_did_is_not_erased_with_their_logins(house, staff):
    staff.open("/personal")
    plan = house.flow.plan_to_forget(STAFF)
    assert [one.until.isoformat() for one in plan.stays if "member of staff" in one.what] == ["2028-09-07"]
    house.flow.forget(STAFF, by="bo")
    assert house.sql("SELECT count(*) FROM session") == [(0,)]
    assert house.flow.holdings(STAFF)["staff"]["noted"] == 2


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/atkomst.csv"])
def test_only_an_admin_reads_the_log(build, serve, path):
    house = build(staff={"addresses": [STAFF], "roles": {STAFF: "approve"}})
    browser = serve(house)
    browser.log_in()
    assert browser.open(path).status == 403
    assert PAGE not in browser.open("/personal").html
