"""Whether the program is well, for whatever watches it from outside: one word and a status, or the whole as JSON.

A person who opens it in a browser gets the same as a page.

Anyone may ask, so nothing here names a server, a file or a person.
"""

from starlette.responses import JSONResponse, PlainTextResponse, Response

from inbox_bot import log
from inbox_bot.domain.health import Health, Level, Part, health_to_json
from inbox_bot.web.visit import Visit

_log = log.get("web")


def health(visit: Visit) -> Response:
    """Answer 200 ``ok`` or ``warning``, or 503 ``critical``, and below that word a sentence for each thing that is not well."""
    found = _look(visit)
    if "text/html" in visit.request.headers.get("accept", ""):
        headers = {"Vary": "Accept"}
        return visit.site.pages.show("health.html", status=_status(found), headers=headers, found=found)
    lines = [found.level.value, *(part.says for part in found.ill)]
    return PlainTextResponse("\n".join(lines) + "\n", status_code=_status(found), headers={"Vary": "Accept"})


def health_as_json(visit: Visit) -> Response:
    """Answer the same with every part, well or not."""
    found = _look(visit)
    return JSONResponse(health_to_json(found, public=True), status_code=_status(found))


def _look(visit: Visit) -> Health:
    try:
        return visit.site.flow.health()
    except Exception as error:  # noqa: BLE001  # a database in trouble is what is asked for here
        _log.error("health_unknown", error=type(error).__name__)
        part = Part(name="database", level=Level.CRITICAL, says="Databasen svarar inte.")
        return Health(at=visit.site.clock.now(), parts=[part])


def _status(found: Health) -> int:
    return 503 if found.level is Level.CRITICAL else 200
