"""One case, whole: its dates, what the person wrote, each answer in the making, and what has happened."""

from dataclasses import replace

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from inbox_bot.clock import stockholm_day
from inbox_bot.domain.case import CaseState, ClaimState, DraftState, LetterPurpose
from inbox_bot.domain.correspondence import common_values
from inbox_bot.domain.letters import Language
from inbox_bot.domain.page import takes_file
from inbox_bot.errors import NotAllowedError
from inbox_bot.overview import CaseFile, ClaimView
from inbox_bot.web.doors import staff_door
from inbox_bot.web.staff.answer import recipients
from inbox_bot.web.staff.box import next_box
from inbox_bot.web.staff.case_now import case_now, task_now
from inbox_bot.web.staff.clock_plot import draw
from inbox_bot.web.staff.correspondence import correspondence, opening_mails
from inbox_bot.web.staff.draft import Attempt, cards
from inbox_bot.web.staff.mail import mail_card
from inbox_bot.web.staff.timeline import clocks
from inbox_bot.web.staff.understanding import understood
from inbox_bot.web.visit import Site, Visit

NOTICES = {
    "upplagd": "Filen är upplagd. Personen kan hämta den när svaret är godkänt och har lämnat oss.",
    "sparat": "Sparat. Läs brevet nedan innan du godkänner.",
    "lasigen": "Du hade ändrat i svaret, så det är inte godkänt än. Så här blir brevet nu: läs det och godkänn.",
    "godkant": "Godkänt. Brevet ligger i utkorgen och lämnar oss strax.",
    "tillbaka": "Svaret är lämnat tillbaka med ditt skäl.",
    "bytt": "Nu är det ett annat brev. Fyll i det som saknas och läs igenom det.",
    "avslag": "Det här är avslaget. Läs det noga. Det skickas först när du godkänner det.",
    "angrat": "Godkännandet är tillbakataget. Brevet skickas inte.",
    "last": "Brevet är markerat som läst.",
    "forlangt": "Beskedet om förlängd tid ligger i utkorgen och lämnar oss strax.",
    "tillagt": "Begäran är tillagd. Dess tid räknas från dagen då brevet kom.",
    "avfort": "Ärendet är avslutat: det var ingen begäran. Inget har skickats.",
    "fragat": "En ny länk och kod ligger i utkorgen till personen. De gamla gäller inte längre.",
    "stamde": "Noterat: det stämde. Orden är borttagna, och begäran är bekräftad.",
    "stamde-inte": "Noterat: det stämde inte. Orden är borttagna, och inget är bekräftat.",
    "erbjudet": "Noterat i ärendets historik. Valde du en fråga ligger den i utkorgen.",
    "lankat": "Länken ligger i utkorgen till adressen du skrev. De gamla gäller inte längre.",
    "utkast": "Utkastet är skrivet. Läs det nedan innan du godkänner.",
    "noterat": "Noterat.",
    "angrad": "Anteckningen är borttagen.",
    "hav": "Läs brevet nedan och godkänn det. Begränsningen får tas bort först när personen har fått veta.",
    "havd": "Noterat: begränsningen är borttagen.",
    "varnat": "Läs brevet nedan och godkänn det. Inget får raderas förrän dagen som står i det.",
    "andra": "Noterat: du står bakom det här svaret. Nu kan din kollega godkänna det.",
    "borttaget": "Utkastet är borttaget.",
    "mottagare": "Noterat.",
    "berattat": "Brevet till mottagaren ligger i utkorgen och lämnar oss strax.",
    "sorterat": "Brevet är sorterat till det här ärendet.",
    "besvarat": "Ärendet är avslutat som besvarat för hand.",
    "bilaga": "Filen följer med brevet. Titta i den innan du godkänner.",
    "bilaga-bort": "Filen är borttagen.",
    "kvar": "Noterat: det brevet avslutar inte ärendet.",
}


def routes(site: Site) -> list[Route]:
    """Return the routes of these pages."""
    path = "/personal/arende/{reference}"
    return [
        Route(path, staff_door(site, show), methods=["GET"]),
        Route(f"{path}/last", staff_door(site, mark_read), methods=["POST"]),
        Route(f"{path}/avfor", staff_door(site, dismiss), methods=["POST"]),
        Route(f"{path}/fraga", staff_door(site, ask_again), methods=["POST"]),
        Route(f"{path}/forlang", staff_door(site, extend), methods=["POST"]),
    ]


def show(visit: Visit) -> Response:
    """Show a case."""
    return case_page(visit, visit.site.flow.archive.case(visit.path("reference")))


