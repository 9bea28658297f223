"""Two workers on one database and one mailbox: each letter leaves once, whoever sends it."""

from collections import Counter
from collections.abc import Iterator

import pytest

from inbox_bot.demo.smtp_catcher import Answers, CaughtLetter, SmtpCatcher
from tests.acceptance.correspondence import COMPANY, REQUESTS, letters_to, mail
from tests.acceptance.installation import until

PEOPLE = [f"person{number:02}@example.se" for number in range(24)]
TURNS = 8


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))])
def database(request: pytest.FixtureRequest) -> str:
    return "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")


@pytest.fixture
def other_catcher() -> Iterator[SmtpCatcher]:
    with SmtpCatcher() as catcher:
        yield catcher


def taking_turns(mine: SmtpCatcher, other: SmtpCatcher) -> Answers:
    """Hold each of the first letters back until the other worker has sent as many, so that both take part."""

    def answer(_: CaughtLetter) -> None:
        mine_so_far = len(mine.letters)
        if mine_so_far < TURNS:
            other.wait_for(lambda letters: len(letters) >= mine_so_far, 30)

    return answer


def test_each_letter_leaves_once(install, database, tmp_path, pymap_server, smtp_catcher, other_catcher):
    more = "[outbox]\nper_hour = 1000\n"
    one = install(name="one", database=database or f"sqlite:///{tmp_path}/cases.db", more=more)
    two = install(name="two", database=one.database, catcher=other_catcher, more=more)
    smtp_catcher.answers = taking_turns(smtp_catcher, other_catcher)
    other_catcher.answers = taking_turns(other_catcher, smtp_catcher)
    # Both find the database empty, and both bring it up to date.
    workers = [one.start("worker"), two.start_and_look("worker")]

    for number, person in enumerate(PEOPLE):
        one.mailbox.deliver(mail(person, REQUESTS["access"], message_id=f"m{number}"))
    until(
        lambda: (
            one.rows("SELECT count(*) AS n FROM letter WHERE name = 'receipt_identity' AND state = 'sent'")[0]["n"]
            == 24
        )
    )
    receipts = {person: _letters(person, smtp_catcher, other_catcher)[0] for person in PEOPLE}
    for number, (person, receipt) in enumerate(receipts.items()):
        reply = mail(person, f"Ja. {receipt.code}", message_id=f"r{number}", In_Reply_To=receipt.message_id)
        one.mailbox.deliver(reply)
    until(lambda: len(one.claims("awaiting_approval")) == len(PEOPLE))
    codes = [worker.stop() for worker in workers]

    assert codes == [0, 0], workers[0].log + workers[1].log
    assert {person: len(_letters(person, smtp_catcher, other_catcher)) for person in PEOPLE} == dict.fromkeys(PEOPLE, 1)
    assert len({receipt.message_id for receipt in receipts.values()}) == len(PEOPLE)
    assert min(len(smtp_catcher.letters), len(other_catcher.letters)) >= TURNS - 1
    assert [row["number"] for row in one.rows('SELECT number FROM "case" ORDER BY number')] == list(range(1, 25))
    assert len(one.rows("SELECT id FROM draft")) == len(PEOPLE)
    happened = Counter(row["name"] for row in one.rows("SELECT name FROM event"))
    for name in (
        "opened",
        "claim_added",
        "identity_asked",
        "letter_sent",
        "mail_joined",
        "identity_confirmed",
        "drafted",
    ):
        assert happened[name] == len(PEOPLE), name
    assert len(one.rows("SELECT id FROM letter WHERE name = 'weekly_digest'")) <= 1
    for worker in workers:
        assert "failed" not in worker.log


def _letters(person: str, *catchers: SmtpCatcher) -> list:
    assert person != COMPANY
    return [letter for catcher in catchers for letter in letters_to(catcher.letters, person)]
