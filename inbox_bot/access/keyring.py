"""All logins of an installation: who uses which, and how each one is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from inbox_bot.access.grant import PersonalGrant
from inbox_bot.access.keeper import TokenKeeper
from inbox_bot.access.shelf import Shelf
from inbox_bot.access.term import Term
from inbox_bot.clock import Clock, stockholm_day
from inbox_bot.errors import AccessError, StoreError


@dataclass(frozen=True, kw_only=True)
class Keyring:
    """``uses``: the login of each mailbox, and of ``smtp``, that has one; ``keepers``: by the login's name."""

    keepers: Mapping[str, TokenKeeper]
    uses: Mapping[str, str]
    shelf: Shelf
    clock: Clock
    warn_days: int
    personal: Callable[[str], PersonalGrant | None]

    def keeper(self, user: str) -> TokenKeeper | None:
        """Return what gives tokens to a mailbox, or ``smtp``; None where it has a password."""
        return self.keepers[self.uses[user]] if user in self.uses else None

    def log_in(self, name: str, *, port: int, tell: Callable[[str], None]) -> None:
        """Let a person log in, once: ``tell`` them what to do, wait, store what renews it. Raises AccessError."""
        login = self.uses.get(name, name)
        if login not in self.keepers:
            known = ", ".join(sorted(self.keepers)) or "none"
            raise AccessError(
                f'There is no login {name}: neither a mailbox with auth = "microsoft" or "google", nor smtp.',
                hint=f"Logins are: {known}.",
            )
        grant = self.personal(login)
        if grant is None:
            raise AccessError(f"Login {login} needs nobody to log in.", hint="Try it with: inbox-bot check")
        # A login that cannot be stored is worth nothing, so the key is looked for before the person goes to work.
        self.shelf.check_key()
        tell(grant.begin(port))
        renewed = grant.finish()
        self.shelf.put(login, renewed, self.clock.now(), after=None)

    def term(self, name: str) -> Term:
        """Return how a login is, without asking its provider."""
        used_by = [user for user, login in self.uses.items() if login == name]
        try:
            grant = self.keepers[name].grant()
            ending = grant.ending()
            record = self.shelf.look(name)
        except (AccessError, StoreError) as error:
            return Term(name=name, used_by=used_by, trouble=str(error))
        return Term(
            name=name, used_by=used_by, provider=grant.provider, keeps=grant.keeps, record=record, ending=ending
        )

    def report(self, name: str) -> str:
        """Get a token and say how long the login lasts, for ``inbox-bot check``. Raises AccessError."""
        self.keepers[name].token()
        today = stockholm_day(self.clock.now())
        term = self.term(name)
        left = term.days_left(today)
        if left is not None and left < 0:
            # The provider still says yes: the date in the settings is what is wrong.
            return f"{term.in_english(today)}, yet a token was given: correct the date in the settings"
        return f"a token was given; {term.in_english(today)}"

    def warnings(self, say: Callable[[str], str]) -> Sequence[str]:
        """Return in Swedish what staff must be told of today. ``say`` has the Swedish words for an error."""
        today = stockholm_day(self.clock.now())
        return [line for name in self.keepers if (line := self.term(name).warning(today, self.warn_days, say))]

    def lines(self) -> Sequence[str]:
        """Return in Swedish every login with its days left, for the weekly digest."""
        today = stockholm_day(self.clock.now())
        return [self.term(name).in_swedish(today) for name in self.keepers]
