"""Mails the program is unsure of: each with its date, its beginning and the rights it most likely asks for, a press from the form.

The buttons are links to the mail's own page, where it is read and the right is ticked already: sorting sends a receipt, which
nobody can take back, so it is shown first.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import Route

from inbox_bot.domain.rights import Claim
from inbox_bot.overview import MailView
from inbox_bot.web.doors import staff_door
from inbox_bot.web.paging import number_in, pages_of
from inbox_bot.web.visit import Site, Visit

PATH = "/personal/osakra"
AT_ONCE = 25
_BEGINNING = 240
_MOST_BUTTONS = 3


@dataclass(frozen=True, kw_only=True)
class Press:
    """A button that leads to the form: the claims that are ticked there."""

    claims: tuple[Claim, ...]
    url: str


@dataclass(frozen=True, kw_only=True)
class UnsureCard:
    """A mail to sort as a list shows it. ``beginning``: its first words; ``presses``: the likely rights, the likeliest first."""

    mail: MailView
    beginning: str
    reasons: tuple[str, ...]
    presses: tuple[Press, ...]


def routes(site: Site) -> list[Route]:
    """Return the routes of this page."""
    return [Route(PATH, staff_door(site, show), methods=["GET"])]


def show(visit: Visit) -> Response:
    """List the mails to sort, the nearest date first."""
    number, archive = number_in(visit.query("sida")), visit.site.flow.archive
    found = archive.to_sort((number - 1) * AT_ONCE, AT_ONCE)
    if number > (pages := pages_of(found.total, AT_ONCE)):
        # The last mail of the last page was sorted just now.
        number, found = pages, archive.to_sort((pages - 1) * AT_ONCE, AT_ONCE)
    return visit.site.pages.show(
        "staff/unsure.html",
        visit=visit,
        cards=[card(visit.site, mail) for mail in found.mails],
        total=found.total,
        number=number,
        pages=pages,
        turn=lambda number: visit.site.pages.url(PATH if number == 1 else f"{PATH}?sida={number}"),
    )


def card(site: Site, mail: MailView) -> UnsureCard:
    """Return a mail to sort with what a person decides on."""
    message, verdict = mail.record.message, mail.record.verdict
    text = " ".join((message.reply_text if message is not None else "").split())
    reasons = [name for name in mail.record.reason.split(",") if name]
    return UnsureCard(
        mail=mail,
        beginning=text if len(text) <= _BEGINNING else f"{text[:_BEGINNING].rsplit(' ', 1)[0]} …",
        reasons=tuple(site.pages.words.say("reasons", name) for name in dict.fromkeys(reasons)),
        presses=tuple(_press(site, mail.record.id, claims) for claims in _likely(verdict.claims if verdict else ())),
    )


def _likely(claims: tuple[Claim, ...]) -> list[tuple[Claim, ...]]:
    """Return what to offer: all the rights together where there are several, then each by itself."""
    each: list[tuple[Claim, ...]] = [(claim,) for claim in claims]
    return ([claims, *each] if len(claims) > 1 else each)[:_MOST_BUTTONS]


def _press(site: Site, mail_id: int, claims: tuple[Claim, ...]) -> Press:
    asked = urlencode([("begaran", claim.name) for claim in claims])
    return Press(claims=claims, url=site.pages.url(f"/personal/brev/{mail_id}?{asked}#sortera"))
