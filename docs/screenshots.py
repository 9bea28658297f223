"""Takes the pictures of the README: ``python docs/screenshots.py`` plays a small world and looks at it with Chromium.

Needs the extras ``demo`` and ``test``, and a Chromium (``chromium`` on the path, or INBOX_BOT_CHROMIUM). Run it again
after any change of the pages. Everyone in the pictures is invented, and no mail leaves the machine.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from inbox_bot.clock import stockholm_day
from inbox_bot.demo.cast import CAST, Answer, Part
from inbox_bot.demo.installation import STAFF, Installation
from inbox_bot.demo.post import NO_MAIL, read_letter, write_mail
from inbox_bot.demo.requesters import Correspondence
from inbox_bot.domain.case import ClaimState
from inbox_bot.errors import InboxBotError

PICTURES = Path(__file__).parent / "pictures"
LARGEST = 180_000
"""Bytes a picture may have: the README is read on phones, too."""

DESK = (1280, 860)
PHONE = (390, 844)
PARTS = {part.name: part for part in CAST}

ANSWERED = {
    "erasure": (24, "Kontot, kurserna och resultaten är raderade i kursplattformen."),
    "rectification": (9, "Efternamnet är rättat från Demyr till Demir i kursplattformen."),
    "marketing_stop": (1, "Adressen är spärrad i nyhetsbrevsverktyget."),
    "junk_folder": (13, "Kontot är raderat i kursplattformen."),
    "no_diaereses": (6, "Kontot är raderat i kursplattformen."),
}
"""What has been answered before the pictures are taken: how many days ago it came, and what staff noted."""

WAITING = {
    "access": 27,
    "two_rights": 24,
    "wrong_code": 12,
    "objection": 18,
    "consent_withdrawal": 8,
    "english": 5,
    "silent": 6,
    "question": 2,
    "employer": 4,
    "broken": 1,
}
"""What waits for somebody in them, and how many days ago it came."""

SHOWN, DONE = "wrong_code", "Kontot, kurserna och resultaten är raderade."
"""The case whose letter is shown before it is approved, and what was done about it."""


@dataclass(kw_only=True)
class World:
    """An installation with cases in every stage."""

    place: Installation
    mails: Correspondence = field(init=False)

    def __post_init__(self) -> None:
        self.mails = Correspondence(place=self.place)

    def fill(self) -> None:
        """Let everyone write, confirm and be answered. What goes wrong is told and leaves a gap in the pictures."""
        self.place.start()
        days = {name: days for name, (days, _) in ANSWERED.items()} | WAITING
        for name, ago in days.items():
            self._send(PARTS[name], ago)
        for name in days:
            self._try(name, lambda name=name: self._settle(PARTS[name]))
        self._try(SHOWN, self._carry_out)
        for name, (_, note) in ANSWERED.items():
            self._try(name, lambda name=name, note=note: self._answer(name, note))

    def reference(self, name: str) -> str:
        """Return the number of a part's case. Raises InboxBotError if it has none."""
        entry = self.mails.entry(PARTS[name])
        if entry is None or entry.case is None:
            raise InboxBotError(f"There is no case of {name}.")
        return entry.case.reference

    def link(self, name: str) -> str:
        """Return the address that a part's writer confirms at."""
        return self.mails.wait_for_letter(PARTS[name], "receipt_identity").link

    def code(self) -> str:
        """Return the newest code that staff log in with, as soon as it has been mailed."""
        self.place.wait_until(lambda: bool(self._codes()), "the code to log in with")
        return self._codes()[-1]

    def _codes(self) -> list[str]:
        letters = [read_letter(caught) for caught in self.place.smtp.letters]
        return [letter.code for letter in letters if letter.name == "staff_login"]

    def _send(self, part: Part, ago: int) -> None:
        at = self.place.clock.now() - timedelta(days=ago)
        content = NO_MAIL if part.is_broken else write_mail(part.name, at=at)
        self.mails.sent[part.name] = content
        self.place.put(content, received=at)

    def _settle(self, part: Part) -> None:
        self.place.wait_until(lambda: self.mails.is_settled(part), f"the program to take in {part.name}")
        entry = self.mails.entry(part)
        if part.answer not in {Answer.NONE, Answer.NOT_ME} and entry is not None and entry.case is not None:
            self.mails.answer(part)

    def _answer(self, name: str, note: str) -> None:
        self._wait_ready(name)
        self.place.building.flow.approve_case(self.reference(name), by=STAFF, note=note, rest=True)

    def _wait_ready(self, name: str) -> None:
        reference = self.reference(name)

        def is_ready() -> bool:
            claims = self.place.building.flow.archive.case(reference).view.claims
            return all(claim.record.state is ClaimState.AWAITING_APPROVAL for claim in claims)

        self.place.wait_until(is_ready, f"the answer to {name} to wait for approval")

    def _carry_out(self) -> None:
        """Note what is done about the case whose letter is shown: the letter is whole then, and waits to be approved."""
        self._wait_ready(SHOWN)
        self.place.building.flow.acting.say_done(self.reference(SHOWN), [DONE], by=STAFF)

    def _try(self, name: str, act: Callable[[], None]) -> None:
        try:
            act()
        except InboxBotError as error:
            print(f"{name}: {error}", file=sys.stderr)


