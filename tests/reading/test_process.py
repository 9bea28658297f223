"""The process that reads: it answers in order, is started again after a death, and is never left behind."""

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from inbox_bot import assembly
from inbox_bot.domain.mail import AutomaticKind
from inbox_bot.domain.verdict import Outcome
from inbox_bot.errors import ReaderError, RulesError
from inbox_bot.reading.process import ReaderProcess
from inbox_bot.settings import FileSettings, LogSettings

OWN = frozenset({"info@example.com"})
ASKS = "Jag vill att ni raderar alla personuppgifter ni har om mig."
BOOKS = "Jag vill boka en plats på kursen i mars."
SOON = 20.0


def mail(body, *more):
    head = ("From: kalle@example.se", "To: info@example.com", "Subject: Hej", *more)
    lines = ("MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "", body, "")
    return "\r\n".join((*head, *lines)).encode()


def is_gone(pid):
    """True once a process has ended; a zombie that nobody has waited for has ended too."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


def wait_until_gone(pid):
    pause = threading.Event()
    for _ in range(int(SOON / 0.05)):
        if is_gone(pid):
            return True
        pause.wait(0.05)
    return False


@pytest.fixture(scope="module")
def shared():
    """One process for the tests that leave it as it was: starting it takes a second."""
    reader = ReaderProcess(FileSettings(), LogSettings(level="error"))
    yield reader
    reader.close()


@pytest.fixture
def reader(shared):
    shared.open()
    return shared


def test_it_reads_and_judges_as_the_rooms_do(reader):
    reader.send([mail(ASKS), mail(BOOKS), mail("Semester", "Auto-Submitted: auto-replied"), b"\r\n\r\n"], OWN)
    asks, books, automatic, empty = reader.receive()
    classifier = assembly.load_rules(FileSettings())
    for reading, content in ((asks, mail(ASKS)), (books, mail(BOOKS))):
        assert reading.message == assembly.read_mail(content)
        assert reading.verdict == assembly.read_whole(classifier, reading.message)
    assert (asks.verdict.outcome, books.verdict.outcome) == (Outcome.REQUEST, Outcome.NOT_REQUEST)
    assert automatic.message.automatic.kind is AutomaticKind.AUTO_REPLY
    assert automatic.verdict is None
    assert (empty.message, empty.reason) == (None, "The mail could not be parsed.")


def test_own_addresses_go_with_each_batch(reader):
    reader.send([mail(ASKS)], frozenset({"kalle@example.se"}))
    [reading] = reader.receive()
    assert reading.message.automatic.kind is AutomaticKind.OWN


def test_batches_come_back_in_the_order_they_went_also_around_a_question(reader):
    for body in (ASKS, BOOKS, ASKS):
        reader.send([mail(body)], OWN)
    assert reader.classify("", BOOKS).outcome is Outcome.NOT_REQUEST
    outcomes = [reader.receive()[0].verdict.outcome for _ in range(3)]
    assert outcomes == [Outcome.REQUEST, Outcome.NOT_REQUEST, Outcome.REQUEST]


def test_a_signal_to_the_whole_group_is_for_the_parent_to_heed(reader):
    for name in (signal.SIGTERM, signal.SIGINT):
        os.kill(reader.pid, name)
    reader.send([mail(ASKS)], OWN)
    assert len(reader.receive()) == 1


def test_more_than_the_pipe_holds_both_ways_goes_through(reader):
    many = [mail(ASKS + " " + "Hej på er. " * 5_000) for _ in range(30)]
    for _ in range(3):
        reader.send(many, OWN)
    assert [len(reader.receive()) for _ in range(3)] == [30] * 3


def test_a_reader_that_dies_gives_nothing_and_is_started_again(reader):
    first = reader.pid
    reader.send([mail(ASKS)] * 300, OWN)
    os.kill(first, signal.SIGKILL)
    assert len(reader.receive()) == 0
    reader.send([mail(ASKS)], OWN)
    assert len(reader.receive()) == 0, "what was sent to a dead one must not be read by the next"
    reader.open()
    assert reader.pid not in {None, first}
    reader.send([mail(ASKS)], OWN)
    assert len(reader.receive()) == 1
    assert is_gone(first)


def test_one_that_takes_too_long_is_ended(reader, monkeypatch):
    pid = reader.pid
    monkeypatch.setattr("inbox_bot.reading.process._PATIENCE", 0.05)
    os.kill(pid, signal.SIGSTOP)
    monkeypatch.setattr("inbox_bot.reading.process._FAREWELL", 0.05)
    reader.send([mail(ASKS)], OWN)
    assert len(reader.receive()) == 0
    assert wait_until_gone(pid)


def test_a_question_to_a_dead_one_is_an_error_and_the_next_is_answered(reader, monkeypatch):
    monkeypatch.setattr("inbox_bot.reading.process._FAREWELL", 0.05)
    monkeypatch.setattr("inbox_bot.reading.process._PATIENCE", 0.05)
    os.kill(reader.pid, signal.SIGSTOP)
    with pytest.raises(ReaderError):
        reader.classify("", ASKS)
    monkeypatch.undo()
    assert reader.classify("", ASKS).outcome is Outcome.REQUEST


def test_closing_ends_it_even_while_it_works_and_it_stays_closed():
    reader = ReaderProcess(FileSettings(), LogSettings(level="error"))
    reader.open()
    pid = reader.pid
    reader.send([mail(ASKS)] * 2_000, OWN)
    reader.close()
    reader.close()
    assert is_gone(pid)
    with pytest.raises(ReaderError):
        reader.open()


def test_rules_that_cannot_be_used_are_named(tmp_path):
    (tmp_path / "phrases").mkdir()
    (tmp_path / "phrases" / "access.toml").write_text("[[rule", "utf-8")
    reader = ReaderProcess(FileSettings(rules=str(tmp_path)), LogSettings())
    with pytest.raises(RulesError, match=r"access\.toml"):
        reader.open()
    assert reader.pid is None


def test_a_python_that_cannot_be_started_is_a_sentence(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(ReaderError, match="cannot be started"):
        ReaderProcess(FileSettings(), LogSettings()).open()


_PARENT = """
import os, signal
from inbox_bot.reading.process import ReaderProcess
from inbox_bot.settings import FileSettings, LogSettings
reader = ReaderProcess(FileSettings(), LogSettings())
reader.open()
reader.send([b"Subject: x\\r\\n\\r\\n" + b"Radera mina uppgifter. " * 2000] * {mails}, frozenset())
print(reader.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("mails", [0, 500], ids=["idle", "at work"])
def test_nothing_is_left_behind_by_a_parent_that_is_killed(mails):
    source = _PARENT.format(mails=mails)
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    pid = int(done.stdout)
    try:
        assert wait_until_gone(pid)
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("inbox_bot.serving, inbox_bot.cli", {"spacy", "thinc", "simplemma"}),
        ("inbox_bot.reading.__main__", {"sqlalchemy", "sqlmodel", "imapclient", "aiosmtplib", "jinja2", "starlette"}),
    ],
)
def test_each_process_imports_what_it_needs_and_no_more(module, absent):
    source = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, timeout=60, check=True)
    assert not absent & set(done.stdout.decode().split())
