"""Installations to drive the command on: one for each test, and one whole story told once and looked at by many tests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inbox_bot.demo.imap_server import EmbeddedImap
from inbox_bot.demo.smtp_catcher import SmtpCatcher
from tests.acceptance.correspondence import COMPANY
from tests.acceptance.installation import Installation, as_mailbox
from tests.acceptance.story import Story, tell
from tests.support.dovecot import Dovecot

Install = Callable[..., Installation]


@pytest.fixture
def install(tmp_path: Path, pymap_server: EmbeddedImap, smtp_catcher: SmtpCatcher) -> Iterator[Install]:
    """Make an installation on pymap, SQLite and a catcher of its own; whatever it started is ended afterwards."""
    made: list[Installation] = []

    def make(**values: object) -> Installation:
        known = {"folder": tmp_path, "mailbox": as_mailbox(pymap_server), "catcher": smtp_catcher}
        made.append(Installation(**(known | values)))
        return made[-1]

    yield make
    for installation in made:
        installation.close()


@pytest.fixture(scope="session")
def story_on_pymap(tmp_path_factory: pytest.TempPathFactory) -> Story:
    with EmbeddedImap(user=COMPANY, password="hemligt") as server:
        return tell(as_mailbox(server), tmp_path_factory.mktemp("pymap"))


@pytest.fixture(scope="session")
def story_on_dovecot(dovecot_instance: Dovecot, tmp_path_factory: pytest.TempPathFactory) -> Story:
    return tell(dovecot_instance.mailbox(), tmp_path_factory.mktemp("dovecot"))


@pytest.fixture(params=["pymap", pytest.param("dovecot", marks=pytest.mark.needs("dovecot"))])
def story(request: pytest.FixtureRequest) -> Story:
    """The story as it went on one of the servers."""
    told: Story = request.getfixturevalue(f"story_on_{request.param}")
    return told
