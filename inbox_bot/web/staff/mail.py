"""A mail that a person has to look at: what it says, the words that decided, and what it is taken to be."""

from dataclasses import dataclass

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from inbox_bot.domain.case import CaseRecord, MailRecord, MailState
from inbox_bot.domain.mail import Address
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.domain.verdict import Part
from inbox_bot.errors import NotFoundError
from inbox_bot.flow import SenderView
from inbox_bot.overview import MailView
from inbox_bot.web.doors import staff_door
from inbox_bot.web.staff.evidence import Piece, cut
from inbox_bot.web.visit import Form, Site, Visit

CHOICES: tuple[tuple[str, Claim], ...] = (
    *((right.value, Claim(right=right)) for right in Right),
    *(
        (f"{right.value}:marketing", Claim(right=right, marketing=True))
        for right in (Right.OBJECTION, Right.CONSENT_WITHDRAWAL)
    ),
)
"""What a person may find in a mail, by the value of its box in the form."""


@dataclass(frozen=True, kw_only=True)
class MailCard:
    """A mail as a page shows it; ``reasons`` say why a person was asked, ``sender`` what to know of who wrote, if anything,
    ``folders`` where the original of an abridged one is.
    """

    record: MailRecord
    subject: tuple[Piece, ...]
    body: tuple[Piece, ...]
    reasons: tuple[str, ...]
    sender: SenderView | None = None
    folders: tuple[str, ...] = ()

    @property
    def decided(self) -> tuple[tuple[str, Right | None], ...]:
        """The marked words, each once with the right it speaks for: a colour alone tells nothing to who cannot see it."""
        evidence = [one for piece in (*self.subject, *self.body) for one in piece.evidence]
        return tuple(dict.fromkeys((" ".join(one.text.split()), one.right) for one in evidence))


def routes(site: Site) -> list[Route]:
    """Return the routes of these pages."""
    path = "/personal/brev/{mail:int}"
    return [
        Route(path, staff_door(site, show), methods=["GET"]),
        Route(path, staff_door(site, sort), methods=["POST"]),
        Route(f"{path}/lagg-till", staff_door(site, add), methods=["POST"]),
    ]


def mail_card(site: Site, mail: MailRecord) -> MailCard:
    """Return a mail with its evidence marked."""
    message, verdict = mail.message, mail.verdict
    evidence = verdict.evidence if verdict is not None else ()
    named = [*mail.reason.split(","), *(verdict.reasons if verdict is not None else ())]
    return MailCard(
        record=mail,
        subject=cut(message.subject if message is not None else "", evidence, Part.SUBJECT),
        body=cut(message.reply_text if message is not None else "", evidence, Part.BODY),
        reasons=tuple(site.pages.words.say("reasons", name) for name in dict.fromkeys(named) if name),
        sender=None if message is None else site.flow.sender(message),
        folders=site.flow.archive.folders(mail.id) if mail.abridged is not None else (),
    )


def show(visit: Visit) -> Response:
    """Show a mail and what it may be sorted as; a link may say which boxes are ticked."""
    asked = set(visit.request.query_params.getlist("begaran"))
    ticked = tuple(claim for value, claim in CHOICES if value in asked)
    return _page(visit, visit.site.flow.archive.mail(visit.number("mail")), chosen=ticked or None)


def sort(visit: Visit) -> Response:
    """Take a mail as a request for the chosen rights, or as none: then its content is deleted, so a tick is asked for."""
    view = visit.site.flow.archive.mail(visit.number("mail"))
    chosen = claims_in(visit.form)
    if visit.form.one("do") == "ingen":
        if visit.form.one("saker") != "ja":
            problem = "Kryssa i rutan först. Innehållet raderas och kan inte fås tillbaka."
            return _page(visit, view, problem=problem, chosen=chosen)
        visit.site.flow.sort(view.record.id, [], by=visit.who)
        done = f"/personal?gjort=ingen&brev={view.record.id}"
        return RedirectResponse(visit.site.pages.url(done), status_code=303)
    if not chosen:
        return _page(visit, view, problem="Välj minst en sak som personen begär.", chosen=chosen)
    for_another = visit.form.one("for_annan") == "ja"
    address = visit.form.one("adress")
    person = Address(address=address) if address else None
    case = visit.site.flow.sort(view.record.id, chosen, by=visit.who, for_another=for_another, person=person)
    if case is None:
        raise NotFoundError("There is no case for this mail.")
    return RedirectResponse(visit.site.pages.url(f"/personal/arende/{case.reference}?gjort=sorterat"), status_code=303)


def add(visit: Visit) -> Response:
    """Add rights that a person found in a follow-up mail to its case."""
    view = visit.site.flow.archive.mail(visit.number("mail"))
    case, chosen = _case_of(visit, view), claims_in(visit.form)
    if case is None:
        raise NotFoundError("There is no case for this mail.")
    if not chosen:
        return _page(visit, view, problem="Välj minst en sak att lägga till.", chosen=chosen)
    grown = visit.site.flow.add_right(case.reference, view.record.id, chosen, by=visit.who)
    done = "tillagt" if grown.reference == case.reference else "sorterat"
    return RedirectResponse(visit.site.pages.url(f"/personal/arende/{grown.reference}?gjort={done}"), status_code=303)


def claims_in(form: Form) -> tuple[Claim, ...]:
    """Return the claims whose boxes are ticked, in the order of the page."""
    ticked = set(form.all("begaran"))
    return tuple(claim for value, claim in CHOICES if value in ticked)


def _page(visit: Visit, view: MailView, *, problem: str = "", chosen: tuple[Claim, ...] | None = None) -> Response:
    case = _case_of(visit, view)
    verdict = view.record.verdict
    likely = verdict.claims if verdict is not None and case is None else ()
    open_case = case is not None and case.closed_at is None
    known = frozenset(claim.claim for claim in case.claims) if case is not None and open_case else frozenset()
    return visit.site.pages.show(
        "staff/mail.html",
        status=422 if problem else 200,
        visit=visit,
        view=view,
        card=mail_card(visit.site, view.record),
        case=case,
        sortable=view.record.state is MailState.TO_SORT,
        asker=None if view.record.message is None else visit.site.flow.asker(view.record.message),
        choices=[(value, claim) for value, claim in CHOICES if claim not in known],
        chosen=likely if chosen is None else chosen,
        problem=problem,
        situations=visit.site.flow.situations(verdict.reasons if verdict is not None else ()),
    )


def _case_of(visit: Visit, view: MailView) -> CaseRecord | None:
    return None if view.record.case_id is None else visit.site.flow.archive.case_of(view.record.case_id)
