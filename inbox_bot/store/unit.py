"""The unit of work: one transaction, and in it everything a step may load and save."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlmodel import Session

from inbox_bot.store.cases import Cases
from inbox_bot.store.challenges import Challenges
from inbox_bot.store.digests import Digests
from inbox_bot.store.drafts import Drafts
from inbox_bot.store.letters import Letters
from inbox_bot.store.mailboxes import Mailboxes
from inbox_bot.store.mails import Mails
from inbox_bot.store.staff import Staff


class Unit:
    """Every collection of the store, bound to one transaction."""

    def __init__(self, session: Session) -> None:
        self.mailboxes = Mailboxes(session)
        self.mails = Mails(session)
        self.cases = Cases(session)
        self.challenges = Challenges(session)
        self.drafts = Drafts(session)
        self.letters = Letters(session)
        self.staff = Staff(session)
        self.digests = Digests(session)


class Desk:
    """Opens units of work on one database; safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reader = engine.execution_options(read_only=True)

    @contextmanager
    def write(self) -> Iterator[Unit]:
        """Open a transaction that is committed at the end, or rolled back whole if anything raises."""
        with Session(self._engine) as session, session.begin():
            yield Unit(session)

    @contextmanager
    def look(self) -> Iterator[Unit]:
        """Open a transaction that only reads and never waits for a writer."""
        with Session(self._reader) as session:
            yield Unit(session)
            session.rollback()
