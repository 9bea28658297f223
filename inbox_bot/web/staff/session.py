"""Logging in with a code sent by mail, and out again. Whoever asks for a code gets the same page, as quickly.

A code works in the browser that asked for it alone: a secret cookie of the visit tells which that is.
"""

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from inbox_bot import log
from inbox_bot.errors import SignInError
from inbox_bot.flow import RETURN_PATH, Entry
from inbox_bot.web.browser import short_name
from inbox_bot.web.doors import SESSION_COOKIE, STAFF_HEADERS, open_door, staff_door, wake
from inbox_bot.web.guard import Limiter, form_token, is_form_token, local_path, new_secret
from inbox_bot.web.visit import Site, Visit

VISIT_COOKIE = "inbox_bot_visit"
START = "/personal"
_log = log.get("web")


def routes(site: Site, limiter: Limiter) -> list[Route]:
    """Return the routes of these pages."""
    path = "/personal/logga-in"
    return [
        Route(path, open_door(site, show, limiter), methods=["GET"]),
        Route(path, open_door(site, request_code, limiter, without_referrer=False), methods=["POST"]),
        Route(f"{path}/kod", open_door(site, enter, limiter, without_referrer=False), methods=["POST"]),
        Route(f"{path}/konto", open_door(site, depart, limiter, without_referrer=False), methods=["POST"]),
        Route(RETURN_PATH, open_door(site, come_back, limiter), methods=["GET"]),
        Route("/personal/logga-ut", staff_door(site, leave), methods=["POST"]),
    ]


def show(visit: Visit) -> Response:
    """Show where to write one's address, or one's code; whoever is logged in already is let through."""
    onward = local_path(visit.query("till"), START)
    session = visit.request.cookies.get(SESSION_COOKIE, "")
    if session and visit.site.flow.who(session) is not None:
        return RedirectResponse(visit.site.pages.url(onward), status_code=303)
    return _page(visit, "staff/login.html", onward=onward)


def request_code(visit: Visit) -> Response:
    """Have a code mailed, after the answer has gone out: the time it takes tells nobody which addresses are listed."""
    onward, address = local_path(visit.form.one("till"), START), visit.form.one("adress")
    if not _is_ours(visit):
        return _page(visit, "staff/login.html", onward=onward, address=address, problem="old", status=403)
    if "@" not in address:
        return _page(visit, "staff/login.html", onward=onward, address=address, problem="address", status=422)
    response = _page(visit, "staff/code.html", onward=onward, address=address)
    response.background = BackgroundTask(_mail_code, visit, address)
    return response


async def _mail_code(visit: Visit, address: str) -> None:
    try:
        await run_in_threadpool(visit.site.flow.request_login, address, _secret(visit))
    except Exception as error:  # noqa: BLE001  # the page has been sent; what failed may quote the address
        _log.error("login_code_failed", error=type(error).__name__)
    wake(visit.request)


def enter(visit: Visit) -> Response:
    """Open a session for the right code."""
    onward, address = local_path(visit.form.one("till"), START), visit.form.one("adress")
    if not _is_ours(visit):
        return _page(visit, "staff/login.html", onward=onward, address=address, problem="old", status=403)
    browser = short_name(visit.request.headers.get("user-agent", ""))
    entry = visit.site.flow.log_in(address, visit.form.one("kod"), _secret(visit), browser)
    if entry is None:
        return _page(visit, "staff/code.html", onward=onward, address=address, problem="code", status=422)
    return _let_in(visit, entry, onward)


def depart(visit: Visit) -> Response:
    """Send the browser to the provider of the company's accounts.

    By a page that leads on at once, not by a redirect: browsers hold a form to ``form-action 'self'`` through every redirect that
    follows it, and a provider's own may go anywhere.
    """
    onward = local_path(visit.form.one("till"), START)
    if not _is_ours(visit):
        return _page(visit, "staff/login.html", onward=onward, problem="old", status=403)
    try:
        address = visit.site.flow.begin_sign_in(_secret(visit), onward)
    except SignInError as error:
        _log.error("sign_in_failed", temporary=error.temporary, reason=error.message)
        return _page(visit, "staff/login.html", onward=onward, problem="away", status=503)
    response = visit.site.pages.show(
        "staff/away.html", headers=STAFF_HEADERS, address=address, provider=_provider(visit)
    )
    response.headers["Refresh"] = f"0;url={address}"
    return response


def come_back(visit: Visit) -> Response:
    """Open a session for who the provider vouches for. Whatever is not as it must be is said in one way, and logged in words."""
    browser = short_name(visit.request.headers.get("user-agent", ""))
    try:
        entry, onward = visit.site.flow.finish_sign_in(
            _secret(visit),
            code=visit.query("code"),
            state=visit.query("state"),
            issuer=visit.query("iss"),
            browser=browser,
        )
    except SignInError as error:
        _log.warning("sign_in_refused", temporary=error.temporary, reason=error.message)
        problem, status = ("away", 503) if error.temporary else ("refused", 403)
        return _page(visit, "staff/login.html", onward=START, problem=problem, status=status)
    return _let_in(visit, entry, onward)


def _let_in(visit: Visit, entry: Entry, onward: str) -> Response:
    response = RedirectResponse(visit.site.pages.url(onward), status_code=303)
    seconds = visit.site.flow.login.staff.session_hours * 3600
    _set_cookie(visit, response, SESSION_COOKIE, entry.session, seconds)
    _set_cookie(visit, response, VISIT_COOKIE, entry.visit, int(entry.visit_lasts.total_seconds()))
    return response


def leave(visit: Visit) -> Response:
    """End the session, here and in the store."""
    visit.site.flow.log_out(visit.request.cookies.get(SESSION_COOKIE, ""))
    return left(visit)


def left(visit: Visit) -> Response:
    """Send a browser whose session has ended to the login page, without its cookie."""
    response = RedirectResponse(visit.site.pages.url("/personal/logga-in"), status_code=303)
    response.delete_cookie(SESSION_COOKIE, path=_cookie_path(visit))
    return response


def _provider(visit: Visit) -> str:
    """Return what the company's accounts are called on the page, "" where there are none."""
    provider = visit.site.flow.login.provider
    return "" if provider is None else visit.site.pages.words.say("providers", provider.name)


def _is_ours(visit: Visit) -> bool:
    return is_form_token(_secret(visit), visit.form.one("token"))


def _secret(visit: Visit) -> str:
    """Return what tells this visit from every other: codes are bound to it, and only this browser has it."""
    return visit.request.cookies.get(VISIT_COOKIE, "")


def _page(visit: Visit, name: str, *, onward: str, address: str = "", problem: str = "", status: int = 200) -> Response:
    kept = _secret(visit)
    secret = kept or new_secret()
    response = visit.site.pages.show(
        name,
        status=status,
        headers=STAFF_HEADERS,
        token=form_token(secret),
        onward=onward,
        address=address,
        problem=problem,
        codes=visit.site.flow.login.codes,
        provider=_provider(visit),
    )
    if not kept:  # Set once only: one without an end would cut short the long life it gets at the first login.
        _set_cookie(visit, response, VISIT_COOKIE, secret, None)
    return response


def _set_cookie(visit: Visit, response: Response, name: str, value: str, seconds: int | None) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path=_cookie_path(visit),
        secure=visit.site.secure,
        httponly=True,
        samesite="lax",
    )


def _cookie_path(visit: Visit) -> str:
    return visit.site.pages.url("/personal")
