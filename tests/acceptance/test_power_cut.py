"""kill -9 at the worst moments: nothing is lost, and nothing goes out twice but what is known to be doubtful."""

import threading

import pytest

from inbox_bot.outbox.step import AT_ONCE
from tests.acceptance.correspondence import REQUESTS, letters_to, mail
from tests.acceptance.installation import Installation, until

STAFF = "anna@example.com"
IMPATIENT = "[outbox]\nclaim_minutes = 0.005\n"
KIM = "kim@example.se"
LO = "lo@example.se"


class Stall:
    """An outgoing server that stops dead at one person's letter, until the test lets it go on."""

    def __init__(self, person: str, *, after_letters: int = 0) -> None:
        self._person = person
        self._passed = after_letters
        self._reached = threading.Event()
        self._released = threading.Event()

    def hold(self, person: str) -> None:
        if person != self._person or self._released.is_set():
            return
        if self._passed:
            self._passed -= 1
            return
        self._reached.set()
        self._released.wait(30)

    def wait(self) -> None:
        if not self._reached.wait(30):
            raise TimeoutError("the letter has not come")

    def release(self) -> None:
        self._released.set()


def let_a_minute_pass(office: Installation) -> None:
    """A letter that may go again waits a minute; do what only time would."""
    assert office.change("UPDATE letter SET next_at = created_at WHERE state = 'queued' AND attempts > 0") > 0


@pytest.mark.parametrize(("moment", "copies"), [("before the letter", 1), ("after the letter", 2)])
def test_a_receipt_under_way_goes_again_as_the_same_letter(install, smtp_catcher, moment, copies):
    office = install(more=IMPATIENT)
    stall = Stall(KIM)
    if moment == "before the letter":
        smtp_catcher.recipient_answers = stall.hold
    else:
        smtp_catcher.answers = lambda letter: stall.hold(letter.recipients[0])
    worker = office.start_and_look("worker")
    people = [f"person{number}@example.se" for number in range(4)]
    for number, person in enumerate([*people[:2], KIM, *people[2:]]):
        office.mailbox.deliver(mail(person, REQUESTS["erasure"], message_id=f"m{number}"))
    stall.wait()
    worker.kill()
    stall.release()
    before = office.rows("SELECT * FROM letter WHERE recipient = :kim", kim=KIM)

    worker = office.start("worker")
    until(lambda: worker.check_alive() or office.rows("SELECT id FROM letter WHERE answer = 'stale claim'"))
    let_a_minute_pass(office)
    office.mailbox.deliver(mail(LO, REQUESTS["erasure"], message_id="lo"))
    until(lambda: len(office.rows("SELECT id FROM letter WHERE name = 'receipt_identity' AND state = 'sent'")) == 6)
    assert worker.stop() == 0

    assert [row["state"] for row in before] == ["sending"]
    sent = letters_to(smtp_catcher.letters, KIM)
    assert len(sent) == copies
    assert {letter.caught.content for letter in sent} == {before[0]["content"]}
    for person in (*people, LO):
        assert len(letters_to(smtp_catcher.letters, person)) == 1


def test_an_answer_under_way_waits_for_a_person(install, smtp_catcher):
    office = install(more=IMPATIENT)
    office.run("run", "--once")
    office.mailbox.deliver(mail(KIM, REQUESTS["marketing"], message_id="kim"))
    office.run("run", "--once")
    [claim] = office.claims("awaiting_approval")
    stall = Stall(KIM)
    smtp_catcher.answers = lambda letter: stall.hold(letter.recipients[0])
    office.run("approve", claim["reference"], "--by", STAFF, "--note", "Adressen är borttagen ur nyhetsbrevsverktyget.")
    program = office.start("run", "--once")
    stall.wait()
    program.kill()
    stall.release()
    smtp_catcher.wait_for(lambda letters: len(letters_to(letters, KIM)) == 2)
    office.run("run", "--once")

    [unknown] = office.read("mails")["letters"]
    assert (unknown["recipient"], unknown["state"]) == (KIM, "unknown")
    assert len(letters_to(smtp_catcher.letters, KIM)) == 2
    assert len(office.claims("approved")) == 1

    office.run("settle", str(unknown["id"]), "--again", "--by", STAFF)
    office.run("run", "--once")

    _, first, again = letters_to(smtp_catcher.letters, KIM)
    assert first.caught.content == again.caught.content
    assert [row["state"] for row in office.rows('SELECT state FROM "case"')] == ["closed"]
    assert office.rows("SELECT actor FROM event WHERE name = 'letter_settled'") == [{"actor": STAFF}]


def test_a_program_that_dies_again_and_again_loses_nothing(install, smtp_catcher):
    office = install(more=IMPATIENT)
    office.run("worker", "--once")
    people = [f"person{number:02}@example.se" for number in range(20)]
    for number, person in enumerate(people):
        office.mailbox.deliver(mail(person, REQUESTS["rectification"], message_id=f"m{number}"))
    moments = (
        "SELECT 1 FROM mail WHERE state <> 'received'",
        'SELECT 1 FROM "case"',
        "SELECT 1 FROM letter WHERE name = 'receipt_identity' AND state = 'sent'",
    )
    for moment in moments:
        worker = office.start("worker")
        until(lambda worker=worker, moment=moment: worker.check_alive() or office.rows(moment))
        worker.kill()
    office.run("worker", "--once")
    if office.rows("SELECT 1 FROM letter WHERE state = 'queued'"):
        let_a_minute_pass(office)
        office.run("worker", "--once")

    counts = {person: len(letters_to(smtp_catcher.letters, person)) for person in people}
    doubtful = {row["recipient"] for row in office.rows("SELECT recipient FROM letter WHERE attempts > 1")}
    assert {person for person, count in counts.items() if count != 1} <= doubtful
    assert set(counts.values()) <= {1, 2}
    assert len(doubtful) <= AT_ONCE * len(moments)
    for person in people:
        assert len({letter.caught.content for letter in letters_to(smtp_catcher.letters, person)}) == 1
    assert len(office.claims("awaiting_identity")) == len(people)
    assert len(office.rows("SELECT id FROM mail")) == len(people)


def test_asked_to_stop_it_finishes_the_letter_in_hand(install, smtp_catcher):
    office = install()
    worker = office.start_and_look("worker")
    people = [f"person{number:02}@example.se" for number in range(20)]
    for number, person in enumerate(people):
        office.mailbox.deliver(mail(person, REQUESTS["restriction"], message_id=f"m{number}"))
    smtp_catcher.wait_for(lambda letters: any(letters_to(letters, person) for person in people), 30)
    assert worker.stop(5) == 0
    assert not office.rows("SELECT id FROM letter WHERE state = 'sending'")

    office.run("worker", "--once")
    assert {len(letters_to(smtp_catcher.letters, person)) for person in people} == {1}
