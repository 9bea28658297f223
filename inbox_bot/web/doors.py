"""How a request comes in to a page and what happens when the page cannot answer: checks first, work in a thread, errors last."""

import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from inbox_bot import log
from inbox_bot.errors import InboxBotError, NotFoundError
from inbox_bot.web.access import answered, as_member, is_open
from inbox_bot.web.guard import FRAMING_POLICY, Limiter, comes_from_here, form_token, is_form_token
from inbox_bot.web.staff.jump import to_place
from inbox_bot.web.visit import Form, Site, Upload, Visit, form_of

SESSION_COOKIE = "inbox_bot_session"
Handler = Callable[[Visit], Response]
Endpoint = Callable[[Request], Awaitable[Response]]
_log = log.get("web")

STAFF_HEADERS = {"Content-Security-Policy": FRAMING_POLICY, "Referrer-Policy": "same-origin"}
"""Staff pages frame letters, and tell themselves where a form was sent from."""


def open_door(site: Site, handler: Handler, limiter: Limiter, *, without_referrer: bool = True) -> Endpoint:
    """Return the endpoint of a page anyone may open. What is sent to it is limited by sender (429) and place (403)."""

    async def endpoint(request: Request) -> Response:
        form = Form()
        if request.method == "POST":
            if not limiter.allows(request.client.host if request.client else ""):
                raise HTTPException(429)
            if not comes_from_here(request.headers, site.public_url, without_referrer=without_referrer):
                raise HTTPException(403)
            form = await _form(request)
        visit = Visit(site=site, request=request, form=form)
        return await _answer(visit, handler)

    return endpoint


def staff_door(site: Site, handler: Handler) -> Endpoint:
    """Return the endpoint of a page for staff: a live session, and for a form its token and its place."""

    async def endpoint(request: Request) -> Response:
        form = Form()
        if request.method == "POST":
            if not comes_from_here(request.headers, site.public_url, without_referrer=False):
                raise HTTPException(403)
            form = await _form(request)
        session = request.cookies.get(SESSION_COOKIE, "")
        visit = Visit(site=site, request=request, form=form, token=form_token(session))
        return _dressed(await _answer(visit, lambda visit: _as_staff(visit, session, handler)))

    return endpoint


def upload_door(site: Site, handler: Handler) -> Endpoint:
    """Return the endpoint of a form for staff that holds a file: nobody who is not logged in may send one."""

    async def endpoint(request: Request) -> Response:
        if not comes_from_here(request.headers, site.public_url, without_referrer=False):
            raise HTTPException(403)
        session = request.cookies.get(SESSION_COOKIE, "")
        visit = Visit(site=site, request=request, form=Form(), token=form_token(session))
        # Asked before the file is taken: it may be large, and it waits on our disk.
        known = await run_in_threadpool(lambda: None if not session else site.flow.who(session))
        if known is not None and not is_open(request, known.role, ""):
            return _dressed(await _answer(as_member(visit, known), answered(handler)))
        if known is not None:
            async with request.form(max_files=1, max_fields=20) as data:
                assert isinstance(data, FormData)
                visit = replace(visit, form=form_of(data), upload=await _upload(data))
        return _dressed(await _answer(visit, lambda visit: _as_staff(visit, session, handler)))

    return endpoint


def _dressed(response: Response) -> Response:
    """Give a page of the staff its headers, where it has none of its own."""
    for name, value in STAFF_HEADERS.items():
        response.headers.setdefault(name, value)
    return response


async def _upload(data: FormData) -> Upload | None:
    for _, value in data.multi_items():
        if isinstance(value, UploadFile):
            name = (value.filename or "").replace("\\", "/").rpartition("/")[2]
            shown = "".join(sign for sign in name if sign.isprintable())[:100]
            return Upload(name=shown or "fil", content=await value.read())
    return None


def _as_staff(visit: Visit, session: str, handler: Handler) -> Response:
    member = visit.site.flow.who(session) if session else None
    if visit.request.method == "POST" and (member is None or not is_form_token(session, visit.form.one("token"))):
        return visit.site.pages.show("staff/lapsed.html", status=403, texts=list(visit.form.texts()))
    if member is None:
        return RedirectResponse(_login_url(visit), status_code=303)
    return to_place(visit) or answered(handler)(as_member(visit, member))


def _login_url(visit: Visit) -> str:
    start = visit.site.pages.url("/personal/logga-in")
    return start if visit.here == "/personal" else f"{start}?{urlencode({'till': visit.here})}"


async def _form(request: Request) -> Form:
    async with request.form(max_files=0, max_fields=500) as data:
        assert isinstance(data, FormData)
        return form_of(data)


async def _answer(visit: Visit, handler: Handler) -> Response:
    response = await run_in_threadpool(_tried, visit, handler)
    if visit.request.method == "POST":
        wake(visit.request)
    return response


def wake(request: Request) -> None:
    """Tell the worker, if there is one in this process, that something may have changed. Called in the event loop."""
    ring: Callable[[], Any] | None = request.app.state.wake
    if ring is not None:
        ring()


def _tried(visit: Visit, handler: Handler) -> Response:
    try:
        return handler(visit)
    except InboxBotError as error:
        status = 404 if isinstance(error, NotFoundError) else 409
        sentence = visit.site.pages.words.failure(error)
        return refused(visit.site, status, path=visit.request.url.path, text=sentence, texts=list(visit.form.texts()))
    except HTTPException:
        raise
    except Exception as error:  # noqa: BLE001  # a page never shows, and a log never holds, what a driver quotes
        route = visit.request.scope.get("route")
        _log.error("page_failed", page=getattr(route, "path", ""), error=type(error).__name__, at=_place(error))
        return refused(visit.site, 500, path=visit.request.url.path, texts=list(visit.form.texts()))


def refused(
    site: Site,
    status: int,
    *,
    path: str,
    text: str = "",
    headers: Mapping[str, str] | None = None,
    texts: Sequence[str] = (),
) -> Response:
    """Return the page for what cannot be done: words.toml says it by status, unless ``text`` says it better.

    ``path``: what was asked for; staff are shown a way back to their own pages, others how to reach the company. ``texts``: what
    staff had written, for a browser keeps nothing of a page that may not be stored.
    """
    table: Mapping[str, Mapping[str, str]] = site.pages.words.tables["refused"]
    words = table["other"] if text else table.get(str(status), table["other"])
    staff = path.startswith(("/personal", site.pages.url("/personal")))
    english = "" if staff or text else words["english"]
    title = words["title"]
    return site.pages.show(
        "message.html",
        status=status,
        headers=headers,
        title=title,
        text=text or words["text"],
        english=english,
        staff=staff,
        texts=texts,
    )


def _place(error: Exception) -> str:
    """Return the file and line an error arose at: enough to find it by, and no value of anyone's."""
    trace = error.__traceback__ or sys.exc_info()[2]
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
