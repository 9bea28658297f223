"""Mails that could not be read: look at one as text, take it out, try again, make a case of it; and bring a mail in by hand."""

from collections.abc import Sequence

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from inbox_bot.domain.mail import Address
from inbox_bot.errors import NotAllowedError
from inbox_bot.web.doors import staff_door, upload_door
from inbox_bot.web.staff.form import moment_in
from inbox_bot.web.staff.mail import CHOICES, claims_in
from inbox_bot.web.visit import Site, Visit

_PATH = "/personal/karantan"
_DONE = {
    "igen": "Brevet läses igen nu. Går det inte kommer det tillbaka hit.",
    "ingen": "Brevets innehåll är raderat här. I den vanliga brevlådan ligger det kvar.",
    "in": "Filen är inläst och läses nu som vilket brev som helst. Hittar programmet ingen begäran får du avgöra det.",
    "fanns": "Det brevet fanns här redan, så det lästes inte in igen.",
}


def routes(site: Site) -> list[Route]:
    """Return the routes of these pages."""
    return [
        Route(_PATH, staff_door(site, show), methods=["GET"]),
        Route(f"{_PATH}/in", upload_door(site, bring_in), methods=["POST"]),
        Route(f"{_PATH}/{{mail:int}}", staff_door(site, look), methods=["GET"]),
        Route(f"{_PATH}/{{mail:int}}", staff_door(site, decide), methods=["POST"]),
        Route(f"{_PATH}/{{mail:int}}/innehall", staff_door(site, download), methods=["GET"]),
    ]


def show(visit: Visit) -> Response:
    """List what is in quarantine, and offer to bring a mail in."""
    return _list(visit, notice=_DONE.get(visit.query("gjort"), ""))


def look(visit: Visit) -> Response:
    """Show one mail as the text it was sent as: nothing in it is followed, opened or run."""
    return _one(visit)


def decide(visit: Visit) -> Response:
    """Have a mail read again, make a case of it, or let it go."""
    number = visit.number("mail")
    match visit.form.one("do"):
        case "arende":
            return _take_up(visit, number)
        case "ingen":
            if visit.form.one("saker") != "ja":
                sentence = "Kryssa i rutan först. Innehållet raderas och kan inte fås tillbaka."
                return _one(visit, problems=[("saker", sentence)])
            visit.site.flow.quarantine.discard(number, by=visit.who)
            return _back(visit, "ingen")
        case _:
            visit.site.flow.retry(number)
            return _back(visit, "igen")


def _take_up(visit: Visit, number: int) -> Response:
    chosen, address = claims_in(visit.form), visit.form.one("adress")
    problems = [] if address else [("adress", "Fyll i mejladressen till den som skriver.")]
    if not chosen:
        problems.append(("begaran", "Välj minst en sak som personen begär."))
    if problems:
        return _one(visit, problems=problems)
    case = visit.site.flow.quarantine.take_up(
        number,
        chosen,
        person=Address(address=address, name=visit.form.one("namn")),
        words=visit.form.one("ord"),
        by=visit.who,
        for_another=visit.form.one("for_annan") == "ja",
    )
    return RedirectResponse(visit.site.pages.url(f"/personal/arende/{case.reference}?gjort=sorterat"), status_code=303)


def bring_in(visit: Visit) -> Response:
    """Take a mail, or a scanned letter, that someone uploads."""
    if visit.upload is None or not visit.upload.content:
        return _list(visit, problem="Välj en fil först.", field="fil")
    given = visit.form.one("kom")
    moment = moment_in(given)
    if given and moment is None:
        return _list(visit, problem="Skriv dagen som ÅÅÅÅ-MM-DD, till exempel 2026-04-07.", field="kom")
    box = visit.form.one("brevlada")
    if box not in _boxes(visit):
        return _list(visit, problem="Välj vilken brevlåda brevet hör till.", field="brevlada")
    try:
        brought = visit.site.flow.quarantine.bring_in(
            box,
            visit.upload.name,
            visit.upload.content,
            by=visit.who,
            received_at=moment,
            sender=visit.form.one("adress"),
            text=visit.form.one("ord"),
        )
    except NotAllowedError as error:
        # What is said of the day stands beside the day, as words.toml [failures] knows it; all else is about the file.
        field = "kom" if "reached the company" in error.message else "fil"
        return _list(visit, problem=visit.site.pages.words.failure(error), field=field)
    return _back(visit, "fanns" if all(one.known for one in brought) else "in")


def download(visit: Visit) -> Response:
    """Hand out a mail's bytes as a file that no browser opens by itself; who took it is noted."""
    number = visit.number("mail")
    headers = {
        "Content-Disposition": f'attachment; filename="brev-{number}.eml"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    content = visit.site.flow.quarantine.export(number, by=visit.who)
    return Response(content, media_type="application/octet-stream", headers=headers)


def _list(visit: Visit, *, notice: str = "", problem: str = "", field: str = "") -> Response:
    return visit.site.pages.show(
        "staff/quarantine.html",
        status=422 if problem else 200,
        visit=visit,
        mails=visit.site.flow.archive.quarantine(),
        boxes=_boxes(visit),
        notice=notice,
        form=visit.form,
        problem=problem,
        problem_field=field,
        most=visit.site.largest_upload // 1_000_000,
    )


def _one(visit: Visit, *, problems: Sequence[tuple[str, str]] = ()) -> Response:
    number = visit.number("mail")
    shown = visit.site.flow.quarantine.look(number, by=visit.who)
    view = visit.site.flow.archive.mail(number)
    return visit.site.pages.show(
        "staff/quarantined.html",
        status=422 if problems else 200,
        visit=visit,
        view=view,
        shown=shown,
        choices=CHOICES,
        chosen=claims_in(visit.form),
        form=visit.form,
        problems_found=problems,
        problem=dict(problems),
    )


def _boxes(visit: Visit) -> list[str]:
    return [box.name for box in visit.site.flow.archive.health()[0]]


def _back(visit: Visit, done: str) -> Response:
    return RedirectResponse(visit.site.pages.url(f"{_PATH}?gjort={done}"), status_code=303)
