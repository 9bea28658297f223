"""One request as a page sees it: what was sent, who sent it, and how a page answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from starlette.datastructures import FormData
from starlette.requests import Request

from inbox_bot.clock import Clock
from inbox_bot.domain.staff import Role
from inbox_bot.errors import NotFoundError
from inbox_bot.flow import Flow
from inbox_bot.web.pages import Pages

LARGEST_NUMBER = 2**31 - 1
"""What both databases hold as the number of a row; asked for more, their drivers raise errors of their own."""


@dataclass(frozen=True, kw_only=True)
class Form:
    """What a form sent: texts only, with one kind of line end and without control characters (a database refuses NUL)."""

    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def one(self, name: str) -> str:
        """Return the first text of that name, stripped; ``""`` if there is none."""
        return next(iter(self.fields.get(name, ())), "").strip()

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(self.fields.get(name, ()))

    def __contains__(self, name: object) -> bool:
        return name in self.fields

    def texts(self) -> Iterator[str]:
        """Yield what a person may have written at length: what must not be lost when a session has ended."""
        for name, values in self.fields.items():
            if name not in {"token", "kod"}:
                yield from (value.strip() for value in values if len(value.strip()) > 20)


def form_of(data: FormData) -> Form:
    """Return a form's texts; files are left out."""
    fields: dict[str, list[str]] = {}
    for name, value in data.multi_items():
        if isinstance(value, str):
            fields.setdefault(name, []).append(_clean(value))
    return Form(fields=fields)


def _clean(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(sign for sign in lines if sign in "\n\t" or (sign.isprintable() or ord(sign) > 0x9F))
    return kept.encode("utf-8", "replace").decode("utf-8")


@dataclass(frozen=True, kw_only=True)
class Site:
    """What every page works with. ``largest_upload``: bytes a file may have that staff bring in."""

    flow: Flow
    pages: Pages
    clock: Clock
    public_url: str
    systems: Sequence[str]
    secure: bool
    largest_upload: int = 25_000_000


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file that a form sent: its name without folders or control characters, and its bytes."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One request. ``who`` is the staff address it comes from, ``""`` outside the staff pages; ``token`` marks its forms.

    ``role``: what that person may, None outside the staff pages; ``session_id``: the number of the login it belongs to.
    ``upload``: the file a form sent, on the one page that takes any.
    """

    site: Site
    request: Request
    form: Form
    who: str = ""
    token: str = ""
    upload: Upload | None = None
    role: Role | None = None
    session_id: int = 0

    def may(self, role: str) -> bool:
        """True if the person may what needs a role: ``read``, ``handle``, ``approve`` or ``admin``."""
        return self.role is not None and self.role.covers(Role(role))

    def colleagues(self, needed: Role) -> tuple[str, ...]:
        """Return who else may what needs a role."""
        staff = self.site.flow.login.staff
        roles = {address: staff.role_of(address) for address in staff.addresses if address != self.who}
        return tuple(address for address, role in roles.items() if role is not None and Role(role).covers(needed))

    def path(self, name: str) -> str:
        """Return one part of the path, as the route names it."""
        return str(self.request.path_params[name])

    def number(self, name: str) -> int:
        """Return a number in the path. Raises NotFoundError for one that no row can have."""
        found = int(self.request.path_params[name])
        if found > LARGEST_NUMBER:
            raise NotFoundError("There is no row with that number.")
        return found

    def query(self, name: str) -> str:
        return self.request.query_params.get(name, "")

    @property
    def here(self) -> str:
        """The path of this page without the prefix of the public address, with its query."""
        path = self.request.url.path.removeprefix(self.site.pages.prefix)
        return f"{path}?{self.request.url.query}" if self.request.url.query else path
