"""One contract for every register of known people, and what each kind of register says when it cannot be used."""

import csv
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from inbox_bot.domain.people import KnownPerson, MailboxKind
from inbox_bot.errors import PeopleError
from inbox_bot.people.csv_file import CsvPeople
from inbox_bot.people.rows import person_of, row_of
from inbox_bot.people.sql_query import SqlPeople
from tests.support.people import CONTACT, OLD, ON_FILE, PEOPLE, RESULTS, ROWS, SHARED, FakePeople

TABLE = "CREATE TABLE person (address TEXT, name TEXT, kind TEXT, account TEXT, previous TEXT, results TEXT)"
QUERY = """SELECT Address, name, kind, account, previous, results FROM person
WHERE account IN (SELECT account FROM person WHERE lower(address) = :address)"""


def write_csv(path, rows=ROWS, delimiter=",", encoding="utf-8"):
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(ROWS[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_sqlite(path, rows=ROWS):
    with sqlite3.connect(path) as connection:
        connection.execute(TABLE)
        connection.executemany(
            "INSERT INTO person VALUES (:address, :name, :kind, :account, :previous, :results)", rows
        )
    connection.close()
    return f"sqlite:///{path}"


@pytest.fixture(params=["fake", "csv", "sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))])
def people(request, tmp_path):
    """The same people in every kind of register."""
    match request.param:
        case "fake":
            return FakePeople()
        case "csv":
            return CsvPeople(write_csv(tmp_path / "people.csv"))
        case "sqlite":
            return SqlPeople(write_sqlite(tmp_path / "people.db"), QUERY)
        case _:
            from sqlalchemy import create_engine, text

            url = request.getfixturevalue("postgres_url")
            engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
            with engine.begin() as connection:
                connection.execute(text(TABLE))
                names = ", ".join(f":{name}" for name in ROWS[0])
                connection.execute(text(f"INSERT INTO person VALUES ({names})"), list(ROWS))
            engine.dispose()
            return SqlPeople(url, QUERY)


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.addresses[0])
def test_each_person_is_found_by_every_address(people, person):
    for address in (*person.addresses, *person.previous):
        assert people.find(address) == person


@pytest.mark.parametrize("address", ["ANNA.EK@EXAMPLE.COM", "  Anna.Ek@example.com ", OLD.upper()])
def test_capitals_hide_nobody(people, address):
    assert people.find(address).addresses == (ON_FILE,)


@pytest.mark.parametrize(
    "address", ["ingen@example.com", "", "@", "anna", "' OR 1=1 --", "%@example.com", "å@example.com"]
)
def test_nobody_is_found_who_is_not_on_file(people, address):
    assert people.find(address) is None


def test_what_an_address_is(people):
    assert people.find(SHARED).kind is MailboxKind.SHARED
    assert people.find(CONTACT).kind is MailboxKind.EMPLOYER_CONTACT
    assert people.find(RESULTS).results
    assert not people.find(ON_FILE).results


def test_a_report_names_nobody(people):
    assert people.report()
    assert "@" not in people.report()
    assert "Anna" not in people.report()


def test_many_may_ask_at_once(people):
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(people.find, [SHARED] * 12)) == [PEOPLE[1]] * 12


def test_an_address_of_several_accounts_is_shared_and_leads_to_none():
    rows = [row_of({**ROWS[0], "account": number}, place="x", account="") for number in "12"]
    other = row_of({**ROWS[5], "account": "1"}, place="x", account="")
    assert person_of(ON_FILE, [*rows, other]) == KnownPerson(name="", kind=MailboxKind.SHARED, addresses=(ON_FILE,))


def test_an_account_of_two_addresses_has_the_kind_of_the_one_asked_for():
    rows = [
        row_of({**ROWS[0], "account": "1"}, place="x", account=""),
        row_of({**ROWS[2], "account": "1"}, place="x", account=""),
    ]
    assert person_of(ON_FILE, rows).kind is MailboxKind.PERSONAL
    assert person_of(SHARED, rows).kind is MailboxKind.SHARED
    assert person_of(SHARED, rows).addresses == (ON_FILE, SHARED)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_files_as_spreadsheets_write_them(tmp_path, delimiter, encoding):
    people = CsvPeople(write_csv(tmp_path / "people.csv", delimiter=delimiter, encoding=encoding))
    assert people.find(ON_FILE) == PEOPLE[0]
    assert people.report().endswith("6 addresses, 5 accounts")


def test_lines_without_an_account_are_people_of_their_own(tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("Name,KIND,address,town\nEn,personal,en@example.com,X\n\nTvå,shared,tva@example.com,Y\n", "utf-8")
    people = CsvPeople(file)
    assert people.find("en@example.com").addresses == ("en@example.com",)
    assert people.find("tva@example.com").name == "Två"


def test_a_file_that_changes_is_read_again(tmp_path):
    file = write_csv(tmp_path / "people.csv")
    people = CsvPeople(file)
    assert people.find("cilla@example.com") is None
    fresh = tmp_path / "fresh.csv"
    write_csv(fresh, [{**ROWS[0], "address": "cilla@example.com"}])
    fresh.replace(file)
    assert people.find("cilla@example.com").name == "Anna Ek"
    assert people.find(SHARED) is None


def test_a_file_that_turns_bad_is_used_no_more_and_recovers(tmp_path):
    file = write_csv(tmp_path / "people.csv")
    people = CsvPeople(file)
    assert people.find(ON_FILE)
    file.unlink()
    with pytest.raises(PeopleError, match=r"people\.file.*No such file"):
        people.find(ON_FILE)
    write_csv(file, [{**ROWS[0], "kind": "private"}])
    with pytest.raises(PeopleError, match=r"line 2: kind is none of personal"):
        people.find(ON_FILE)
    write_csv(file, ROWS)
    assert people.find(ON_FILE)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no column address"),
        (b"name,kind\nHemlig,personal\n", "no column address"),
        (b"address,kind\nhemlig@example.com,personal\n", "no column name"),
        (b"address,name,kind\nhemlig,Hemlig,personal\n", "line 2: address is no mail address"),
        (b"address,name,kind,previous\nhemlig@example.com,Hemlig,personal,kanske\n", "line 2: previous is neither"),
        (b"address,name,kind,results\nhemlig@example.com,Hemlig,personal,2\n", "line 2: results is neither"),
        (b'address,name,kind\nhemlig@example.com,"Hemlig"x,personal\n', "is no CSV"),
        (b"address,name,kind\nhemlig@example.com,Heml\xe5g,personal\n", "not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used_says_where_and_never_who(tmp_path, content, said):
    file = tmp_path / "people.csv"
    file.write_bytes(content)
    for act in (lambda people: people.find(ON_FILE), lambda people: people.report()):
        with pytest.raises(PeopleError) as caught:
            act(CsvPeople(file))
        assert said in caught.value.message
        assert str(file) in caught.value.message
        assert "emlig" not in str(caught.value).replace(str(tmp_path), "")
        assert caught.value.__cause__ is None


def test_a_query_may_give_only_name_and_kind(tmp_path):
    url = write_sqlite(tmp_path / "people.db")
    people = SqlPeople(url, "SELECT name, 'personal' AS kind FROM person WHERE lower(address) = :address")
    assert people.find("Bo@example.com") == KnownPerson(
        name="Bo Ek", kind=MailboxKind.PERSONAL, addresses=("bo@example.com",)
    )


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT name FROM person WHERE address = :address", "gives no column kind"),
        ("SELECT kind FROM person WHERE address = :address", "gives no column name"),
        ("SELECT * FROM nobody WHERE address = :address", "OperationalError"),
        ("SELECT * FROM person WHERE :address IS NOT NULL", "not of the address asked for"),
        ("SELECT address, name, 'x' AS kind FROM person WHERE address = :address", "row 1: kind is none of"),
        ("DELETE FROM person WHERE address = :address", "OperationalError"),
    ],
)
def test_a_query_that_cannot_be_used_says_so_and_changes_nothing(tmp_path, query, said):
    people = SqlPeople(write_sqlite(tmp_path / "people.db", [{**ROWS[5], "address": "bo@example.com"}]), query)
    wanted = "ingen@example.com" if "IS NOT NULL" in query else "bo@example.com"
    with pytest.raises(PeopleError) as caught:
        people.find(wanted)
    assert said in caught.value.message
    assert "bo@" not in str(caught.value)
    with sqlite3.connect(tmp_path / "people.db") as connection:
        assert connection.execute("SELECT count(*) FROM person").fetchone() == (1,)
    connection.close()


def test_a_database_that_is_not_there_is_an_error_and_not_made(tmp_path):
    people = SqlPeople(f"sqlite:///{tmp_path / 'none.db'}", QUERY)
    with pytest.raises(PeopleError, match="OperationalError"):
        people.report()
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize("url", ["nonsense", "mysql+nothing://x/y", "oracle2://x"])
def test_a_url_that_names_no_database(url):
    with pytest.raises(PeopleError, match=r"people\.url"):
        SqlPeople(url, QUERY)


@pytest.mark.needs("postgresql")
def test_a_password_is_never_told(postgres_cluster):
    people = SqlPeople("postgresql://reader:hemligt@127.0.0.1:1/none", QUERY)
    with pytest.raises(PeopleError) as caught:
        people.find(ON_FILE)
    assert "hemligt" not in str(caught.value)
    assert caught.value.temporary