def case_page(visit: Visit, file: CaseFile, *, attempt: Attempt | None = None, status: int = 200) -> Response:
    """Return the page of a case; ``attempt`` is what was sent for one of its drafts and could not be done."""
    flow, reference = visit.site.flow, file.view.record.reference
    proof, sheet = flow.proof(reference), flow.acting.sheet(reference)
    drafts = cards(visit.site, file, proof, sheet, attempt, visit.who)
    outside = next((ask for ask, of in flow.archive.beside().asks if of == reference), None)
    mails = [mail_card(visit.site, mail) for mail in file.mails]
    today = stockholm_day(visit.site.clock.now())
    box = next_box(visit, case_now(file, proof, sheet, drafts, asked_outside=outside is not None))
    return visit.site.pages.show(
        "staff/case.html",
        status=status,
        visit=visit,
        file=file,
        step=box.step,
        box=box,
        task_now=task_now(box.step, sheet),
        way_on=flow.way_on,
        case=file.view.record,
        opening=opening_mails(mails),
        newest=max((mail.id for mail in file.mails), default=0),
        understood=understood(file),
        letters=correspondence(mails, file.letters),
        pictures=draw(clocks(file, today), today),
        today=today,
        waiting=[card for card in drafts if card.editable],
        decided=[card for card in drafts if not card.editable],
        extendable=extendable(visit.site, file),
        dismissible=_is_dismissible(file),
        unconfirmed=_is_unconfirmed(file),
        notice=NOTICES.get(visit.query("gjort"), "") if attempt is None else "",
        systems=visit.site.systems,
        proof=proof,
        sheet=sheet,
        outside=outside,
        deliveries=flow.acting.files(reference),
        copies=[claim for claim in file.view.claims if takes_file(claim.record)],
        breaches=flow.breach.of_letters([letter.id for letter in file.letters]),
    )


def _is_dismissible(file: CaseFile) -> bool:
    approved = any(claim.record.state is ClaimState.APPROVED for claim in file.view.claims)
    return file.view.record.state is CaseState.OPEN and not approved


def _is_unconfirmed(file: CaseFile) -> bool:
    return any(
        claim.record.state is ClaimState.AWAITING_IDENTITY
        or (claim.record.state is ClaimState.ANSWERED and not claim.record.proven)
        for claim in file.view.claims
    )


def mark_read(visit: Visit) -> Response:
    """Note that a person has read what is new in a case."""
    reference = visit.path("reference")
    seen = visit.form.one("till")
    visit.site.flow.mark_read(reference, upto=int(seen) if seen.isdecimal() else 0)
    return to_case(visit, reference, "last")


def ask_again(visit: Visit) -> Response:
    """Send the person a new link and code: the first letter bounced, or its code has run out."""
    reference = visit.path("reference")
    visit.site.flow.ask_again(reference, by=visit.who)
    return to_case(visit, reference, "fragat")


def dismiss(visit: Visit) -> Response:
    """Close a case that was taken for a request by mistake; nothing is sent."""
    reference = visit.path("reference")
    seen = visit.form.one("till")
    upto = int(seen) if seen.isdecimal() else 0
    visit.site.flow.dismiss(reference, reason=visit.form.one("skal"), by=visit.who, upto=upto)
    return to_case(visit, reference, "avfort")


def extend(visit: Visit) -> Response:
    """Show the notice of a longer time with its reasons; send it when it has been seen."""
    file = visit.site.flow.archive.case(visit.path("reference"))
    reasons = visit.form.one("skal")
    number = visit.form.one("begaran")
    claim = next((claim for claim in extendable(visit.site, file) if str(claim.record.id) == number), None)
    if claim is None:
        raise NotAllowedError("There is no open claim to extend: no extension exists any more.")
    dates = visit.site.flow.calendar.dates(replace(claim.record.clock, extension_sent_at=visit.site.clock.now()))
    case = file.view.record
    values = common_values(case, [claim.record.claim], dates.received_day)
    values |= {"deadline": dates.strict_deadline, "new_deadline": dates.extended_deadline, "reasons": reasons}
    letters, language = visit.site.flow.letters, Language(case.language)
    found = letters.lint("extension", language, values, ()) if reasons else ()
    stopped = any(finding.stops for finding in found)
    # Nobody sends a letter unread: reasons changed since it was shown are shown first.
    shown = visit.form.one("visat").split() == reasons.split()
    if visit.form.one("do") == "skicka" and reasons and shown and not stopped:
        visit.site.flow.extend(case.reference, right=claim.record.claim.right, reasons=reasons, by=visit.who)
        return to_case(visit, case.reference, "forlangt")
    return visit.site.pages.show(
        "staff/extension.html",
        status=422 if stopped or not reasons else 200,
        visit=visit,
        case=case,
        to=", ".join(recipients(file, visit.site.flow.proof(case.reference), [claim])),
        claim=claim,
        reasons=reasons,
        new_deadline=dates.extended_deadline,
        letter=letters.render("extension", language, values) if reasons else None,
        findings=found,
        stopped=stopped,
    )


def extendable(site: Site, file: CaseFile) -> list[ClaimView]:
    """Return the claims whose answer may still be given a longer time (Art 12(3)): only while the first month runs."""
    asked = {
        claim_id
        for draft in file.drafts
        if draft.record.purpose is LetterPurpose.EXTENSION and draft.record.state is not DraftState.VOID
        for claim_id in draft.record.claim_ids
    }
    now = site.clock.now()
    return [
        claim
        for claim in file.view.claims
        if not claim.record.state.is_final
        and claim.record.state is not ClaimState.APPROVED
        and not claim.record.claim.marketing
        and claim.record.clock.extension_sent_at is None
        and claim.record.id not in asked
        and now < claim.dates.strict_end
    ]


def to_case(visit: Visit, reference: str, done: str, place: str = "") -> Response:
    """Send the browser to a case's page with a word of what was done; reloading it does nothing again."""
    path = visit.site.pages.url(f"/personal/arende/{reference}?gjort={done}{f'#{place}' if place else ''}")
    return RedirectResponse(path, status_code=303)
