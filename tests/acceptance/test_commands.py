"""The commands by which a person works, one after another on one installation that is run once at a time."""

from datetime import UTC, datetime, timedelta

from tests.acceptance.correspondence import REQUESTS, UNSURE, answer_page, letters_to, mail, swedish_day
from tests.acceptance.installation import SECRET, until

STAFF = "anna@example.com"
KIM = "kim@example.se"
LO = "lo@example.se"


def test_what_a_person_must_sort_is_listed_sorted_and_answered(install, smtp_catcher):
    office = install()
    received = datetime.now(UTC).replace(microsecond=0) - timedelta(days=3)
    office.mailbox.deliver(mail(KIM, REQUESTS["access"], message_id="old"), when=received)

    # The first look lists what it finds and writes to nobody about it.
    assert "steps done" in office.run("run", "--once")
    assert not letters_to(smtp_catcher.letters, KIM)
    [old] = office.read("mails")["to_sort"]
    assert (old["reason"], old["historic"]) == ("historic", True)
    assert old["message"]["reply_text"] == REQUESTS["access"]

    assert "PK-" in office.run("sort", str(old["id"]), "--as", "access", "--by", STAFF)
    office.mailbox.deliver(mail(LO, UNSURE, message_id="unsure"))
    office.run("run", "--once")
    [case] = office.read("cases")
    [receipt] = letters_to(smtp_catcher.letters, KIM)
    assert case["reference"] in receipt.text
    assert swedish_day(case["due"]) in receipt.text
    assert case["claims"][0]["received_at"] == received.isoformat()

    [unsure] = office.read("mails")["to_sort"]
    assert unsure["id"] != old["id"]
    assert unsure["verdict"]["outcome"] == "unsure"
    digest = office.run("digest", "--print")
    assert case["reference"] in digest
    assert f"/personal/brev/{unsure['id']}" in digest
    assert KIM not in digest

    assert "no request" in office.run("sort", str(unsure["id"]), "--as", "none", "--by", STAFF)
    [row] = office.rows("SELECT * FROM mail WHERE id = :id", id=unsure["id"])
    assert (row["state"], row["sorted_by"]) == ("left", STAFF)
    assert (row["content"], row["message"], row["verdict"]) == (None, None, None)
    assert not letters_to(smtp_catcher.letters, LO)


def test_worker_and_pages_as_two_processes(install, smtp_catcher):
    """The pages confirm, the worker drafts, and both stop when they are asked to."""
    office = install()
    worker = office.start_and_look("worker")
    pages = office.start("web")
    office.mailbox.deliver(mail(KIM, REQUESTS["access"], message_id="kim"), folder="Skräppost")
    smtp_catcher.wait_for(lambda letters: bool(letters_to(letters, KIM)), 30)
    [receipt] = letters_to(smtp_catcher.letters, KIM)
    until(lambda: pages.check_alive() or office.answers())

    assert answer_page(receipt.link, "BBBB-BBBB", "Ja").status_code == 422
    assert len(office.claims("awaiting_identity")) == 1
    assert answer_page(receipt.link, receipt.code, "Nej").status_code == 200
    until(lambda: office.claims("disowned"))

    assert [pages.stop(5), worker.stop(5)] == [0, 0]
    assert [row["state"] for row in office.rows('SELECT state FROM "case"')] == ["closed"]
    for program in (pages, worker):
        assert receipt.link.rpartition("/")[2] not in program.log
        assert receipt.code not in program.log
        assert SECRET not in program.log