@contextmanager
def tab(browser: Browser, size: tuple[int, int], *, dark: bool = False) -> Iterator[Page]:
    """Open a browser's window of a size, on a screen with two points for a pixel, as phones and newer desks have."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if dark else "light",
        locale="sv-SE",
        device_scale_factor=2,
        java_script_enabled=False,
    )
    try:
        yield context.new_page()
    finally:
        context.close()


def log_in(page: Page, world: World) -> None:
    """Log in as staff do, with a code that is mailed."""
    page.goto(f"{world.place.pages}/personal")
    page.get_by_label("Mejladress").first.fill(STAFF)
    before = len(world._codes())  # noqa: SLF001  # the newest of several codes is the one that counts
    page.get_by_role("button", name="Skicka en kod").click()
    world.place.wait_until(lambda: len(world._codes()) > before, "the code to log in with")  # noqa: SLF001
    page.get_by_label("Kod").fill(world.code())
    page.get_by_role("button", name="Logga in").click()
    page.get_by_role("button", name="Logga ut").wait_for()


def show_letter(page: Page, world: World, name: str) -> None:
    """Open the page where an answer is read before it is approved, with the letter in view."""
    page.goto(f"{world.place.pages}/personal/arende/{world.reference(name)}")
    own_page = page.locator("main a[href*='/svar/']")
    if own_page.count():
        own_page.first.click()
    letter = page.locator("main .letter-edit").first
    if not letter.count():
        raise InboxBotError("No letter is shown: docs/screenshots.py must be told where it stands now.")
    for folded in letter.locator("xpath=ancestor::details[not(@open)]").all():
        folded.locator("> summary").click()
    place = letter.bounding_box()
    assert place is not None, "a letter that is shown stands somewhere"
    page.mouse.move(place["x"] + 9, DESK[1] / 2)
    page.mouse.wheel(0, place["y"] - DESK[1] / 5)
    page.wait_for_timeout(500)  # Scrolling has no end that could be waited for without a script.


def keep(page: Page, name: str) -> None:
    """Write what is seen to a file: as sharp as fits."""
    PICTURES.mkdir(exist_ok=True)
    file = PICTURES / f"{name}.png"
    content = page.screenshot(animations="disabled")
    if len(content) > LARGEST:
        content = page.screenshot(animations="disabled", scale="css")
    if len(content) > LARGEST:
        raise InboxBotError(f"{file.name} has {len(content)} bytes, and {LARGEST} is the most.")
    file.write_bytes(content)
    print(f"{file.relative_to(PICTURES.parent.parent)}  {len(content) // 1000} kB")


def take(browser: Browser, world: World) -> None:
    """Take every picture."""
    pages = world.place.pages
    month = f"{stockholm_day(world.place.clock.now()):%Y}"
    with tab(browser, DESK) as page:
        log_in(page, world)
        page.goto(f"{pages}/personal")
        keep(page, "queue-desk")
        page.goto(f"{pages}/personal/statistik?period={month}")
        keep(page, "statistics-desk")
        show_letter(page, world, SHOWN)
        keep(page, "letter-desk")
    with tab(browser, PHONE) as page:
        page.goto(world.link("silent"))
        keep(page, "confirm-phone")
        log_in(page, world)
        page.goto(f"{pages}/personal/arende/{world.reference('access')}")
        keep(page, "case-phone")
    with tab(browser, PHONE, dark=True) as page:
        log_in(page, world)
        page.goto(f"{pages}/personal")
        keep(page, "queue-phone-dark")


def main() -> int:
    """Build the world, take the pictures; return 0, or 1 with a sentence that says what is missing."""
    chromium = os.environ.get("INBOX_BOT_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        print("No Chromium was found. Install it, or name it in INBOX_BOT_CHROMIUM.", file=sys.stderr)
        return 1
    try:
        with Installation(wanted_port=0) as place, sync_playwright() as playwright:
            world = World(place=place)
            world.fill()
            browser = playwright.chromium.launch(executable_path=chromium)
            take(browser, world)
            browser.close()
    except InboxBotError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
