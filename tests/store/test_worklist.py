"""What the list of cases is read from: the stored dates are those the events give, and the words are those of the rows."""

from datetime import date, timedelta

from alembic import command

from inbox_bot.domain.case import CaseState, EventName
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.domain.words import words_of_person, words_of_subject
from inbox_bot.outbox.transport import Attempt, Fate
from inbox_bot.store.engine import _config, connect, migrate
from inbox_bot.store.unit import Desk
from tests.support.house import EVA, KALLE, START, both_databases

REASONS = "Uppgifterna finns i flera gamla system och måste läsas igenom för hand, ett i taget."


def dues(house):
    """Return of every claim the stored date and the one its events give."""
    with house.flow.desk.look() as unit:
        cases = unit.cases.all()
        stored = {claim: due for case in cases for claim, due in unit.cases.stored_dues(case.id).items()}
    return [(stored[claim.id], house.flow.calendar.dates(claim.clock).due) for case in cases for claim in case.claims]


def words(house):
    """Return of every case the words it is found by, and those its rows give."""
    found, right = {}, {}
    for reference, word in house.sql(
        'SELECT reference, word FROM case_word JOIN "case" ON "case".id = case_word.case_id'
    ):
        found.setdefault(reference, set()).add(word)
    for case in house.cases():
        subjects = [mail.message.subject for mail in house.file(case.reference).mails if mail.message is not None]
        mine = words_of_person(case.requester, case.requester_name).union(*map(words_of_subject, subjects))
        if mine:
            right[case.reference] = set(mine)
    return found, right


def agree(house):
    assert all(stored == due for stored, due in dues(house))
    found, right = words(house)
    assert found == right


@both_databases
def test_stored_dates_and_words_stay_true_whatever_happens(house):
    receipt = house.ask("#erasure", sender=f"Kalle Exempelsson <{KALLE}>", subject="Kurskonto i Malmö")
    agree(house)
    house.days(2)
    house.flow.confirm(receipt.token, receipt.code)
    house.reply(receipt, "Och en kopia. #access", subject="Ännu en sak")
    house.drain()
    agree(house)
    house.flow.extend("PK-2026-0001", right=Right.ERASURE, reasons=REASONS, by="anna")
    house.drain()
    assert EventName.EXTENSION_SENT.value in house.events()
    agree(house)
    assert len({due for _, due in dues(house)}) == 2
    house.mail("#unsure", sender=EVA, subject="Funderingar")
    house.drain()
    [(mail_id,)] = house.sql("SELECT id FROM mail WHERE state = 'to_sort'")
    house.flow.sort(mail_id, [Claim(right=Right.ACCESS)], by="anna")
    agree(house)
    house.flow.decide_holiday(date(2026, 10, 7), free=True, name="Påhittad dag", source="SFS 2026:1", by="anna")
    agree(house)
    house.flow.decide_holiday(date(2026, 10, 7), free=False, name="Påhittad dag", source="SFS 2026:2", by="anna")
    agree(house)


@both_databases
def test_an_extension_that_comes_back_takes_its_date_back(house):
    house.ask_and_confirm("#erasure")
    house.transport.answers.append(Attempt(fate=Fate.REFUSED, answer="550 5.1.1 no such user"))
    house.flow.extend("PK-2026-0001", right=Right.ERASURE, reasons=REASONS, by="anna")
    house.drain()
    agree(house)


@both_databases
def test_words_go_with_what_they_were_taken_from(house):
    house.ask("#access", sender=f"Kalle Exempelsson <{KALLE}>", subject="Hemligheten 850101-1234 i skåpet")
    [kept] = words(house)[0].values()
    assert {"exempelsson", "kalle@example.se", "example.se", "hemligheten", "skåpet"} <= kept
    assert not any(sign in word for word in kept for sign in ("8501", "1234"))
    house.flow.dismiss("PK-2026-0001", reason="Det var en fråga.", by="anna")
    case = house.case()
    with house.flow.desk.write() as unit:
        unit.retention.empty_bodies(case.id, house.now)
    agree(house)
    assert "hemligheten" not in words(house)[0]["PK-2026-0001"]
    with house.flow.desk.write() as unit:
        assert unit.retention.empty_case(case.id, "hash", house.now)
    assert house.sql("SELECT count(*) FROM case_word") == [(0,)]


