import os
import threading

import pytest

from inbox_bot.demo.installation import Halted, Installation
from inbox_bot.demo.ledger import look_up
from inbox_bot.demo.post import write_mail
from inbox_bot.errors import InboxBotError


@pytest.fixture
def place(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("INBOX_BOT_SMTP__HOST", "smtp.example.com")
    with Installation(wanted_port=0) as found:
        yield found


def test_it_uses_its_own_servers_whatever_the_environment_says_and_leaves_nothing(place):
    settings = place.building.settings
    assert settings.smtp.host == settings.mailbox["info"].host == settings.web.host == "127.0.0.1"
    assert "INBOX_BOT_SMTP__HOST" not in os.environ
    place.start()
    content = write_mail("marketing_stop", at=place.clock.now())
    place.put(content)
    place.wait_until(lambda: any(b"PK-" in one.content for one in place.smtp.letters), "the receipt")
    entry = look_up(place.building.flow, "info", content)
    assert entry.fate.understood == "objection (marketing)"
    folder = place.folder
    assert folder.is_dir()
    place.close()
    place.close()
    assert not folder.exists()
    assert os.environ["INBOX_BOT_SMTP__HOST"] == "smtp.example.com"


def test_waiting_ends_with_a_sentence_when_nothing_comes_and_at_once_when_halted(place, monkeypatch):
    monkeypatch.setattr("inbox_bot.demo.installation._SHORTEST_WAIT", 0.05)
    place._patience = 0.2
    for patience in (0.1, 0.05, 0.05):
        with pytest.raises(InboxBotError, match="in vain for the moon"):
            place.wait_until(lambda: False, "the moon")
        assert place._patience == patience
    place._patience = 60
    place.halted.set()
    with pytest.raises(Halted):
        place.wait_until(lambda: False, "the moon")


def test_a_program_that_ends_by_itself_is_not_waited_for(place, monkeypatch):
    async def fail(*_args, **_more):
        raise InboxBotError("the pages fell down")

    monkeypatch.setattr("inbox_bot.demo.program.serve", fail)
    with pytest.raises(InboxBotError, match="fell down"):
        place.start()
    monkeypatch.undo()
    with pytest.raises(InboxBotError, match="fell down"):
        place.close()
    assert not place.folder.exists()
    assert not [one for one in threading.enumerate() if one.name == "demo-program"]
