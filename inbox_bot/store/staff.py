"""Staff logins: one-time codes and known browsers; codes and visits are kept as keyed hashes only."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from inbox_bot.store.guard import add, changed
from inbox_bot.store.tables import BrowserRow, DepartureRow, LoginCodeRow


class Staff:
    """The rows of ``login_code``, ``browser`` and ``departure``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def lock(self, address: str) -> None:
        """Hold an address until the transaction ends: codes asked for at the same moment must count each other."""
        if self._session.get_bind().dialect.name == "postgresql":
            self._session.execute(select(func.pg_advisory_xact_lock(20160683, func.hashtext(address))))

    def add_code(
        self, *, address: str, visit_hash: str, known: bool, code_hash: str, at: datetime, expires_at: datetime
    ) -> None:
        """Store a new code for an address and a visit; older ones of the same visit stop working, no one else's do."""
        older = update(LoginCodeRow).where(
            col(LoginCodeRow.address) == address, col(LoginCodeRow.visit_hash) == visit_hash
        )
        changed(self._session, older.values(used=True))
        self._session.add(
            LoginCodeRow(
                address=address,
                visit_hash=visit_hash,
                known=known,
                code_hash=code_hash,
                made_at=at,
                expires_at=expires_at,
            )
        )

    def codes_since(self, address: str, moment: datetime, *, known_visit: str | None = None) -> int:
        """Count the codes made for an address since a moment: all for unknown browsers, or those of one known visit."""
        query = (
            select(func.count())
            .select_from(LoginCodeRow)
            .where(LoginCodeRow.address == address, col(LoginCodeRow.made_at) >= moment)
        )
        if known_visit is None:
            query = query.where(~col(LoginCodeRow.known))
        else:
            query = query.where(LoginCodeRow.visit_hash == known_visit)
        return self._session.exec(query).one()

    def spend_attempt(self, address: str, visit_hash: str, now: datetime, limit: int) -> tuple[int, str] | None:
        """Count a try on the visit's open code and return its id and hash; None when there is none or no try is left."""
        mine = (
            col(LoginCodeRow.address) == address,
            col(LoginCodeRow.visit_hash) == visit_hash,
            ~col(LoginCodeRow.used),
            col(LoginCodeRow.expires_at) > now,
        )
        counted = changed(
            self._session,
            update(LoginCodeRow)
            .where(*mine, col(LoginCodeRow.attempts) < limit)
            .values(attempts=LoginCodeRow.attempts + 1),
        )
        if not counted:
            return None
        code_id, code_hash = self._session.exec(select(LoginCodeRow.id, LoginCodeRow.code_hash).where(*mine)).one()
        assert code_id is not None
        return code_id, code_hash

    def use_code(self, code_id: int) -> bool:
        """Use a code up; False if it was used already."""
        return changed(
            self._session,
            update(LoginCodeRow).where(col(LoginCodeRow.id) == code_id, ~col(LoginCodeRow.used)).values(used=True),
        )

    def knows(self, visit_hash: str, address: str, now: datetime) -> bool:
        """True if the browser of this visit has logged in as this address before."""
        query = select(BrowserRow.id).where(
            BrowserRow.visit_hash == visit_hash, BrowserRow.address == address, col(BrowserRow.expires_at) > now
        )
        return self._session.exec(query).first() is not None

    def remember(self, *, old_hash: str, new_hash: str, address: str, expires_at: datetime) -> None:
        """Know a browser by ``new_hash`` from now on, as this address too; ``old_hash`` is known no longer."""
        mine = update(BrowserRow).where(col(BrowserRow.visit_hash) == old_hash)
        changed(self._session, mine.values(visit_hash=new_hash))
        again = update(BrowserRow).where(col(BrowserRow.visit_hash) == new_hash, col(BrowserRow.address) == address)
        if not changed(self._session, again.values(expires_at=expires_at)):
            self._session.add(BrowserRow(visit_hash=new_hash, address=address, expires_at=expires_at))

    def use_up_codes(self, address: str) -> None:
        """Make every open code of an address stop working, whichever browser asked for it."""
        mine = update(LoginCodeRow).where(col(LoginCodeRow.address) == address, ~col(LoginCodeRow.used))
        changed(self._session, mine.values(used=True))

    def add_departure(self, *, state_hash: str, visit_hash: str, onward: str, expires_at: datetime) -> None:
        """Note that the browser of a visit is on its way to the provider of the company's accounts."""
        row = {"state_hash": state_hash, "visit_hash": visit_hash, "onward": onward, "expires_at": expires_at}
        add(self._session, "departure", row)

    def take_departure(self, state_hash: str, visit_hash: str, now: datetime) -> str | None:
        """Use a state up and return where its person was going; None if it is unknown, used, old or another visit's."""
        mine = delete(DepartureRow).where(
            col(DepartureRow.state_hash) == state_hash,
            col(DepartureRow.visit_hash) == visit_hash,
            col(DepartureRow.expires_at) > now,
        )
        found = self._session.execute(mine.returning(col(DepartureRow.onward))).scalars().first()
        return None if found is None else str(found)

    def sweep(self, now: datetime) -> None:
        """Delete browsers long unseen, and codes too old to count against the hourly limit."""
        self._session.execute(delete(DepartureRow).where(col(DepartureRow.expires_at) <= now))
        self._session.execute(delete(BrowserRow).where(col(BrowserRow.expires_at) <= now))
        hour_ago = now - timedelta(hours=1)
        self._session.execute(
            delete(LoginCodeRow).where(col(LoginCodeRow.expires_at) <= now, col(LoginCodeRow.made_at) <= hour_ago)
        )
