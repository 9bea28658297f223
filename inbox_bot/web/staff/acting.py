"""What a person does about a case beside answering it: tick what is done, tell recipients, lift a restriction, warn."""

from collections.abc import Callable, Mapping
from datetime import date

from starlette.responses import Response
from starlette.routing import Route

from inbox_bot.domain.notice import Addressee
from inbox_bot.domain.rights import Right
from inbox_bot.domain.task import Finding, OutcomeKind
from inbox_bot.errors import NotAllowedError
from inbox_bot.web.doors import staff_door
from inbox_bot.web.staff.case import to_case
from inbox_bot.web.visit import Site, Visit


def routes(site: Site) -> list[Route]:
    """Return the routes of these pages."""
    path = "/personal/arende/{reference}"
    return [
        Route(f"{path}/uppgift", staff_door(site, task), methods=["POST"]),
        Route(f"{path}/hav", staff_door(site, lifting), methods=["POST"]),
        Route(f"{path}/varna", staff_door(site, warn), methods=["POST"]),
        Route(f"{path}/mottagare", staff_door(site, add_recipient), methods=["POST"]),
        Route(f"{path}/mottagare/{{notice:int}}", staff_door(site, recipient), methods=["GET"]),
        Route(f"{path}/mottagare/{{notice:int}}", staff_door(site, settle_recipient), methods=["POST"]),
    ]


def task(visit: Visit) -> Response:
    """Record what came of one system's task: done, not there, kept; or of all that are left; or take a record back."""
    reference, acting, form = visit.path("reference"), visit.site.flow.acting, visit.form
    name, _, number = form.one("do").partition(":")
    if name == "angra" and number.isdecimal():
        acting.withdraw(reference, int(number), by=visit.who)
        return to_case(visit, reference, "angrad", "att-gora")
    claim_id = int(form.one("begaran")) if form.one("begaran").isdecimal() else None
    if name == "resten":
        acting.rest_absent(reference, by=visit.who, claim_id=claim_id)
    else:
        acting.record(reference, _finding(visit, name), by=visit.who, claim_id=claim_id)
    return to_case(visit, reference, "noterat", "att-gora")


def _finding(visit: Visit, name: str) -> Finding:
    form, system = visit.form, visit.form.one("system")
    match name:
        case "gjort":
            day = _day(form.one("dag"))
            return Finding(kind=OutcomeKind.DONE, system=system, what=form.one("vad"), day=day)
        case "saknas":
            return Finding(kind=OutcomeKind.ABSENT, system=system)
        case "sparas":
            until = form.one("till")
            invoice = _day(form.one("faktura"))
            if invoice is not None:
                until = visit.site.flow.acting.kept_until(invoice).isoformat()
            what, why = form.one("sparat"), form.one("varfor")
            return Finding(kind=OutcomeKind.KEPT, system=system, what=what, why=why, until=until)
        case _:
            raise NotAllowedError("Välj vad du vill göra med en av knapparna.")


def lifting(visit: Visit) -> Response:
    """Draft the letter about the end of a restriction, or record that it is lifted."""
    reference, acting = visit.path("reference"), visit.site.flow.acting
    if visit.form.one("do") == "havd":
        acting.lift(reference, by=visit.who)
        return to_case(visit, reference, "havd", "begransning")
    acting.draft_lifting(
        reference,
        reasons=visit.form.one("skal"),
        resumes=visit.form.one("sedan"),
        lift_on=_day(visit.form.one("dag")),
        by=visit.who,
    )
    return to_case(visit, reference, "hav", "svaret")


def warn(visit: Visit) -> Response:
    """Draft the letter that tells the person what an erasure leads to."""
    reference = visit.path("reference")
    visit.site.flow.acting.draft_warning(reference, visit.form.all("varning"), visit.form.one("egna"), by=visit.who)
    return to_case(visit, reference, "varnat", "svaret")


def add_recipient(visit: Visit) -> Response:
    """List a recipient that is not in the register."""
    reference, form = visit.path("reference"), visit.form
    added = Addressee(
        name=form.one("namn"),
        kind=form.one("slag"),
        contact=form.one("adress").lower(),
        language="en" if form.one("sprak") == "en" else "sv",
    )
    visit.site.flow.acting.add_recipient(reference, added, by=visit.who)
    return to_case(visit, reference, "mottagare", "mottagare")


def recipient(visit: Visit) -> Response:
    """Show the letter to one recipient as it would be sent, with the places to fill in."""
    return _recipient_page(visit)


def settle_recipient(visit: Visit) -> Response:
    """Do what the pressed button says with one recipient."""
    act = _RECIPIENT_ACTS.get(visit.form.one("do"))
    if act is None:
        raise NotAllowedError("Välj vad du vill göra med en av knapparna.")
    return act(visit)


def _recipient_page(visit: Visit) -> Response:
    sheet = visit.site.flow.acting.sheet(visit.path("reference"))
    notice = next((one for one in sheet.notices if one.id == visit.number("notice")), None)
    if notice is None:
        raise NotAllowedError("Mottagaren finns inte i ärendet.")
    form = visit.form
    due = _day(form.one("senast")) or sheet.due
    who = form.one("vem") or sheet.case.asker
    new_value = form.one("ny")
    # A correction cannot be told of before somebody has said what is right: the page asks for that first.
    unsaid = notice.right is Right.RECTIFICATION and not new_value
    told = {"due": due, "who": who, "new_value": new_value}
    letter = None if unsaid else visit.site.flow.acting.preview_notice(notice.id, **told)
    return visit.site.pages.show(
        "staff/recipient.html",
        visit=visit,
        case=sheet.case,
        notice=notice,
        letter=letter,
        due=due,
        who=who,
        new_value=new_value,
        contact=form.one("adress") or notice.recipient.contact,
    )


def _tell(visit: Visit) -> Response:
    form = visit.form
    visit.site.flow.acting.tell_recipient(
        visit.number("notice"),
        by=visit.who,
        due=_day(form.one("senast")),
        who=form.one("vem"),
        new_value=form.one("ny"),
        contact=form.one("adress"),
    )
    return to_case(visit, visit.path("reference"), "berattat", "mottagare")


def _settled(visit: Visit, act: Callable[[str, str, str], None]) -> Response:
    act(visit.path("reference"), visit.form.one("namn"), visit.form.one("ord"))
    return to_case(visit, visit.path("reference"), "mottagare", "mottagare")


def _answered(visit: Visit) -> Response:
    acting = visit.site.flow.acting
    return _settled(visit, lambda case, name, said: acting.recipient_answered(case, name, answer=said, by=visit.who))


def _told(visit: Visit) -> Response:
    acting = visit.site.flow.acting
    return _settled(visit, lambda case, name, said: acting.recipient_told(case, name, how=said, by=visit.who))


def _excused(visit: Visit) -> Response:
    acting = visit.site.flow.acting
    return _settled(visit, lambda case, name, said: acting.recipient_excused(case, name, reason=said, by=visit.who))


_RECIPIENT_ACTS: Mapping[str, Callable[[Visit], Response]] = {
    "visa": _recipient_page,
    "skicka": _tell,
    "svarat": _answered,
    "annat-satt": _told,
    "inte": _excused,
}


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NotAllowedError("Skriv dagen som ÅÅÅÅ-MM-DD, till exempel 2026-04-07.") from error
