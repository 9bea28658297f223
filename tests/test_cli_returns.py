"""A letter that came back, on the command line: what happened, another way, the next step."""

from contextlib import contextmanager

import pytest
from typer.testing import CliRunner

from inbox_bot.cli import app, look
from inbox_bot.outbox.transport import Attempt, Fate


@pytest.mark.parametrize("command", [["case", "PK-2026-0001"], ["mails"]])
def test_the_commands_that_look_tell_the_way_on(house, monkeypatch, command):
    @contextmanager
    def opened(_config):
        yield house.building

    monkeypatch.setattr(look, "opened", opened)
    house.transport.answers.append(Attempt(fate=Fate.REFUSED, answer="550 5.1.1"))
    house.mail("#access")
    house.drain()
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    for words in (
        "receipt_identity failed 550 5.1.1",
        "Adressen finns inte",
        "vanlig post",
        "inbox-bot ask PK-2026-0001 --to",
    ):
        assert words in result.output