@both_databases
def test_a_person_is_found_by_any_beginning_and_all_words_must_fit(house):
    house.ask("#access", sender=f"Åsa Övningsmo-Ek <{KALLE}>", subject="Mitt kurskonto")
    house.ask("#erasure", sender=f"Eva Övningsmo <{EVA}>", subject="Radera")

    def found(text):
        page = house.flow.worklist.search(text, 1)
        return [line.case.record.reference for line in page.lines]

    assert found("övningsmo") == ["PK-2026-0001", "PK-2026-0002"]
    assert found("ÅSA Öv") == found("ek") == found("kalle@") == found("kurskont") == ["PK-2026-0001"]
    assert found("åsa radera") == found("100%") == found("_") == found("") == found("  ") == []
    assert found("pk-2026-0002") == found("2") == found("0002") == ["PK-2026-0002"]
    assert found("example.org eva") == ["PK-2026-0002"]
    assert found("example.o'rg") == []


@both_databases
def test_the_mailbox_of_a_case_is_where_its_first_mail_came(house):
    house.ask("#access")
    assert house.sql('SELECT mailbox FROM "case"') == [("info",)]


def test_cases_from_before_get_their_words_and_their_mailbox(tmp_path):
    engine = connect(f"sqlite:///{tmp_path / 'old.db'}")
    with engine.begin() as connection:
        command.upgrade(_config(connection), "0013")
        columns = "id, reference, year, number, state, requester, requester_name, language, opened_at"
        connection.exec_driver_sql(
            f"INSERT INTO \"case\" ({columns}) VALUES (1, 'PK-2026-0001', 2026, 1, 'open', 'kim@example.se', 'Kim Ek', 'sv', "
            "'2026-01-01'), (2, 'PK-2026-0002', 2026, 2, 'closed', '', '', 'sv', '2026-01-01')"
        )
        columns = "mailbox, fingerprint, received_at, fetched_at, state, reason, historic, unread, attempts, held_by, sorted_by, case_id, message"
        connection.exec_driver_sql(
            f"INSERT INTO mail ({columns}) VALUES ('kurs', 'a', '2026-01-01', '2026-01-01', 'filed', '', 0, 0, 1, '', '', 1, "
            '\'{"subject": "Konto 850101-1234"}\')'
        )
    migrate(engine)
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT case_id, word FROM case_word ORDER BY word").all()
        boxes = connection.exec_driver_sql('SELECT mailbox FROM "case" ORDER BY id').scalars().all()
    assert found == [
        (1, word) for word in sorted(words_of_person("kim@example.se", "Kim Ek") | words_of_subject("Konto"))
    ]
    assert boxes == ["kurs", ""]
    with engine.begin() as connection:
        command.downgrade(_config(connection), "0013")
    migrate(engine)
    with Desk(engine).look() as unit:
        assert unit.words.find(["kim"], 5) == [1]
    engine.dispose()


@both_databases
def test_closed_cases_are_counted_by_right(house):
    for number, sender in enumerate((KALLE, EVA, "lo@example.org"), 1):
        house.ask("#access #erasure", sender=sender)
        if number < 3:
            house.flow.dismiss(f"PK-2026-000{number}", reason="Det var en fråga.", by="anna")
            house.days(1)
    with house.flow.desk.look() as unit:
        assert unit.worklist.closed_rights() == unit.worklist.closed_rights("info") == {"access": 2, "erasure": 2}
        assert unit.worklist.count_closed() == 2
        assert unit.worklist.closed_in_mailboxes() == unit.worklist.closed_in_mailboxes("access") == {"info": 2}
        assert unit.worklist.closed_in_mailboxes("restriction") == unit.worklist.closed_rights("kurs") == {}
        ids = unit.worklist.closed(start=0, most=5)
        assert [case.state for case in unit.cases.get_all(ids)] == [CaseState.CLOSED] * 2
        assert ids == unit.worklist.closed(right="erasure", start=0, most=1) + unit.worklist.closed(start=1, most=5)
    assert START + timedelta(days=2) == house.now
