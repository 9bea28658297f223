"""An installation that knows some people."""

import pytest

from tests.support.people import FakePeople, with_people


@pytest.fixture
def people():
    """The register that the installation looks people up in."""
    return FakePeople()


@pytest.fixture
def known(build, people, monkeypatch):
    """An installation with a register, past its first look."""
    return with_people(build, monkeypatch, people)
