"""Files on an answer: brought in with whose data they hold, looked at before they leave, taken off again."""

from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import Route

from inbox_bot.errors import InboxBotError, NotFoundError
from inbox_bot.overview import CaseFile, DraftView
from inbox_bot.web.doors import staff_door, upload_door
from inbox_bot.web.staff.answer import draft_at, stored
from inbox_bot.web.staff.case import case_page, to_case
from inbox_bot.web.staff.draft import Attempt
from inbox_bot.web.staff.form import Filled
from inbox_bot.web.visit import Site, Visit

_PATH = "/personal/arende/{reference}/svar/{draft:int}/bilaga"


def routes(site: Site) -> list[Route]:
    """Return the routes of these pages."""
    return [
        Route(_PATH, upload_door(site, bring), methods=["POST"]),
        Route(f"{_PATH}/{{file:int}}", staff_door(site, fetch), methods=["GET"]),
        Route(f"{_PATH}/{{file:int}}", staff_door(site, remove), methods=["POST"]),
    ]


def bring(visit: Visit) -> Response:
    """Put a file on an answer. Whose data it holds must be said; another's is not taken."""
    file, draft = draft_at(visit)
    owner = visit.form.one("vems")
    if visit.upload is None or not visit.upload.content:
        return _again(visit, file, draft, "Välj en fil först.")
    if not owner:
        return _again(visit, file, draft, "Svara på vems uppgifter filen innehåller.")
    try:
        visit.site.flow.attach(
            draft.record.id, name=visit.upload.name, content=visit.upload.content, owner=owner, by=visit.who
        )
    except NotFoundError:
        raise
    except InboxBotError as error:
        return _again(visit, file, draft, visit.site.pages.words.failure(error))
    return to_case(visit, file.view.record.reference, "bilaga", f"svar-{draft.record.id}-bilagor")


def remove(visit: Visit) -> Response:
    """Take a file off an answer that waits."""
    file, draft = draft_at(visit)
    visit.site.flow.detach(draft.record.id, visit.number("file"), by=visit.who)
    return to_case(visit, file.view.record.reference, "bilaga-bort", f"svar-{draft.record.id}-bilagor")


def fetch(visit: Visit) -> Response:
    """Hand out a file as it will leave, to be looked at; no browser opens it by itself."""
    _, draft = draft_at(visit)
    record, content = visit.site.flow.attachment(draft.record.id, visit.number("file"))
    return as_file(record.name, content)


def as_file(name: str, content: bytes) -> Response:
    """Return bytes as a download: never shown on our own pages, whatever they are."""
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(content, media_type="application/octet-stream", headers=headers)


def _again(visit: Visit, file: CaseFile, draft: DraftView, problem: str) -> Response:
    attempt = Attempt(draft_id=draft.record.id, filled=Filled(values=stored(draft)), problem=problem)
    return case_page(visit, file, attempt=attempt, status=422)
