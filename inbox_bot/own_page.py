"""The page that belongs to the person who asks: see how far it has come, say that we understood wrong, take something back."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from inbox_bot.case import correcting
from inbox_bot.domain.dates import Calendar
from inbox_bot.domain.page import Deliverable, PageView
from inbox_bot.domain.rights import Claim
from inbox_bot.verification import page, visiting, withdrawing
from inbox_bot.verification.desk import Verification
from inbox_bot.verification.visiting import Admission
from inbox_bot.verification.withdrawing import Withdrawal


@dataclass(frozen=True, kw_only=True)
class OwnPage:
    """The doors of the page. ``token`` is the link's, ``visit`` the secret of the browser's cookie; ``prefix`` of new references."""

    verification: Verification
    calendar: Calendar
    prefix: str

    def look(self, token: str, visit: str) -> PageView:
        """Return what the page shows to this visit; changes nothing."""
        return page.look(self.verification, token, visit)

    def count(self, token: str, *, pressed: bool = False) -> None:
        """Count that the page was opened, or a button pressed without a code; it says nothing of who did."""
        visiting.count(self.verification, token, pressed=pressed)

    def send_code(self, token: str) -> Admission:
        """Mail a code to the address that the link went to, for a new visit."""
        return visiting.send_code(self.verification, token)

    def enter(self, token: str, code: str, visit: str) -> Admission:
        """Let a visit in that types its code."""
        return visiting.enter(self.verification, token, code, visit)

    def confirm(self, token: str, code: str, fact: str = "") -> Admission:
        """Take the code of the question of identity as a yes, and let the visit in."""
        return visiting.confirm(self.verification, token, code, fact)

    def fetch(self, token: str, visit: str, number: int) -> tuple[Deliverable, bytes] | None:
        """Return a file and its bytes to a visit whose own code was typed; None where there is none for it."""
        return page.fetch(self.verification, token, visit, number)

    def leave(self, visit: str) -> None:
        visiting.leave(self.verification, visit)

    def correct(self, token: str, visit: str, *, claims: Sequence[Claim], words: str, subject: str, text: str) -> bool:
        """Take up what the person says we got wrong; False where the visit has not shown a code, or has written too much today."""
        with self.verification.desk.look() as unit:
            link = page.find_link(self.verification, unit, token)
            found = None if link is None else page.find_visit(self.verification, unit, link, visit)
        if link is None or found is None or not found.entered:
            return False
        case = correcting.correct(
            self.verification.desk,
            self.calendar,
            self.verification.clock,
            link,
            prefix=self.prefix,
            claims=claims,
            words=words,
            subject=subject,
            text=text,
        )
        return case is not None

    def withdraw(
        self,
        token: str,
        visit: str,
        claim_ids: Collection[int],
        *,
        tell: Callable[[Sequence[Claim]], tuple[str, str]],
    ) -> Withdrawal:
        """Take back some of what was asked for; nothing where the visit has not shown a code."""
        return withdrawing.withdraw(self.verification, token, visit, claim_ids, tell=tell)
