"""Letters: those that need a person's decision, and each as it was frozen. Codes are never shown."""

import hashlib
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from inbox_bot.errors import NotAllowedError, NotFoundError
from inbox_bot.web.doors import staff_door
from inbox_bot.web.guard import FRAMED_POLICY
from inbox_bot.web.staff.attachment import as_file
from inbox_bot.web.staff.breach import may_have_gone_wrong
from inbox_bot.web.visit import Site, Visit

_HEADING = ("From", "To", "Reply-To", "Subject")


def routes(site: Site) -> list[Route]:
    """Return the routes of these pages."""
    return [
        Route("/personal/utkorg", staff_door(site, show), methods=["GET"]),
        Route("/personal/utkorg/{letter:int}", staff_door(site, settle), methods=["POST"]),
        Route("/personal/brev-ut/{letter:int}", staff_door(site, frozen), methods=["GET"]),
        Route("/personal/brev-ut/{letter:int}/brev.html", staff_door(site, frozen_html), methods=["GET"]),
        Route("/personal/brev-ut/{letter:int}/bilaga/{file:int}", staff_door(site, frozen_file), methods=["GET"]),
        Route("/personal/svar/{draft:int}/brev.html", staff_door(site, preview_html), methods=["GET"]),
    ]


def show(visit: Visit) -> Response:
    """Show the letters in trouble."""
    troubled = visit.site.flow.archive.troubled()
    references = visit.site.flow.archive.references(letter.case_id for letter in troubled)
    letters = [(letter, references.get(letter.case_id or 0, "")) for letter in troubled]
    done = {
        "skickat": "Noterat: brevet har lämnat oss.",
        "igen": "Brevet skickas igen, med samma innehåll.",
        "undan": "Brevet är lagt åt sidan. Det skickas inte.",
    }
    notice = done.get(visit.query("gjort"), "")
    return visit.site.pages.show(
        "staff/outbox.html",
        visit=visit,
        letters=letters,
        going=visit.site.flow.archive.going_out(),
        notice=notice,
        way_on=visit.site.flow.way_on,
    )


def settle(visit: Visit) -> Response:
    """Take a person's word for what became of a letter."""
    said = visit.form.one("do")
    if said not in {"skickat", "igen", "undan"}:
        raise NotAllowedError("Välj med en av knapparna.")
    if said == "undan":
        visit.site.flow.lay_aside(visit.number("letter"), by=visit.who)
    else:
        visit.site.flow.settle(visit.number("letter"), sent=said == "skickat", by=visit.who)
    return RedirectResponse(visit.site.pages.url(f"/personal/utkorg?gjort={said}"), status_code=303)


def frozen(visit: Visit) -> Response:
    """Show a letter as its frozen bytes say it; never one that holds a code, with which staff could act as another."""
    letter, content = visit.site.flow.archive.letter(visit.number("letter"))
    hidden = letter.purpose.holds_secrets
    message = _message(b"" if hidden else content)
    return visit.site.pages.show(
        "staff/letter.html",
        visit=visit,
        letter=letter,
        hidden=hidden,
        heading=[(name, str(message[name])) for name in _HEADING if message[name]],
        text=_body(message, "plain"),
        size=len(content),
        files=[] if hidden else _files(message),
        rest=[] if hidden else [(name, str(value)) for name, value in message.items() if name not in _HEADING],
        may_be_wrong=may_have_gone_wrong(letter),
        breach=visit.site.flow.breach.of_letters([letter.id]).get(letter.id),
    )


def frozen_html(visit: Visit) -> Response:
    """Return a frozen letter's HTML for the frame on its page."""
    letter, content = visit.site.flow.archive.letter(visit.number("letter"))
    if letter.purpose.holds_secrets:
        raise NotFoundError(f"There is no letter {letter.id} to show.")
    return _framed(_body(_message(content), "html"))


def frozen_file(visit: Visit) -> Response:
    """Hand out a file that left with a letter, as the frozen bytes hold it."""
    letter, content = visit.site.flow.archive.letter(visit.number("letter"))
    files = [] if letter.purpose.holds_secrets else _files(_message(content))
    if visit.number("file") >= len(files):
        raise NotFoundError(f"There is no such file in letter {letter.id}.")
    name, _, _, held = files[visit.number("file")]
    return as_file(name, held)


def preview_html(visit: Visit) -> Response:
    """Return a draft's HTML, as it would be sent, for the frame on its case's page."""
    return _framed(visit.site.flow.preview(visit.number("draft")).html)


def _framed(html: str) -> Response:
    return HTMLResponse(html, headers={"Content-Security-Policy": FRAMED_POLICY})


def _message(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return "" if part is None else str(part.get_content())


def _files(message: EmailMessage) -> list[tuple[str, str, str, bytes]]:
    """Return the files a letter carries: name, kind, SHA-256, bytes."""
    found = []
    for part in message.iter_attachments():
        held = part.get_payload(decode=True)
        content = held if isinstance(held, bytes) else b""
        name = part.get_filename() or "fil"
        found.append((name, part.get_content_type(), hashlib.sha256(content).hexdigest(), content))
    return found
