"""The people who write: what each asks for and when, and what each does when our letters come."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from inbox_bot.outbox.transport import Fate
from tests.simulation import words
from tests.simulation.post import JUNK, Letter, MailServer, quoted, soon_after, write_mail, write_report
from tests.simulation.program import Program
from tests.simulation.timeline import Timeline
from tests.simulation.truth import Matter, Truth

PROOFS = {
    "page": 42,
    "reply_code": 12,
    "reply_yes": 6,
    "wrong_first": 6,
    "locked": 3,
    "reminder": 8,
    "expired": 5,
    "last_days": 3,
    "after_notice": 3,
    "never": 7,
    "not_me_page": 1.5,
    "not_me_reply": 1.5,
    "forged": 1,
    "other_address": 2,
}
"""How a person deals with the question of identity, and how many in about a hundred do so."""

BOXES = {"well": 87, "dead": 2, "full_once": 2.5, "slow": 3, "away": 4, "refused": 1.5}
"""How a person's own mailbox behaves."""

WISHES = {
    ("access",): 24,
    ("erasure",): 25,
    ("marketing",): 15,
    ("rectification",): 7,
    ("portability",): 5,
    ("objection",): 5,
    ("consent_withdrawal",): 5,
    ("restriction",): 4,
    ("access", "erasure"): 4,
    ("erasure", "marketing"): 3,
    ("access", "portability"): 1.5,
    ("rectification", "restriction"): 1.5,
}

NO_CODE = "BCDF-GHJK"


def pick(chance: Random, weights: dict[str, float]) -> str:
    return chance.choices(list(weights), list(weights.values()))[0]


@dataclass
class World:
    """What every person shares."""

    timeline: Timeline
    chance: Random
    mailbox: MailServer
    program: Program
    truth: Truth
    is_over: Callable[[Matter], bool] = lambda _: False
    numbers: int = 0

    def new_id(self) -> str:
        self.numbers += 1
        return f"<{self.numbers}.sim@mail.example.org>"

    def deliver(
        self, content: bytes, message_id: str, kind: str, *, folder: str = "INBOX", at: datetime | None = None
    ) -> None:
        """Let a mail reach the mailbox, now or, for what was there before, at an earlier moment."""
        self.truth.kinds[message_id] = kind
        self.truth.delivered[message_id] = at or self.timeline.now
        self.mailbox.deliver(content, message_id, folder=folder, at=at)
        self.program.wake()

    def later(self, low: float, high: float, act: Callable[[], None]) -> None:
        """Plan something between so many hours from now and so many."""
        self.timeline.at(soon_after(self.timeline.now, self.chance, low, high), act)


