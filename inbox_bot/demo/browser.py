"""A browser without a screen: opens pages, keeps cookies, fills in forms and presses their buttons."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

from inbox_bot.errors import InboxBotError

_SECONDS = 20
_TICKED = frozenset({"checkbox", "radio"})


@dataclass(kw_only=True)
class Control:
    """Something in a form that has a name. ``sent``: its value goes along; a box that is not ticked stays behind."""

    name: str
    value: str
    sent: bool = True


@dataclass(kw_only=True)
class Form:
    """A form as it stands on a page. Buttons are ``(name, value)``; which one is pressed is part of what is sent."""

    action: str
    controls: list[Control] = field(default_factory=list)
    buttons: dict[tuple[str, str], str] = field(default_factory=dict)

    def fill(self, name: str, *values: str) -> None:
        """Write into the first controls of that name, one value each. Raises InboxBotError where there are too few."""
        found = [control for control in self.controls if control.name == name]
        if len(found) < len(values):
            raise InboxBotError(f"The form {self.action} has no place for {name}.")
        for control, value in zip(found, values, strict=False):
            control.value = value

    def tick(self, name: str, *values: str) -> None:
        """Tick the boxes of that name with these values, and no others. Raises InboxBotError for one that is not there."""
        boxes = [control for control in self.controls if control.name == name]
        if not set(values) <= {box.value for box in boxes}:
            raise InboxBotError(f"The form {self.action} has no box {name} for {', '.join(values)}.")
        for box in boxes:
            box.sent = box.value in values


@dataclass(frozen=True, kw_only=True)
class Page:
    """An answer to a request, as a person sees it."""

    url: str
    status: int
    text: str
    forms: tuple[Form, ...]

    def form_with(self, name: str, value: str = "", *, having: str = "", where: tuple[str, str] | None = None) -> Form:
        """Return the first form with such a button, and a place called ``having``. Raises InboxBotError if there is none.

        ``where``: a place by name and what stands in it already, such as the system that a task is about.
        """
        for form in self.forms:
            places = {control.name for control in form.controls}
            stands = where is None or where in {(control.name, control.value) for control in form.controls}
            if (name, value) in form.buttons and (not having or having in places) and stands:
                return form
        path = urlsplit(self.url).path
        raise InboxBotError(f"The page {path} (status {self.status}) has no form with the button {name}={value}.")


class Browser:
    """One person's browser, with cookies of its own. Goes nowhere by a proxy: everything it opens is on this machine."""

    def __init__(self) -> None:
        self._opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()))

    def open(self, url: str) -> Page:
        """Return the page at an address, after redirects, whatever its status. Raises OSError if nobody answers."""
        return self._send(Request(url))  # noqa: S310  # the address comes from our own letters and pages

    def press(self, page: Page, form: Form, name: str = "", value: str = "") -> Page:
        """Send a form by its button, or by the Enter key where none is named."""
        pairs = [(control.name, control.value) for control in form.controls if control.sent]
        if name:
            pairs.append((name, value))
        target = form.buttons.get((name, value), "") or form.action or page.url
        request = Request(urljoin(page.url, target), data=urlencode(pairs).encode())  # noqa: S310  # as above
        request.add_header("Origin", "{0.scheme}://{0.netloc}".format(urlsplit(page.url)))
        return self._send(request)

    def _send(self, request: Request) -> Page:
        try:
            response = self._opener.open(request, timeout=_SECONDS)
        except HTTPError as error:
            response = error
        with response:
            text = response.read().decode("utf-8")
            reader = _Reader()
            reader.feed(text)
            return Page(url=response.url, status=response.status, text=text, forms=tuple(reader.forms))


class _Reader(HTMLParser):
    """Collects a page's forms. Knows what our pages use: inputs, text areas, lists to choose from, buttons."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self._inside = False
        self._area: Control | None = None
        self._list: Control | None = None
        self._has_option = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        has = {name for name, _ in attrs}
        if tag == "form":
            self.forms.append(Form(action=given.get("action", "")))
            self._inside = True
        elif self._inside:
            self._control(tag, given, has)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "textarea":
            if self._area is not None:
                self._area.value = self._area.value.removeprefix("\n")
            self._area = None
        elif tag == "select":
            self._list = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area.value += data

    def _control(self, tag: str, given: dict[str, str], has: set[str]) -> None:
        name, value, kind = given.get("name", ""), given.get("value", ""), given.get("type", "")
        if tag == "button" or (tag == "input" and kind == "submit"):
            self.forms[-1].buttons[(name, value)] = given.get("formaction", "")
        elif tag == "input" and kind in _TICKED:
            self._add(Control(name=name, value=value or "on", sent="checked" in has))
        elif tag == "input":
            self._add(Control(name=name, value=value))
        elif tag == "textarea":
            self._area = self._add(Control(name=name, value=""))
        elif tag == "select":
            self._list, self._has_option = self._add(Control(name=name, value="")), False
        elif tag == "option" and self._list is not None and ("selected" in has or not self._has_option):
            self._list.value, self._has_option = value, True

    def _add(self, control: Control) -> Control:
        if control.name:
            self.forms[-1].controls.append(control)
        return control
