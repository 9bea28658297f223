"""An installation that knows some people."""

import pytest

from inbox_bot import assembly
from tests.support.house import START
from tests.support.people import FakePeople


@pytest.fixture
def people(monkeypatch):
    """The register that the next installation built will look people up in."""
    fake = FakePeople()
    monkeypatch.setattr(assembly, "people_on_file", lambda _: fake)
    return fake


@pytest.fixture
def known(build, people):
    """An installation with a register, past its first look."""
    made = build()
    made.flow.collect(made.mailbox, look_back_days=30)
    with made.flow.desk.write() as unit:
        unit.digests.claim("weekly", "2026-W37", START)
    return made
