"""One step, one transaction; time that keeps its zone; readers that wait for nobody; mails that are emptied."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import StatementError

from inbox_bot.domain.case import Event, EventName, LetterPurpose, MailState
from inbox_bot.domain.mail import Address, Bounce, Message
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.domain.verdict import Evidence, Outcome, Part, Verdict
from inbox_bot.errors import StoreError
from inbox_bot.store.engine import connect, migrate, schema_version
from inbox_bot.store.mailboxes import Watermark
from inbox_bot.store.mails import NewMail
from tests.support.house import START, both_databases

MESSAGE = Message(
    message_id="<hemlig@example.com>",
    sender=Address(address="kalle@example.se", name="Kalle Ek"),
    subject="Ärendet om mig",
    reply_text="Radera allt, tack.",
    bounce=Bounce(recipients=("a@example.se",), permanent=True),
    sent_at=START,
)
VERDICT = Verdict(
    outcome=Outcome.REQUEST,
    claims=(Claim(right=Right.ERASURE), Claim(right=Right.OBJECTION, marketing=True)),
    language="sv",
    evidence=(Evidence(right=Right.ERASURE, text="Radera", start=0, end=6, rule="erasure.x", part=Part.BODY),),
    reasons=("employer",),
)


@pytest.fixture
def bare(build):
    return build()


def add_case(unit, requester="kalle@example.se"):
    return unit.cases.open(prefix="PK", year=2026, requester=requester, name="Kalle", language="sv", at=START)


@both_databases
def test_a_step_that_fails_leaves_nothing(bare):
    before = bare.everything()

    def step():
        with bare.flow.desk.write() as unit:
            case = add_case(unit)
            unit.cases.record(case.id, Event(at=START, name=EventName.OPENED))
            unit.letters.queue(
                name="receipt",
                purpose=LetterPurpose.RECEIPT,
                recipient="kalle@example.se",
                message_id="<1@example.com>",
                content=b"Hej",
                at=START,
                case_id=case.id,
            )
            unit.suppressions.add("kalle@example.se", START)
            raise RuntimeError("crash")

    with pytest.raises(RuntimeError, match="crash"):
        step()
    assert bare.everything() == before


@both_databases
def test_events_are_there_with_what_they_describe_and_in_order(bare):
    with bare.flow.desk.write() as unit:
        case = add_case(unit)
        events = [Event(at=START, name=name, details={"n": name.value}) for name in EventName]
        unit.cases.record(case.id, *events)
    with bare.flow.desk.look() as unit:
        assert unit.cases.events(case.id) == events


@both_databases
def test_a_look_cannot_leave_anything(bare):
    before = bare.everything()
    try:
        with bare.flow.desk.look() as unit:
            add_case(unit)
    finally:
        assert bare.everything() == before


@both_databases
def test_instants_come_back_aware_and_in_utc(bare):
    late = datetime(2026, 9, 7, 23, 30, 15, 123456, tzinfo=timezone(timedelta(hours=-7)))
    with bare.flow.desk.write() as unit:
        unit.mailboxes.set_watermark("info", "INBOX", Watermark(uidvalidity=1, uid=0, first_look_at=late))
    with bare.flow.desk.look() as unit:
        found = unit.mailboxes.watermark("info", "INBOX").first_look_at
    assert found == late
    assert found.tzinfo is UTC


@both_databases
def test_a_naive_instant_is_refused(bare):
    naive = datetime(2026, 9, 7, 10, 0)  # noqa: DTZ001  # that it has no zone is the point
    mark = Watermark(uidvalidity=1, uid=0, first_look_at=naive)
    with pytest.raises(StatementError, match="naive"), bare.flow.desk.write() as unit:
        unit.mailboxes.set_watermark("info", "INBOX", mark)


@both_databases
def test_messages_and_verdicts_come_back_as_they_were(bare):
    with bare.flow.desk.write() as unit:
        mail = unit.mails.add("info", START, [new_mail()])["f1"]
        unit.mails.save_read([(mail, MESSAGE, MailState.READ, "")])
        unit.mails.save_verdicts([(mail, VERDICT, MailState.REQUEST)])
    with bare.flow.desk.look() as unit:
        record = unit.mails.get(mail)
    assert (record.message, record.verdict, record.state) == (MESSAGE, VERDICT, MailState.REQUEST)


@both_databases
def test_what_another_worker_has_read_is_not_read_over(bare):
    with bare.flow.desk.write() as unit:
        mail = unit.mails.add("info", START, [new_mail()])["f1"]
        unit.mails.move(mail, MailState.RECEIVED, MailState.QUARANTINED, reason="first")
        unit.mails.save_read([(mail, MESSAGE, MailState.READ, "second")])
        unit.mails.save_verdicts([(mail, VERDICT, MailState.REQUEST)])
    with bare.flow.desk.look() as unit:
        record = unit.mails.get(mail)
    assert (record.state, record.reason, record.message, record.verdict) == (MailState.QUARANTINED, "first", None, None)


def new_mail(fingerprint="f1", received_at=START):
    return NewMail(fingerprint=fingerprint, received_at=received_at, content=b"Radera allt", historic=False)


@both_databases
def test_an_emptied_mail_keeps_only_hash_class_and_time(bare):
    with bare.flow.desk.write() as unit:
        mail = unit.mails.add("info", START, [new_mail()])["f1"]
        unit.mails.save_read([(mail, MESSAGE, MailState.READ, "")])
        unit.mails.save_verdicts([(mail, VERDICT, MailState.NOT_REQUEST)])
        unit.mails.empty([mail], MailState.LEFT)
    [row] = bare.sql("SELECT content, message, verdict, message_id, state, fingerprint FROM mail")
    assert row == (None, None, None, None, "left", "f1")
    assert "Radera" not in repr(bare.everything()["mail"])
    assert "kalle" not in repr(bare.everything()["mail"])


@both_databases
def test_mails_come_oldest_receipt_first_whatever_order_they_were_stored_in(bare):
    with bare.flow.desk.write() as unit:
        for number in (3, 1, 2):
            unit.mails.add("info", START, [new_mail(f"f{number}", START + timedelta(hours=number))])
        ids = unit.mails.next_ids(MailState.RECEIVED, 2)
        loaded = unit.mails.load(ids)
    assert [mail.received_at.hour - START.hour for mail in loaded] == [1, 2]


@both_databases
def test_mailbox_failures_count_up_and_a_success_ends_them(bare):
    with bare.flow.desk.write() as unit:
        unit.mailboxes.note_failure("info", START, "no answer")
        unit.mailboxes.note_failure("info", START, "no answer")
        [box] = unit.mailboxes.health()
        assert (box.failures, box.failure, box.looked_at, box.failed_at) == (2, "no answer", None, START)
    later = START + timedelta(minutes=1)
    with bare.flow.desk.write() as unit:
        unit.mailboxes.note_success("info", later)
        [box] = unit.mailboxes.health()
    assert (box.failures, box.failure, box.looked_at, box.failed_at) == (0, "", later, START)


@both_databases
def test_an_address_is_suppressed_once_and_keeps_its_first_moment(bare):
    with bare.flow.desk.write() as unit:
        assert unit.suppressions.add("kalle@example.se", START)
        assert not unit.suppressions.add("kalle@example.se", START + timedelta(days=1))
        assert unit.suppressions.addresses() == ("kalle@example.se",)


@both_databases
def test_a_reader_does_not_wait_for_a_writer_and_does_not_see_what_is_not_committed(bare):
    desk = bare.flow.desk
    seen = []

    def look():
        with desk.look() as unit:
            seen.append(len(unit.cases.all()))

    with desk.write() as unit:
        add_case(unit)
        reader = threading.Thread(target=look)
        reader.start()
        reader.join(5)
        assert seen == [0]
    look()
    assert seen == [0, 1]


def test_sqlite_waits_its_turn_to_write_instead_of_failing(bare):
    desk = bare.flow.desk
    begun, done = threading.Event(), []

    def write_second():
        begun.set()
        with desk.write() as unit:
            done.append(add_case(unit).reference)

    with desk.write() as unit:
        first = add_case(unit).reference
        second = threading.Thread(target=write_second)
        second.start()
        begun.wait(5)
        assert done == []
    second.join(30)
    assert (first, done) == ("PK-2026-0001", ["PK-2026-0002"])


def test_sqlite_keeps_promises_over_a_power_cut_and_between_tables(bare):
    with bare.building.engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@both_databases
def test_migrating_twice_and_from_two_at_once_does_no_harm(database):
    engine = connect(database.url.render_as_string(hide_password=False))
    failures = []

    def run():
        try:
            migrate(engine)
        except StoreError as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    has, knows = schema_version(engine)
    engine.dispose()
    assert failures == []
    assert has == knows


def test_two_first_starts_at_once_on_an_empty_file_make_one_schema(tmp_path):
    engines = [connect(f"sqlite:///{tmp_path / 'new.db'}") for _ in range(3)]
    failures = []

    def run(engine):
        try:
            migrate(engine)
        except StoreError as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(engine,)) for engine in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with engines[0].connect() as connection:
        tables = set(inspect(connection).get_table_names())
    for engine in engines:
        engine.dispose()
    assert failures == []
    assert {"mail", "case", "letter"} <= tables


@pytest.mark.parametrize("url", ["", "no url", "mysql://localhost/x", "sqlite:////no/such/folder/x.db"])
def test_a_database_that_cannot_be_used_is_said_in_a_sentence(url):
    def start():
        engine = connect(url)
        try:
            migrate(engine)
        finally:
            engine.dispose()

    with pytest.raises(StoreError) as caught:
        start()
    assert caught.value.hint
    assert "/no/such/folder" not in caught.value.message


def test_a_postgresql_that_does_not_answer_is_said_without_its_password():
    engine = connect("postgresql://bot:hemligt@127.0.0.1:1/none")
    with pytest.raises(StoreError) as caught:
        migrate(engine)
    engine.dispose()
    assert caught.value.temporary
    assert "hemligt" not in str(caught.value)
