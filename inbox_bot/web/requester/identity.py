"""The question of identity, as the person who got our letter sees it. Nothing about anyone is shown before the code is typed."""

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from inbox_bot.flow import QuestionView, Result
from inbox_bot.web.doors import open_door
from inbox_bot.web.guard import Limiter
from inbox_bot.web.visit import Site, Visit

LANGUAGES = ("sv", "en")
_PROBLEMS = {Result.WRONG_CODE: "wrong", Result.FACT_MISSING: "fact"}
_STATUS = {"unknown": 404, "locked": 403, "expired": 410}


def routes(site: Site, limiter: Limiter) -> list[Route]:
    """Return the routes of these pages."""
    return [
        Route("/identitet/{token}", open_door(site, ask, limiter), methods=["GET"]),
        Route("/identitet/{token}", open_door(site, answer, limiter), methods=["POST"]),
        Route("/identitet/{token}/ny", open_door(site, renew, limiter), methods=["POST"]),
    ]


def ask(visit: Visit) -> Response:
    """Show what the link stands for; changes nothing, whoever opens it."""
    view = visit.site.flow.question(visit.path("token"))
    return _show(visit, view, view.standing.value)


def answer(visit: Visit) -> Response:
    """Take the typed code as yes or no. An empty code costs no try."""
    token, code, said = visit.path("token"), visit.form.one("kod"), visit.form.one("svar")
    if not any(sign.isalnum() for sign in code) or said not in {"ja", "nej"}:
        view = visit.site.flow.question(token)
        return _show(visit, view, view.standing.value, problem="empty")
    flow = visit.site.flow
    result = flow.confirm(token, code, visit.form.one("sak")) if said == "ja" else flow.disown(token, code)
    view = flow.question(token)
    if result in _PROBLEMS:
        return _show(visit, view, "open", problem=_PROBLEMS[result])
    return _show(visit, view, result.value)


def renew(visit: Visit) -> Response:
    """Send a new code to the address the old one went to, and to no other."""
    result = visit.site.flow.renew(visit.path("token"))
    return _show(visit, visit.site.flow.question(visit.path("token")), result.value)


def _show(visit: Visit, view: QuestionView, standing: str, *, problem: str = "") -> Response:
    wanted = visit.query("sprak")
    language = wanted if wanted in LANGUAGES else view.language if view.language in LANGUAGES else "sv"
    words = visit.site.pages.words.requester[language]
    base = f"/identitet/{visit.path('token')}"
    values: dict[str, Any] = {
        "language": language,
        "other": "en" if language == "sv" else "sv",
        "path": base,
        "suffix": f"?sprak={wanted}" if wanted in LANGUAGES else "",
        "reference": view.reference,
        "asked": words.asked(view.claims) if view.claims else "",
        "received": "" if view.received_at is None else words.day(view.received_at),
        "attempts_left": view.attempts_left,
        "fact": view.fact,
        "elsewhere": view.elsewhere,
        "said": visit.form.one("sak"),
        "problem": problem,
    }
    status = 422 if problem else _STATUS.get(standing, 200)
    return visit.site.pages.show(f"requester/{language}/{standing}.html", status=status, **values)
