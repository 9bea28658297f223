"""The staff of the demo: they log in with the code that was mailed to them and decide on the pages, or by command."""

import subprocess
import sys
from collections.abc import Mapping, Sequence

from inbox_bot.clock import stockholm_day
from inbox_bot.demo.browser import Browser, Form, Page
from inbox_bot.demo.installation import STAFF, Installation
from inbox_bot.demo.post import Letter, read_letter
from inbox_bot.errors import InboxBotError

_COMMAND_SECONDS = 60
_OK = 200


class Staff:
    """One member of staff with a browser and a command line. Every method raises InboxBotError for what does not go well."""

    def __init__(self, place: Installation) -> None:
        self._place = place
        self._browser = Browser()

    def log_in(self) -> None:
        """Ask for a code, wait for it to come by mail, and type it."""
        page = self._browser.open(f"{self._place.pages}/personal")
        form = page.form_with("", having="adress")
        form.fill("adress", STAFF)
        page = self._browser.press(page, form)
        self._place.wait_until(lambda: bool(self._codes()), "the code to log in with")
        form = page.form_with("", having="kod")
        form.fill("kod", self._codes()[-1].code)
        page = self._browser.press(page, form)
        if page.status != _OK or not page.url.endswith("/personal"):
            raise InboxBotError(f"Logging in ended with status {page.status}.")

    def sort(self, mail_id: int, *rights: str) -> None:
        """Say on its page what an unsure mail is; no rights: it is no request, and is emptied."""
        page = self._browser.open(f"{self._place.pages}/personal/brev/{mail_id}")
        button = "begaran" if rights else "ingen"
        form = page.form_with("do", button)
        form.tick(*(("begaran", *rights) if rights else ("saker", "ja")))
        self._press(page, form, button, "sorting a mail")

    def approve(
        self,
        reference: str,
        *,
        texts: Mapping[str, str] | None = None,
        done: Sequence[tuple[str, str]] = (),
        kept: Sequence[tuple[str, str, str, str]] = (),
    ) -> None:
        """Fill in one answer of a case on its page, read the letter it makes, and approve that.

        ``done``: what was done, in which system, today. ``kept``: what is kept, in which system, why,
        until when; it is ticked in that system first, so that nobody says later that nothing is there.
        """
        page = self._case(reference)
        for what, system, why, until in kept:
            page = self._keep(page, system, what=what, why=why, until=until)
        place = f"f.{next(iter(texts or {}), 'actions.what')}"
        form = page.form_with("do", "spara", having=place)
        for name, value in (texts or {}).items():
            form.fill(f"f.{name}", value)
        today = stockholm_day(self._place.clock.now()).isoformat()
        _fill_rows(form, "actions", ("what", "system", "on"), [(what, system, today) for what, system in done])
        shown = self._press(page, form, "spara", "filling in an answer")
        approval = shown.form_with("do", "godkann", having=place)
        if any(control.name == "resten" for control in approval.controls):
            # They have looked in the other systems too, and say so: the case closes when every system is accounted for.
            approval.tick("resten", "inget")
        self._press(shown, approval, "godkann", "approving an answer")

    def refuse(self, reference: str, reasons: str) -> None:
        """Turn the one answer of a case into a refusal with its reasons, read it, and approve it."""
        page = self._case(reference)
        form = page.form_with("do", "avsla")
        form.fill("skal", reasons)
        shown = self._press(page, form, "avsla", "refusing")
        self._press(shown, shown.form_with("do", "godkann", having="f.reasons"), "godkann", "approving a refusal")

    def command(self, *words: str) -> None:
        """Run ``inbox-bot`` with these words on the demo's settings, as a process of its own."""
        whole = [sys.executable, "-m", "inbox_bot", *words, "--config", str(self._place.settings_file)]
        try:
            done = subprocess.run(whole, capture_output=True, text=True, timeout=_COMMAND_SECONDS, check=False)  # noqa: S603  # our own command
        except subprocess.TimeoutExpired as error:
            raise InboxBotError(f"'inbox-bot {words[0]}' took more than {_COMMAND_SECONDS} seconds.") from error
        if done.returncode != 0:
            last = done.stderr.strip().rpartition("\n")[2]
            raise InboxBotError(f"'inbox-bot {words[0]}' failed with {done.returncode}: {last}")

    def _keep(self, page: Page, system: str, *, what: str, why: str, until: str) -> Page:
        """Record on a case's page what is kept in one system, and return the page as it is then."""
        form = page.form_with("do", "sparas", having="sparat", where=("system", system))
        for name, value in {"sparat": what, "varfor": why, "till": until}.items():
            form.fill(name, value)
        return self._press(page, form, "sparas", "recording what is kept")

    def _case(self, reference: str) -> Page:
        return self._browser.open(f"{self._place.pages}/personal/arende/{reference}")

    def _codes(self) -> list[Letter]:
        letters = [read_letter(caught) for caught in self._place.smtp.letters]
        return [letter for letter in letters if letter.name == "staff_login"]

    def _press(self, page: Page, form: Form, button: str, what: str) -> Page:
        answer = self._browser.press(page, form, "do", button)
        if answer.status != _OK:
            raise InboxBotError(f"The pages answered {answer.status} to {what}.")
        return answer


def _fill_rows(form: Form, name: str, keys: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    for index, key in enumerate(keys):
        form.fill(f"f.{name}.{key}", *(row[index] for row in rows))