@dataclass
class Person:
    """One requester."""

    world: World
    number: int
    wishes: tuple[str, ...]
    proof: str
    box: str
    language: str = "sv"
    habits: set[str] = field(default_factory=set)
    questions: list[Letter] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    busy: bool = False
    bounces: int = 0

    def __post_init__(self) -> None:
        chance = self.world.chance
        self.name = f"{chance.choice(words.GIVEN)} {chance.choice(words.FAMILY)}"
        self.address = f"person{self.number}@example.{chance.choice(['org', 'se', 'com'])}"

    # Writing

    def ask(
        self, rights: tuple[str, ...], *, sure: bool = True, reply_to: Letter | None = None, at: datetime | None = None
    ) -> None:
        """Write to ask for some rights, and note what was truly asked."""
        chance, now = self.world.chance, at or self.world.timeline.now
        wishes = words.EN if self.language == "en" else words.SV
        lines = [chance.choice(words.UNSURE[right] if not sure else wishes[right]) for right in rights]
        hello, bye = (
            ("Hello,", f"Regards\n{self.name}") if self.language == "en" else ("Hej!", f"Hälsningar\n{self.name}")
        )
        filler = [chance.choice(words.FILLER)] if self.language == "sv" and chance.random() < 0.4 else []
        subject = "My personal data" if self.language == "en" else chance.choice(words.SUBJECTS[rights[0]])
        message_id = self.world.new_id()
        folder = JUNK if chance.random() < 0.03 and at is None else "INBOX"
        stamp = (at or now).replace(microsecond=0)
        running = {matter.right: matter for matter in self.world.truth.matters if matter.person == self.number}
        for right in rights:
            earlier = running.get(right)
            merges = earlier is not None and not self.world.is_over(earlier) and len(rights) == 1
            self.world.truth.add(
                Matter(
                    person=self.number,
                    address=self.address,
                    right=right,
                    mail=message_id,
                    at=stamp,
                    sure=sure,
                    historic=at is not None,
                    merged=merges,
                    reference=earlier.reference if earlier is not None and merges else "",
                )
            )
        self._send("\n\n".join([hello, *filler, *lines, bye]), subject, message_id, "request", reply_to, folder, stamp)

    def write(self, text: str, kind: str, reply_to: Letter, *, quote: bool = False, sender: str = "") -> None:
        """Answer one of our letters."""
        message_id = self.world.new_id()
        self.world.truth.reads[message_id] = reply_to.reference
        body = text + (quoted(reply_to) if quote else "")
        now = self.world.timeline.now.replace(microsecond=0)
        self._send(body, f"Sv: {reply_to.subject}", message_id, kind, reply_to, "INBOX", now, sender=sender)

    def _send(
        self,
        body: str,
        subject: str,
        message_id: str,
        kind: str,
        reply_to: Letter | None,
        folder: str,
        stamp: datetime,
        sender: str = "",
    ) -> None:
        headers = {} if reply_to is None else {"In-Reply-To": reply_to.message_id, "References": reply_to.message_id}
        content = write_mail(
            sender=sender or self.address,
            name=self.name,
            subject=subject,
            body=body,
            message_id=message_id,
            at=stamp,
            html=self.number % 2 == 0 and reply_to is None,
            headers=headers,
        )
        self.world.truth.writers[message_id] = sender or self.address
        self.world.deliver(content, message_id, kind, folder=folder, at=stamp)

    # Getting letters

    def get(self, letter: Letter) -> None:
        """Have a letter of ours in the mailbox, or have it come back."""
        if self.box == "dead" or (self.box == "full_once" and not letter.automatic and not self.bounces):
            self.bounces += 1
            self.world.later(0.05, 30, lambda: self._bounce(letter))
            return
        if self.box == "slow":
            self.world.later(4, 6, lambda: self._report(letter, permanent=False, status="4.4.1"))
        if self.box == "away":
            self.world.later(0.01, 0.1, lambda: self._away(letter))
        self.letters.append(letter)
        if letter.code:
            self.questions.append(letter)
            self._be_asked(letter)
        elif letter.name == "cannot_identify" and self.proof == "after_notice":
            again = words.AGAIN_EN if self.language == "en" else words.AGAIN
            self.world.later(10, 400, lambda: self.write(again, "reply", letter, quote=True))
        elif not letter.automatic and "thanks" in self.habits and self.world.chance.random() < 0.5:
            self.world.later(0.2, 90, lambda: self.write(self.world.chance.choice(words.THANKS), "thanks", letter))
        if letter.automatic:
            self._follow_up(letter)

    def _follow_up(self, letter: Letter) -> None:
        """Do what some people do after the first letter: remind, add a right, take it all back."""
        if "reminds" in self.habits:
            self.habits.discard("reminds")
            text = self.world.chance.choice(words.REMINDER)
            self.world.later(100, 400, lambda: self.write(text, "reminder", letter))
        if "adds" in self.habits:
            self.habits.discard("adds")
            more = next(
                (right for right in ("erasure", "access", "marketing") if right not in self.wishes), "portability"
            )
            self.world.later(2, 300, lambda: self.ask((more,), reply_to=letter))
        if "takes_back" in self.habits:
            self.habits.discard("takes_back")
            self.world.later(2, 200, lambda: self._take_back(letter))

    def _take_back(self, letter: Letter) -> None:
        for matter in self.world.truth.matters[:]:
            if matter.person == self.number and matter.reference == letter.reference:
                matter.taken_back_at = matter.taken_back_at or self.world.timeline.now
        self.write(self.world.chance.choice(words.WITHDRAWAL), "withdrawal", letter, quote=True)

    def _be_asked(self, letter: Letter) -> None:
        """Answer the question of identity the way this person does."""
        english = self.language == "en"
        chance, later, first = self.world.chance, self.world.later, len(self._asked_in(letter)) == 1
        if self.busy and letter.name != "identity_link":
            return
        match self.proof:
            case "page":
                later(0.05, 40, lambda: self._visit(letter))
            case "reply_code":
                text = chance.choice(words.HERE_IS_EN if english else words.HERE_IS).format(code=letter.code)
                later(0.05, 60, lambda: self._reply_with_code(text, letter, quote=chance.random() < 0.5))
            case "reply_yes":
                text = chance.choice(words.YES_EN if english else words.YES)
                later(0.05, 60, lambda: self._reply_with_code(text, letter, quote=True))
            case "wrong_first":
                later(0.05, 30, lambda: self._visit(letter, wrong=chance.randint(1, 3)))
            case "locked" if first:
                later(0.05, 30, lambda: self._visit(letter, wrong=5, right=False))
            case "expired" if first:
                self.busy = True
                later(24 * 15, 24 * 19, self._come_late)
            case "last_days" if first:
                self.busy = True
                later(24 * 21, 24 * 34, self._come_late)
            case "not_me_page":
                later(0.05, 90, lambda: self._visit(letter, mine=False))
            case "not_me_reply":
                text = chance.choice(words.NOT_ME_EN if english else words.NOT_ME)
                later(0.05, 90, lambda: self._deny(text, letter))
            case "forged" if first:
                later(1, 50, lambda: self.write("Ja, det var jag.", "forgery", _guess(letter)))
            case "other_address" if first:
                other = f"other{self.number}@example.net"
                text = f"Jag skriver från min andra adress. Koden är {letter.code}."
                later(1, 60, lambda: self.write(text, "other_address", letter, quote=True, sender=other))
            case "reminder" | "locked" | "expired" | "last_days" | "other_address" | "after_notice" if not first:
                if self.proof == "reminder" or letter.name == "identity_link":
                    later(0.05, 40, lambda: self._visit(letter))

    def _asked_in(self, letter: Letter) -> list[Letter]:
        return [question for question in self.questions if question.reference == letter.reference]

    def _come_late(self) -> None:
        """Open the last link after a long time; if it has run out, ask for a new one there."""
        self._visit(self.questions[-1], late=True)

    def _visit(
        self, letter: Letter, *, wrong: int = 0, right: bool = True, mine: bool = True, late: bool = False
    ) -> None:
        """Open the link and type the code."""
        if not self.world.program.is_up:
            self.world.later(0.5, 3, lambda: self._visit(letter, wrong=wrong, right=right, mine=mine, late=late))
            return
        flow = self.world.program.flow
        flow.question(letter.token)
        for _ in range(wrong):
            flow.confirm(letter.token, NO_CODE)
        if right:
            self._note(letter, mine=mine)
            result = (flow.confirm if mine else flow.disown)(letter.token, letter.code).value
        if not right or (late and result in {"expired", "locked"}):
            self.world.later(0.1, 2, lambda: self._renew(letter))
        self.world.program.wake()

    def _renew(self, letter: Letter) -> None:
        if self.world.program.is_up:
            self.world.program.flow.renew(letter.token)
            self.world.program.wake()
        else:
            self.world.later(0.5, 3, lambda: self._renew(letter))

    def _reply_with_code(self, text: str, letter: Letter, *, quote: bool) -> None:
        self._note(letter, mine=True)
        self.write(text, "reply", letter, quote=quote)

    def _deny(self, text: str, letter: Letter) -> None:
        self._note(letter, mine=False)
        self.write(text, "reply", letter, quote=True)

    def _note(self, letter: Letter, *, mine: bool) -> None:
        """Note what the owner of the mailbox truly said."""
        if mine:
            self.world.truth.proven.setdefault(letter.reference, self.world.timeline.now)
            return
        for matter in self.world.truth.matters:
            if matter.reference == letter.reference and matter.right != "marketing":
                matter.denied_at = matter.denied_at or self.world.timeline.now

    # What mail servers say for them

    def _bounce(self, letter: Letter) -> None:
        self.world.truth.bounced.setdefault((letter.message_id, letter.at), self.world.timeline.now)
        self._report(letter, permanent=True, status="5.2.2" if self.box == "full_once" else "5.1.1")

    def _report(self, letter: Letter, *, permanent: bool, status: str) -> None:
        message_id = self.world.new_id()
        now = self.world.timeline.now.replace(microsecond=0)
        content = write_report(letter, message_id=message_id, at=now, permanent=permanent, status=status)
        self.world.deliver(content, message_id, "automatic", at=now)

    def _away(self, letter: Letter) -> None:
        message_id = self.world.new_id()
        now = self.world.timeline.now.replace(microsecond=0)
        content = write_mail(
            sender=self.address,
            name=self.name,
            subject=f"Autosvar: {letter.subject}",
            body=words.AWAY,
            message_id=message_id,
            at=now,
            headers={
                "In-Reply-To": letter.message_id,
                "References": letter.message_id,
                "Auto-Submitted": "auto-replied",
            },
        )
        self.world.deliver(content, message_id, "automatic", at=now)


def _guess(letter: Letter) -> Letter:
    """Return what a stranger knows who has seen none of our letters: a case number, guessed, and no Message-ID."""
    return Letter(
        at=letter.at,
        to=letter.to,
        arrived=False,
        fate=Fate.REFUSED,
        name="",
        subject=f"[{letter.reference}]",
        text="",
        message_id="<guessed@example.net>",
        answers="",
        automatic=False,
        content=b"",
    )
