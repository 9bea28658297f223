"""Pages as Jinja templates: the company's own folder first, the shipped one after it."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from inbox_bot.errors import NotAllowedError, TemplateError
from inbox_bot.web.wording import Words, left, read_words, urgency


class Company(Protocol):
    """What the pages say of the company: who it is and how it is reached."""

    @property
    def name(self) -> str: ...
    @property
    def short_name(self) -> str: ...
    @property
    def mail(self) -> str: ...
    @property
    def phone(self) -> str: ...


class Pages:
    """Renders pages. ``prefix`` is the path the public address ends in (``""`` or ``/arenden``); every link begins with it."""

    def __init__(self, folders: Sequence[Path], *, prefix: str, company: Company) -> None:
        places = [folder / "pages" for folder in folders if (folder / "pages").is_dir()]
        if not places:
            raise TemplateError("There is no folder pages under templates.", hint="Restore it.")
        self.words: Words = read_words(places)
        self.prefix = prefix
        self.company = company
        self.style = _style(places)
        self._environment = Environment(
            loader=FileSystemLoader(places),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        version = hashlib.sha256(self.style).hexdigest()[:12]
        self._environment.globals.update(
            url=self.url,
            company=company,
            style_url=f"{self.url('/stil.css')}?{version}",
            language="sv",
            say=self.words.say,
            hindered=lambda sentence: self.words.failure(NotAllowedError(sentence)),
        )
        self._environment.filters.update(
            day=self.words.day,
            short_day=self.words.short_day,
            moment=self.words.moment,
            left=left,
            urgency=urgency,
            right=self.words.right,
        )

    def url(self, path: str) -> str:
        """Return the address of a page on this site, as a link may write it."""
        return f"{self.prefix}{path}"

    def show(
        self, name: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any
    ) -> Response:
        """Return a page. ``values`` are what its template takes; one it lacks is an error, never an empty place."""
        content = self._environment.get_template(name).render(**values)
        return HTMLResponse(content, status_code=status, headers=dict(headers or {}))


def _style(places: Sequence[Path]) -> bytes:
    for place in places:
        if (place / "style.css").is_file():
            return (place / "style.css").read_bytes()
    raise TemplateError("There is no style.css under templates/pages.", hint="Restore it.")
