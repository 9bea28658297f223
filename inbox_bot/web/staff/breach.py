"""A letter to the wrong person: the 72 hours started by a button, the steps in order, the documentation as a file (Art 33)."""

from datetime import datetime

from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from inbox_bot.clock import STOCKHOLM, in_utc
from inbox_bot.domain.case import LetterRecord, LetterState
from inbox_bot.errors import InboxBotError, NotFoundError
from inbox_bot.web.doors import staff_door
from inbox_bot.web.staff.form import moment_in
from inbox_bot.web.visit import Site, Visit

_PATH = "/personal/incidenter"
_DONE = {
    "oppnad": "Incidenten är öppnad, och alla i personalen har fått ett mejl. Börja med första steget.",
    "fanns": "Brevet hör redan till den här incidenten.",
    "skrivet": "Skrivet.",
    "rattad": "Tidpunkten är rättad, och det gamla står kvar i historiken. De 72 timmarna räknas om.",
    "avslutad": "Incidenten är avslutad. Dokumentationen finns kvar.",
}


def routes(site: Site) -> list[Route]:
    """Return the routes of these pages."""
    return [
        Route(_PATH, staff_door(site, show), methods=["GET"]),
        Route(_PATH, staff_door(site, begin), methods=["POST"]),
        Route(f"{_PATH}/ny", staff_door(site, ask), methods=["GET"]),
        Route(f"{_PATH}/{{breach:int}}", staff_door(site, look), methods=["GET"]),
        Route(f"{_PATH}/{{breach:int}}", staff_door(site, write), methods=["POST"]),
        Route(f"{_PATH}/{{breach:int}}/dokumentation.txt", staff_door(site, documentation), methods=["GET"]),
    ]


def show(visit: Visit) -> Response:
    """List every breach, the open ones first."""
    return visit.site.pages.show("staff/breaches.html", visit=visit, breaches=visit.site.flow.breach.all())


def ask(visit: Visit) -> Response:
    """Ask when it became known and what happened; nothing is done yet."""
    return _ask(visit, _chosen(visit.query("brev")))


def begin(visit: Visit) -> Response:
    """Open the breach."""
    letters = [int(one) for one in visit.form.all("brev") if one.isdecimal()]
    shown = _chosen(visit.form.one("fran")) or next(iter(letters), 0)
    known_at = moment_in(visit.form.one("kand"))
    if known_at is None:
        return _ask(visit, shown, problem="Skriv dag och klockslag då ni fick veta att brevet gick fel.")
    known = visit.site.flow.breach.of_letters(letters)
    try:
        number = visit.site.flow.breach.open(letters, known_at=known_at, what=visit.form.one("vad"), by=visit.who)
    except NotFoundError:
        raise
    except InboxBotError as error:
        return _ask(visit, shown, problem=visit.site.pages.words.failure(error))
    return _to(visit, number, "fanns" if number in known.values() else "oppnad")


def look(visit: Visit) -> Response:
    """Show one breach: its clock, its steps, what was written down."""
    return _one(visit)


def write(visit: Visit) -> Response:
    """Write down a step, correct when it became known, or close the breach. What cannot be done is said beside the step, with all that was typed."""
    name, _, step = visit.form.one("do").partition(":")
    number, breach = visit.number("breach"), visit.site.flow.breach
    given = visit.form.one("nar")
    try:
        if name == "avsluta":
            breach.close(number, by=visit.who)
            return _to(visit, number, "avslutad")
        done_at = moment_in(given) if given else None
        if done_at is None and (given or name == "kand"):
            return _one(visit, step=step or name, problem="Skriv dag och klockslag, till exempel 2026-04-07 kl. 14.05.")
        if name == "kand" and done_at is not None:
            breach.correct_known(number, known_at=done_at, reason=visit.form.one("ord"), by=visit.who)
            return _to(visit, number, "rattad")
        words, choice = visit.form.one("ord"), visit.form.one("val")
        breach.note(number, step, words=words, choice=choice, done_at=done_at, by=visit.who)
    except NotFoundError:
        raise
    except InboxBotError as error:
        return _one(visit, step=step or name, problem=visit.site.pages.words.failure(error))
    return _to(visit, number, "skrivet")


def documentation(visit: Visit) -> Response:
    """Hand out all that is written down, as a text file."""
    number = visit.number("breach")
    headers = {"Content-Disposition": f'attachment; filename="incident-{number}.txt"'}
    return PlainTextResponse(visit.site.flow.breach.documentation(number), headers=headers)


def may_have_gone_wrong(letter: LetterRecord) -> bool:
    """True for a letter in a case that has left us, or of which that is not known."""
    return letter.case_id is not None and (letter.sent_at is not None or letter.state is LetterState.UNKNOWN)


def _ask(visit: Visit, letter_id: int, *, problem: str = "") -> Response:
    letter, _ = visit.site.flow.archive.letter(letter_id)
    reference = visit.site.flow.archive.references([letter.case_id]).get(letter.case_id or 0)
    if reference is None or not may_have_gone_wrong(letter):
        raise NotFoundError(f"There is no letter {letter_id} in a case that has left.")
    known = visit.site.flow.breach.of_letters([letter_id])
    others = [one for one in visit.site.flow.archive.case(reference).letters if may_have_gone_wrong(one)]
    chosen = {int(one) for one in visit.form.all("brev") if one.isdecimal()} or {letter_id}
    return visit.site.pages.show(
        "staff/breach_new.html",
        status=422 if problem else 200,
        visit=visit,
        letter=letter,
        reference=reference,
        letters=others,
        chosen=chosen,
        known=known.get(letter_id),
        when=visit.form.one("kand") or _local(visit.site.clock.now()),
        what=visit.form.one("vad"),
        problem=problem,
    )


def _one(visit: Visit, *, step: str = "", problem: str = "") -> Response:
    view = visit.site.flow.breach.look(visit.number("breach"))
    first = next((one.step.name for one in view.steps if one.note is None or one.contradicted), "")
    steps = {one.step.name for one in view.steps}
    return visit.site.pages.show(
        "staff/breach.html",
        status=422 if problem else 200,
        visit=visit,
        view=view,
        open_step=step if step in steps else first,
        failed=step,
        problem=problem,
        form=visit.form,
        now=_local(visit.site.clock.now()),
        known=_local(view.record.known_at),
        notice=_DONE.get(visit.query("gjort"), ""),
    )


def _chosen(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _local(at: datetime) -> str:
    """Return an instant as a browser's field for day and time holds it."""
    return f"{in_utc(at).astimezone(STOCKHOLM):%Y-%m-%dT%H:%M}"


def _to(visit: Visit, number: int, done: str) -> Response:
    return RedirectResponse(visit.site.pages.url(f"{_PATH}/{number}?gjort={done}"), status_code=303)
