"""The mails to staff as Outlook, Gmail and Apple Mail show them, and short enough that none is cut off."""

import quopri
import re
from datetime import UTC, datetime, timedelta

import pytest

from inbox_bot.case.calendar import SwedishCalendar
from inbox_bot.digest import telling
from inbox_bot.digest.facts import Alarm, Facts, running
from inbox_bot.digest.lines import Pen
from inbox_bot.digest.outlook import picture
from inbox_bot.digest.summary import daily, weekly
from inbox_bot.digest.waiting import waiting
from inbox_bot.domain.case import (
    CaseRecord,
    CaseState,
    ClaimRecord,
    ClaimState,
    DraftRecord,
    DraftState,
    LetterPurpose,
    LetterRecord,
    LetterState,
    MailRecord,
    MailState,
)
from inbox_bot.domain.dates import ClockEvents
from inbox_bot.domain.letters import Envelope, Language
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.domain.statistics import Key
from inbox_bot.domain.task import Half, HalfDone
from tests.support.mail_html import GMAIL_CUTS_AT, faults

NOW = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
STAFF_LETTERS = ("daily_alarm", "self_check", "staff_login", "urgent_alarm", "waiting", "weekly_digest")


@pytest.mark.parametrize("name", STAFF_LETTERS)
def test_every_mail_to_staff_is_one_that_mail_programs_render(book, full, name):
    assert faults(book.render(name, Language.SV, full(name)).html) == []


@pytest.mark.parametrize(
    ("changed", "to", "fault"),
    [
        ("padding:28px 22px", "display:flex", "is not for mail"),
        ("padding:28px 22px", "position:absolute", "position"),
        ("padding:28px 22px", "background-image:url(https://example.com/a.png)", "is not for mail"),
        ('bgcolor="#ffffff"', "", "Outlook takes the second"),
        ('lang="sv"', "", "no lang"),
        ("color:#1f2328", "color:#c0c0c0", "by day"),
        (".card { background: #1d2327 !important; color: #e9e7e1", ".card { background: #1d2327 !important; color: #333333", "by night"),
        ("<strong", '<img src="https://example.com/a.png"><strong', "no alt"),
        ("@media (prefers", ".card { padding: 0 } @media (prefers", "more than colour the dark"),
        ("<!--[if mso]>", "<!--", "missing"),
        ('role="presentation" class="paper"', 'class="paper"', "role=presentation"),
        ('width="600"', 'width="700"', "nothing"),
    ],
)  # fmt: skip
def test_what_they_do_not_render_is_found(book, full, changed, to, fault):
    source = book.render("weekly_digest", Language.SV, full("weekly_digest")).html
    assert changed in source
    found = " ".join(faults(source.replace(changed, to)))
    assert (fault in found) is (fault != "nothing"), found  # what stands in a comment for Outlook is not read here


def crowded(count):
    """Return an installation's facts with so many of everything."""
    cases, drafts, halves, mails, letters = [], [], [], [], []
    for number in range(1, count + 1):
        received = NOW - timedelta(days=number % 45)
        states = [ClaimState.AWAITING_APPROVAL, ClaimState.AWAITING_IDENTITY, ClaimState.APPROVED]
        claims = tuple(
            ClaimRecord(
                id=number * 2 + index, case_id=number, claim=Claim(right=right), state=states[(number + index) % 3],
                clock=ClockEvents(received_at=received), asked="person" if number % 2 else "",
            )
            for index, right in enumerate((Right.ERASURE, Right.PORTABILITY))
        )  # fmt: skip
        case = CaseRecord(
            id=number, reference=f"PK-2026-{number:04}", state=CaseState.OPEN, requester="a@example.com",
            requester_name="A", language="sv", opened_at=received, claims=claims,
        )  # fmt: skip
        cases.append(case)
        halves.append(
            HalfDone(case=case, claim=claims[0], half=Half.UNDONE, systems=("kursplattformen", "intygsarkivet"))
        )
        drafts.append(
            DraftRecord(
                id=number, case_id=number, claim_ids=(claims[0].id,), letter="granted_erasure", purpose=LetterPurpose.ANSWER,
                values={}, state=DraftState.OPEN, version=1,
            )
        )  # fmt: skip
        mails.append(
            MailRecord(
                id=number, mailbox="info", received_at=received, state=MailState.TO_SORT, reason="", historic=False, unread=True,
                attempts=0, message=None, verdict=None, case_id=number,
            )
        )  # fmt: skip
        letters.append(
            LetterRecord(
                id=number, case_id=number, claim_ids=(), name="receipt", purpose=LetterPurpose.RECEIPT, recipient="a@example.com",
                message_id=f"<{number}@example.com>", sha256="", state=LetterState.BOUNCED, attempts=1, created_at=received,
            )
        )  # fmt: skip
    return Facts(
        now=NOW, cases=cases, to_sort=mails, unread=mails, quarantined=mails, troubled=letters, drafts=drafts, mailboxes=(), stuck=1,
        references={case.id: case.reference for case in cases}, halves=halves,
    )  # fmt: skip


@pytest.fixture(scope="module")
def pen():
    return Pen(calendar=SwedishCalendar(), pages="https://dataskydd.arenden.foretaget.example.com/arenden")


def letter_of(kind, facts, pen):
    claims = running(facts, pen.calendar)
    if kind == "waiting":
        found = waiting(facts, pen.calendar)
        return "waiting", telling.values(found, pen.pages, NOW)
    if kind == "weekly_digest":
        month = Key(asked=412, answered=400, on_time=398, median=12.5)
        ahead = picture(claims, pen, NOW.date(), month)
        return kind, {"summary": weekly(facts, pen, "2026-W47") | {"outlook": ahead}}
    alarms = [Alarm(one=one, days=(10,)) for one in claims]
    return kind, {"summary": daily(facts, pen, "2026-11-16", alarms, claims)}


@pytest.mark.parametrize("kind", ["waiting", "weekly_digest", "daily_alarm"])
def test_three_hundred_of_everything_are_not_cut_off(book, pen, kind):
    name, values = letter_of(kind, crowded(300), pen)
    letter = book.render(name, Language.SV, values)
    assert faults(letter.html) == []
    envelope = Envelope(to="a@example.com", message_id="<1@example.com>", at=NOW, automatic=True)
    part = book.freeze(name, Language.SV, values, envelope).partition(b"text/html")[2]
    assert len(part) < GMAIL_CUTS_AT, "Gmail counts the bytes as they came, before they are decoded"
    assert len(quopri.decodestring(part)) > 10_000
    named = set(re.findall(r"PK-2026-\d{4}", letter.text))
    assert len(named) == 300, "what has no line of its own is named"
    assert " till: PK-" in letter.text


def test_the_weeks_ahead_are_drawn_with_cells_alone(book, pen):
    name, values = letter_of("weekly_digest", crowded(30), pen)
    html = book.render(name, Language.SV, values).html
    drawn = html.partition("Veckorna framåt")[2].partition("<h2")[0]
    rows = re.findall(r"V\. \d+, ", drawn)
    assert len(rows) == 6
    shares = [int(found) for found in re.findall(r'class="bar(?:-late)?" width="(\d+)%"', drawn)]
    assert max(shares) <= 100
    assert "<img" not in drawn
